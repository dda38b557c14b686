//! Functions of a namespace that are called in differentiated functions: `g::grad` and its like, which are differentiated
//! again, and what an option of `g` gives: what `g` defines implicitly, and its repetition.

use proc_macro2::{Ident, Span};

/// The options that give a function of their own name with a pullback of its own.
const GIVEN: [&str; 3] = ["root", "argmin", "repeat"];

/// Is this the option that gives a function of its name?
pub(crate) fn is_given(name: &Ident) -> bool {
    GIVEN.iter().any(|it| name == it)
}

/// The functions of a namespace that have no derivative themselves.
const FINAL: [&str; 8] = [
    "vjp",
    "adjoint",
    "jacobian",
    "hessian",
    "value_grad_hessian",
    "gauss_newton",
    "sparse_jacobian",
    "sparse_hessian",
];

/// Is this the name of a derivative that is not differentiated again?
pub(crate) fn is_final(name: &Ident) -> bool {
    FINAL.iter().any(|it| name == it)
}

/// A function of the namespace of `g` that has a derivative itself, if `g` has one of a higher order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derived {
    Grad,
    ValueAndGrad,
    Jvp,
    Hvp,
}

impl Derived {
    pub(crate) const ALL: [Derived; 4] = [
        Derived::Grad,
        Derived::ValueAndGrad,
        Derived::Jvp,
        Derived::Hvp,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Derived::Grad => "grad",
            Derived::ValueAndGrad => "value_and_grad",
            Derived::Jvp => "jvp",
            Derived::Hvp => "hvp",
        }
    }

    /// How many of its parameters are tangents: how many times the tangent of `g` is taken in it.
    pub(crate) fn level(self) -> u32 {
        match self {
            Derived::Grad | Derived::ValueAndGrad => 0,
            Derived::Jvp | Derived::Hvp => 1,
        }
    }

    /// Is its value a gradient, whose derivative is one of an order more?
    pub(crate) fn is_gradient(self) -> bool {
        self != Derived::Jvp
    }

    /// The order of `g` that its derivative needs.
    pub(crate) fn order(self) -> u32 {
        self.level() + u32::from(self.is_gradient()) + 1
    }

    /// The derivative of this name in a namespace, such as `grad` of `g::grad`.
    pub(crate) fn of_associated(name: &Ident) -> Option<Derived> {
        Self::ALL.into_iter().find(|it| *name == it.name())
    }

    /// `x.loss_grad()` and the method behind it.
    pub(crate) fn of_method(name: &Ident) -> Option<(Ident, Derived)> {
        let text = name.to_string();
        // `value_and_grad` ends like `grad`.
        let by_length = [
            Derived::ValueAndGrad,
            Derived::Grad,
            Derived::Jvp,
            Derived::Hvp,
        ];
        by_length.into_iter().find_map(|it| {
            let stem = text.strip_suffix(it.name())?.strip_suffix('_')?;
            let known = !stem.is_empty() && syn::parse_str::<Ident>(stem).is_ok();
            known.then(|| (Ident::new(stem, Span::call_site()), it))
        })
    }

    /// What it is called beside a function: a member has the name of the function before it.
    pub(crate) fn beside(self, member: Option<&Ident>) -> Ident {
        let name = match member {
            Some(member) => format!("{member}_{}", self.name()).replace("r#", ""),
            None => self.name().to_owned(),
        };
        Ident::new(&name, Span::call_site())
    }
}
