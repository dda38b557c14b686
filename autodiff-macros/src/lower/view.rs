//! Views: expressions that are other names for places.
//!
//! A view that is bound to a name is not a value: the name stands for the place, so that what is written through it is
//! written to the place, and the reverse half finds the place again by the same way.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::{Lower, unparen};
use crate::ir::{self, Code, Fact, Op, Operand, Place, Proj, StmtKind, VarId, VarKind};

/// A name for a place.
pub(super) struct View {
    pub(super) place: Place,
    /// How many references stand before the place.
    pub(super) depth: u8,
    pub(super) writes: bool,
}

impl View {
    pub(super) fn operand(self) -> Operand {
        if self.depth > 0 {
            Operand::Ref {
                place: self.place,
                mutable: self.writes,
            }
        } else {
            Operand::Place(self.place)
        }
    }

    pub(super) fn referent(self) -> Place {
        self.place
    }

    /// Is it an array by value, made of a slice?
    pub(super) fn is_array(&self) -> bool {
        self.depth == 0 && matches!(self.place.proj.last(), Some(Proj::Array(_)))
    }
}

impl Lower<'_> {
    /// The view that an expression makes, if it is one: `&mut place`, `m.column_mut(j)`, `xs.last_mut().unwrap()`.
    pub(super) fn view(&mut self, expr: &Expr) -> Option<View> {
        if let Some(lent) = self.lent(expr) {
            return Some(lent);
        }
        match unparen(expr) {
            Expr::Reference(it) if it.mutability.is_some() => {
                let place = self.place_to_write(&it.expr)?;
                Some(View {
                    place,
                    depth: 1,
                    writes: true,
                })
            }
            // A mutable reference under another name.
            Expr::Path(path) => {
                let super::Name::Var(var) = self.names.get(&path.path.get_ident()?.to_string())?
                else {
                    return None;
                };
                let var = *var;
                if !self.var(var).writes_through() || !self.is_reference(var) {
                    return None;
                }
                Some(View {
                    place: Place::from(var).then(Proj::Deref),
                    depth: 1,
                    writes: true,
                })
            }
            Expr::MethodCall(it) => {
                let name = it.method.to_string();
                if matches!(name.as_str(), "unwrap" | "expect")
                    && let Expr::MethodCall(inner) = unparen(&it.receiver)
                {
                    return self.present_view(inner);
                }
                if matches!(name.as_str(), "unwrap" | "expect")
                    && let Expr::Call(call) = unparen(&it.receiver)
                {
                    let outer = self.hint.replace(tried_from(call)?);
                    let view = self.array_view(&call.args[0]);
                    self.hint = outer;
                    return view;
                }
                let (reads, reference) = view_method(&name)?;
                let place = self.place_to_write(&it.receiver)?;
                let place = self.referent(place);
                let args = it.args.iter().map(|arg| self.index(arg)).collect();
                let view = ir::View {
                    name: proc_macro2::Ident::new(reads, it.method.span()),
                    turbofish: it.turbofish.clone(),
                    args,
                    reference,
                };
                Some(View {
                    place: place.then(Proj::View(view)),
                    depth: u8::from(reference),
                    writes: true,
                })
            }
            _ => None,
        }
    }

    /// A view behind `unwrap()`.
    fn present_view(&mut self, it: &syn::ExprMethodCall) -> Option<View> {
        let name = it.method.to_string();
        let writes = name.ends_with("_mut");
        let args: Vec<&Expr> = it.args.iter().collect();
        // A method of the user's own may have any name.
        let plain = !self.is_own(&it.receiver)
            && !matches!(unparen(&it.receiver), Expr::Path(path) if path.path.is_ident("self"));
        let proj = match (name.as_str(), args.as_slice()) {
            ("first" | "last" | "get", _) if !plain => return None,
            ("first" | "first_mut", []) => Proj::Index(fixed(syn::parse_quote!(0))),
            ("get" | "get_mut", [at]) => {
                let code = self.index(at);
                Proj::Index(code)
            }
            ("last" | "last_mut", []) => {
                let place = self.viewed(&it.receiver)?;
                let code = self.end_index(&place, 1);
                return Some(View {
                    place: place.then(Proj::Index(code)),
                    depth: 1,
                    writes,
                });
            }
            ("first_chunk" | "first_chunk_mut", []) => {
                let len = chunk_len(it)?;
                let place = self.viewed(&it.receiver)?;
                let range = Proj::Index(fixed(syn::parse_quote!(..#len)));
                return Some(View {
                    place: place.then(range).then(Proj::Array(Some(len))),
                    depth: 1,
                    writes,
                });
            }
            ("last_chunk" | "last_chunk_mut", []) => {
                let len = chunk_len(it)?;
                let place = self.viewed(&it.receiver)?;
                let krate = self.options.krate.clone();
                let plain = self.plain_place(&place);
                let code = self.code_from_lowered(syn::parse_quote!(
                    #krate::__private::Elements::ad_count(&#plain) - #len
                ));
                let from = self.named(code, "at", Span::call_site());
                let at = &from.expr;
                let range = Code {
                    expr: syn::parse_quote!(#at..),
                    ..from.clone()
                };
                return Some(View {
                    place: place.then(Proj::Index(range)).then(Proj::Array(Some(len))),
                    depth: 1,
                    writes,
                });
            }
            ("try_into", []) => return self.array_view(&it.receiver),
            _ => return None,
        };
        let place = self.viewed(&it.receiver)?;
        Some(View {
            place: place.then(proj),
            depth: 1,
            writes,
        })
    }

    /// Does a name for this view see no write, neither to the name nor to what is viewed?
    pub(super) fn stays(&self, view: &View, name: &syn::PatIdent) -> bool {
        let viewed = self.var(self.root(&view.place));
        name.mutability.is_none() && !viewed.mutable && !viewed.writes_through()
    }

    /// `x[a..b].try_into().unwrap()`: an array by value or by reference, which the type of the `let` tells.
    fn array_view(&mut self, slice: &Expr) -> Option<View> {
        let (array, depth, writes) = match self.hint.clone()? {
            syn::Type::Array(it) => (it, 0, false),
            syn::Type::Reference(it) => match *it.elem {
                syn::Type::Array(array) => (array, 1, it.mutability.is_some()),
                _ => return None,
            },
            _ => return None,
        };
        let slice = match unparen(slice) {
            Expr::Reference(it) => &it.expr,
            other => other,
        };
        let place = match self.viewed(slice) {
            Some(place) => place,
            // Of a vector that is made here: `..collect::<Vec<_>>().try_into().unwrap()`.
            None if depth == 0 && self.is_active(slice) => {
                let hint = self.hint.take();
                let made = self.operand(slice);
                self.hint = hint;
                made.place()?.clone()
            }
            None => return None,
        };
        Some(View {
            place: place.then(Proj::Array(Some(array.len))),
            depth,
            writes,
        })
    }

    /// The place that a view is made of.
    pub(super) fn viewed(&mut self, expr: &Expr) -> Option<Place> {
        let place = self.place(expr)?;
        Some(self.referent(place))
    }

    /// The place behind a name that is a reference.
    pub(super) fn referent(&self, place: Place) -> Place {
        if place.proj.is_empty() && self.is_reference(place.root) {
            place.then(Proj::Deref)
        } else {
            place
        }
    }

    /// The index of an element counted from the end of a slice; its length does not change while it is viewed.
    pub(super) fn end_index(&mut self, place: &Place, back: usize) -> Code {
        let krate = self.options.krate.clone();
        let place = self.plain_place(place);
        let back = syn::Index::from(back);
        let code = self.code_from_lowered(syn::parse_quote!(
            #krate::__private::Elements::ad_count(&#place) - #back
        ));
        self.named(code, "at", Span::call_site())
    }

    /// Code under a name.
    pub(super) fn named(&mut self, code: Code, stem: &str, span: Span) -> Code {
        match self.name(Op::Code(code), false, Fact::Unknown, false, stem, span) {
            Operand::Place(place) => self.code_of(place.root),
            _ => unreachable!("a name is a place"),
        }
    }

    /// A place that stays what it is while a name stands for it: what its indices read may be written meanwhile.
    pub(super) fn frozen(&mut self, mut place: Place, span: Span) -> Place {
        for proj in &mut place.proj {
            match proj {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.freeze(code, span),
                Proj::View(view) => {
                    for code in &mut view.args {
                        self.freeze(code, span);
                    }
                }
                Proj::Field(_)
                | Proj::Part(_)
                | Proj::Deref
                | Proj::Elem(_)
                | Proj::Payload
                | Proj::Variant { .. }
                | Proj::Accessor { .. }
                | Proj::Array(_) => {}
            }
        }
        place
    }

    fn freeze(&mut self, code: &mut Code, span: Span) {
        if !code.reads.iter().any(|it| self.var(*it).mutable) {
            return;
        }
        if let Expr::Range(range) = unparen(&code.expr).clone() {
            let mut range = range;
            for bound in [&mut range.start, &mut range.end].into_iter().flatten() {
                let mut inner = self.code_from_lowered((**bound).clone());
                inner.again = true;
                self.freeze(&mut inner, span);
                **bound = inner.expr;
            }
            let again = code.again;
            *code = self.code_from_lowered(Expr::Range(range));
            code.again = again;
            return;
        }
        *code = self.named(code.clone(), "at", span);
    }

    /// Binds a name to a place.
    pub(super) fn let_view(&mut self, pat: &syn::PatIdent, view: View, span: Span) {
        let View {
            place,
            depth,
            writes,
        } = view;
        let place = self.frozen(place, span);
        let fact = self.place_fact(&place);
        let active = self.var(place.root).active;
        let kind = VarKind::Alias {
            place,
            depth,
            writes,
        };
        let var = self.user_var(pat, kind, active, fact, true);
        self.emit(span, StmtKind::Alias { var });
    }

    /// A name of our own for a place.
    pub(super) fn named_place(&mut self, place: Place, writes: bool, span: Span) -> VarId {
        let place = self.frozen(place, span);
        let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
        let var = self.temp("part", active, fact);
        self.vars[var.0 as usize].kind = VarKind::Alias {
            place,
            depth: 1,
            writes,
        };
        self.vars[var.0 as usize].borrows = true;
        self.emit(span, StmtKind::Alias { var });
        var
    }

    /// The parts of a slice behind `if let Some(..) = xs.split_first_mut()` and the like, and what the forward half
    /// matches on.
    pub(super) fn optional_view(&mut self, expr: &Expr) -> Option<(Code, Vec<Place>)> {
        let Expr::MethodCall(it) = unparen(expr) else {
            return None;
        };
        let name = it.method.to_string();
        let writes = name.ends_with("_mut");
        let stem = name.trim_end_matches("_mut");
        let args: Vec<&Expr> = it.args.iter().collect();
        let known = matches!(
            (stem, args.len()),
            (
                "first" | "last" | "split_first" | "split_last" | "first_chunk" | "last_chunk",
                0
            ) | ("get", 1)
        );
        if !known {
            return None;
        }
        let len = match stem {
            "first_chunk" | "last_chunk" => Some(chunk_len(it)?),
            _ => None,
        };
        let span = it.span();
        let place = self.viewed(&it.receiver)?;
        if !writes && !self.var(self.root(&place)).active {
            return None;
        }
        // The position may ask the slice for its length.
        let at = args.first().map(|at| {
            let mut code = self.index(at);
            if matches!(unparen(at), Expr::Range(_)) {
                self.freeze(&mut code, span);
                code
            } else {
                self.named(code, "at", span)
            }
        });
        let base = self.named_place(place, writes, span);
        let whole = Place::from(base).then(Proj::Deref);
        let ident = self.var(base).ident.clone();
        let method = &it.method;
        let first = || Proj::Index(fixed(syn::parse_quote!(0)));
        let parts = match stem {
            "first_chunk" | "last_chunk" => {
                let len = len?;
                let range: Expr = if stem == "first_chunk" {
                    syn::parse_quote!(..#len)
                } else {
                    let krate = self.options.krate.clone();
                    let plain = self.plain_place(&whole);
                    let code = self.code_from_lowered(syn::parse_quote!(
                        ::core::primitive::usize::saturating_sub(#krate::__private::Elements::ad_count(&#plain), #len)
                    ));
                    let from = self.named(code, "at", span).expr;
                    syn::parse_quote!(#from..)
                };
                let code = Code {
                    again: true,
                    ..self.code_from_lowered(range)
                };
                let turbofish = &it.turbofish;
                let init = self.code_from_lowered(syn::parse_quote!(#ident.#method #turbofish ()));
                let chunk = whole.then(Proj::Index(code)).then(Proj::Array(Some(len)));
                return Some((init, vec![chunk]));
            }
            "first" => vec![first()],
            "split_first" => vec![first(), Proj::Index(fixed(syn::parse_quote!(1..)))],
            "get" => {
                let code = at?;
                let at = &code.expr;
                let init = self.code_from_lowered(syn::parse_quote!(#ident.#method(#at)));
                return Some((init, vec![whole.then(Proj::Index(code))]));
            }
            _ => {
                // Nothing is there if the slice is empty; the position is not read then.
                let krate = self.options.krate.clone();
                let plain = self.plain_place(&whole);
                let code = self.code_from_lowered(syn::parse_quote!(
                    ::core::primitive::usize::wrapping_sub(#krate::__private::Elements::ad_count(&#plain), 1)
                ));
                let at = self.named(code, "at", span);
                let bound = &at.expr;
                let rest = Code {
                    expr: syn::parse_quote!(..#bound),
                    ..at.clone()
                };
                if stem == "last" {
                    vec![Proj::Index(at)]
                } else {
                    vec![Proj::Index(at), Proj::Index(rest)]
                }
            }
        };
        let init = self.code_from_lowered(syn::parse_quote!(#ident.#method()));
        let places = parts.into_iter().map(|it| whole.clone().then(it)).collect();
        Some((init, places))
    }

    /// `let (a, b) = s.split_at_mut(n)` and the like: names for parts that are apart.
    pub(super) fn let_views(&mut self, pat: &Pat, init: &Expr, span: Span) -> bool {
        let (Pat::Tuple(parts), Expr::MethodCall(it)) = (pat, unparen(init)) else {
            return false;
        };
        let unwrapped = match it.method.to_string().as_str() {
            "unwrap" | "expect" => match unparen(&it.receiver) {
                Expr::MethodCall(inner) => inner,
                _ => return false,
            },
            _ => it,
        };
        let name = unwrapped.method.to_string();
        let writes = name.ends_with("_mut");
        let args: Vec<&Expr> = unwrapped.args.iter().collect();
        let known = matches!(
            (name.as_str(), args.len()),
            ("split_at" | "split_at_mut", 1)
                | (
                    "split_first" | "split_first_mut" | "split_last" | "split_last_mut",
                    0
                )
        );
        if !known || parts.elems.len() != 2 {
            return false;
        }
        let Some(place) = self.viewed(&unwrapped.receiver) else {
            return false;
        };
        // The position may ask the slice for its length.
        let at = args.first().map(|at| {
            let code = self.code(at);
            self.named(code, "at", span)
        });
        let base = self.named_place(place, writes, span);
        let whole = Place::from(base).then(Proj::Deref);
        let method = &unwrapped.method;
        let base_ident = self.var(base).ident.clone();
        let (projs, init): ([Proj; 2], Expr) = if let Some(at) = at {
            let expr = at.expr.clone();
            let half = |left| Proj::Half {
                at: at.clone(),
                left,
            };
            (
                [half(true), half(false)],
                syn::parse_quote!(#base_ident.#method(#expr)),
            )
        } else {
            let projs = if name.starts_with("split_first") {
                [
                    Proj::Index(fixed(syn::parse_quote!(0))),
                    Proj::Index(fixed(syn::parse_quote!(1..))),
                ]
            } else {
                let last = self.end_index(&whole, 1);
                let at = &last.expr;
                let rest = Code {
                    expr: syn::parse_quote!(..#at),
                    ..last.clone()
                };
                [Proj::Index(last), Proj::Index(rest)]
            };
            (projs, syn::parse_quote!(#base_ident.#method().unwrap()))
        };
        let mut out = pat.clone();
        let mut vars = Vec::new();
        let mut nested = Vec::new();
        if let Pat::Tuple(tuple) = &mut out {
            for ((part, part_out), proj) in parts.elems.iter().zip(&mut tuple.elems).zip(projs) {
                let place = whole.clone().then(proj);
                match part {
                    Pat::Wild(_) => {}
                    Pat::Ident(it) if it.subpat.is_none() => {
                        let var = self.part(it, place, writes);
                        *part_out = ident_pattern(&self.var(var).ident);
                        vars.push(var);
                    }
                    other => {
                        let var = self.named_part(place, writes);
                        *part_out = ident_pattern(&self.var(var).ident);
                        vars.push(var);
                        nested.push((other.clone(), var));
                    }
                }
            }
        }
        let init = self.code_from_lowered(init);
        self.emit(
            span,
            StmtKind::Views {
                pat: out,
                ty: None,
                init,
                vars,
            },
        );
        for (pat, var) in nested {
            self.bind_pattern_statement(&pat, None, Operand::from(var), span);
        }
        true
    }

    fn part(&mut self, pat: &syn::PatIdent, place: Place, writes: bool) -> VarId {
        let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
        let kind = VarKind::Alias {
            place,
            depth: 1,
            writes,
        };
        self.user_var(pat, kind, active, fact, true)
    }

    fn named_part(&mut self, place: Place, writes: bool) -> VarId {
        let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
        let var = self.temp("part", active, fact);
        self.vars[var.0 as usize].kind = VarKind::Alias {
            place,
            depth: 1,
            writes,
        };
        var
    }

    /// `&mut e` as an operand: the place, or a variable of our own that holds the value.
    pub(super) fn lent_operand(&mut self, it: &syn::ExprReference) -> Operand {
        if let Some(view) = self.view(&Expr::Reference(it.clone())) {
            return view.operand();
        }
        let span = it.span();
        let site = super::site(
            &format!("&mut {}", quote::ToTokens::to_token_stream(it)),
            span,
        );
        let (op, active, fact, ..) = self.op(&it.expr);
        let active = active || self.active.contains(&site);
        let var = self.temp("lent", active, fact);
        self.vars[var.0 as usize].mutable = true;
        self.sites.insert(var, site);
        self.emit(span, StmtKind::Let { var, ty: None, op });
        Operand::Ref {
            place: var.into(),
            mutable: true,
        }
    }
}

/// The type in `<[f64; 3]>::try_from(x)`.
fn tried_from(call: &syn::ExprCall) -> Option<syn::Type> {
    let Expr::Path(path) = unparen(&call.func) else {
        return None;
    };
    let tried = path.path.segments.last()?.ident == "try_from" && call.args.len() == 1;
    tried.then(|| Some((*path.qself.as_ref()?.ty).clone()))?
}

/// The length in `first_chunk::<N>()`.
fn chunk_len(it: &syn::ExprMethodCall) -> Option<Expr> {
    match it.turbofish.as_ref()?.args.first()? {
        syn::GenericArgument::Const(len) => Some(len.clone()),
        syn::GenericArgument::Type(syn::Type::Path(path)) => {
            let path = &path.path;
            Some(syn::parse_quote!(#path))
        }
        _ => None,
    }
}

/// Code that reads nothing.
pub(super) fn fixed(expr: Expr) -> Code {
    Code {
        expr,
        reads: Vec::new(),
        again: true,
    }
}

fn ident_pattern(ident: &proc_macro2::Ident) -> Pat {
    Pat::Ident(syn::PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: ident.clone(),
        subpat: None,
    })
}

/// A method that hands out a view to be written: the method that reads the same part, and whether it is a reference.
fn view_method(name: &str) -> Option<(&'static str, bool)> {
    Some(match name {
        "column_mut" => ("column", false),
        "columns_mut" => ("columns", false),
        "row_mut" => ("row", false),
        "rows_mut" => ("rows", false),
        "view_mut" => ("view", false),
        "fixed_view_mut" => ("fixed_view", false),
        "fixed_rows_mut" => ("fixed_rows", false),
        "fixed_columns_mut" => ("fixed_columns", false),
        "as_mut_slice" => ("as_slice", true),
        _ => return None,
    })
}
