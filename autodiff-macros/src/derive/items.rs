//! The items made from one type.
//!
//! For `struct P { w: A, n: usize, #[no_diff] name: B }` they are
//!
//! ```text
//! struct PTangent { w: <A as Differentiable>::Tangent, n: (), name: () }
//! impl Clone, Debug, PartialEq, Place, Tangent for PTangent
//! impl Differentiable, Peel for P, PTangent
//! impl P        { fn __ad_P_w(&self) -> &A .. }         hidden accessors, of the type and of its tangent, for generated
//! impl PTangent { fn __ad_P_w(&self) -> &A::Tangent .. }  code that sees a pattern and no types
//! ```
//!
//! A struct is treated as an enum with one variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Generics, Member};

use super::{Field, Input, Style, Variant, at_type, bounds, plain};

/// All items.
pub(super) fn items(input: &Input) -> TokenStream {
    let definition = definition(input);
    let clone = clone(input);
    let debug = debug(input);
    let partial_eq = partial_eq(input);
    let tangent = tangent(input);
    let differentiable = differentiable(input);
    let ident = &input.ident;
    let of_itself = of_itself(input);
    let of_primal = accessors(input, ident, &input.generics, |field| {
        field.ty.to_token_stream()
    });
    let of_tangent = accessors(input, &input.tangent, &input.bounded, |field| {
        input.tangent_of(field)
    });
    quote!(#definition #clone #debug #partial_eq #tangent #differentiable #of_itself #of_primal #of_tangent)
}

fn allow() -> TokenStream {
    quote!(#[allow(
        clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, unused, deprecated, missing_docs,
        non_snake_case, non_camel_case_types, unreachable_pub, private_interfaces, private_bounds, trivial_bounds, unused_qualifications,
        reason = "generated code"
    )])
}

/// A variable of generated code.
fn local(name: &str) -> Ident {
    format_ident!("__{name}")
}

impl Input {
    fn tangent_of(&self, field: &Field) -> TokenStream {
        field.tangent(&self.krate, &self.generics)
    }

    /// The header of an impl for the tangent type.
    fn impl_for_tangent(&self, generics: &Generics, name: &TokenStream) -> TokenStream {
        let (allow, tangent) = (allow(), &self.tangent);
        let (parameters, arguments, conditions) = generics.split_for_impl();
        quote!(#[automatically_derived] #allow impl #parameters #name for #tangent #arguments #conditions)
    }

    /// The impl of a trait that the tangents of the fields may lack.
    fn impl_if_fields(&self, name: &TokenStream) -> TokenStream {
        let generics = bounds::with_tangents(
            &self.krate,
            &self.ident,
            &self.bounded,
            &self.variants,
            name,
        );
        self.impl_for_tangent(&generics, name)
    }

    /// `match value { Self::V { field: a0, .. } => body, .. }`
    fn each(&self, value: &Ident, body: impl Fn(&Variant, &[Ident]) -> TokenStream) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let bindings = variant.bindings("a");
            let (pattern, body) = (
                variant.pattern(&quote!(Self), &bindings),
                body(variant, &bindings),
            );
            quote!(#pattern => { #body })
        });
        quote!(match #value { #(#arms)* })
    }

    /// Does nothing. A function that has a tangent and looks at no field reports a field without derivative at its
    /// signature; this reports it at the field.
    fn reads(&self, value: &Ident, of: &TokenStream) -> TokenStream {
        let patterns = self.variants.iter().map(|variant| {
            let path = variant.path(of);
            let fields = variant.fields.iter().map(|field| {
                let member = &field.member;
                at_type(&field.ty, quote!(#member: _))
            });
            quote!(#path { #(#fields),* })
        });
        quote!(match #value { #(#patterns => {})* })
    }

    /// `match (left, right) { (Self::V { field: a0, .. }, Right::V { field: b0, .. }) => body, .. _ => otherwise }`
    fn both(
        &self,
        [left, right]: [&Ident; 2],
        right_type: &TokenStream,
        body: impl Fn(&Variant, &[Ident], &[Ident]) -> TokenStream,
        otherwise: &TokenStream,
    ) -> TokenStream {
        let arms = self.variants.iter().map(|variant| {
            let (a, b) = (variant.bindings("a"), variant.bindings("b"));
            let (at_left, at_right) = (
                variant.pattern(&quote!(Self), &a),
                variant.pattern(right_type, &b),
            );
            let body = body(variant, &a, &b);
            quote!((#at_left, #at_right) => { #body })
        });
        let otherwise = (self.variants.len() > 1).then(|| quote!(_ => #otherwise,));
        quote!(match (#left, #right) { #(#arms)* #otherwise })
    }
}

impl Variant {
    /// `Self` or `Self::V`.
    fn path(&self, of: &TokenStream) -> TokenStream {
        match &self.ident {
            Some(ident) => quote!(#of::#ident),
            None => of.clone(),
        }
    }

    /// The braced form fits variants of every style.
    fn pattern(&self, of: &TokenStream, bindings: &[Ident]) -> TokenStream {
        let path = self.path(of);
        let fields = self.fields.iter().zip(bindings).map(|(field, binding)| {
            let member = &field.member;
            at_type(&field.ty, quote!(#member: #binding))
        });
        quote!(#path { #(#fields),* })
    }

    fn make(&self, of: &TokenStream, value: impl Fn(usize, &Field) -> TokenStream) -> TokenStream {
        let path = self.path(of);
        let fields = self.fields.iter().enumerate().map(|(at, field)| {
            let (member, value) = (&field.member, value(at, field));
            at_type(&field.ty, quote!(#member: #value))
        });
        quote!(#path { #(#fields),* })
    }

    /// Statements for the active fields.
    fn active(&self, statement: impl Fn(usize, &Field) -> TokenStream) -> TokenStream {
        let fields = self.fields.iter().enumerate();
        fields
            .filter(|(_, it)| it.active)
            .map(|(at, it)| at_type(&it.ty, statement(at, it)))
            .collect()
    }
}

/// The tangent type.
fn definition(input: &Input) -> TokenStream {
    let Input {
        vis,
        ident,
        tangent,
        bounded,
        ..
    } = input;
    let (keyword, kind) = if input.is_enum {
        (quote!(enum), "enum")
    } else {
        (quote!(struct), "struct")
    };
    let name = plain(ident);
    let doc = format!(
        "The derivative of [`{name}`]({kind}@{ident}): a field with the derivative of each field, `()` where there is none."
    );
    let conditions = &bounded.where_clause;
    let bodies = input.variants.iter().map(|variant| {
        let of = match &variant.ident {
            Some(variant) => format!("{name}::{}", plain(variant)),
            None => name.clone(),
        };
        let fields = variant.fields.iter().map(|field| {
            let (vis, ty) = (&field.vis, input.tangent_of(field));
            let doc = if field.active {
                format!("The derivative of `{of}::{}`.", field.name())
            } else {
                format!("`{of}::{}` has no derivative.", field.name())
            };
            match &field.member {
                Member::Named(member) => quote!(#[doc = #doc] #vis #member: #ty),
                Member::Unnamed(_) => quote!(#[doc = #doc] #vis #ty),
            }
        });
        let body = match variant.style {
            Style::Named => quote!({ #(#fields),* }),
            Style::Tuple => quote!((#(#fields),*)),
            Style::Unit => TokenStream::new(),
        };
        (variant, of, body)
    });
    let allow = allow_definition();
    let head = quote!(#[doc = #doc] #allow #vis #keyword #tangent #bounded);
    if input.is_enum {
        let variants = bodies.map(|(variant, of, body)| {
            let (doc, ident) = (format!("The derivative of `{of}`."), &variant.ident);
            quote!(#[doc = #doc] #ident #body)
        });
        return quote!(#head #conditions { #(#variants),* });
    }
    bodies
        .map(|(variant, _, body)| match variant.style {
            Style::Named => quote!(#head #conditions #body),
            Style::Tuple | Style::Unit => quote!(#head #body #conditions;),
        })
        .collect()
}

/// The tangent type is documented and is as visible as the user's, so its lints are fewer.
fn allow_definition() -> TokenStream {
    quote!(#[allow(
        clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, unused, deprecated, non_snake_case, missing_copy_implementations,
        non_camel_case_types, unreachable_pub, private_interfaces, private_bounds, trivial_bounds, unused_qualifications,
        reason = "generated code"
    )])
}

fn clone(input: &Input) -> TokenStream {
    let head = input.impl_for_tangent(&input.bounded, &quote!(::core::clone::Clone));
    let this = local("this");
    let body = input.each(&this, |variant, a| {
        variant.make(&quote!(Self), |at, field| {
            let a = &a[at];
            if field.active {
                quote!(::core::clone::Clone::clone(#a))
            } else {
                quote!(())
            }
        })
    });
    quote!(#head {
        fn clone(&self) -> Self {
            let #this = self;
            #body
        }
    })
}

fn debug(input: &Input) -> TokenStream {
    let head = input.impl_if_fields(&quote!(::core::fmt::Debug));
    let (this, f) = (local("this"), local("f"));
    let body = input.each(&this, |variant, a| {
        let name = plain(variant.ident.as_ref().unwrap_or(&input.tangent));
        if variant.style == Style::Tuple {
            return quote!(::core::fmt::Formatter::debug_tuple(#f, #name) #(.field(#a))* .finish());
        }
        let names = variant.fields.iter().map(Field::name);
        quote!(::core::fmt::Formatter::debug_struct(#f, #name) #(.field(#names, #a))* .finish())
    });
    quote!(#head {
        fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            let #this = self;
            #body
        }
    })
}

fn partial_eq(input: &Input) -> TokenStream {
    let head = input.impl_if_fields(&quote!(::core::cmp::PartialEq));
    let (left, right) = (local("left"), local("right"));
    let compare = |variant: &Variant, a: &[Ident], b: &[Ident]| {
        let tests = variant.active(|at, _| {
            let (a, b) = (&a[at], &b[at]);
            quote!(&& ::core::cmp::PartialEq::eq(#a, #b))
        });
        quote!(true #tests)
    };
    let body = input.both([&left, &right], &quote!(Self), compare, &quote!(false));
    quote!(#head {
        fn eq(&self, #right: &Self) -> bool {
            let #left = self;
            #body
        }
    })
}

/// `Place` and `Tangent`.
fn tangent(input: &Input) -> TokenStream {
    let krate = &input.krate;
    let place = input.impl_for_tangent(&input.bounded, &quote!(#krate::__private::Place));
    let tangent = input.impl_for_tangent(&input.bounded, &quote!(#krate::__private::Tangent));
    let (this, shadow, other, f) = (local("this"), local("shadow"), local("other"), local("f"));
    let of_tangent = |field: &Field, name: &str| {
        let (ty, name) = (input.tangent_of(field), format_ident!("{name}"));
        quote!(<#ty as #krate::__private::Tangent>::#name)
    };
    let place_of = |field: &Field, it: &Ident| {
        let ty = input.tangent_of(field);
        quote!(<#ty as #krate::__private::Place>::ad_place(&mut *#it))
    };
    let different = format!(
        "derivatives of different variants of `{}` cannot be added",
        plain(&input.ident)
    );
    let add = input.both(
        [&shadow, &other],
        &quote!(Self),
        |variant, a, b| {
            variant.active(|at, field| {
                let (add, place, b) =
                    (of_tangent(field, "ad_add"), place_of(field, &a[at]), &b[at]);
                quote!(#add(#place, &*#b);)
            })
        },
        &quote!(::core::panic!(#different)),
    );
    let clear = input.each(&shadow, |variant, a| {
        variant.active(|at, field| {
            let (clear, place) = (of_tangent(field, "ad_clear"), place_of(field, &a[at]));
            quote!(#clear(#place);)
        })
    });
    let over = |name: &str| {
        input.each(&this, |variant, a| {
            variant.active(|at, field| {
                let (method, a) = (of_tangent(field, name), &a[at]);
                quote!(#method(#a, #f);)
            })
        })
    };
    let (components, map_components) = (over("ad_components"), over("ad_map_components"));
    let read = input.reads(&shadow, &quote!(Self));
    quote! {
        #place {
            type Shadow = Self;
            #[inline(always)]
            fn ad_place(&mut self) -> &mut Self {
                self
            }
        }
        #tangent {
            type Slot = ::core::option::Option<Self>;
            fn ad_add(#shadow: &mut Self, #other: &Self) {
                #add
            }
            fn ad_clear(#shadow: &mut Self) {
                #clear
            }
            fn ad_copy(#shadow: &Self) -> Self {
                #read
                ::core::clone::Clone::clone(#shadow)
            }
            fn ad_components(&self, #f: &mut dyn ::core::ops::FnMut(f64)) {
                let #this = self;
                #components
            }
            fn ad_map_components(&mut self, #f: &mut dyn ::core::ops::FnMut(f64) -> f64) {
                let #this = self;
                #map_components
            }
        }
    }
}

/// `Differentiable` and `Peel`.
/// A tangent is its own type of tangent, as derivatives of tangents want it.
fn of_itself(input: &Input) -> TokenStream {
    let rt = &input.krate;
    let rt = quote!(#rt::__private);
    let krate = &input.krate;
    // A field without derivative is reported where it stands.
    let mut generics = input.bounded.clone();
    let clause = generics.make_where_clause();
    for field in (input.variants.iter().flat_map(|it| &it.fields)).filter(|it| it.active) {
        let ty = &field.ty;
        let bound = at_type(ty, quote!(#ty: #krate::Differentiable));
        if let Ok(bound) = syn::parse2(bound) {
            clause.predicates.push(bound);
        }
    }
    let differentiable = input.impl_for_tangent(&generics, &quote!(#krate::Differentiable));
    let peel = input.impl_for_tangent(&generics, &quote!(#rt::Peel));
    let lift = paired(&rt, &input.impl_for_tangent(&generics, &quote!(#rt::Lift)));
    let (direction, step, shape) = (local("direction"), local("step"), local("shape"));
    quote! {
        #differentiable {
            type Tangent = Self;
            type Shape = Self;
            type Owned = Self;
            fn ad_shape(&self) -> Self {
                #rt::zeroed(self)
            }
            fn ad_zero(#shape: &Self) -> Self {
                ::core::clone::Clone::clone(#shape)
            }
            fn ad_owned(&self) -> Self {
                ::core::clone::Clone::clone(self)
            }
            fn ad_step(&self, #direction: &Self, #step: f64) -> Self {
                #rt::moved(self, #direction, #step)
            }
        }
        #peel {
            type V = Self;
            #[inline(always)]
            fn ad_peel(&self) -> &Self {
                self
            }
        }
        #lift
    }
}

/// In forward mode, value and tangent stand side by side.
fn paired(rt: &TokenStream, head: &TokenStream) -> TokenStream {
    let tangent = local("tangent");
    quote! {
        #head {
            type Lifted = #rt::Paired<Self>;
            fn ad_lift(&self, #tangent: &#rt::TangentOf<Self>) -> #rt::Paired<Self> {
                #rt::Paired::new(#rt::Differentiable::ad_owned(self), ::core::clone::Clone::clone(#tangent))
            }
            fn ad_constant(&self) -> #rt::Paired<Self> {
                #rt::Paired::new(#rt::Differentiable::ad_owned(self), #rt::zero_like(self))
            }
        }
    }
}

fn differentiable(input: &Input) -> TokenStream {
    let Input {
        krate,
        ident,
        tangent,
        ..
    } = input;
    let (parameters, arguments, conditions) = input.bounded.split_for_impl();
    let allow = allow();
    let head = |name: TokenStream| quote!(#[automatically_derived] #allow impl #parameters #name for #ident #arguments #conditions);
    let differentiable = head(quote!(#krate::Differentiable));
    let peel = head(quote!(#krate::__private::Peel));
    let rt = quote!(#krate::__private);
    let lift = paired(&rt, &head(quote!(#rt::Lift)));
    let (this, direction, step) = (local("this"), local("direction"), local("step"));
    let tangent_type = quote!(#tangent);
    let zero = local("zero");
    let read = input.reads(&zero, &tangent_type);
    let shape = input.each(&this, |variant, a| {
        variant.make(&tangent_type, |at, field| {
            if !field.active {
                return quote!(());
            }
            let (ty, a) = (&field.ty, &a[at]);
            let of = quote!(<#ty as #krate::Differentiable>);
            quote!(#of::ad_zero(&#of::ad_shape(&*#a)))
        })
    });
    let different = format!(
        "a derivative of another variant of `{}` is no direction for this one",
        plain(ident)
    );
    let moved = input.both(
        [&this, &direction],
        &tangent_type,
        |variant, a, b| {
            variant.make(&quote!(Self), |at, field| {
                let (a, b) = (&a[at], &b[at]);
                if !field.active {
                    return quote!(::core::clone::Clone::clone(#a));
                }
                let ty = &field.ty;
                quote!(<#ty as #krate::Differentiable>::ad_step(&*#a, &*#b, #step))
            })
        },
        &quote!(::core::panic!(#different)),
    );
    quote! {
        #differentiable {
            type Tangent = #tangent #arguments;
            type Shape = #tangent #arguments;
            type Owned = Self;
            fn ad_shape(&self) -> #tangent #arguments {
                let #this = self;
                #shape
            }
            fn ad_zero(#zero: &#tangent #arguments) -> #tangent #arguments {
                #read
                ::core::clone::Clone::clone(#zero)
            }
            fn ad_owned(&self) -> Self {
                #krate::__private::owned::<Self>(self)
            }
            fn ad_step(&self, #direction: &#tangent #arguments, #step: f64) -> Self {
                let #this = self;
                #moved
            }
        }
        #peel {
            type V = Self;
            #[inline(always)]
            fn ad_peel(&self) -> &Self {
                self
            }
        }
        #lift
    }
}

/// `__ad_P_w` and `__ad_P_w_mut` for every member of every variant, and of a struct the same with `Self` for `P`.
fn accessors(
    input: &Input,
    of: &Ident,
    generics: &Generics,
    ty: impl Fn(&Field) -> TokenStream,
) -> TokenStream {
    let (allow, vis) = (allow(), &input.vis);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let mut members = TokenStream::new();
    for variant in &input.variants {
        let names = match &variant.ident {
            Some(ident) => vec![plain(ident)],
            None => vec![plain(&input.ident), "Self".to_owned()],
        };
        let path = variant.path(&quote!(Self));
        let otherwise = (input.variants.len() > 1)
            .then(|| quote!(_ => ::core::unreachable!("another variant"),));
        for (name, field) in names
            .iter()
            .flat_map(|name| variant.fields.iter().map(move |it| (name, it)))
        {
            let get = Ident::new(&format!("__ad_{name}_{}", field.name()), Span::call_site());
            let get_mut = format_ident!("{get}_mut");
            let (member, ty, it) = (&field.member, ty(field), local("it"));
            let at_field = at_type(&field.ty, quote!(#member: #it));
            let shared = at_type(&field.ty, quote!(&#ty));
            let exclusive = at_type(&field.ty, quote!(&mut #ty));
            let body = quote!(match self { #path { #at_field, .. } => #it, #otherwise });
            members.extend(quote! {
                #[doc(hidden)]
                #[inline(always)]
                #vis fn #get(&self) -> #shared {
                    #body
                }
                #[doc(hidden)]
                #[inline(always)]
                #vis fn #get_mut(&mut self) -> #exclusive {
                    #body
                }
            });
        }
    }
    quote!(#[automatically_derived] #allow impl #parameters #of #arguments #conditions { #members })
}
