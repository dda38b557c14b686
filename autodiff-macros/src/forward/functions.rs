//! The tangent program of a whole function: its parameters, its result, and that of one with a pullback by hand.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{ItemFn, Path, parse_quote, parse_quote_spanned};

use super::{Forward, index, mentions, numbers};
use crate::ir::{
    Aggregate, Block, By, Call, Callee, Fact, Func, Op, Operand, Param, Place, ScopeId, StmtKind,
    VarId, VarKind,
};
use crate::options::Options;

impl Forward<'_> {
    pub(super) fn function(&mut self) -> Func {
        let func = self.func;
        let span = func.name.span();
        let params = self.params();
        for param in &func.params {
            // A parameter without derivative that takes an active value later.
            if !param.active
                && let Some(twin) = self.twin_of(param.var)
            {
                self.vars[index(twin)].kind = VarKind::Local;
                let zero = self.zero_like(param.var);
                self.emit(
                    span,
                    StmtKind::Let {
                        var: twin,
                        ty: None,
                        op: zero,
                    },
                );
            }
        }
        let result = self.temp("result", true, Fact::Unknown);
        // Exactly the variables that are accumulated into are mutable.
        self.vars[index(result)].mutable = true;
        if !tries(func) {
            self.result = Some(result);
            let block = self.block(&func.body, None);
            return self.finished(params, result, func.scope, func.label.clone(), block);
        }
        // `?` hands out a value of the function's own type, so the pair is made after all ways out.
        let dot = self.twin_of(func.result);
        let dot = dot.unwrap_or_else(|| self.temp("dot_value", true, Fact::Unknown));
        self.vars[index(dot)].mutable = false;
        self.emit(span, StmtKind::Declare { var: dot, ty: None });
        let body = self.block(&func.body, Some(dot));
        self.emit(
            span,
            StmtKind::Scope {
                label: func.label.clone(),
                scope: func.scope,
                body,
                result: Some(func.result),
            },
        );
        let pair = self.pair(Operand::from(func.result), Operand::from(dot), span);
        self.program(params, result, pair)
    }

    pub(super) fn pair(&mut self, value: Operand, tangent: Operand, span: Span) -> VarId {
        let pair = Op::Aggregate(Aggregate::Tuple, vec![value, tangent]);
        self.name("pair", pair, true, Fact::Unknown, span)
    }

    pub(super) fn program(&mut self, params: Vec<Param>, result: VarId, value: VarId) -> Func {
        let block = Block {
            id: 0,
            stmts: core::mem::take(&mut self.stmts),
            result: Some(Operand::from(value)),
        };
        let label = self.fresh("program");
        // No scope of the function has this number.
        self.finished(params, result, ScopeId(u32::MAX), label, block)
    }

    pub(super) fn finished(
        &mut self,
        params: Vec<Param>,
        result: VarId,
        scope: ScopeId,
        label: Ident,
        mut body: Block,
    ) -> Func {
        let mut stmts = core::mem::take(&mut self.stmts);
        stmts.append(&mut body.stmts);
        body.stmts = stmts;
        body.number(&mut 0, &mut 0);
        Func {
            name: self.func.name.clone(),
            params,
            vars: core::mem::take(&mut self.vars),
            members: self.func.members.clone(),
            label,
            scope,
            result,
            body,
            self_recursive: self.func.self_recursive,
            level: self.func.level + 1,
        }
    }

    /// The parameters of the tangent program.
    pub(super) fn params(&mut self) -> Vec<Param> {
        let func = self.func;
        let mut params = func.params.clone();
        for param in &func.params {
            let twin = self.twin_of(param.var).filter(|_| param.active);
            let reference = param.by != By::Value;
            let rt = &self.rt;
            let (ty, by) = match &param.ty {
                _ if twin.is_none() && reference => (parse_quote!(&()), By::Ref),
                _ if twin.is_none() => (parse_quote!(()), By::Value),
                ty => {
                    let ty = crate::lower::peel(ty);
                    let place: syn::Type = match ty {
                        syn::Type::Slice(it) => {
                            let item = &it.elem;
                            parse_quote_spanned!(ty.span()=> [#rt::Gradient<#item>])
                        }
                        _ if param.by == By::Ref => {
                            parse_quote_spanned!(ty.span()=> #rt::Shadow<#ty>)
                        }
                        _ => parse_quote_spanned!(ty.span()=> #rt::Gradient<#ty>),
                    };
                    let ty = match param.by {
                        By::Value => place,
                        By::Ref => parse_quote!(&#place),
                        By::Mut => parse_quote!(&mut #place),
                    };
                    (ty, param.by)
                }
            };
            let var = twin.unwrap_or_else(|| {
                let var = self.temp("unused", false, Fact::Unknown);
                self.vars[index(var)].kind = VarKind::Param { by };
                var
            });
            params.push(Param {
                var,
                ty,
                by,
                active: twin.is_some(),
                no_diff: false,
                numeric: param.numeric,
                tangent_of: Some(param.var),
            });
        }
        params
    }

    /// The parameters of the tangent program, without a body.
    pub(super) fn without_body(&mut self) -> Func {
        let params = self.params();
        let result = self.temp("result", true, Fact::Unknown);
        let label = self.fresh("program");
        self.finished(params, result, ScopeId(u32::MAX), label, Block::default())
    }

    /// The tangent program of a function whose pullback is written by hand: a generic function runs over dual numbers,
    /// any other is pulled back once for each component of its value.
    pub(super) fn by_hand(
        &mut self,
        options: &Options,
        function: &ItemFn,
        pullback: &Path,
    ) -> Func {
        let func = self.func;
        let span = func.name.span();
        let params = self.params();
        let result = self.temp("result", true, Fact::Unknown);
        self.vars[index(result)].mutable = true;
        let numbers = numbers(&function.sig.generics);
        let generic = !numbers.is_empty() && !options.is_member(function);
        if !generic && self.order > 1 {
            self.refuse(
                span,
                format!(
                    "`{0}` has a pullback written by hand, which has no derivative of its own; second order needs a \
                     function over any real number, `fn {0}<T: differentiate::Real>(..)`, and a pullback that is, too",
                    func.name
                ),
            );
        }
        if !generic {
            let pair = self.by_components(options, function, pullback);
            return self.program(params, result, pair);
        }
        let args = func
            .params
            .iter()
            .map(|param| {
                let value = Place::from(param.var);
                let lifted = if param.active {
                    self.lift(&value, span)
                } else if mentions(&param.ty, &numbers) {
                    let (rt, ident) = (&self.rt, self.ident(param.var));
                    let mut constant = Self::code(parse_quote!(#rt::constant(&#ident)));
                    constant.reads = vec![param.var];
                    self.name("constant", Op::Code(constant), false, Fact::Unknown, span)
                } else {
                    return Operand::Place(value);
                };
                if param.by == By::Ref {
                    Operand::Ref {
                        place: lifted.into(),
                        mutable: false,
                    }
                } else {
                    Operand::from(lifted)
                }
            })
            .collect();
        let name = &function.sig.ident;
        let call = Op::Call(Call {
            callee: Callee::Function(parse_quote!(#name)),
            args,
        });
        let lifted = self.name("lifted", call, true, Fact::Unknown, span);
        let split = self.runtime(
            "split",
            None,
            vec![Operand::Ref {
                place: lifted.into(),
                mutable: false,
            }],
        );
        let pair = self.name("pair", split, true, Fact::Unknown, span);
        self.program(params, result, pair)
    }

    /// Value and tangent by the pullback, which is the user's: code that is not differentiated again.
    pub(super) fn by_components(
        &mut self,
        options: &Options,
        function: &ItemFn,
        pullback: &Path,
    ) -> VarId {
        let func = self.func;
        let rt = &self.rt;
        let name = &function.sig.ident;
        let values: Vec<TokenStream> = (func.params.iter())
            .map(|param| {
                let ident = self.ident(param.var);
                if param.by == By::Value {
                    quote!(::core::clone::Clone::clone(&#ident))
                } else {
                    quote!(#ident)
                }
            })
            .collect();
        let call = if function.sig.receiver().is_some() {
            let (recv, args) = (&values[0], &values[1..]);
            quote!(#recv.#name(#(#args),*))
        } else if options.is_member(function) {
            quote!(Self::#name(#(#values),*))
        } else {
            quote!(#name(#(#values),*))
        };
        let (mut grads, mut terms) = (Vec::new(), TokenStream::new());
        for param in func.params.iter().filter(|it| it.active) {
            let Some(twin) = self.twin_of(param.var) else {
                continue;
            };
            let (ident, dot) = (self.ident(param.var), self.ident(twin));
            let grad = format_ident!("grad_{}", ident, span = Span::mixed_site());
            let dot = if param.by == By::Value {
                quote!(#dot)
            } else {
                quote!(#rt::owned_tangent(&*#ident, #dot))
            };
            terms.extend(quote!(+ #rt::inner(&#grad, &#dot)));
            grads.push(grad);
        }
        let pattern = match grads.as_slice() {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let [value, seed, tangent] =
            ["value", "seed", "tangent"].map(|it| Ident::new(it, Span::mixed_site()));
        let code = Self::code(parse_quote!({
            let #value = #call;
            let #tangent = #rt::along(&#value, |#seed| {
                let #pattern = #pullback(#(#values,)* &#value, &#seed);
                0.0 #terms
            });
            (#value, #tangent)
        }));
        self.name(
            "pair",
            Op::Code(code),
            false,
            Fact::Unknown,
            func.name.span(),
        )
    }
}

/// Does `?` leave the function?
pub(super) fn tries(func: &Func) -> bool {
    let mut found = false;
    func.body.walk(&mut |stmt| {
        if let StmtKind::Try { exit, .. } = &stmt.kind {
            found |= exit.leaves.last() == Some(&func.scope);
        }
    });
    found
}
