//! The intermediate representation: structured, in A-normal form, without types.
//!
//! ```text
//! func   ::= name(param..) { block }
//! block  ::= { stmt* ; operand? }
//! stmt   ::= let v = op | alias v = [&] place | views v.. of code | bind pat = operand | place = op
//!          | place ⊕= operand | mutate place.name(operand..) -> v? | opaque code
//!          | if cond { block } else { block } -> v?   | match operand { pat if code => block, .. } -> v?
//!          | loop kind { block } | scope 'l { block } -> v? | build v = kind { block } | exit #n target operand?
//! op     ::= operand | code | -operand | operand ⊙ operand | operand as T | operand.name(operand..)
//!          | Type::name(operand..) | path(operand..) | foreign path(operand..) | aggregate[operand..]
//! operand::= place | &place | literal | code
//! place  ::= v (.field | [code] | * | @v | ? | .variant.field | .accessor() | .view(code..) | half code | array)*
//! ```
//!
//! Guarantees of the normal form, checked by `verify`:
//! - every variable is declared once, with an identifier of its own in the whole function;
//! - an operand of an active operation is a place, a reference to one, a literal or code without derivative;
//! - control flow stays structured: an `exit` names the scope that it leaves, exits are numbered in source order;
//! - whatever carries no derivative stays the user's own expression ([`Code`]).
//!
//! The data is here and nothing else; see `ir::print` for the text form and `ir::verify` for the checks.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{BinOp, Expr, Member, Pat, Path, Type};

mod blocks;
pub(crate) mod print;
pub(crate) mod project;
pub(crate) mod verify;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct VarId(pub(crate) u32);

/// A scope that exits leave: the function body, one iteration of a loop, a labelled block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ScopeId(pub(crate) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Value,
    Ref,
    Mut,
}

/// A type that the tokens show. It may make the emitted code better, never correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// `f64` or `f32`.
    Scalar,
    /// A container of scalars: indexing it with one position gives a scalar.
    Scalars,
    /// A container of such containers: indexing it gives a container of scalars.
    Rows,
    /// A tuple of scalars.
    Tuple,
    Unknown,
}

#[derive(Clone, Debug)]
pub(crate) enum VarKind {
    Param {
        by: By,
    },
    Local,
    /// A name for a place: `let r = &mut place`, the element of a loop. `depth`: how many references stand before it.
    /// `writes`: may the place be written through it?
    Alias {
        place: Place,
        depth: u8,
        writes: bool,
    },
    /// The position in a loop; the reverse sweep counts it down.
    Index,
    /// Bookkeeping of the forward sweep: which branch was taken, how many turns a loop made.
    Counter,
}

#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) ident: Ident,
    pub(crate) kind: VarKind,
    pub(crate) mutable: bool,
    /// May it depend on an active parameter?
    pub(crate) active: bool,
    pub(crate) fact: Fact,
    /// Is it, or may it be, a reference or a value that borrows?
    pub(crate) borrows: bool,
    /// Is it a reference for certain, so that a callee takes it as one?
    pub(crate) reference: bool,
    /// Is it a box, as far as the tokens tell?
    pub(crate) boxed: bool,
    /// Is it over dual numbers, an operand that a tangent program made?
    pub(crate) lifted: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Proj {
    Field(Member),
    /// The field of what may have no derivative, in a shadow or a tangent.
    Part(Member),
    Index(Code),
    Deref,
    /// Element at the position held by a variable (`Elements::ad_at`).
    Elem(VarId),
    /// The payload of `Some` or `Ok`.
    Payload,
    /// A field behind a pattern. `apart`: it is in a field, whose type may have no accessor for it.
    Variant {
        path: Path,
        member: Member,
        apart: bool,
    },
    /// The same in a shadow or a tangent, reached by the accessor that `#[derive(Differentiable)]` made for it. `part`: of
    /// what may have no derivative.
    Accessor {
        name: Ident,
        part: bool,
    },
    /// A view made by a method: `.column(j)`, `.rows(a, n)`, `.as_slice()`.
    View(View),
    /// One side of `split_at(at)`.
    Half {
        at: Code,
        left: bool,
    },
    /// An array out of a slice of its length, which the tokens show or the use tells.
    Array(Option<Expr>),
}

impl Proj {
    /// Does it lead into a field, which may have no derivative?
    pub(crate) fn is_field(&self) -> bool {
        matches!(
            self,
            Proj::Field(_) | Proj::Part(_) | Proj::Variant { .. } | Proj::Accessor { .. }
        )
    }
}

/// A method that hands out a view of its receiver.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The name of the method that reads; the one that writes is called `name_mut`.
    pub(crate) name: Ident,
    pub(crate) turbofish: Option<syn::AngleBracketedGenericArguments>,
    pub(crate) args: Vec<Code>,
    /// Does it hand out a reference, or a value that borrows?
    pub(crate) reference: bool,
}

impl View {
    /// The name of the method that hands out the view to be written.
    pub(crate) fn mutable(&self) -> Ident {
        let name = self.name.to_string();
        let name = match name.as_str() {
            "as_slice" => "as_mut_slice".to_owned(),
            other => format!("{other}_mut"),
        };
        Ident::new(&name, self.name.span())
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) root: VarId,
    pub(crate) proj: Vec<Proj>,
}

/// An expression without derivative: the user's own, with variables renamed apart.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) expr: Expr,
    pub(crate) reads: Vec<VarId>,
    /// May the reverse sweep evaluate it again?
    pub(crate) again: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Place(Place),
    Ref {
        place: Place,
        mutable: bool,
    },
    /// An inactive expression made of literals only, whose type is open to inference.
    Lit(Expr),
    Code(Code),
    /// The type of a diverging expression.
    Never,
    Unit,
}

#[derive(Clone, Debug)]
pub(crate) enum Aggregate {
    Tuple,
    Array,
    /// `[item; n]`
    Repeat(Code),
    /// `vec![item; n]`
    RepeatMacro(Path, Code),
    /// `Some(item)`, `Ok(item)`
    Payload(Path),
    /// `Type { member: item, .. }`; the last item is the base of `..base`, if there is one.
    Struct {
        path: Path,
        members: Vec<Member>,
        base: bool,
        /// Is this a variant of an enum, as far as the tokens tell?
        variant: bool,
    },
    /// `Box::new(item)`
    Boxed(Path),
    /// `Type(item, ..)`, a tuple struct or a variant of an enum.
    TupleStruct(Path),
    /// `name![items]`, elements in the order of the list.
    Macro(Path),
    /// `matrix![..; ..]` with rows of this length: the elements are stored column by column.
    MatrixMacro(Path, usize),
    /// `stack![a, b; c, 0]` with rows of this length.
    Stack(Path, usize),
    /// `Vector3::new(x, y, z)`: elements in order.
    New(Path),
    /// `Matrix2::new(m11, m12, ..)` with rows of this length.
    MatrixNew(Path, usize),
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Use(Operand),
    Code(Code),
    Neg(Operand),
    Binary(BinOp, Operand, Operand),
    Cast(Operand, Type),
    Method {
        recv: Operand,
        name: Ident,
        turbofish: Option<syn::AngleBracketedGenericArguments>,
        args: Vec<Operand>,
    },
    Construct {
        path: Path,
        name: Ident,
        args: Vec<Operand>,
    },
    Call(Call),
    /// A function that is somebody else's, with a pullback written by hand.
    Foreign {
        path: Path,
        rule: Path,
        args: Vec<Operand>,
    },
    Aggregate(Aggregate, Vec<Operand>),
    /// `rt::sum(acc, term)`: one step of `iter().sum()`; the accumulator is the place that is assigned.
    SumStep(Operand),
    /// The empty sum.
    SumStart,
    /// A loop that makes a container, one element per iteration.
    Build(Box<Build>),
}

/// A call of another differentiated function.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callee: Callee,
    pub(crate) args: Vec<Operand>,
}

#[derive(Clone, Debug)]
pub(crate) enum Callee {
    /// `helper(..)`, `module::helper::<T>(..)`
    Function(Path),
    /// `Type::helper(..)`, `Self::helper(..)`
    Associated(Path),
    /// `receiver.helper(..)`; the receiver is the first argument.
    Method(Ident, Option<syn::AngleBracketedGenericArguments>),
    /// The tangent program of another callee: the arguments, then the tangent of each, `Never` where it has none.
    Tangent(Box<Callee>),
}

#[derive(Clone, Debug)]
pub(crate) enum BuildKind {
    /// `receiver.map(|item| ..)`
    Map { recv: Place },
    /// `receiver.zip_map(&other, |item, other_item| ..)`
    ZipMap { recv: Place, other: Operand },
    /// `Type::from_fn(dims.., |i, j| ..)`, `array::from_fn(|i| ..)`
    FromFn { path: Path, dims: Vec<Code> },
    /// `(0..count).map(|k| ..).collect::<T>()`
    Collect {
        turbofish: Option<syn::AngleBracketedGenericArguments>,
    },
    /// `Type::from_iterator(dims.., (0..count).map(|k| ..))`
    FromIterator { path: Path, dims: Vec<Code> },
}

#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) kind: BuildKind,
    /// The linear position of the element.
    pub(crate) index: VarId,
    /// How many elements there are.
    pub(crate) count: VarId,
    /// The parameters of the closure, as the user wrote them, bound to these variables.
    pub(crate) params: Vec<VarId>,
    pub(crate) scope: ScopeId,
    pub(crate) body: Block,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The number of the block in source order, given when the function is complete.
    pub(crate) id: u32,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) result: Option<Operand>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    /// The position in source order, given when the function is complete.
    pub(crate) id: u32,
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub(crate) pat: Pat,
    pub(crate) guard: Option<Code>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) body: Block,
}

/// A variable bound by a pattern, and where in the scrutinee it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) var: VarId,
    pub(crate) source: Option<Place>,
}

#[derive(Clone, Debug)]
pub(crate) enum LoopKind {
    /// `for k in 0..count`
    Count { index: VarId, count: VarId },
    /// `for pat in iter`, without derivative. `reversible`: the iterator can be walked backwards.
    Iter {
        pat: Pat,
        vars: Vec<VarId>,
        iter: Code,
        reversible: bool,
    },
    /// `while cond { .. }`
    While(Code),
    /// `loop { .. }`; its body ends it.
    Forever,
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) kind: LoopKind,
    pub(crate) label: Ident,
    pub(crate) scope: ScopeId,
    /// The number of iterations started, where the reverse sweep cannot know it.
    pub(crate) trips: Option<VarId>,
    pub(crate) body: Block,
    pub(crate) result: Option<VarId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitKind {
    /// `return`, or the value of a `break` out of a labelled block or loop.
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub(crate) id: u32,
    pub(crate) kind: ExitKind,
    /// The label to leave.
    pub(crate) label: Ident,
    /// The scopes that are left, innermost first; the last one is the target.
    pub(crate) leaves: Vec<ScopeId>,
    /// The value handed out, and the variable that takes it.
    pub(crate) value: Option<(VarId, Operand)>,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    Let {
        var: VarId,
        ty: Option<Type>,
        op: Op,
    },
    /// `let v;`
    Declare {
        var: VarId,
        ty: Option<Type>,
    },
    Alias {
        var: VarId,
    },
    Bind {
        pat: Pat,
        ty: Option<Type>,
        value: Operand,
        bindings: Vec<Binding>,
    },
    Assign {
        place: Place,
        op: Op,
    },
    Update {
        op: BinOp,
        place: Place,
        value: Operand,
    },
    /// Names for places, bound by a pattern of the user: `let (a, b) = s.split_at_mut(n)`.
    Views {
        pat: Pat,
        ty: Option<Type>,
        init: Code,
        vars: Vec<VarId>,
    },
    /// A method that changes its receiver in place.
    Mutate(Mutate),
    Opaque {
        tokens: TokenStream,
        mutates: Vec<VarId>,
    },
    If {
        cond: Code,
        taken: VarId,
        then: Block,
        otherwise: Block,
        result: Option<VarId>,
    },
    Match {
        scrutinee: Operand,
        taken: VarId,
        arms: Vec<Arm>,
        result: Option<VarId>,
    },
    /// `value?`
    Try {
        var: VarId,
        value: Operand,
        exit: Exit,
    },
    Loop(Loop),
    Scope {
        label: Ident,
        scope: ScopeId,
        body: Block,
        result: Option<VarId>,
    },
    Exit(Exit),
}

/// What a method does to its receiver in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// It moves elements about; the method of the second name undoes it.
    Permute(&'static str),
    /// `fill(value)`
    Fill,
    /// `copy_from(&source)`, `copy_from_slice(&source)`
    Copy,
    /// `push(value)`
    Push,
    /// `pop()`
    Pop,
    /// `truncate(len)`, `clear()`
    Truncate,
    /// `sort_by(compare)` and the like: a permutation that is known afterwards.
    Sort,
    /// `mem::swap(&mut place, &mut other)`
    Exchange,
}

#[derive(Clone, Debug)]
pub(crate) struct Mutate {
    pub(crate) kind: Mutation,
    pub(crate) place: Place,
    pub(crate) name: Ident,
    pub(crate) args: Vec<Operand>,
    pub(crate) result: Option<VarId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) var: VarId,
    pub(crate) ty: Type,
    pub(crate) by: By,
    /// Can its type carry a derivative, as far as the tokens tell, and does the user want it?
    pub(crate) active: bool,
    pub(crate) no_diff: bool,
    /// Is it made of numbers and of the language's own containers, as far as the tokens tell?
    pub(crate) numeric: bool,
    /// Is it the tangent of another parameter? Then it is passed in an `Option`, unless it is passed by `&mut`.
    pub(crate) tangent_of: Option<VarId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Func {
    pub(crate) name: Ident,
    pub(crate) params: Vec<Param>,
    pub(crate) vars: Vec<Var>,
    pub(crate) members: Members,
    /// The label and the scope of the body, and the variable that holds the value returned.
    pub(crate) label: Ident,
    pub(crate) scope: ScopeId,
    pub(crate) result: VarId,
    pub(crate) body: Block,
    /// Every call goes to the function itself?
    pub(crate) self_recursive: bool,
    /// How many times the tangent has been taken: one less than the order of the derivatives of this program.
    pub(crate) level: u32,
}

/// What a function calls the parts of structs and enums.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) fields: BTreeSet<Ident>,
    pub(crate) accessors: BTreeSet<Ident>,
}

impl Func {
    pub(crate) fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }
}

impl Callee {
    /// The function behind a tangent program, and how many times its tangent is taken.
    pub(crate) fn primal(&self) -> (&Callee, u32) {
        match self {
            Callee::Tangent(of) => {
                let (callee, level) = of.primal();
                (callee, level + 1)
            }
            callee => (callee, 0),
        }
    }
}

impl Call {
    /// Is this argument lent to the callee, which may write it?
    pub(crate) fn lends(&self, vars: &[Var], at: usize) -> bool {
        // A tangent is passed as its value is.
        if let Some(primal) = self.primal() {
            return primal.lends(vars, at % primal.args.len())
                && !matches!(self.args[at], Operand::Never);
        }
        let by_name = match &self.args[at] {
            Operand::Ref { mutable, .. } => return *mutable,
            // A name of a mutable reference is borrowed again; the receiver of a method may be borrowed mutably.
            Operand::Place(place) if place.proj.is_empty() => {
                let var = &vars[place.root.0 as usize];
                var.writes_through() || (at == 0 && self.is_method() && var.may_be_written())
            }
            Operand::Place(place) => at == 0 && self.is_method() && place.may_be_written(vars),
            Operand::Lit(_) | Operand::Code(_) | Operand::Never | Operand::Unit => false,
        };
        // What is passed a second time is not passed to be written.
        by_name
            && self.args[at].place().is_none_or(|place| {
                let others = self.args.iter().enumerate().filter(|it| it.0 != at);
                others
                    .filter_map(|it| match it.1 {
                        Operand::Ref { place, .. } => Some(place),
                        // A number that is read is passed by value.
                        Operand::Place(place) if place.proj.is_empty() => Some(place),
                        _ => None,
                    })
                    .all(|other| apart(vars, place, other))
            })
    }

    pub(crate) fn is_method(&self) -> bool {
        match self.callee.primal().0 {
            Callee::Method(..) => true,
            Callee::Function(_) | Callee::Associated(_) | Callee::Tangent(_) => false,
        }
    }

    /// The call of the function itself, if this is one of a tangent program.
    pub(crate) fn primal(&self) -> Option<Call> {
        let (callee, level) = self.callee.primal();
        (level > 0).then(|| Call {
            callee: callee.clone(),
            args: self.args[..self.args.len() >> level].to_vec(),
        })
    }

    /// The argument of the function itself that this is, or that this is the tangent of. The function may take a name by
    /// either reference, and it takes the tangent as the value.
    pub(crate) fn value_of(&self, at: usize) -> &Operand {
        &self.args[at % (self.args.len() >> self.callee.primal().1)]
    }

    /// Is this argument handed again to the reverse half of the callee? `by_reference` tells it of an operand.
    pub(crate) fn hands(&self, at: usize, by_reference: impl Fn(&Operand) -> bool) -> bool {
        if let Some(primal) = self.primal() {
            return primal.hands(at % primal.args.len(), by_reference);
        }
        (at == 0 && self.is_method()) || by_reference(&self.args[at])
    }
}

impl Var {
    /// Is it a mutable reference?
    pub(crate) fn writes_through(&self) -> bool {
        match &self.kind {
            VarKind::Param { by } => *by == By::Mut,
            VarKind::Alias { writes, .. } => *writes,
            VarKind::Local | VarKind::Index | VarKind::Counter => false,
        }
    }

    /// May its value, or what it refers to, be written?
    pub(crate) fn may_be_written(&self) -> bool {
        match &self.kind {
            VarKind::Param { by } => *by == By::Mut || (*by == By::Value && self.mutable),
            VarKind::Alias { writes, .. } => *writes,
            VarKind::Local => self.mutable,
            VarKind::Index | VarKind::Counter => false,
        }
    }
}

impl Place {
    pub(crate) fn may_be_written(&self, vars: &[Var]) -> bool {
        vars[self.root.0 as usize].may_be_written()
    }

    /// A reference to the place, as an operand.
    pub(crate) fn borrowed(&self) -> Operand {
        Operand::Ref {
            place: self.clone(),
            mutable: false,
        }
    }

    /// The place with one more projection.
    #[must_use]
    pub(crate) fn then(mut self, proj: Proj) -> Place {
        self.proj.push(proj);
        self
    }
}

/// Is the place a view of a matrix?
pub(crate) fn is_view(vars: &[Var], place: &Place) -> bool {
    match (place.proj.last(), &vars[place.root.0 as usize].kind) {
        (Some(Proj::View(view)), _) => !view.reference,
        (None, VarKind::Alias { place, .. }) => is_view(vars, place),
        _ => false,
    }
}

/// The variable behind a place, and the way from it to the place.
pub(crate) fn way(vars: &[Var], place: &Place) -> (VarId, Vec<Proj>) {
    let (root, mut found, references) = match &vars[place.root.0 as usize].kind {
        VarKind::Alias {
            place: inner,
            depth,
            ..
        } => {
            let (root, inner) = way(vars, inner);
            (root, inner, usize::from(*depth))
        }
        VarKind::Param { by } if *by != By::Value => (place.root, Vec::new(), 1),
        _ => (place.root, Vec::new(), 0),
    };
    let derefs = place
        .proj
        .iter()
        .take_while(|it| matches!(it, Proj::Deref))
        .count();
    found.extend(place.proj.iter().skip(derefs.min(references)).cloned());
    (root, found)
}

/// Does a field stand on the way to a place? It may have no derivative.
pub(crate) fn behind_field(vars: &[Var], place: &Place) -> bool {
    way(vars, place).1.iter().any(Proj::is_field)
}

/// The way to a part of a shadow or of a tangent. What is in a field may have no derivative; `behind`: is all of it in one?
pub(crate) fn as_parts(way: &mut [Proj], mut behind: bool) {
    for step in way {
        match step {
            Proj::Field(member) if behind => *step = Proj::Part(member.clone()),
            Proj::Variant { path, member, .. } => {
                let name = crate::lower::accessor(path, member);
                *step = Proj::Accessor { name, part: behind };
            }
            _ => {}
        }
        behind |= step.is_field();
    }
}

/// The way to a part of a tangent that is read. A field may have no tangent, and then its elements have none.
pub(crate) fn in_tangent(mut way: Vec<Proj>) -> Vec<Proj> {
    as_parts(&mut way, false);
    let fields = way.iter().position(Proj::is_field);
    for step in way.iter_mut().skip(fields.unwrap_or(usize::MAX)) {
        let entry = match step {
            Proj::Index(code) => code.clone(),
            Proj::Half { at, left } => {
                let expr = &at.expr;
                let expr = if *left {
                    syn::parse_quote!(..#expr)
                } else {
                    syn::parse_quote!(#expr..)
                };
                Code { expr, ..at.clone() }
            }
            _ => continue,
        };
        *step = Proj::View(View {
            name: Ident::new("ad_entry", Span::mixed_site()),
            turbofish: None,
            args: vec![entry],
            reference: true,
        });
    }
    way
}

/// Is it certain that two places have no part in common?
fn apart(vars: &[Var], left: &Place, right: &Place) -> bool {
    let ((left_root, left), (right_root, right)) = (way(vars, left), way(vars, right));
    if left_root != right_root {
        return true;
    }
    for (left, right) in left.iter().zip(&right) {
        match (left, right) {
            (Proj::Field(a) | Proj::Part(a), Proj::Field(b) | Proj::Part(b)) if a != b => {
                return true;
            }
            (
                Proj::Accessor { name: a, .. }
                | Proj::Variant {
                    member: Member::Named(a),
                    ..
                },
                Proj::Accessor { name: b, .. }
                | Proj::Variant {
                    member: Member::Named(b),
                    ..
                },
            ) if a != b => return true,
            (
                Proj::Variant {
                    member: Member::Unnamed(a),
                    ..
                },
                Proj::Variant {
                    member: Member::Unnamed(b),
                    ..
                },
            ) if a != b => return true,
            (Proj::Half { left: a, .. }, Proj::Half { left: b, .. }) if a != b => return true,
            (Proj::Index(a), Proj::Index(b)) => {
                return match (number(&a.expr), number(&b.expr)) {
                    (Some(a), Some(b)) => a != b,
                    // `0` and `1..` are what `split_first` makes.
                    (Some(_), None) | (None, Some(_)) => is_range(&a.expr) || is_range(&b.expr),
                    (None, None) => false,
                };
            }
            _ => {}
        }
    }
    false
}

fn number(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(it),
            ..
        }) => it.base10_parse().ok(),
        _ => None,
    }
}

fn is_range(expr: &Expr) -> bool {
    matches!(expr, Expr::Range(it) if it.end.is_none() && it.start.is_some())
}

/// The variable behind all names for places.
pub(crate) fn root(vars: &[Var], place: &Place) -> VarId {
    match &vars[place.root.0 as usize].kind {
        VarKind::Alias { place, .. } => root(vars, place),
        _ => place.root,
    }
}

impl Operand {
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Operand::Place(place) | Operand::Ref { place, .. } => Some(place),
            Operand::Lit(_) | Operand::Code(_) | Operand::Never | Operand::Unit => None,
        }
    }
}

impl From<VarId> for Place {
    fn from(root: VarId) -> Self {
        Place {
            root,
            proj: Vec::new(),
        }
    }
}

impl From<VarId> for Operand {
    fn from(root: VarId) -> Self {
        Operand::Place(root.into())
    }
}

impl StmtKind {
    /// The blocks inside a statement, in source order.
    pub(crate) fn blocks(&self) -> Vec<&Block> {
        match self {
            StmtKind::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            StmtKind::Match { arms, .. } => arms.iter().map(|it| &it.body).collect(),
            StmtKind::Loop(it) => vec![&it.body],
            StmtKind::Scope { body, .. } => vec![body],
            StmtKind::Let {
                op: Op::Build(it), ..
            }
            | StmtKind::Assign {
                op: Op::Build(it), ..
            } => vec![&it.body],
            StmtKind::Let { .. }
            | StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Views { .. }
            | StmtKind::Bind { .. }
            | StmtKind::Assign { .. }
            | StmtKind::Update { .. }
            | StmtKind::Mutate(_)
            | StmtKind::Opaque { .. }
            | StmtKind::Try { .. }
            | StmtKind::Exit(_) => Vec::new(),
        }
    }

    pub(crate) fn blocks_mut(&mut self) -> Vec<&mut Block> {
        match self {
            StmtKind::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            StmtKind::Match { arms, .. } => arms.iter_mut().map(|it| &mut it.body).collect(),
            StmtKind::Loop(it) => vec![&mut it.body],
            StmtKind::Scope { body, .. } => vec![body],
            StmtKind::Let {
                op: Op::Build(it), ..
            }
            | StmtKind::Assign {
                op: Op::Build(it), ..
            } => vec![&mut it.body],
            StmtKind::Let { .. }
            | StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Views { .. }
            | StmtKind::Bind { .. }
            | StmtKind::Assign { .. }
            | StmtKind::Update { .. }
            | StmtKind::Mutate(_)
            | StmtKind::Opaque { .. }
            | StmtKind::Try { .. }
            | StmtKind::Exit(_) => Vec::new(),
        }
    }

    /// The exit that a statement is, if any.
    pub(crate) fn exit(&self) -> Option<&Exit> {
        match self {
            StmtKind::Exit(exit) | StmtKind::Try { exit, .. } => Some(exit),
            _ => None,
        }
    }
}

impl Block {
    /// Numbers all statements and blocks in source order.
    pub(crate) fn number(&mut self, next: &mut u32, blocks: &mut u32) {
        self.id = *blocks;
        *blocks += 1;
        for stmt in &mut self.stmts {
            stmt.id = *next;
            *next += 1;
            for block in stmt.kind.blocks_mut() {
                block.number(next, blocks);
            }
        }
    }

    /// Calls `f` with every statement, in source order.
    pub(crate) fn walk<'a>(&'a self, f: &mut impl FnMut(&'a Stmt)) {
        for stmt in &self.stmts {
            f(stmt);
            for block in stmt.kind.blocks() {
                block.walk(f);
            }
        }
    }
}

impl Op {
    /// The operands of an operation.
    pub(crate) fn operands(&self) -> Vec<&Operand> {
        match self {
            Op::Use(it) | Op::Neg(it) | Op::Cast(it, _) | Op::SumStep(it) => vec![it],
            Op::Binary(_, left, right) => vec![left, right],
            Op::Method { recv, args, .. } => core::iter::once(recv).chain(args).collect(),
            Op::Construct { args, .. } | Op::Foreign { args, .. } | Op::Aggregate(_, args) => {
                args.iter().collect()
            }
            Op::Call(call) => call.args.iter().collect(),
            Op::Build(build) => match &build.kind {
                BuildKind::ZipMap { other, .. } => vec![other],
                BuildKind::Map { .. }
                | BuildKind::FromFn { .. }
                | BuildKind::Collect { .. }
                | BuildKind::FromIterator { .. } => Vec::new(),
            },
            Op::Code(_) | Op::SumStart => Vec::new(),
        }
    }

    pub(crate) fn operands_mut(&mut self) -> Vec<&mut Operand> {
        match self {
            Op::Use(it) | Op::Neg(it) | Op::Cast(it, _) | Op::SumStep(it) => vec![it],
            Op::Binary(_, left, right) => vec![left, right],
            Op::Method { recv, args, .. } => core::iter::once(recv).chain(args).collect(),
            Op::Construct { args, .. } | Op::Foreign { args, .. } | Op::Aggregate(_, args) => {
                args.iter_mut().collect()
            }
            Op::Call(call) => call.args.iter_mut().collect(),
            Op::Build(build) => match &mut build.kind {
                BuildKind::ZipMap { other, .. } => vec![other],
                BuildKind::Map { .. }
                | BuildKind::FromFn { .. }
                | BuildKind::Collect { .. }
                | BuildKind::FromIterator { .. } => Vec::new(),
            },
            Op::Code(_) | Op::SumStart => Vec::new(),
        }
    }
}
