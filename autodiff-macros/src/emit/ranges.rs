//! Ranges of buffers. Where each turn of an innermost loop overwrites the next element of a buffer, and no reverse statement
//! of the loop reads the buffer, all that the loop overwrites is saved before it and put back behind its reverse.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::ours;
use super::value::{Cx, Half};
use super::walk::{Element, Index, Walk};
use crate::ir::{By, Code, Loop, Place, StmtKind, VarId, VarKind};

/// What one statement of a loop overwrites.
pub(super) struct Range {
    pub(super) stmt: u32,
    place: Place,
    index: Index,
    bounds: [(TokenStream, TokenStream); 2],
    position: VarId,
}

impl Range {
    /// What a loop overwrites in this way.
    pub(super) fn of(cx: &Cx<'_>, it: &Loop) -> Vec<Range> {
        let mut candidates = it
            .body
            .stmts
            .iter()
            .filter(|stmt| cx.facts.apart.contains(&stmt.id))
            .peekable();
        if candidates.peek().is_none() || Cx::few_turns(it).is_some() {
            return Vec::new();
        }
        let inside = cx.inside(it);
        let Some(walk) = Walk::of(cx, it, &inside) else {
            return Vec::new();
        };
        let first = it.body.stmts.first().map_or(u32::MAX, |it| it.id);
        let there = |var: VarId| {
            let param = matches!(cx.func.var(var).kind, VarKind::Param { .. });
            param || cx.facts.var(var).home.from < first
        };
        let found = candidates.filter_map(|stmt| {
            let (StmtKind::Assign { place, .. } | StmtKind::Update { place, .. }) = &stmt.kind
            else {
                return None;
            };
            let (root, way) = crate::ir::way(&cx.func.vars, place);
            let (whole, named) = (Element::at(&way)?, Element::at(&place.proj)?);
            let before = [root, place.root].into_iter().all(there);
            let plain = is_plain(cx, root) && is_plain(cx, place.root);
            let found_by_itself = whole.reads().chain(named.reads()).any(|it| it == root);
            let index = walk.index(cx, &whole, stmt.id)?;
            let again = whole.is_found_again() && named.is_found_again();
            (before && plain && again && !found_by_itself && !matches!(index, Index::Same)).then(
                || Range {
                    stmt: stmt.id,
                    place: place.clone(),
                    index,
                    bounds: [Half::Forward, Half::Reverse].map(|half| walk.bounds(cx, half)),
                    position: walk.position,
                },
            )
        });
        found.collect()
    }

    /// Saves the range, before the loop.
    pub(super) fn save(&self, cx: &Cx<'_>, words: &TokenStream) -> TokenStream {
        let rt = &cx.rt;
        let (start, turns) = self.stretch(cx, Half::Forward);
        let root = Place::from(self.place.root);
        let buffer = buffer(cx, &root, cx.ident(root.root).to_token_stream());
        let [count, range] = [ours("__turns"), ours("__range")];
        quote!({
            let #count = #turns;
            let #range = #rt::Buffer(&#buffer).ad_reach(#start, #count);
            #rt::Saved::save(#range, #count, #words);
        })
    }

    /// Puts it back, behind the reverse of the loop.
    pub(super) fn load(&self, cx: &Cx<'_>, words: &TokenStream) -> TokenStream {
        let rt = &cx.rt;
        let (start, turns) = self.stretch(cx, Half::Reverse);
        let root = Place::from(crate::ir::root(&cx.func.vars, &self.place));
        let buffer = buffer(cx, &root, cx.value_mut(root.root));
        let [count, range] = [ours("__turns"), ours("__range")];
        let some = quote!(::core::option::Option::Some);
        quote!({
            let #count = #turns;
            let #range = #rt::some(#rt::BufferMut(#some(&mut #buffer)).ad_reach(#start, #count));
            #rt::Overwritten::load(#range, #count, #words);
        })
    }

    /// Where the range begins, and how many elements it has.
    fn stretch(&self, cx: &Cx<'_>, half: Half) -> (TokenStream, TokenStream) {
        let rt = &cx.rt;
        let (start, end) = &self.bounds[usize::from(half == Half::Reverse)];
        let code = |code: &Code| match half {
            Half::Forward => code.expr.to_token_stream(),
            Half::Reverse => cx.code(code),
        };
        let first = match &self.index {
            Index::Position | Index::Same => start.clone(),
            Index::Code(index, var)
                if *var == self.position && matches!(index.expr, syn::Expr::Path(_)) =>
            {
                start.clone()
            }
            Index::Code(index, var) if *var == self.position => {
                let (ident, index) = (cx.ident(*var), code(index));
                quote!({ let #ident = #start; #index })
            }
            Index::Code(index, _) => code(index),
        };
        let way = match half {
            Half::Forward => self.place.proj.clone(),
            Half::Reverse => crate::ir::way(&cx.func.vars, &self.place).1,
        };
        let parts = Element::at(&way).map(|it| it.starts()).unwrap_or_default();
        let parts = parts.iter().map(code);
        (
            quote!(#((#parts) +)* #first),
            quote!(#rt::turns(&(#start..#end))),
        )
    }
}

/// The buffer that a place is, written as `tokens`.
pub(super) fn buffer(cx: &Cx<'_>, place: &Place, tokens: TokenStream) -> TokenStream {
    let reference = match cx.func.var(place.root).kind {
        VarKind::Param { by } => by != By::Value,
        VarKind::Alias { .. } => true,
        _ => false,
    };
    if reference && place.proj.is_empty() {
        quote!((*#tokens))
    } else {
        tokens
    }
}

/// Is this a variable that holds a buffer, or a name that is one reference to it?
pub(super) fn is_plain(cx: &Cx<'_>, var: VarId) -> bool {
    let var = cx.func.var(var);
    match &var.kind {
        VarKind::Alias { depth, .. } => *depth == 1,
        VarKind::Param { by } if *by != By::Value => true,
        VarKind::Param { .. } | VarKind::Local => !var.borrows && !var.boxed,
        VarKind::Index | VarKind::Counter => false,
    }
}
