//! Loops, and what they take out of the tape before they begin.

use std::collections::BTreeSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::super::value::{Cx, Half};
use super::super::{Lanes, names};
use super::record::{Frame, Kind, Region};
use super::{Forward, lifetime};
use crate::ir::{Block, Loop, LoopKind, ScopeId, Stmt};

impl Forward<'_> {
    /// Begins a region, if a loop is the outermost one without calls.
    pub(super) fn open_region(&mut self, scope: ScopeId, body: &Block) -> bool {
        let opens = self.region.is_none() && !crate::analysis::has_calls(body);
        if opens {
            let lanes = Lanes::default();
            self.region = Some(Region { scope, lanes });
        }
        opens
    }

    /// Ends a region: how its lanes are taken before the loop and given back after it.
    pub(super) fn close_region(&mut self) -> (TokenStream, TokenStream) {
        let Some(Region { scope, lanes }) = self.region.take() else {
            return (TokenStream::new(), TokenStream::new());
        };
        let around = lanes.around();
        self.regions.insert(scope, lanes);
        around
    }

    /// Declares the counters of the buffers whose elements a region logs.
    pub(super) fn open_logs(&mut self, it: &Loop) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut buffers = BTreeSet::new();
        it.body
            .walk(&mut |stmt| buffers.extend(self.cx.facts.logs.get(&stmt.id)));
        let mut reset = TokenStream::new();
        for buffer in buffers {
            let log = names::log(it.scope, self.cx.ident(buffer));
            let empty = quote!(<#rt::Log as ::core::default::Default>::default());
            self.hoist(&log, empty.clone(), Kind::Data);
            reset.extend(quote!(#log = #empty;));
            if let Some(region) = &mut self.region {
                region.lanes.words = true;
            }
        }
        reset
    }

    /// Saves the element that a statement overwrites, if its buffer is logged.
    pub(super) fn log(&self, stmt: &Stmt, target: &TokenStream) -> Option<TokenStream> {
        let buffer = *self.cx.facts.logs.get(&stmt.id)?;
        let region = self.region.as_ref()?;
        let ident = self.cx.ident(buffer);
        let (rt, words, log) = (&self.cx.rt, names::words(), names::log(region.scope, ident));
        let saves = match self.group {
            Some(scope) => names::logs(scope, ident).to_token_stream(),
            None => {
                let buffer = self.cx.whole(buffer, Half::Forward);
                quote!(#log.begin(&mut #words, &#buffer, 1))
            }
        };
        Some(quote!(
            if #saves {
                #rt::Words::save(::core::clone::Clone::clone(&#target), &mut #words);
            }
        ))
    }

    /// What is asked before an inner loop about the buffers that it logs.
    pub(super) fn begin_group(&self, it: &Loop, turns: &TokenStream) -> TokenStream {
        let Some(region) = &self.region else {
            return TokenStream::new();
        };
        let words = names::words();
        let begin = self.cx.logged(it).into_iter().map(|(buffer, writes)| {
            let ident = self.cx.ident(buffer);
            let (log, logs) = (
                names::log(region.scope, ident),
                names::logs(it.scope, ident),
            );
            let buffer = self.cx.whole(buffer, Half::Forward);
            let writes = quote!(::core::primitive::usize::saturating_mul(#writes, #turns));
            quote!(let #logs = #log.begin(&mut #words, &#buffer, #writes);)
        });
        quote!(#(#begin)*)
    }

    /// Saves what a loop overwrites one element after the other.
    fn ranges(&mut self, it: &Loop) -> TokenStream {
        let cx = self.cx;
        let Some(ranges) = cx.ranges.get(&it.scope) else {
            return TokenStream::new();
        };
        if let Some(region) = &mut self.region {
            region.lanes.words = true;
        }
        let words = names::stack_of_words(self.region.is_some());
        let saves = ranges.iter().map(|range| range.save(cx, &words));
        quote!(#(#saves)*)
    }

    pub(super) fn loop_(&mut self, it: &Loop) -> TokenStream {
        let opens = self.open_region(it.scope, &it.body);
        let logs = if opens {
            self.open_logs(it)
        } else {
            TokenStream::new()
        };
        let trips = it
            .trips
            .filter(|trips| !self.cx.facts.var(*trips).needed.is_empty());
        let mut reset = TokenStream::new();
        let mut count = TokenStream::new();
        if let Some(trips) = trips {
            let trips = self.cx.ident(trips).clone();
            self.hoist(&trips, quote!(0_usize), Kind::Words);
            reset = quote!(#trips = 0;);
            count = quote!(#trips += 1;);
        }
        self.frames.push(Frame {
            scope: Some(it.scope),
            ..Frame::default()
        });
        let exits = self.cx.facts.exits.contains_key(&it.scope);
        if exits {
            self.hoist(
                &names::exit(it.scope),
                quote!(::core::primitive::u32::MAX),
                Kind::Words,
            );
        }
        let mut group = TokenStream::new();
        if let Some(turns) = self.cx.turns_of_group(it, Half::Forward) {
            group = self.begin_group(it, &turns);
            self.group = Some(it.scope);
        }
        let ranges = self.ranges(it);
        let stmts = self.turns(it);
        self.group = None;
        let (hoisted, push) = self.finish_frame(it.scope, Cx::few_turns(it));
        let body = quote!(#count #hoisted #stmts #push);
        let body = fill(body, &names::push(it.scope), &push);
        let tokens = self.around(it, &body);
        let (tokens, take, give) = if opens {
            let (take, give) = self.close_region();
            let tokens = fill(tokens, &names::give(it.scope), &give);
            (tokens, take, give)
        } else {
            (tokens, TokenStream::new(), TokenStream::new())
        };
        let statement = self.with_result(tokens, it.result);
        if self.few.contains(&it.scope) {
            let [_, at] = names::turns(it.scope);
            reset.extend(quote!(let mut #at = 0_usize;));
        }
        quote!(#reset #logs #take #group #ranges #statement #give)
    }

    /// The body of a loop, and what its end stores.
    fn turns(&mut self, it: &Loop) -> TokenStream {
        let outer = core::mem::replace(&mut self.root, true);
        self.opened.insert(it.scope, self.flushes.len());
        self.flushes.push(Vec::new());
        let mut stmts = TokenStream::new();
        if let LoopKind::Iter { vars, .. } = &it.kind {
            for var in vars {
                stmts.extend(self.after_definition(*var));
            }
        }
        for stmt in &it.body.stmts {
            stmts.extend(self.stmt(stmt));
        }
        let after = self.flush_list();
        self.root = outer;
        quote!(#stmts #after)
    }

    /// A loop around its body.
    pub(in crate::emit) fn around(&self, it: &Loop, body: &TokenStream) -> TokenStream {
        let label = lifetime(&it.label);
        match &it.kind {
            LoopKind::Count { index, count } => {
                let (index, count) = (self.cx.ident(*index), self.cx.ident(*count));
                quote!(#label: for #index in 0..#count { #body })
            }
            LoopKind::Iter { pat, iter, .. } => {
                let expr = &iter.expr;
                // What is read again later is not consumed.
                let stays = matches!(expr, syn::Expr::Path(_))
                    && iter.reads.first().is_some_and(|it| self.stays(*it));
                let iter = if stays {
                    quote!(::core::clone::Clone::clone(&#expr))
                } else {
                    quote!(#expr)
                };
                quote!(#label: for #pat in #iter { #body })
            }
            LoopKind::While(cond) => {
                let cond = &cond.expr;
                quote!(#label: while #cond { #body })
            }
            LoopKind::Forever => quote!(#label: loop { #body }),
        }
    }

    /// One turn of a loop that is run back right after it has been run: what its record would save stays in variables.
    pub(in crate::emit) fn turn(&mut self, it: &Loop) -> Turn {
        let opens = self.open_region(it.scope, &it.body);
        let logs = if opens {
            self.open_logs(it)
        } else {
            TokenStream::new()
        };
        self.frames.push(Frame {
            scope: Some(it.scope),
            ..Frame::default()
        });
        let exits = self.cx.facts.exits.contains_key(&it.scope);
        if exits {
            self.hoist(
                &names::exit(it.scope),
                quote!(::core::primitive::u32::MAX),
                Kind::Words,
            );
        }
        let turns = self.turns(it);
        let stmts = quote!(#logs #turns);
        let frame = self.frames.pop().unwrap_or_default();
        let (hoisted, record) = (&frame.hoisted, &frame.record);
        let items = record.tuple(|it| quote!(mut #it));
        let values = record.tuple(|it| self.record_value(it));
        let stmts = quote!(#hoisted #stmts);
        let tokens = if exits {
            // What goes on with the next turn goes on with the reverse of this one.
            let block = lifetime(&names::turn(it.scope));
            let leave = quote!(break #block #values;);
            let stmts = fill(stmts, &names::push(it.scope), &leave);
            quote!(let #items = #block: { #stmts #values };)
        } else if record.is_empty() {
            stmts
        } else {
            quote!(#stmts let #items = #values;)
        };
        let (take, give) = if opens {
            self.close_region()
        } else {
            (TokenStream::new(), TokenStream::new())
        };
        Turn { tokens, take, give }
    }
}

/// One turn of a loop, and what is taken out of the tape for all of them.
pub(in crate::emit) struct Turn {
    pub(in crate::emit) tokens: TokenStream,
    pub(in crate::emit) take: TokenStream,
    pub(in crate::emit) give: TokenStream,
}

/// Puts the push of a record where `marker!();` stands.
pub(super) fn fill(tokens: TokenStream, marker: &Ident, push: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut iter = tokens.into_iter().peekable();
    while let Some(token) = iter.next() {
        match token {
            TokenTree::Ident(ident) if ident == *marker => {
                // `!` `()` `;`
                for _ in 0..3 {
                    iter.next();
                }
                out.extend(push.clone());
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), fill(group.stream(), marker, push));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}
