//! Runs the stories, and compares the derivative of every function in them with differences.

use std::path::{Path, PathBuf};

use differentiate::check;
use differentiate_examples::{
    automatic_gradient, digits, gradient_descent, gradients_in_theory, hamiltonian, newtons_method,
    poisson, understanding_gradients,
};
use nalgebra::{DMatrix, DVector, Vector2};

/// Numbers without a pattern, of both signs and of a size near one.
fn matrix(rows: usize, columns: usize) -> DMatrix<f64> {
    let mut k = 0.0;
    DMatrix::from_fn(rows, columns, |_, _| {
        k += 1.0;
        f64::sin(k * k)
    })
}

fn vector(len: usize) -> DVector<f64> {
    matrix(len, 1).column(0).into_owned()
}

#[test]
fn automatic_gradient() {
    use automatic_gradient::{loss, piecewise_linear, square_and_fourth_power, twice_squared};
    automatic_gradient::run();

    check::gradient(twice_squared, twice_squared::grad, &vector(4)).assert();
    check::pullback(
        |x: &f64| square_and_fourth_power(*x),
        |x| square_and_fourth_power::vjp(*x),
        &1.3,
    )
    .assert();
    for a in [-3.7, 1.25] {
        check::gradient(|a| piecewise_linear(*a), |a| piecewise_linear::grad(*a), &a).assert();
    }
    check::gradient(
        |(w, b, x)| loss(w, b, x, 2),
        |(w, b, x)| loss::grad(w, b, x, 2),
        &(matrix(3, 4), vector(3), vector(4)),
    )
    .assert();
}

#[test]
fn gradients_in_theory() {
    use gradients_in_theory::{
        matrix_vector, quadratic_form, squared_length, total, twice_squared, vector_matrix,
        weighted_by_constant_squares,
    };
    gradients_in_theory::run();

    let (a, square) = (matrix(3, 4), matrix(4, 4));
    check::pullback(
        |x: &DVector<f64>| matrix_vector(&a, x),
        |x| matrix_vector::vjp(&a, x),
        &vector(4),
    )
    .assert();
    check::pullback(
        |x: &DVector<f64>| vector_matrix(x, &a),
        |x| vector_matrix::vjp(x, &a),
        &vector(3),
    )
    .assert();
    let x = vector(4);
    check::gradient(
        |x: &DVector<f64>| quadratic_form(&square, x),
        |x| quadratic_form::grad(&square, x),
        &x,
    )
    .assert();
    check::gradient(squared_length, squared_length::grad, &x).assert();
    check::gradient(twice_squared, twice_squared::grad, &x).assert();
    check::gradient(total, total::grad, &x).assert();
    // What is detached stays as it is while the differences move x.
    let held = x.component_mul(&x);
    check::gradient(
        |x: &DVector<f64>| weighted_by_constant_squares(x) + (&held - x.component_mul(x)).dot(x),
        weighted_by_constant_squares::grad,
        &x,
    )
    .assert();
}

#[test]
fn gradient_descent() {
    use gradient_descent::{
        cross_entropy, himmelblau, line, logits, scaled, sigmoid, squared_error,
    };
    gradient_descent::run();

    check::gradient(|w| scaled(2.0, *w), |w| scaled::grad(2.0, *w), &1.3).assert();
    check::gradient(
        |(w, b)| line(3.0, *w, *b),
        |(w, b)| line::grad(3.0, *w, *b),
        &(1.3, 2.0),
    )
    .assert();
    check::gradient(|x| sigmoid(*x), |x| sigmoid::grad(*x), &0.7).assert();
    check::gradient(himmelblau, himmelblau::grad, &Vector2::new(0.7, -1.2)).assert();

    let (x, targets) = (matrix(2, 4), matrix(3, 4));
    check::pullback(
        |(w, b, x)| logits(w, b, x),
        |(w, b, x)| logits::vjp(w, b, x),
        &(matrix(3, 2), vector(3), x.clone()),
    )
    .assert();
    let at = (matrix(3, 2), vector(3));
    check::gradient(
        |(w, b)| squared_error(w, b, &x, &targets),
        |(w, b)| squared_error::grad(w, b, &x, &targets),
        &at,
    )
    .assert();
    check::gradient(
        |(w, b)| cross_entropy(w, b, &x, &targets),
        |(w, b)| cross_entropy::grad(w, b, &x, &targets),
        &at,
    )
    .assert();
}

#[test]
fn understanding_gradients() {
    use understanding_gradients::{convolution, product, sigmoid, softmax};
    understanding_gradients::run();

    check::pullback(sigmoid, sigmoid::vjp, &vector(3)).assert();
    check::pullback(softmax, softmax::vjp, &vector(3)).assert();
    check::pullback(
        |(x, y)| product(x, y),
        |(x, y)| product::vjp(x, y),
        &(matrix(2, 3), matrix(3, 2)),
    )
    .assert();
    check::pullback(
        |(x, w)| convolution(x, w),
        |(x, w)| convolution::vjp(x, w),
        &(matrix(4, 4), matrix(2, 2)),
    )
    .assert();
}

#[test]
fn digits() {
    use digits::{add_bias, logits, loss};
    let accuracy =
        digits::run(4, &folder("digits")).expect("the folder of the tests can be written to");
    assert!(accuracy > 0.9, "{accuracy} of the digits read correctly");

    check::pullback(
        |(z, b)| add_bias(z, b),
        |(z, b)| add_bias::vjp(z, b),
        &(matrix(3, 4), vector(3)),
    )
    .assert();
    let (images, targets) = (matrix(5, 2), matrix(3, 2));
    let at = (matrix(4, 5), vector(4), matrix(3, 4), vector(3));
    check::pullback(
        |(w1, b1, w2, b2)| logits(w1, b1, w2, b2, &images),
        |(w1, b1, w2, b2)| logits::vjp(w1, b1, w2, b2, &images),
        &at,
    )
    .assert();
    check::gradient(
        |(w1, b1, w2, b2)| loss(w1, b1, w2, b2, &images, &targets),
        |(w1, b1, w2, b2)| loss::grad(w1, b1, w2, b2, &images, &targets),
        &at,
    )
    .assert();
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn newtons_method() {
    use newtons_method::rosenbrock;
    let steps = newtons_method::run(&folder("newtons_method")).expect("the picture is written");
    assert!(steps < 60, "{steps} steps");
    check::gradient(rosenbrock, rosenbrock::grad, &vector(20)).assert();
    check::pullback(
        rosenbrock::grad,
        |x: &DVector<f64>| {
            let at = x.clone();
            let pull = move |seed: DVector<f64>| rosenbrock::hvp(&at, &seed);
            (rosenbrock::grad(x), pull)
        },
        &vector(20),
    )
    .assert();
}

#[test]
fn hamiltonian() {
    use hamiltonian::{energy, leapfrog};
    let drift = hamiltonian::run(&folder("hamiltonian")).expect("the picture is written");
    assert!(drift < 5e-3, "the energy is off by {drift} of itself");
    check::gradient(
        |(q, p)| energy(q, p),
        |(q, p)| energy::grad(q, p),
        &(Vector2::new(0.3, -0.2), Vector2::new(0.1, 0.4)),
    )
    .assert();
    check::pullback(
        |(q, p)| leapfrog(q, p),
        |(q, p)| leapfrog::vjp(q, p),
        &(Vector2::new(0.3, -0.2), Vector2::new(0.1, 0.4)),
    )
    .assert();
}

#[test]
fn poisson() {
    use poisson::{Network, residuals, u};
    let error = poisson::run(&folder("poisson")).expect("the picture is written");
    assert!(error < 1e-3, "the network is {error} off");

    let network = Network::random(3);
    check::gradient(|x| u(*x, &network), |x| u::grad(*x, &network), &0.4).assert();
    let points = [0.1, 0.5, 0.8];
    check::pullback(
        |network| residuals(network, &points),
        |network| residuals::vjp(network, &points),
        &network,
    )
    .assert();
}
