//! Operators of the user's own types, and methods whose names have a rule, in forward mode and at higher orders.
//!
//! The tangent program of such an operation runs it over dual numbers, for which a value of the user's stands as a pair with
//! its tangent. The runtime has the operators and methods of pairs; here they are given the user's tangent programs, one of
//! each level: that of the function itself, that of its tangent program on pairs, that of the next one on pairs of pairs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{FnArg, Generics, ItemFn, Type};

use super::halves::output;
use super::protocol;
use super::rule::{Operand, pull};
use crate::ir::By;
use crate::names;
use crate::options::Options;

/// An operator or method of the user's own.
pub(crate) struct Own<'a> {
    pub(crate) options: &'a Options,
    /// The generics of the `impl` block, and the type that it is for.
    pub(crate) generics: &'a Generics,
    pub(crate) this: &'a Type,
    /// The name that the runtime has for it.
    pub(crate) name: TokenStream,
    /// What the names of the halves begin with, and the name of the method, which they end with.
    pub(crate) path: TokenStream,
    pub(crate) member: Option<&'a Ident>,
    pub(crate) function: &'a ItemFn,
    /// How the halves take the parameters, and which have a derivative.
    pub(crate) taken: &'a [(By, bool)],
}

/// The method of an `impl` block whose name a rule has, too; see [`named`](super::rule::named).
pub(crate) fn own_method(
    options: &Options,
    block: &syn::ItemImpl,
    function: &ItemFn,
    taken: &[(By, bool)],
) -> Option<TokenStream> {
    let name = &function.sig.ident;
    let arguments = function.sig.inputs.len().checked_sub(1)?;
    let known = names::of_own(&name.to_string()) == Some(arguments);
    let plain = function.sig.generics.params.is_empty();
    let readable = taken.iter().all(|it| it.0 != By::Mut)
        && !(function.sig.inputs.iter())
            .any(|it| matches!(it, FnArg::Typed(it) if crate::lower::has_no_diff(&it.attrs)));
    if !known || !plain || !readable || function.sig.receiver().is_none() {
        return None;
    }
    let krate = &options.krate;
    own(&Own {
        options,
        generics: &block.generics,
        this: &block.self_ty,
        name: quote!(#krate::__private::method::#name),
        path: quote!(Self),
        member: Some(name),
        function,
        taken,
    })
}

/// The tangent programs of an operator or method, and their derivatives, as what the runtime calls on values paired with
/// tangents.
pub(crate) fn own(it: &Own<'_>) -> Option<TokenStream> {
    if !it.options.forward || it.taken.iter().all(|it| !it.1) {
        return None;
    }
    let cfgs: Vec<_> = super::conditions(it.function).collect();
    let order = it.options.order;
    let items = (0..order.saturating_sub(1).max(1)).flat_map(|level| {
        let program = Program::new(it, level);
        [Some(program.along()), (order >= 2).then(|| program.back())]
    });
    let items = items.flatten();
    Some(
        items
            .map(|it| quote!(#(#cfgs)* #[automatically_derived] #it))
            .collect(),
    )
}

/// The tangent program of what takes values over dual numbers, of so many tangents.
struct Program<'a> {
    own: &'a Own<'a>,
    rt: TokenStream,
    level: u32,
    /// The types of receiver and arguments as the runtime has them, which are owned; that of the value behind them.
    types: [TokenStream; 4],
    /// What takes values and tangents apart, and what the parameters of the program are then.
    parts: TokenStream,
    operands: Vec<Operand>,
}

impl<'a> Program<'a> {
    fn new(own: &'a Own<'a>, level: u32) -> Self {
        let krate = &own.options.krate;
        let rt = quote!(#krate::__private);
        let given = |at: usize| match own.function.sig.inputs.get(at) {
            Some(FnArg::Typed(it)) => match crate::lower::peel(&it.ty) {
                Type::Slice(it) => {
                    let item = &it.elem;
                    quote!(::std::vec::Vec<#item>)
                }
                other => quote!(#other),
            },
            _ => quote!(()),
        };
        let (this, out) = (crate::lower::peel(own.this), output(own.function));
        let types = [quote!(#this), given(1), given(2), quote!(#out)];
        let mut parts = TokenStream::new();
        let values = [quote!(this), quote!(args.0), quote!(args.1)];
        let dots = [quote!(dots.0), quote!(dots.1), quote!(dots.2)];
        let mut operands = Vec::new();
        for (moved, of) in [values, dots].into_iter().enumerate() {
            let mut split = Split {
                rt: &rt,
                stem: ["value", "dot"][moved],
                count: 0,
                statements: &mut parts,
            };
            let of: Vec<Vec<TokenStream>> = (of.into_iter().take(own.taken.len()))
                .map(|it| split.of(it, level))
                .collect();
            for subset in 0..1 << level {
                let them = of.iter().zip(own.taken);
                operands.extend(them.map(|(parts, (by, active))| Operand {
                    value: parts[subset].clone(),
                    dest: quote!(#rt::Fresh),
                    by: *by,
                    active: *active,
                    tangent: moved + subset > 0,
                }));
            }
        }
        Program {
            own,
            rt,
            level,
            types,
            parts,
            operands,
        }
    }

    /// The form of a type over so many dual numbers.
    fn lifted(&self, ty: &TokenStream, level: u32) -> TokenStream {
        let rt = &self.rt;
        (0..level).fold(ty.clone(), |ty, _| quote!(<#ty as #rt::Lift>::Lifted))
    }

    /// What the two functions begin with: the trait that they implement, their parameters, and statements.
    fn head(&self, name: &str) -> [TokenStream; 3] {
        let (rt, own) = (&self.rt, self.own);
        let (parameters, _, conditions) = own.generics.split_for_impl();
        let [this, a, b, _] = &self.types;
        let [x, y, z] = [this, a, b].map(|it| self.lifted(it, self.level));
        let (operation, name) = (&own.name, Ident::new(name, Span::call_site()));
        let level = (0..self.level).fold(quote!(()), |below, _| quote!((#below,)));
        [
            quote!(impl #parameters #rt::#name<#operation, #a, #b, #level, #x, #y, #z> for #this #conditions),
            quote!(
                this: &#x,
                args: (&#y, &#z),
                dots: (&#rt::TangentOf<#x>, &#rt::TangentOf<#y>, &#rt::TangentOf<#z>),
            ),
            self.parts.clone(),
        ]
    }

    fn along(&self) -> TokenStream {
        let (rt, path) = (&self.rt, &self.own.path);
        let [head, params, parts] = self.head("OwnTangent");
        let out = self.lifted(&self.types[3], self.level);
        let values = self.operands.iter().map(Operand::given);
        let count = self.operands.len() / 2;
        let run = protocol::run(self.level, count, self.own.member, Span::call_site());
        let [value, moved] = [quote!(value), quote!(moved)].map(|it| self.joined(it, self.level));
        quote!(
            #head {
                type Output = #out;
                fn ad_along(#params) -> (#out, #rt::TangentOf<#out>) {
                    #parts
                    let (value, moved) = #path::#run(#(#values),*);
                    (#value, #moved)
                }
            }
        )
    }

    fn back(&self) -> TokenStream {
        let (rt, path) = (&self.rt, &self.own.path);
        let [head, params, parts] = self.head("OwnPullback");
        let [this, a, b, out] = &self.types;
        let [x, y, z] = [this, a, b].map(|it| self.lifted(it, self.level));
        let cotangent = self.lifted(out, self.level);
        let of_both = self.lifted(out, self.level + 1);
        let count = self.operands.len();
        let second = protocol::forward(self.level + 1, count, self.own.member, Span::call_site());
        let (body, cotangents) = pull(
            &self.rt,
            &self.operands,
            |marks, values| quote!(#path::#second(#(#values,)* #marks, &mut tape)),
        );
        let (of_value, of_tangent) = (
            self.seed(quote!(of_value), self.level),
            self.seed(quote!(of_tangent), self.level),
        );
        let operands = self.own.taken.len();
        let of = |cotangents: &[TokenStream]| {
            let them = (0..operands).map(|at| {
                let parts: Vec<&TokenStream> =
                    cotangents.iter().skip(at).step_by(operands).collect();
                self.cotangent(&parts)
            });
            let absent = (operands..3).map(|_| quote!(()));
            let them = them.chain(absent);
            quote!((#(#them),*))
        };
        let (of_values, of_tangents) = cotangents.split_at(count / 2);
        let (of_values, of_tangents) = (of(of_values), of(of_tangents));
        quote!(
            #head {
                type G = #rt::TangentOf<#of_both>;
                fn ad_back(
                    #params
                    of_value: #rt::TangentOf<#cotangent>,
                    of_tangent: #rt::TangentOf<#cotangent>,
                ) -> (#rt::OwnCotangents<#x, #y, #z>, #rt::OwnCotangents<#x, #y, #z>) {
                    #parts
                    let g = &(#of_value, #of_tangent);
                    #body
                    (#of_values, #of_tangents)
                }
            }
        )
    }

    /// A nested pair over dual numbers.
    fn joined(&self, pair: TokenStream, levels: u32) -> TokenStream {
        let Some(inner) = levels.checked_sub(1) else {
            return pair;
        };
        let rt = &self.rt;
        let value = self.joined(quote!(#pair.0), inner);
        let tangent = self.joined(quote!(#pair.1), inner);
        quote!(#rt::lift(&#value, &#tangent))
    }

    /// A cotangent over dual numbers as a nested pair. Its real part belongs to the tangent.
    fn seed(&self, cotangent: TokenStream, levels: u32) -> TokenStream {
        let Some(inner) = levels.checked_sub(1) else {
            return cotangent;
        };
        let rt = &self.rt;
        let of_tangent = self.seed(quote!(of_tangent), inner);
        let of_value = self.seed(quote!(of_value), inner);
        quote!({
            let (of_tangent, of_value) = #rt::split(&#cotangent);
            (#of_value, #of_tangent)
        })
    }

    /// The cotangent over dual numbers that has these parts, one for each subset of directions.
    fn cotangent(&self, parts: &[&TokenStream]) -> TokenStream {
        if let [part] = parts {
            return (*part).clone();
        }
        let rt = &self.rt;
        let (of_value, of_tangent) = parts.split_at(parts.len() / 2);
        let (of_value, of_tangent) = (self.cotangent(of_value), self.cotangent(of_tangent));
        quote!(#rt::lift(&#of_tangent, &#of_value))
    }
}

/// Takes values over dual numbers apart.
struct Split<'a> {
    rt: &'a TokenStream,
    stem: &'static str,
    count: usize,
    statements: &'a mut TokenStream,
}

impl Split<'_> {
    /// The parts of a value, one for each subset of so many directions, of which the last is the outermost.
    fn of(&mut self, value: TokenStream, levels: u32) -> Vec<TokenStream> {
        let Some(inner) = levels.checked_sub(1) else {
            return vec![value];
        };
        let rt = self.rt;
        let pair = super::ours(&format!("{}_{}", self.stem, self.count));
        self.count += 1;
        (self.statements).extend(quote!(let #pair = #rt::split(#value);));
        let mut parts = self.of(quote!(&#pair.0), inner);
        parts.extend(self.of(quote!(&#pair.1), inner));
        parts
    }
}
