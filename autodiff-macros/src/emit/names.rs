//! Names of generated variables: one function per role.

use proc_macro2::Ident;

use super::ours;
use crate::ir::ScopeId;

fn stem(ident: &Ident) -> String {
    let text = ident.to_string();
    text.trim_start_matches("r#").to_owned()
}

/// The cotangent of a variable.
pub(super) fn cotangent(ident: &Ident) -> Ident {
    ours(&format!("d_{}", stem(ident)))
}

/// An accumulator that is there.
pub(super) fn open(cotangent: &impl ToString) -> Ident {
    ours(&format!("__open_{}", cotangent.to_string()))
}

/// A value that may be undefined when its frame ends.
pub(super) fn kept(ident: &Ident) -> Ident {
    ours(&format!("kept_{}", stem(ident)))
}

/// The type of an accumulator.
pub(super) fn ty(ident: &Ident) -> Ident {
    ours(&format!("ty_{}", stem(ident)))
}

/// What makes the zero of a cotangent.
pub(super) fn zero(ident: &Ident) -> Ident {
    ours(&format!("zero_{}", stem(ident)))
}

/// What makes the zero of the cotangent of what an assignment leaves, whose shape may be new.
pub(super) fn zero_after(stmt: u32) -> Ident {
    ours(&format!("zero_after_{stmt}"))
}

/// What makes the zero of the cotangent of what an assignment to a part overwrites.
pub(super) fn zero_before(stmt: u32) -> Ident {
    ours(&format!("zero_before_{stmt}"))
}

/// The overwritten value of an assignment.
pub(super) fn old(stmt: u32) -> Ident {
    ours(&format!("old_{stmt}"))
}

/// The pull of a linear operator.
pub(super) fn pull(stmt: u32) -> Ident {
    ours(&format!("pull_{stmt}"))
}

/// The residual of a call.
pub(super) fn back(stmt: u32) -> Ident {
    ours(&format!("back_{stmt}"))
}

/// The cotangent of the result of a statement, taken from its accumulator.
pub(super) fn seed(stmt: u32) -> Ident {
    ours(&format!("g_{stmt}"))
}

/// A contribution that waits for its destination.
pub(super) fn waiting(stmt: u32, at: usize) -> Ident {
    ours(&format!("w_{stmt}_{at}"))
}

/// Which exit left a scope.
pub(super) fn exit(scope: ScopeId) -> Ident {
    ours(&format!("exit_{}", scope.0))
}

/// The record of a loop.
pub(super) fn record(scope: ScopeId) -> Ident {
    ours(&format!("record_{}", scope.0))
}

/// The lane of the records of a loop, taken out of the tape.
pub(super) fn lane(scope: ScopeId) -> Ident {
    ours(&format!("lane_{}", scope.0))
}

/// The records of a loop of few turns, and the present one.
pub(super) fn turns(scope: ScopeId) -> [Ident; 2] {
    ["records", "at"].map(|it| ours(&format!("__{it}_{}", scope.0)))
}

/// The record of a loop, as far as it is words.
pub(super) fn words_of(scope: ScopeId) -> Ident {
    ours(&format!("__words_{}", scope.0))
}

/// The stack of words, taken out of the tape.
pub(super) fn words() -> Ident {
    ours("__words")
}

/// The way to the stack of words: taken out of the tape, or in it.
pub(super) fn stack_of_words(taken: bool) -> proc_macro2::TokenStream {
    let (words, tape) = (words(), tape());
    if taken {
        quote::quote!(&mut #words)
    } else {
        quote::quote!(#tape.words())
    }
}

/// How much has been saved of a buffer whose elements a loop overwrites.
pub(super) fn log(scope: ScopeId, buffer: &Ident) -> Ident {
    ours(&format!("__log_{}_{}", scope.0, stem(buffer)))
}

/// Are the elements of a buffer saved that an inner loop overwrites?
pub(super) fn logs(scope: ScopeId, buffer: &Ident) -> Ident {
    ours(&format!("__logs_{}_{}", scope.0, stem(buffer)))
}

/// Where the lanes of a loop will be given back when an exit leaves it.
pub(super) fn give(scope: ScopeId) -> Ident {
    ours(&format!("__give_{}", scope.0))
}

/// What the turns of a loop contribute to one element.
pub(super) fn sum(scope: ScopeId, at: usize) -> Ident {
    ours(&format!("sum_{}_{at}", scope.0))
}

/// A stretch of a buffer that the turns of a loop walk through.
pub(super) fn turn(scope: ScopeId) -> Ident {
    ours(&format!("__turn_{}", scope.0))
}

pub(super) fn cut(scope: ScopeId, number: usize) -> Ident {
    ours(&format!("cut_{}_{number}", scope.0))
}

/// The position in the stretches of a loop.
pub(super) fn cut_at(scope: ScopeId) -> Ident {
    ours(&format!("__step_{}", scope.0))
}

/// How many turns a loop over stretches makes, and the first position.
pub(super) fn cut_turns(scope: ScopeId) -> [Ident; 2] {
    ["turns", "start"].map(|it| ours(&format!("__{it}_{}", scope.0)))
}

/// Where the push of a record will stand.
pub(super) fn push(scope: ScopeId) -> Ident {
    ours(&format!("__push_{}", scope.0))
}

/// The shadow of a parameter, inside the branch where the caller wants it.
pub(super) fn shadow() -> Ident {
    ours("__shadow")
}

/// The tape.
pub(super) fn tape() -> Ident {
    ours("__tape")
}

/// The cotangent of the value of the function.
pub(super) fn seed_of_value() -> Ident {
    ours("__seed")
}
