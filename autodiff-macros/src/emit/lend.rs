//! Arguments of one call that lie in one variable, of which at least one is lent to be written.
//!
//! The user's code proved that they are apart; the reverse half proves it again: by fields, by `split_at_mut` at the
//! same position, and otherwise by copies that are put back.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::value::{Cx, Half};
use super::{names, ours};
use crate::analysis::Cotangent;
use crate::ir::project::parts_of;
use crate::ir::{By, Call, Operand, Proj, Stmt, VarId, VarKind, as_parts};

/// What stands for the arguments that lie in one variable.
#[derive(Default)]
pub(super) struct Lent {
    pub(super) before: TokenStream,
    pub(super) after: TokenStream,
    /// Variables whose cotangent is lent already.
    pub(super) busy: Vec<VarId>,
    pub(super) primals: BTreeMap<usize, TokenStream>,
    pub(super) shadows: BTreeMap<usize, TokenStream>,
}

/// An argument, and the way to it that is still to go.
type Member = (usize, Vec<Proj>);

impl Lent {
    pub(super) fn new(cx: &Cx<'_>, stmt: &Stmt, call: &Call, handed: &[bool]) -> Lent {
        let mut lent = Lent::default();
        let mut groups: BTreeMap<VarId, Vec<Member>> = BTreeMap::new();
        for (at, arg) in call.args.iter().enumerate() {
            if let Some(place) = arg.place().filter(|_| handed[at]) {
                let (root, way) = crate::ir::way(&cx.func.vars, place);
                groups.entry(root).or_default().push((at, way));
            }
        }
        let is_lent = |at: usize| call.lends(&cx.func.vars, at);
        for (root, members) in groups {
            if members.len() < 2 || !members.iter().any(|it| is_lent(it.0)) {
                continue;
            }
            let by_mut = matches!(cx.func.var(root).kind, VarKind::Param { by: By::Mut });
            let value = cx.value_mut(root);
            let base = if by_mut { quote!((*#value)) } else { value };
            let written = members.iter().map(|it| it.0).filter(|it| is_lent(*it));
            let mut split = Split::new(cx, stmt, Half::Reverse, written.collect());
            split.names = 100 * root.0 as usize;
            split.split(&base, members.clone());
            let primals = core::mem::take(&mut split.found);
            lent.primals.extend(primals.into_iter().map(|(at, it)| {
                if is_lent(at) {
                    (at, quote!(&mut #it))
                } else {
                    (at, quote!(& #it))
                }
            }));
            if cx.useful(root) {
                lent.busy.push(root);
                let d = names::cotangent(&cx.reverse_ident(root));
                let base = match cx.facts.var(root).cotangent {
                    Cotangent::Slot if !cx.is_scalar(root) => {
                        let (rt, zero) = (&cx.rt, cx.present_zero(root));
                        let whole = ours(&format!("__whole_{}", root.0));
                        lent.before
                            .extend(quote!(let #whole = #rt::Slot::or_zero(&mut #d, || #zero);));
                        quote!((*#whole))
                    }
                    Cotangent::InOut => quote!((*#d)),
                    _ => d.into_token_stream(),
                };
                let mut written: Vec<Member> = members;
                written.retain(|it| is_lent(it.0));
                for (_, way) in &mut written {
                    as_parts(way, false);
                }
                split.shadow = true;
                split.split(&base, written);
                for (at, tokens) in core::mem::take(&mut split.found) {
                    let rt = &cx.rt;
                    let tokens = if matches!(call.value_of(at), Operand::Ref { .. }) {
                        quote!(&mut #tokens)
                    } else {
                        quote!(#rt::Lend::ad_lend(&mut #tokens))
                    };
                    lent.shadows.insert(at, tokens);
                }
            }
            lent.before.extend(split.before);
            lent.after.extend(split.after);
        }
        lent
    }
}

/// The places of tangents that are handed to a tangent program, apart from each other: for each argument that lies in a
/// variable of which another part is written. `lent` tells of the arguments that are written, `handed` of those that are
/// passed by reference; what is passed by value is read before.
pub(super) fn tangents(
    cx: &Cx<'_>,
    stmt: &Stmt,
    dots: &[Operand],
    lent: impl Fn(usize) -> bool,
    handed: impl Fn(usize) -> bool,
) -> Lent {
    let mut apart = Lent::default();
    let mut groups: BTreeMap<VarId, Vec<Member>> = BTreeMap::new();
    for (at, dot) in dots.iter().enumerate() {
        if let Some(place) = dot.place().filter(|_| lent(at) || handed(at)) {
            let (root, way) = crate::ir::way(&cx.func.vars, place);
            groups.entry(root).or_default().push((at, way));
        }
    }
    for (root, members) in groups {
        let written: Vec<usize> = (members.iter().map(|it| it.0))
            .filter(|it| lent(*it))
            .collect();
        if members.len() < 2 || written.is_empty() {
            continue;
        }
        let ident = cx.ident(root);
        let base = match cx.func.var(root).kind {
            VarKind::Param { by: By::Mut } => quote!((*#ident)),
            _ => ident.to_token_stream(),
        };
        let mut split = Split::new(cx, stmt, Half::Forward, written);
        split.names = 100 * root.0 as usize;
        split.split(&base, members);
        apart.shadows.append(&mut split.found);
        apart.before.extend(split.before);
        apart.after.extend(split.after);
    }
    apart
}

struct Split<'a> {
    cx: &'a Cx<'a>,
    stmt: &'a Stmt,
    half: Half,
    names: usize,
    shadow: bool,
    /// The arguments that are lent to be written.
    lent: Vec<usize>,
    before: TokenStream,
    after: TokenStream,
    found: BTreeMap<usize, TokenStream>,
}

impl<'a> Split<'a> {
    fn new(cx: &'a Cx<'a>, stmt: &'a Stmt, half: Half, lent: Vec<usize>) -> Self {
        Split {
            cx,
            stmt,
            half,
            names: 0,
            shadow: false,
            lent,
            before: TokenStream::new(),
            after: TokenStream::new(),
            found: BTreeMap::new(),
        }
    }

    fn split(&mut self, base: &TokenStream, members: Vec<Member>) {
        if let [(at, way)] = members.as_slice() {
            let place = self.follow(base, way);
            self.found.insert(*at, place);
            return;
        }
        // What is only read may be read twice.
        if members.iter().all(|it| !self.lent.contains(&it.0)) {
            for (at, way) in members {
                let place = way.iter().fold(base.clone(), |base, proj| {
                    self.cx.project(&base, proj, self.half, false)
                });
                self.found.insert(at, place);
            }
            return;
        }
        let first: Option<Vec<&Proj>> = members.iter().map(|it| it.1.first()).collect();
        match first.as_deref() {
            Some(firsts)
                if firsts
                    .iter()
                    .all(|it| matches!(it, Proj::Field(_) | Proj::Part(_))) =>
            {
                let mut groups: Vec<(Proj, Vec<Member>)> = Vec::new();
                for (at, way) in members {
                    let (head, rest) = (way[0].clone(), way[1..].to_vec());
                    match groups.iter_mut().find(|it| text(&it.0) == text(&head)) {
                        Some(group) => group.1.push((at, rest)),
                        None => groups.push((head, vec![(at, rest)])),
                    }
                }
                // The fields of a part are handed out together.
                let mut base = base.clone();
                if let (Proj::Part(member), 2..) = (&groups[0].0, groups.len()) {
                    let parts = self.fresh();
                    let fields = parts_of(&self.cx.rt, &base, member, true);
                    self.before.extend(quote!(let #parts = #fields;));
                    base = quote!((*#parts));
                    for (head, _) in &mut groups {
                        if let Proj::Part(member) = head {
                            *head = Proj::Field(member.clone());
                        }
                    }
                }
                for (head, group) in groups {
                    let base = self.follow(&base, core::slice::from_ref(&head));
                    self.split(&base, group);
                }
            }
            Some(firsts) if firsts.iter().all(|it| text(it) == text(firsts[0])) => {
                let base = self.follow(base, core::slice::from_ref(firsts[0]));
                let rest = members
                    .into_iter()
                    .map(|(at, way)| (at, way[1..].to_vec()))
                    .collect();
                self.split(&base, rest);
            }
            Some(firsts) if halves(firsts) => {
                let Proj::Half { at, .. } = firsts[0] else {
                    return;
                };
                let (left, right) = (self.fresh(), self.fresh());
                let at = match self.half {
                    Half::Forward => at.expr.to_token_stream(),
                    Half::Reverse => self.cx.code(at),
                };
                self.before
                    .extend(quote!(let (#left, #right) = #base.split_at_mut(#at);));
                let mut sides = (Vec::new(), Vec::new());
                for (at, way) in members {
                    let is_left = matches!(way[0], Proj::Half { left: true, .. });
                    let rest = (at, way[1..].to_vec());
                    if is_left {
                        sides.0.push(rest);
                    } else {
                        sides.1.push(rest);
                    }
                }
                self.split(&quote!((*#left)), sides.0);
                self.split(&quote!((*#right)), sides.1);
            }
            _ => {
                let rt = &self.cx.rt.clone();
                for (at, way) in members {
                    let (own, place) = (self.fresh(), self.follow(base, &way));
                    let taken = if self.shadow {
                        quote!(#rt::take_place(&mut #place))
                    } else {
                        quote!(::core::clone::Clone::clone(&#place))
                    };
                    self.before.extend(quote!(let mut #own = #taken;));
                    self.after
                        .extend(quote!(#place = ::core::clone::Clone::clone(&#own);));
                    self.found.insert(at, own.into_token_stream());
                }
            }
        }
    }

    fn follow(&self, base: &TokenStream, way: &[Proj]) -> TokenStream {
        way.iter().fold(base.clone(), |base, proj| {
            self.cx.project(&base, proj, self.half, true)
        })
    }

    fn fresh(&mut self) -> proc_macro2::Ident {
        self.names += 1;
        let kind = if self.shadow { "d_" } else { "" };
        ours(&format!("__{kind}part_{}_{}", self.stmt.id, self.names))
    }
}

/// Are these sides of splits at one position?
fn halves(projs: &[&Proj]) -> bool {
    let at = |proj: &Proj| match proj {
        Proj::Half { at, .. } => Some(at.expr.to_token_stream().to_string()),
        _ => None,
    };
    let first = projs.first().and_then(|it| at(it));
    first.is_some() && projs.iter().all(|it| at(it) == first)
}

/// A projection as text, to be compared.
fn text(proj: &Proj) -> String {
    match proj {
        Proj::Field(member) | Proj::Part(member) => format!(".{}", member.to_token_stream()),
        Proj::Index(code) => format!("[{}]", code.expr.to_token_stream()),
        Proj::Deref => "*".to_owned(),
        Proj::Elem(var) => format!("@{}", var.0),
        Proj::Payload => "?".to_owned(),
        Proj::Variant { path, member, .. } => {
            format!(".{}()", crate::lower::accessor(path, member))
        }
        Proj::Accessor { name, .. } => format!(".{name}()"),
        Proj::View(view) => {
            let args: Vec<String> = view
                .args
                .iter()
                .map(|it| it.expr.to_token_stream().to_string())
                .collect();
            format!(".{}({})", view.name, args.join(","))
        }
        Proj::Half { at, left } => format!("/{left}{}", at.expr.to_token_stream()),
        Proj::Array(_) => "array".to_owned(),
    }
}
