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
//! - the derive [`Differentiable`](derive@Differentiable), for structs and enums of your own, and [`step`], which moves one
//!   along its gradient;
//! - [`Gradient`], the type of the gradient of each type of parameter;
//! - [`check`](mod@check), which compares a gradient with differences of the function;
//! - [`implicit`], roots and minima with their derivatives;
//! - [`repeat`], many steps with few states kept;
//! - [`sparse`], patterns of Jacobians and Hessians of which most entries are zero;
//! - [`nn`], functions for small neural models, and [`special`], the error, gamma and Bessel functions;
//! - [`nalgebra`], the version whose matrices carry derivatives.
//!
//! The other modules are for those who give a type or an operator its derivative. `README.md` is the tour;
//! `docs/edge-cases.md` says what the gradient is at kinks, `LIMITATIONS.md` what is not accepted and the rewrite.

#![forbid(unsafe_code)]

/// Makes the derivatives of a function: beside `fn foo` a namespace `foo` with functions that take the same arguments.
///
/// - `foo::grad` returns the gradient: one value if one parameter is active, else a tuple in parameter order;
/// - `foo::value_and_grad` returns the value and the gradient;
/// - `foo::vjp` returns the value and its pullback, a closure from a cotangent of the value to the gradient;
/// - `foo::adjoint` takes also a cotangent of the value and a `&mut` shadow for each active parameter, adds the gradient
///   to the shadows and returns the value;
/// - `foo::jacobian` returns the Jacobian, and `foo::jvp`, which takes a tangent for each active parameter too, the value
///   and its derivative along them. Both take one forward sweep and a pull for each component of the value; functions
///   with a parameter passed by `&mut` have neither. With the option `forward`, `foo::jvp` is one sweep of the tangent
///   program, of these functions, too;
/// - for functions that return several numbers, `foo::gauss_newton` returns them as residuals `r`, with `Jᵀr` and `JᵀJ`,
///   `foo::sparse_jacobian` the Jacobian with a known sparsity [pattern](sparse::Pattern), and with the option `forward`
///   `foo::gnvp` the product of `JᵀJ` with a tangent;
/// - with the option `order = 2`, `foo::hvp` returns the product of the Hessian with a tangent, `foo::hessian` the
///   Hessian, `foo::value_grad_hessian` all three, `foo::sparse_hessian` the Hessian with a known sparsity pattern; with a
///   higher order, `foo::taylor` the Taylor coefficients along a tangent.
///
/// The first two are for functions that return one number. Of a method `loss` they are the methods `loss_grad`,
/// `loss_value_and_grad`, `loss_vjp` and `loss_adjoint`. A parameter is active if its type can carry a derivative,
/// unless it is marked `#[no_diff]`.
///
/// # Parameters passed by `&mut`
///
/// They are inputs and outputs. `foo::adjoint` takes for each a shadow that brings the cotangent of what the function
/// leaves there and takes away that of what it found there; the argument itself is left as it was found. So does the
/// pullback of `foo::vjp`, while `foo::vjp` leaves the argument as the function does. `foo::grad` and
/// `foo::value_and_grad` take the cotangent of what is left there to be zero, and give the gradients of the other
/// parameters. `&mut self` is such a parameter.
///
/// ```
/// use differentiate::differentiate;
///
/// #[differentiate]
/// fn scale(v: &mut [f64], by: f64) {
///     for x in v {
///         *x *= by;
///     }
/// }
///
/// let mut v = vec![1.0, 2.0];
/// let (mut dv, mut dby) = (vec![1.0, 10.0], 0.0);
/// scale::adjoint(&mut v, 3.0, &mut dv, &mut dby);
/// assert_eq!((dv, dby, v), (vec![3.0, 30.0], 21.0, vec![1.0, 2.0]));
/// ```
///
/// # Options
///
/// - `wrt(a, b)`: these functions differentiate with respect to the parameters `a` and `b` only.
/// - `pullback = rule`: the derivative is written by hand. `rule(args.., y: &Value, g: &Cotangent)` returns the gradients
///   of the active parameters, as `grad` does. For a function of another crate write a wrapper of one line.
/// - `forward`: the tangent program, too. Functions that are called with active arguments need it as well.
/// - `order = 2`: second derivatives, for functions that return one number; functions that are called need it as well.
///   It implies `forward`.
/// - `root`: where the function is zero in its first parameter, `foo::root(x0, ..)`, which can be called inside of
///   differentiated functions, and `foo::root_vjp`, which has the pullback, too; `argmin`: the same for where it is least.
///   See [`implicit`]. `argmin` implies `order = 2`, and its derivatives need one order more than those of the function.
/// - `repeat`: the function applied many times, `foo::repeat(x, .., steps, keep)`, whose reverse sweep holds `keep` states
///   at a time and makes the others again by the binomial schedule. It can be called inside of differentiated functions,
///   and has a `foo::repeat_vjp` and a `foo::repeat_adjoint`. See [`repeat`].
/// - `name = ident`: the name of the namespace, where `foo` collides with a module or a type.
/// - `test(1.0, &[2.0, 3.0])`: makes a test, which checks the derivatives against differences of the function for these
///   arguments, those of second order too if there are any. Given more than once, it checks at each.
/// - `recursive`: needed on one member of a cycle of functions that call each other.
/// - `dump`: writes the generated code to `target/differentiate/<package>-foo.rs`; the environment variable
///   `DIFFERENTIATE_DUMP=directory` does so for every function.
/// - `report`: writes what is saved for the reverse sweep, how often and why, to
///   `target/differentiate/<package>-foo.saved.txt`; the environment variable `DIFFERENTIATE_REPORT=directory` does so for
///   every function.
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
///
/// # Least squares
///
/// A step of Gauss-Newton, or with a multiple of the identity one of Levenberg and Marquardt, solves a system with the
/// matrix and the gradient that `foo::gauss_newton` returns (Nocedal and Wright, *Numerical Optimization*, chapter 10).
/// Residuals are a number, or an array, a tuple, a `Vec` or a vector of numbers.
///
/// ```
/// use differentiate::differentiate;
/// use differentiate::nalgebra::{self, Vector2, vector};
///
/// #[differentiate]
/// fn misfit(p: &Vector2<f64>, #[no_diff] times: &[f64], #[no_diff] seen: &[f64]) -> Vec<f64> {
///     (0..times.len()).map(|i| p.x * (-p.y * times[i]).exp() - seen[i]).collect()
/// }
///
/// let times = [0.0, 1.0, 2.0, 3.0];
/// let seen = times.map(|t: f64| 3.0 * (-0.5 * t).exp());
/// let mut p = vector![1.0, 1.0];
/// for _ in 0..20 {
///     let (_, gradient, matrix) = misfit::gauss_newton(&p, &times, &seen);
///     p -= matrix.cholesky().expect("the data tell the parameters apart").solve(&gradient);
/// }
/// assert!((p - vector![3.0, 0.5]).norm() < 1e-12);
/// ```
pub use autodiff_runtime::differentiate;

/// Makes a struct or an enum a value that carries a derivative.
///
/// Of `struct Layer` it makes the type of its derivatives, `LayerTangent`, with the same visibility and the same fields:
/// each has as its type the derivative of the field of `Layer`, which is `()` where there is none. Of an enum it makes an
/// enum with the same variants. The type must be `Clone`, and own its data.
///
/// ```
/// use differentiate::nalgebra::{DMatrix, DVector};
/// use differentiate::{Differentiable, step};
///
/// #[derive(Clone, Debug, PartialEq, Differentiable)]
/// struct Layer {
///     weights: DMatrix<f64>,
///     bias: DVector<f64>,
///     repetitions: usize,
///     #[no_diff]
///     name: &'static str,
/// }
///
/// let layer = Layer {
///     weights: DMatrix::identity(2, 2),
///     bias: DVector::zeros(2),
///     repetitions: 1,
///     name: "first",
/// };
/// let gradient = LayerTangent {
///     weights: DMatrix::from_element(2, 2, 1.0),
///     bias: DVector::from_element(2, -1.0),
///     repetitions: (),
///     name: (),
/// };
///
/// // Gradient descent.
/// let layer = step(&layer, &gradient, -0.5);
/// assert_eq!(layer.weights, DMatrix::from_row_slice(2, 2, &[0.5, -0.5, -0.5, 0.5]));
/// assert_eq!(layer.bias, DVector::from_element(2, 0.5));
/// assert_eq!((layer.repetitions, layer.name), (1, "first"));
/// ```
///
/// Fields are of any type that carries a derivative: numbers, arrays, `Vec`, `Option`, `Box`, tuples, matrices, other
/// types with this derive. Integers, `bool`, `char` and `String` do, too, and their derivative is `()`. A field of another
/// type is marked `#[no_diff]`: its derivative is `()`, and the type needs to be `Clone` only.
///
/// A value of an enum keeps its variant when it is moved along a derivative; to add derivatives of different variants
/// panics. An enum can contain itself in a `Box` or a `Vec`.
///
/// Type parameters are bounded where it is needed: `struct Pair<T> { a: T, b: T }` carries a derivative if `T` does.
///
/// [`step`] moves a value along a derivative, [`tangent::add`] and [`tangent::scale`] combine derivatives, [`tangent::dot`]
/// is their inner product.
///
/// # Options
///
/// - `#[differentiable(crate = path)]` on the type: where this crate is found, if it is re-exported.
pub use autodiff_macros::Differentiable;

/// Checks calls of differentiated functions, for a test: their derivatives agree with differences, or it panics with a
/// report that names what does not.
///
/// ```
/// use differentiate::{check, differentiate};
///
/// #[differentiate(order = 2)]
/// fn energy(x: &[f64], stiffness: f64) -> f64 {
///     stiffness * x.iter().map(|x| x.powi(4)).sum::<f64>()
/// }
///
/// check!(energy(&[0.5, 1.0, 3.0], 2.0));
/// check!(energy(&[0.5], 2.0), energy(&[], 1.0), order = 2);
/// ```
///
/// Methods are checked as they are called, `check!(layer.loss(&x))`. Arguments of types without derivative are marked,
/// `check!(fit(2.0, #[no_diff] &data))`, or detached, `check!(fit(2.0, detach(&data)))`. Functions with parameters passed by
/// `&mut` have a test of their own, which `#[differentiate(test(..))]` makes. [`check`](mod@check) has the parts of which this
/// is made.
pub use autodiff_macros::check;

pub use autodiff_runtime::{
    Differentiable, Gradient, Real, Tangent, Workspace, detach, lit, nalgebra, step,
};
pub use autodiff_runtime::{
    check, differentiable, implicit, nn, put, repeat, retraction, rules, sparse, special, tangent,
};

#[doc(hidden)]
pub use autodiff_runtime::__private;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
