//! Reverse-mode automatic differentiation of ordinary Rust functions, by source transformation, on stable Rust.
//!
//! ```
//! use differentiate::differentiate;
//!
//! #[differentiate]
//! fn energy(x: &[f64], stiffness: f64) -> f64 {
//!     let mut sum = 0.0;
//!     for i in 1..x.len() {
//!         sum += (x[i] - x[i - 1]).powi(2);
//!     }
//!     0.5 * stiffness * sum
//! }
//!
//! let (value, (dx, dstiffness)) = energy::value_and_grad(&[0.0, 1.0, 3.0], 2.0);
//! assert_eq!(value, 5.0);
//! assert_eq!((dx, dstiffness), (vec![-2.0, -2.0, 4.0], 2.5));
//! ```
//!
//! Where to look:
//!
//! - the attribute [`macro@differentiate`], its options and what it makes;
//! - [`detach`], which drops a derivative, and [`Real`] with [`lit`], for functions that are generic over `f32` and `f64`;
//! - [`Gradient`], the type of the gradient of each type of parameter;
//! - [`check`], which compares a gradient with differences of the function;
//! - [`nn`], functions for small neural models;
//! - [`nalgebra`], the version whose matrices carry derivatives.
//!
//! The other modules are for those who give a type or an operator its derivative. `README.md` is the tour;
//! `docs/edge-cases.md` says what the gradient is at kinks, `LIMITATIONS.md` what is not accepted and the rewrite.

/// Makes the derivatives of a function: beside `fn foo` a namespace `foo` with functions that take the same arguments.
///
/// - `foo::grad` returns the gradient: one value if one parameter is active, else a tuple in parameter order;
/// - `foo::value_and_grad` returns the value and the gradient;
/// - `foo::vjp` returns the value and its pullback, a closure from a cotangent of the value to the gradient;
/// - `foo::adjoint` takes also a cotangent of the value and a `&mut` shadow for each active parameter, adds the gradient
///   to the shadows and returns the value.
///
/// The first two are for functions that return one number. Of a method `loss` they are the methods `loss_grad`,
/// `loss_value_and_grad`, `loss_vjp` and `loss_adjoint`. A parameter is active if its type can carry a derivative,
/// unless it is marked `#[no_diff]`.
///
/// # Options
///
/// - `wrt(a, b)`: these functions differentiate with respect to the parameters `a` and `b` only.
/// - `pullback = rule`: the derivative is written by hand. `rule(args.., y: &Value, g: &Cotangent)` returns the gradients
///   of the active parameters, as `grad` does. For a function of another crate write a wrapper of one line.
/// - `name = ident`: the name of the namespace, where `foo` collides with a module or a type.
/// - `recursive`: needed on one member of a cycle of functions that call each other.
/// - `dump`: writes the generated code to `target/differentiate/<package>-foo.rs`; the environment variable
///   `DIFFERENTIATE_DUMP=directory` does so for every function.
/// - `crate = path`: where this crate is found, if it is re-exported.
///
/// ```
/// use differentiate::{check, differentiate, nn::sigmoid};
///
/// #[differentiate(pullback = log1p_exp_pullback)]
/// fn log1p_exp(x: f64) -> f64 {
///     if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
/// }
///
/// fn log1p_exp_pullback(x: f64, _y: &f64, g: &f64) -> f64 {
///     g * sigmoid(x)
/// }
///
/// check::gradient(|x| log1p_exp(*x), |x| log1p_exp::grad(*x), &0.3).assert();
/// ```
pub use autodiff_runtime::differentiate;

pub use autodiff_runtime::{Differentiable, Gradient, Real, Tangent, detach, lit, nalgebra};
pub use autodiff_runtime::{check, differentiable, nn, put, rules, tangent};

#[doc(hidden)]
pub use autodiff_runtime::__private;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
