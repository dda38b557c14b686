//! Iterator chains: a chain over active values becomes a loop over positions.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure};

use super::{Lower, TargetKind, unparen};
use crate::arguments::visit_arguments;
use crate::ir::{
    Block, Code, Exit, ExitKind, Fact, Op, Operand, Place, Proj, StmtKind, VarId, VarKind,
};

/// A closure that calls another one twice, and so on, grows exponentially.
const INLINED_BODIES: usize = 512;

/// A sequence whose items are reached by position.
#[derive(Clone)]
pub(super) enum Seq {
    /// The elements of a place: by value, by reference, by a reference that may be written through.
    Elements {
        place: Place,
        reference: bool,
        writes: bool,
    },
    /// Parts of a slice.
    Chunks {
        place: Place,
        size: Code,
        kind: Chunks,
        writes: bool,
    },
    /// The rows or the columns of a matrix.
    Lines {
        place: Place,
        columns: bool,
        writes: bool,
    },
    /// `from..to`, `from..=to`
    Range {
        range: Expr,
    },
    Zip(Box<Seq>, Box<Seq>),
    Enumerate(Box<Seq>),
    Rev(Box<Seq>),
    Skip(Box<Seq>, Code),
    Take(Box<Seq>, Code),
    StepBy(Box<Seq>, Code),
    /// `copied()`, `cloned()`
    Copied(Box<Seq>),
    Map(Box<Seq>, Func),
    /// Items for which the predicate holds; the others continue with the next position.
    Filter(Box<Seq>, Func),
    /// Payloads of `Some`; `None` continues with the next position.
    FilterMap(Box<Seq>, Func),
    /// Items up to the first for which the predicate does not hold.
    TakeWhile(Box<Seq>, Func),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    /// `chunks(n)`: the last one may be shorter.
    Any,
    /// `chunks_exact(n)`
    Exact,
    /// `windows(n)`
    Windows,
}

/// A closure or the path of a function, as an argument of an adaptor.
#[derive(Clone)]
pub(super) enum Func {
    Closure(ExprClosure),
    Path(Expr),
}

/// The item at one position.
pub(super) enum Item {
    /// An element of a container, behind so many references.
    Element {
        place: Place,
        depth: u8,
        writes: bool,
    },
    Value(Operand),
    Tuple(Vec<Item>),
    Ref(Box<Item>),
}

impl Lower<'_> {
    /// Is this method call a chain of iterator adaptors?
    pub(super) fn is_iterator(expr: &Expr) -> bool {
        match unparen(expr) {
            Expr::MethodCall(it) => match it.method.to_string().as_str() {
                "iter" | "into_iter" | "iter_mut" | "column_iter" | "column_iter_mut"
                | "row_iter" | "row_iter_mut" | "chunks" | "chunks_mut" | "chunks_exact"
                | "chunks_exact_mut" | "windows" | "rchunks" => true,
                "enumerate" | "zip" | "map" | "filter" | "filter_map" | "take_while" | "rev"
                | "skip" | "take" | "step_by" | "copied" | "cloned" | "chain" | "flatten"
                | "flat_map" => Self::is_iterator(&it.receiver),
                _ => false,
            },
            Expr::Range(_) => true,
            Expr::Call(it) => once(it).is_some(),
            _ => false,
        }
    }

    /// The sequence that an expression iterates over.
    pub(super) fn sequence(&mut self, expr: &Expr) -> Option<Seq> {
        match expr {
            Expr::Paren(it) => return self.sequence(&it.expr),
            Expr::Group(it) => return self.sequence(&it.expr),
            Expr::Range(it) => {
                if let (Some(from), Some(to)) = (&it.start, &it.end) {
                    let (from, to) = (self.named_code(from).expr, self.named_code(to).expr);
                    let limits = &it.limits;
                    return Some(Seq::Range {
                        range: syn::parse_quote!((#from #limits #to)),
                    });
                }
                self.cx.error(
                    it.span(),
                    "an iterator over an open range has no end; write both bounds",
                );
                return None;
            }
            Expr::Reference(it) if it.mutability.is_none() => {
                return self.shared_elements(&it.expr);
            }
            Expr::Call(it) if let Some(item) = once(it) => {
                return self.by_value(&syn::parse_quote!([#item]));
            }
            Expr::Reference(it) => {
                let place = self.element_place(&it.expr)?;
                return Some(Seq::Elements {
                    place,
                    reference: true,
                    writes: true,
                });
            }
            Expr::MethodCall(it) => {
                let name = it.method.to_string();
                let args: Vec<&Expr> = it.args.iter().collect();
                return Some(match (name.as_str(), args.as_slice()) {
                    ("iter", []) => return self.shared_elements(&it.receiver),
                    ("iter_mut", []) => {
                        let place = self.element_place(&it.receiver)?;
                        Seq::Elements {
                            place,
                            reference: true,
                            writes: true,
                        }
                    }
                    (
                        "chunks" | "chunks_mut" | "chunks_exact" | "chunks_exact_mut" | "windows",
                        [size],
                    ) => {
                        let place = self.element_place(&it.receiver)?;
                        let kind = match name.as_str() {
                            "chunks" | "chunks_mut" => Chunks::Any,
                            "windows" => Chunks::Windows,
                            _ => Chunks::Exact,
                        };
                        Seq::Chunks {
                            place,
                            size: self.named_code(size),
                            kind,
                            writes: name.ends_with("_mut"),
                        }
                    }
                    ("column_iter" | "column_iter_mut" | "row_iter" | "row_iter_mut", []) => {
                        Seq::Lines {
                            place: self.element_place(&it.receiver)?,
                            columns: name.starts_with("column"),
                            writes: name.ends_with("_mut"),
                        }
                    }
                    ("into_iter", []) if Self::is_iterator(&it.receiver) => {
                        self.sequence(&it.receiver)?
                    }
                    ("into_iter", []) => return self.by_value(&it.receiver),
                    ("enumerate", []) => {
                        let inner = self.sequence(&it.receiver)?;
                        if inner.filtered() {
                            return self.unsupported_adaptor(it, "count the items in a `for` loop");
                        }
                        Seq::Enumerate(Box::new(inner))
                    }
                    ("zip", [other]) => {
                        let left = self.sequence(&it.receiver)?;
                        let right = self.sequence(other)?;
                        if left.filtered() || right.filtered() {
                            return self.unsupported_adaptor(it, "zip first and filter the pairs");
                        }
                        Seq::Zip(Box::new(left), Box::new(right))
                    }
                    ("rev", []) => Seq::Rev(Box::new(self.sequence(&it.receiver)?)),
                    ("copied" | "cloned", []) => {
                        Seq::Copied(Box::new(self.sequence(&it.receiver)?))
                    }
                    ("skip", [n]) => {
                        let inner = self.sequence(&it.receiver)?;
                        if inner.filtered() {
                            return self
                                .unsupported_adaptor(it, "write a `for` loop with a counter");
                        }
                        Seq::Skip(Box::new(inner), self.named_code(n))
                    }
                    ("take", [n]) => {
                        let inner = self.sequence(&it.receiver)?;
                        if inner.filtered() {
                            return self
                                .unsupported_adaptor(it, "write a `for` loop with a counter");
                        }
                        Seq::Take(Box::new(inner), self.named_code(n))
                    }
                    ("step_by", [n]) => {
                        let inner = self.sequence(&it.receiver)?;
                        if inner.filtered() {
                            return self
                                .unsupported_adaptor(it, "write a `for` loop with a counter");
                        }
                        Seq::StepBy(Box::new(inner), self.named_code(n))
                    }
                    ("map", [f]) => Seq::Map(Box::new(self.sequence(&it.receiver)?), function(f)),
                    ("filter", [f]) => {
                        Seq::Filter(Box::new(self.sequence(&it.receiver)?), function(f))
                    }
                    ("filter_map", [f]) => {
                        Seq::FilterMap(Box::new(self.sequence(&it.receiver)?), function(f))
                    }
                    ("take_while", [f]) => {
                        Seq::TakeWhile(Box::new(self.sequence(&it.receiver)?), function(f))
                    }
                    _ => {
                        if Self::is_iterator(expr) || Self::is_iterator(&it.receiver) {
                            return self.unsupported_adaptor(it, "write a `for` loop");
                        }
                        return self.by_value(expr);
                    }
                });
            }
            _ => {}
        }
        self.by_value(expr)
    }

    fn unsupported_adaptor(&mut self, it: &syn::ExprMethodCall, instead: &str) -> Option<Seq> {
        self.cx.error(
            it.method.span(),
            format!(
                "`.{}()` of an iterator over active values is not supported here; {instead}",
                it.method
            ),
        );
        None
    }

    /// Elements by reference.
    pub(super) fn shared_elements(&mut self, expr: &Expr) -> Option<Seq> {
        let place = self.element_place(expr)?;
        Some(Seq::Elements {
            place,
            reference: true,
            writes: false,
        })
    }

    /// `for x in xs`: references if `xs` is a reference, values otherwise.
    fn by_value(&mut self, expr: &Expr) -> Option<Seq> {
        let mut place = match self.operand(expr) {
            Operand::Ref { place, mutable } => {
                let place = self.frozen(place, expr.span());
                return Some(Seq::Elements {
                    place,
                    reference: true,
                    writes: mutable,
                });
            }
            Operand::Place(place) => place,
            _ => self.element_place(expr)?,
        };
        let reference = place.proj.is_empty() && self.is_reference(place.root);
        let writes = reference && self.var(place.root).writes_through();
        if writes {
            place = self.referent(place);
        }
        if !reference && self.var(self.root(&place)).mutable {
            // The iterator owns a copy: the loop may write the variable.
            let Operand::Place(place) = self.settle(Operand::Place(place), expr.span()) else {
                return None;
            };
            return Some(Seq::Elements {
                place,
                reference,
                writes,
            });
        }
        Some(Seq::Elements {
            place,
            reference,
            writes,
        })
    }

    pub(super) fn is_reference(&self, var: VarId) -> bool {
        match &self.var(var).kind {
            VarKind::Param { by, .. } => *by != crate::ir::By::Value,
            VarKind::Alias { depth, .. } => *depth > 0,
            VarKind::Local | VarKind::Index | VarKind::Counter => self.var(var).reference,
        }
    }

    pub(super) fn element_place(&mut self, expr: &Expr) -> Option<Place> {
        match self.operand(expr) {
            Operand::Place(place) | Operand::Ref { place, .. } => {
                let place = self.referent(place);
                Some(self.frozen(place, expr.span()))
            }
            Operand::Code(code) => {
                let borrows = matches!(unparen(&code.expr), Expr::Reference(_));
                let operand = self.name(
                    Op::Code(code),
                    false,
                    Fact::Unknown,
                    borrows,
                    "items",
                    expr.span(),
                );
                operand.place().cloned()
            }
            _ => {
                self.cx.error(
                    expr.span(),
                    "a differentiated loop cannot walk over this; bind it to a variable first",
                );
                None
            }
        }
    }

    /// An inactive expression that is evaluated once, before the loop.
    pub(super) fn named_code(&mut self, expr: &Expr) -> Code {
        let code = self.code(expr);
        if matches!(unparen(&code.expr), Expr::Lit(_)) {
            return code;
        }
        let operand = self.name(
            Op::Code(code),
            false,
            Fact::Unknown,
            false,
            "bound",
            expr.span(),
        );
        match operand {
            Operand::Place(place) => self.code_of(place.root),
            _ => unreachable!("a name is a place"),
        }
    }

    // === counts and items ===

    pub(super) fn sequence_count(&mut self, seq: &Seq, span: Span) -> VarId {
        let code = self.count_code(seq);
        let code = self.code_from_lowered(code);
        let code = Code {
            again: false,
            ..code
        };
        let operand = self.name(Op::Code(code), false, Fact::Unknown, false, "count", span);
        match operand {
            Operand::Place(place) => place.root,
            _ => unreachable!("a name is a place"),
        }
    }

    fn count_code(&mut self, seq: &Seq) -> Expr {
        let krate = self.options.krate.clone();
        match seq {
            Seq::Elements { place, .. } => {
                let place = self.plain(Operand::Ref {
                    place: place.clone(),
                    mutable: false,
                });
                syn::parse_quote!(#krate::__private::Elements::ad_count(#place))
            }
            Seq::Chunks {
                place, size, kind, ..
            } => {
                let place = self.plain_place(place);
                let size = &size.expr;
                let count: Expr = syn::parse_quote!(#krate::__private::Elements::ad_count(&#place));
                match kind {
                    Chunks::Any => {
                        syn::parse_quote!(::core::primitive::usize::div_ceil(#count, #size))
                    }
                    Chunks::Exact => syn::parse_quote!((#count / #size)),
                    Chunks::Windows => {
                        syn::parse_quote!(#krate::__private::windows(#count, #size))
                    }
                }
            }
            Seq::Lines { place, columns, .. } => {
                let place = self.plain_place(place);
                if *columns {
                    syn::parse_quote!(#place.ncols())
                } else {
                    syn::parse_quote!(#place.nrows())
                }
            }
            Seq::Range { range } => syn::parse_quote!(::core::iter::Iterator::count(#range)),
            Seq::Zip(left, right) => {
                let (left, right) = (self.count_code(left), self.count_code(right));
                syn::parse_quote!(::core::cmp::Ord::min(#left, #right))
            }
            Seq::Skip(inner, n) => {
                let (inner, n) = (self.count_code(inner), &n.expr);
                syn::parse_quote!(::core::primitive::usize::saturating_sub(#inner, #n))
            }
            Seq::Take(inner, n) => {
                let (inner, n) = (self.count_code(inner), &n.expr);
                syn::parse_quote!(::core::cmp::Ord::min(#inner, #n))
            }
            Seq::StepBy(inner, n) => {
                let (inner, n) = (self.count_code(inner), &n.expr);
                syn::parse_quote!(::core::primitive::usize::div_ceil(#inner, #n))
            }
            Seq::Enumerate(inner)
            | Seq::Rev(inner)
            | Seq::Copied(inner)
            | Seq::Map(inner, _)
            | Seq::Filter(inner, _)
            | Seq::FilterMap(inner, _)
            | Seq::TakeWhile(inner, _) => self.count_code(inner),
        }
    }

    /// The item at position `at`, in a loop over `count` positions.
    pub(super) fn sequence_item(&mut self, seq: Seq, at: VarId, span: Span) -> Item {
        match seq {
            Seq::Elements {
                place,
                reference,
                writes,
            } => Item::Element {
                place: place.then(Proj::Elem(at)),
                depth: u8::from(reference),
                writes,
            },
            Seq::Chunks {
                place,
                size,
                kind,
                writes,
            } => {
                let (krate, size) = (self.options.krate.clone(), size.expr);
                let at = self.var(at).ident.clone();
                let whole = self.plain_place(&place);
                let bounds: [Expr; 2] = match kind {
                    Chunks::Exact => [
                        syn::parse_quote!(#at * #size),
                        syn::parse_quote!((#at + 1) * #size),
                    ],
                    Chunks::Windows => [syn::parse_quote!(#at), syn::parse_quote!(#at + #size)],
                    Chunks::Any => [
                        syn::parse_quote!(#at * #size),
                        syn::parse_quote!(::core::cmp::Ord::min(
                            (#at + 1) * #size,
                            #krate::__private::Elements::ad_count(&#whole)
                        )),
                    ],
                };
                let [from, to] = bounds.map(|bound| {
                    let code = self.position(bound, span);
                    self.var(code).ident.clone()
                });
                let mut range = self.code_from_lowered(syn::parse_quote!(#from..#to));
                range.again = true;
                Item::Element {
                    place: place.then(Proj::Index(range)),
                    depth: 1,
                    writes,
                }
            }
            Seq::Lines {
                place,
                columns,
                writes,
            } => {
                let name = if columns { "column" } else { "row" };
                let view = crate::ir::View {
                    name: proc_macro2::Ident::new(name, span),
                    turbofish: None,
                    args: vec![self.code_of(at)],
                    reference: false,
                };
                Item::Element {
                    place: place.then(Proj::View(view)),
                    depth: 0,
                    writes,
                }
            }
            Seq::Range { range } => {
                let krate = self.options.krate.clone();
                let at = self.var(at).ident.clone();
                let expr = syn::parse_quote!(#krate::__private::position(#range, #at));
                let code = self.code_from_lowered(expr);
                Item::Value(Operand::Code(Code {
                    again: true,
                    ..code
                }))
            }
            Seq::Zip(left, right) => Item::Tuple(vec![
                self.sequence_item(*left, at, span),
                self.sequence_item(*right, at, span),
            ]),
            Seq::Enumerate(inner) => {
                let item = self.sequence_item(*inner, at, span);
                Item::Tuple(vec![Item::Value(Operand::Code(self.code_of(at))), item])
            }
            Seq::Rev(inner) => {
                let inner_count = self.sequence_count(&inner, span);
                let (n, k) = (
                    self.var(inner_count).ident.clone(),
                    self.var(at).ident.clone(),
                );
                let at = self.position(syn::parse_quote!(#n - 1 - #k), span);
                self.sequence_item(*inner, at, span)
            }
            Seq::Skip(inner, n) => {
                let (n, k) = (&n.expr, self.var(at).ident.clone());
                let at = self.position(syn::parse_quote!(#k + #n), span);
                self.sequence_item(*inner, at, span)
            }
            Seq::StepBy(inner, n) => {
                let (n, k) = (&n.expr, self.var(at).ident.clone());
                let at = self.position(syn::parse_quote!(#k * #n), span);
                self.sequence_item(*inner, at, span)
            }
            Seq::Take(inner, _) => self.sequence_item(*inner, at, span),
            Seq::Copied(inner) => match self.sequence_item(*inner, at, span) {
                Item::Element { place, depth, .. } => Item::Element {
                    place,
                    depth: depth.saturating_sub(1),
                    writes: false,
                },
                Item::Ref(item) => *item,
                other => other,
            },
            Seq::Map(inner, f) => {
                let item = self.sequence_item(*inner, at, span);
                Item::Value(self.apply(&f, vec![item], span))
            }
            Seq::Filter(inner, f) => {
                let item = self.sequence_item(*inner, at, span);
                let (item, seen) = self.share(item, span);
                let keep = self.apply(&f, vec![Item::Ref(Box::new(seen))], span);
                let keep = self.plain(keep);
                self.leave_unless(keep, ExitKind::Continue, span);
                item
            }
            Seq::TakeWhile(inner, f) => {
                let item = self.sequence_item(*inner, at, span);
                let (item, seen) = self.share(item, span);
                let keep = self.apply(&f, vec![Item::Ref(Box::new(seen))], span);
                let keep = self.plain(keep);
                self.leave_unless(keep, ExitKind::Break, span);
                item
            }
            Seq::FilterMap(inner, f) => {
                let item = self.sequence_item(*inner, at, span);
                let made = self.apply(&f, vec![item], span);
                let made = match made {
                    Operand::Place(place) => place,
                    other => match self.settle(other, span) {
                        Operand::Place(place) => place,
                        other => return Item::Value(other),
                    },
                };
                let plain = self.plain_place(&made);
                self.leave_unless(
                    syn::parse_quote!(#plain.is_some()),
                    ExitKind::Continue,
                    span,
                );
                Item::Value(Operand::Place(made.then(Proj::Payload)))
            }
        }
    }

    /// Leaves the innermost loop, or the present turn of it, unless `cond` holds.
    fn leave_unless(&mut self, cond: Expr, kind: ExitKind, span: Span) {
        let mut cond = self.code_from_lowered(cond);
        cond.again = false;
        let Some(target) = self
            .targets
            .iter()
            .rposition(|it| it.kind == TargetKind::Loop)
        else {
            return;
        };
        let leaves: Vec<_> = self.targets[target..]
            .iter()
            .rev()
            .map(|it| it.scope)
            .collect();
        let label = self.targets[target].label.clone();
        let id = self.exits;
        self.exits += 1;
        let exit = Exit {
            id,
            kind,
            label,
            leaves,
            value: None,
        };
        let taken = self.counter("taken");
        let stmt = crate::ir::Stmt {
            id: 0,
            kind: StmtKind::Exit(exit),
            span,
        };
        let otherwise = Block {
            id: 0,
            stmts: vec![stmt],
            result: None,
        };
        self.emit(
            span,
            StmtKind::If {
                cond,
                taken,
                then: Block::default(),
                otherwise,
                result: None,
            },
        );
    }

    fn position(&mut self, expr: Expr, span: Span) -> VarId {
        let mut code = self.code_from_lowered(expr);
        code.again = true;
        match self.name(Op::Code(code), false, Fact::Unknown, false, "at", span) {
            Operand::Place(place) => place.root,
            _ => unreachable!("a name is a place"),
        }
    }

    /// An item used twice: values are named first.
    fn share(&mut self, item: Item, span: Span) -> (Item, Item) {
        match item {
            Item::Element {
                place,
                depth,
                writes,
            } => (
                Item::Element {
                    place: place.clone(),
                    depth,
                    writes,
                },
                Item::Element {
                    place,
                    depth,
                    writes: false,
                },
            ),
            Item::Value(operand) => {
                let operand = self.settle(operand, span);
                (Item::Value(operand.clone()), Item::Value(operand))
            }
            Item::Tuple(items) => {
                let (left, right) = items.into_iter().map(|it| self.share(it, span)).unzip();
                (Item::Tuple(left), Item::Tuple(right))
            }
            Item::Ref(item) => {
                let (left, right) = self.share(*item, span);
                (Item::Ref(Box::new(left)), Item::Ref(Box::new(right)))
            }
        }
    }

    // === closures ===

    /// Applies a closure or a named function to items, inlined.
    pub(super) fn apply(&mut self, f: &Func, items: Vec<Item>, span: Span) -> Operand {
        match f {
            Func::Closure(closure) => {
                let names = self.names.clone();
                let operand = self.inline(closure, items, span);
                self.names = names;
                operand
            }
            Func::Path(path) => {
                if let Some(closure) = self.local_closure(path) {
                    let outer = core::mem::replace(&mut self.names, closure.names.clone());
                    let operand = self.inline(&closure.expr, items, span);
                    self.names = outer;
                    return operand;
                }
                // `map(f64::sqrt)` ⇒ `map(|x| f64::sqrt(x))`
                let mut args: Vec<Expr> = Vec::new();
                let names = self.names.clone();
                for item in items {
                    let ident = self.namer.fresh("item");
                    let pat: syn::Pat = syn::parse_quote!(#ident);
                    self.bind_item(&pat, item);
                    args.push(syn::parse_quote!(#ident));
                }
                let call: Expr = syn::parse_quote!(#path(#(#args),*));
                let operand = self.operand(&call);
                self.names = names;
                operand
            }
        }
    }

    /// The body of a closure with its parameters bound; a `return` in it leaves a block.
    pub(super) fn inline(
        &mut self,
        closure: &ExprClosure,
        items: Vec<Item>,
        span: Span,
    ) -> Operand {
        if closure.inputs.len() != items.len() {
            self.cx.error(
                span,
                "this closure does not take as many arguments as it is given",
            );
            return Operand::Never;
        }
        self.inlined += 1;
        if self.inlined > INLINED_BODIES {
            self.cx.error(
                span,
                format!("closures are expanded more than {INLINED_BODIES} times here; write a function with `#[differentiate]`"),
            );
            return Operand::Never;
        }
        if self.targets.len() > 64 {
            self.cx.error(span, "closures are nested or call each other too deeply; write a function with `#[differentiate]`");
            return Operand::Never;
        }
        for (pat, item) in closure.inputs.iter().zip(items) {
            self.bind_item(pat, item);
        }
        if contains_return(&closure.body) {
            let label = self.namer.fresh("closure");
            let body = (*closure.body).clone();
            return self.scope_block(None, label, TargetKind::Closure, true, span, |this| {
                this.expr_block(&body, true)
            });
        }
        let result = self.operand(&closure.body);
        match &result {
            // The body may write what it returns when it is called again.
            Operand::Place(place) if self.var(place.root).mutable => self.settle(result, span),
            _ => result,
        }
    }

    // === consumers ===
}

impl Seq {
    pub(super) fn filtered(&self) -> bool {
        match self {
            Seq::Filter(..) | Seq::FilterMap(..) | Seq::TakeWhile(..) => true,
            Seq::Elements { .. } | Seq::Range { .. } | Seq::Chunks { .. } | Seq::Lines { .. } => {
                false
            }
            Seq::Zip(left, right) => left.filtered() || right.filtered(),
            Seq::Enumerate(it)
            | Seq::Rev(it)
            | Seq::Skip(it, _)
            | Seq::Take(it, _)
            | Seq::StepBy(it, _)
            | Seq::Copied(it)
            | Seq::Map(it, _) => it.filtered(),
        }
    }
}

/// The item of `std::iter::once(item)`, `iter::once(item)`.
fn once(it: &syn::ExprCall) -> Option<&Expr> {
    let Expr::Path(path) = unparen(&it.func) else {
        return None;
    };
    let mut path = path.path.segments.iter().rev();
    let known = path.next()?.ident == "once" && path.next()?.ident == "iter";
    it.args.first().filter(|_| known && it.args.len() == 1)
}

pub(super) fn function(expr: &Expr) -> Func {
    match unparen(expr) {
        Expr::Closure(it) => Func::Closure(it.clone()),
        path @ Expr::Path(_) => Func::Path(path.clone()),
        // `f as fn(f64) -> f64` is called in parentheses.
        other => Func::Path(syn::parse_quote_spanned!(other.span()=> (#other))),
    }
}

pub(super) fn contains_return(expr: &Expr) -> bool {
    let mut find = Returns(false);
    syn::visit::Visit::visit_expr(&mut find, expr);
    find.0
}

/// Does the body of a function return early?
pub(super) fn contains_return_in(block: &syn::Block) -> bool {
    let mut find = Returns(false);
    syn::visit::Visit::visit_block(&mut find, block);
    find.0
}

struct Returns(bool);

impl<'ast> syn::visit::Visit<'ast> for Returns {
    fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
        self.0 = true;
    }
    fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
        self.0 = true;
    }
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    visit_arguments!();
}
