//! Derivatives inside of derivatives: each is with respect to its own variable, whatever the modes.
//!
//! The classical mistake takes the perturbation of one variable for that of another (Siskind and Pearlmutter 2005,
//! *Perturbation confusion and referential transparency*).

use differentiate::differentiate;
use nalgebra::dmatrix;

#[differentiate(order = 3, wrt(y))]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiate(order = 3, wrt(y))]
fn sum(x: f64, y: f64) -> f64 {
    x + y
}

/// The derivative in `y` by each way, times `x`: `x²` of the product, `x` of the sum.
macro_rules! outer {
    ($($name:ident $of:ident $x:ident: $inner:expr;)*) => { $(
        #[differentiate(order = 2)]
        fn $name($x: f64) -> f64 {
            $x * $inner
        }
    )* };
}

outer! {
    product_grad product x: product::grad(x, 2.0);
    product_both product x: product::value_and_grad(x, 3.0).1;
    product_jvp product x: product::jvp(x, 3.0, 1.0).1;
    sum_grad sum x: sum::grad(x, 2.0);
    sum_both sum x: sum::value_and_grad(x, 2.0).1;
    sum_jvp sum x: sum::jvp(x, 3.0, 1.0).1;
}

#[test]
fn the_two_of_the_literature() {
    // d/dx [x · d/dy (x y) at 2] at 1
    assert_eq!(product_grad::grad(1.0), 2.0);
    // d/dx [x · d/dy (x y) at 3] at 5
    assert_eq!(product_jvp::grad(5.0), 10.0);
}

#[test]
fn every_mode_in_every_mode() {
    macro_rules! agrees {
        ($f:ident, $x:expr, $slope:expr, $curvature:expr) => {
            let name = stringify!($f);
            assert_eq!($f::grad($x), $slope, "{name} by grad");
            assert_eq!($f::vjp($x).1(1.0), $slope, "{name} by vjp");
            assert_eq!($f::jvp($x, 1.0).1, $slope, "{name} by jvp");
            assert_eq!($f::jacobian($x), dmatrix![$slope], "{name} by jacobian");
            assert_eq!($f::hvp($x, 1.0), $curvature, "{name} by hvp");
            assert_eq!($f::hessian($x), dmatrix![$curvature], "{name} by hessian");
        };
    }
    for x in [1.0, 5.0, -0.5] {
        agrees!(product_grad, x, 2.0 * x, 2.0);
        agrees!(product_both, x, 2.0 * x, 2.0);
        agrees!(product_jvp, x, 2.0 * x, 2.0);
        // Confused perturbations would give 1 more.
        agrees!(sum_grad, x, 1.0, 0.0);
        agrees!(sum_both, x, 1.0, 0.0);
        agrees!(sum_jvp, x, 1.0, 0.0);
    }
}

// Three levels: z in y in x.
#[differentiate(order = 3, wrt(z))]
fn inner(x: f64, y: f64, z: f64) -> f64 {
    x * y * z
}

#[differentiate(order = 2, wrt(y))]
fn middle(x: f64, y: f64) -> f64 {
    y * inner::grad(x, y, 5.0)
}

#[differentiate]
fn outermost(x: f64) -> f64 {
    x * middle::grad(x, 3.0)
}

/// The same variable at two levels.
#[differentiate(order = 2)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiate]
fn slope_of_itself(x: f64) -> f64 {
    cube::grad(x * cube::grad(x))
}

/// A derivative in each turn of a loop, at what the last one gave.
#[differentiate]
fn iterated(x: f64, steps: usize) -> f64 {
    let mut y = x;
    for _ in 0..steps {
        y = x * sum_of_squares::grad(x, y);
    }
    y
}

#[differentiate(order = 2, wrt(y))]
fn sum_of_squares(x: f64, y: f64) -> f64 {
    0.5 * (x * x + y * y)
}

#[test]
fn levels() {
    // middle = x y², its slope in y is 6 x at 3.
    assert_eq!(outermost(2.0), 24.0);
    assert_eq!(outermost::grad(2.0), 24.0);
    // 3 (x · 3 x²)² = 27 x⁶
    assert_eq!(slope_of_itself(2.0), 27.0 * 64.0);
    assert_eq!(slope_of_itself::grad(2.0), 162.0 * 32.0);
    // x⁴ after three steps.
    assert_eq!(iterated(2.0, 3), 16.0);
    assert_eq!(iterated::grad(2.0, 3), 32.0);
}
