//! Roots and minima, and their derivatives by the implicit function theorem.

use differentiate::{Differentiable, Real, check, differentiate};
use nalgebra::{DMatrix, DVector, SVector, Vector2, dmatrix, dvector, vector};

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{a} is not {b}");
}

#[derive(Clone, Debug, Differentiable)]
struct Reaction {
    rates: DMatrix<f64>,
    feed: DVector<f64>,
    #[no_diff]
    name: String,
}

/// The steady state of a reactor.
#[differentiate(order = 2, root)]
fn balance(
    x: &DVector<f64>,
    reaction: &Reaction,
    temperature: f64,
    #[no_diff] power: i32,
) -> DVector<f64> {
    let mut rest = &reaction.feed - &reaction.rates * x * temperature;
    for i in 0..x.len() {
        rest[i] -= x[i].powi(power);
    }
    rest
}

fn reaction() -> Reaction {
    Reaction {
        rates: dmatrix![2.0, -0.5, 0.0; -0.3, 1.5, 0.2; 0.1, -0.4, 1.0],
        feed: dvector![1.0, 2.0, 0.5],
        name: "first".to_owned(),
    }
}

#[test]
fn a_root_and_its_derivatives() {
    let (reaction, start) = (reaction(), dvector![0.0, 0.0, 0.0]);
    let solve = |(reaction, t): &(Reaction, f64)| {
        balance::root(&start, reaction, *t, 3).expect("a steady state")
    };
    let x = solve(&(reaction.clone(), 1.3));
    assert!(balance(&x, &reaction, 1.3, 3).norm() < 1e-14);
    check::pullback(
        solve,
        |(reaction, t)| {
            let (x, pull) = balance::root_vjp(&start, reaction, *t, 3);
            let x = x.expect("a steady state");
            (x, move |seed: DVector<f64>| pull(Some(seed)))
        },
        &(reaction, 1.3),
    )
    .assert();
}

/// Numbers by value, and one that has nothing else.
#[differentiate(order = 2, root)]
fn kepler(anomaly: f64, eccentricity: f64, mean: f64) -> f64 {
    anomaly - eccentricity * anomaly.sin() - mean
}

#[differentiate(order = 2, root)]
fn dottie(x: f64) -> f64 {
    x.cos() - x
}

#[test]
fn numbers() {
    let (e, pull) = kepler::root_vjp(1.0, 0.8, 0.5);
    let e = e.expect("an orbit");
    near(kepler(e, 0.8, 0.5), 0.0);
    let slope = 1.0 - 0.8 * e.cos();
    let (de, dm) = pull(Some(2.0));
    near(de, 2.0 * e.sin() / slope);
    near(dm, 2.0 / slope);
    assert_eq!(pull(None), (0.0, 0.0));
    near(dottie::root(1.0).expect("one"), 0.739_085_133_215_160_6);
}

/// Slices, arrays, generic sizes, single precision.
#[differentiate(order = 2, root)]
fn square_roots(x: &[f64], of: &[f64]) -> Vec<f64> {
    x.iter().zip(of).map(|(x, a)| x * x - a).collect()
}

#[differentiate(order = 2, root)]
fn line_and_circle(x: [f64; 2], radius: f64) -> [f64; 2] {
    [x[0] * x[0] + x[1] * x[1] - radius * radius, x[0] - x[1]]
}

#[differentiate(order = 2, root)]
fn cubes<const N: usize>(value: &SVector<f64, N>, x: &SVector<f64, N>) -> SVector<f64, N> {
    value.map(|v| v * v * v) - x
}

#[differentiate(order = 2, root)]
fn single(x: f32, a: f32) -> f32 {
    x * x - a
}

#[test]
fn unknowns_of_each_form() {
    let (x, pull) = square_roots::root_vjp(&[1.0, 1.0], &[4.0, 9.0]);
    let x = x.expect("positive numbers");
    near(x[0], 2.0);
    near(x[1], 3.0);
    let of = pull(Some(vec![1.0, 3.0]));
    near(of[0], 0.25);
    near(of[1], 0.5);
    let (x, pull) = line_and_circle::root_vjp([1.0, 0.5], 2.0);
    near(x.expect("a point")[1], 2.0_f64.sqrt());
    near(pull(Some([1.0, 1.0])), 2.0_f64.sqrt());
    let (start, of) = (vector![1.0, 1.0, -1.0], vector![8.0, 1.0, -27.0]);
    let (x, pull) = cubes::root_vjp(&start, &of);
    assert!((x.expect("numbers") - vector![2.0, 1.0, -3.0]).norm() < 1e-14);
    near(pull(Some(vector![0.0, 0.0, 1.0]))[2], 1.0 / 27.0);
    let (x, pull) = single::root_vjp(1.0, 2.0);
    assert!((x.expect("a root") - 2.0_f32.sqrt()).abs() < 3e-7);
    assert!((pull(Some(1.0)) - 0.5 / 2.0_f32.sqrt()).abs() < 3e-7);
}

#[differentiate(order = 2, root)]
fn parabola(x: f64, above: f64) -> f64 {
    x * x + above
}

#[differentiate(order = 2, root)]
fn logarithm(x: f64, p: f64) -> f64 {
    x.ln() - p
}

#[differentiate(order = 2, root)]
fn flat(x: &Vector2<f64>, p: f64) -> Vector2<f64> {
    Vector2::new(x.x + x.y - p, 2.0 * x.x + 2.0 * x.y)
}

#[differentiate(order = 2, root)]
fn shifted(x: f64, p: f64) -> f64 {
    (x + p).powi(2) - p * p
}

#[differentiate(order = 2, root)]
fn double(x: f64, p: f64) -> f64 {
    (x - p) * (x - p)
}

#[test]
fn where_there_is_a_root_and_where_there_is_none() {
    assert_eq!(parabola::root(3.0, 1.0), None);
    assert_eq!(parabola::root(0.0, -1.0), None, "a slope of zero");
    assert_eq!(flat::root(&vector![0.0, 0.0], 1.0), None);
    assert_eq!(parabola::root(f64::NAN, -1.0), None);
    // A step out of the domain is halved.
    near(logarithm::root(100.0, 1.0).expect("a root"), 1.0_f64.exp());
    near(logarithm::root(1e-8, 3.0).expect("a root"), 3.0_f64.exp());
    // From far away, to zero, and to a number far below the start.
    near(parabola::root(1e6, -1e-12).expect("a root") * 1e6, 1.0);
    assert!(shifted::root(0.7, 1.0).expect("a root").abs() < 1e-15);
    assert_eq!(shifted::root(0.0, 1.0), Some(0.0));
    // A double root is found as well as it is defined; the derivative there is not.
    let x = double::root(4.0, 1.0).expect("a root");
    assert!((x - 1.0).abs() < 1e-7);
    let exact = parabola::root_vjp(0.0, 0.0);
    assert_eq!(exact.0, Some(0.0));
    assert!(exact.1(Some(1.0)).is_nan());
    assert_eq!(exact.1(Some(0.0)), 0.0);
}

#[test]
#[should_panic(expected = "as many residuals as unknowns")]
fn too_few_residuals() {
    let _ = square_roots::root(&[1.0, 2.0], &[1.0]);
}

// === minima ===

/// Ridge regression with a weight that is not fixed.
#[differentiate(order = 3, argmin)]
fn ridge(w: &DVector<f64>, x: &DMatrix<f64>, y: &DVector<f64>, penalty: f64) -> f64 {
    let rest = x * w - y;
    rest.norm_squared() + penalty * w.norm_squared()
}

#[test]
fn ridge_regression() {
    let x = dmatrix![1.0, 0.5; -1.0, 2.0; 0.3, 0.3];
    let y = dvector![1.0, 2.0, -1.0];
    let closed = |x: &DMatrix<f64>, y: &DVector<f64>, p: f64| {
        let normal = x.transpose() * x + DMatrix::identity(2, 2) * p;
        normal.lu().solve(&(x.transpose() * y)).expect("regular")
    };
    let start = DVector::zeros(2);
    let w = ridge::argmin(&start, &x, &y, 0.1).expect("a minimum");
    assert!((w - closed(&x, &y, 0.1)).norm() < 1e-14);
    check::pullback(
        |(x, y, p)| ridge::argmin(&start, x, y, *p).expect("a minimum"),
        |(x, y, p)| {
            let (w, pull) = ridge::argmin_vjp(&start, x, y, *p);
            let w = w.expect("a minimum");
            (w, move |seed: DVector<f64>| pull(Some(seed)))
        },
        &(x, y, 0.1),
    )
    .assert();
}

#[differentiate(argmin)]
fn rosenbrock(x: &[f64], a: f64, b: f64) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += b * (x[i] - x[i - 1].powi(2)).powi(2) + (a - x[i - 1]).powi(2);
    }
    sum
}

#[test]
fn a_valley() {
    let start = [-0.5; 8];
    let solve = |(a, b): &(f64, f64)| rosenbrock::argmin(&start, *a, *b).expect("a minimum");
    let x = solve(&(1.0, 100.0));
    assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-12), "{x:?}");
    check::pullback(
        solve,
        |(a, b)| {
            let (x, pull) = rosenbrock::argmin_vjp(&start, *a, *b);
            let x = x.expect("a minimum");
            (x, move |seed: Vec<f64>| pull(Some(seed)))
        },
        &(0.9, 50.0),
    )
    .assert();
}

#[differentiate(argmin)]
fn well(x: f64, depth: f64, #[no_diff] offset: f64) -> f64 {
    offset + x.powi(4) - depth * x * x
}

#[differentiate(argmin)]
fn slope(x: f64, p: f64) -> f64 {
    p * x
}

#[test]
fn where_there_is_a_minimum_and_where_there_is_none() {
    for offset in [0.0, 1.0, -1e6] {
        let (x, pull) = well::argmin_vjp(0.1, 2.0, offset);
        assert!((x.expect("a minimum") - 1.0).abs() < 1e-12);
        assert!((pull(Some(1.0)) - 0.25).abs() < 1e-12);
    }
    near(well::argmin(-5.0, 2.0, 0.0).expect("a minimum"), -1.0);
    assert_eq!(well::argmin(0.0, 2.0, 0.0), None, "a maximum");
    assert_eq!(well::argmin(0.5, -2.0, 1.0).expect("a minimum"), 0.0);
    assert_eq!(slope::argmin(1.0, 1.0), None);
    assert_eq!(slope::argmin(1.0, f64::INFINITY), None);
}

// === methods, names ===

#[derive(Clone, Debug, Differentiable)]
struct Spring {
    stiffness: f64,
    load: f64,
}

#[differentiate(order = 2, root, argmin)]
impl Spring {
    fn energy(&self, x: f64, cubic: f64) -> f64 {
        0.5 * self.stiffness * x * x + cubic * x.powi(4) - self.load * x
    }
}

#[test]
fn methods() {
    let spring = Spring {
        stiffness: 2.0,
        load: 3.0,
    };
    let (x, pull) = spring.energy_argmin_vjp(0.0, 0.0);
    assert_eq!(x, Some(1.5));
    let (dspring, dcubic) = pull(Some(1.0));
    assert_eq!((dspring.stiffness, dspring.load), (-0.75, 0.5));
    near(dcubic, -4.0 * 1.5_f64.powi(3) / 2.0);
    near(spring.energy_root(5.0, 0.0).expect("a root"), 3.0);
}

/// Parameters with the names of what is generated.
#[differentiate(order = 2, root)]
fn names(
    unknown: &Vector2<f64>,
    x: f64,
    value: f64,
    tape: f64,
    back: f64,
    seed: f64,
) -> Vector2<f64> {
    Vector2::new(
        unknown.x - x * value - tape,
        unknown.y - back * unknown.x - seed,
    )
}

#[differentiate(argmin)]
fn more_names(start: f64, x: f64, direction: f64, lambda: f64, hessian: f64) -> f64 {
    (start - x * direction).powi(2) + lambda * (start - hessian).powi(2)
}

#[test]
fn parameters_with_the_names_of_generated_variables() {
    let start = vector![0.0, 0.0];
    let (x, pull) = names::root_vjp(&start, 2.0, 3.0, 1.0, 2.0, 5.0);
    assert_eq!(x, Some(vector![7.0, 19.0]));
    let (dx, dvalue, dtape, dback, dseed) = pull(Some(vector![0.0, 1.0]));
    assert_eq!((dx, dvalue, dtape, dback, dseed), (6.0, 4.0, 2.0, 7.0, 1.0));
    let (x, pull) = more_names::argmin_vjp(0.0, 2.0, 3.0, 1.0, 8.0);
    assert_eq!(x, Some(7.0));
    assert_eq!(pull(Some(1.0)), (1.5, 1.0, 0.5, 0.5));
}

// === inside of differentiated functions ===

/// How well weights that were fitted to some data foretell others.
#[differentiate(forward)]
fn held_out(penalty: f64, x: &DMatrix<f64>, y: &DVector<f64>) -> f64 {
    let start = DVector::zeros(x.ncols());
    let (fit_x, fit_y) = (x.rows(0, 3).into_owned(), y.rows(0, 3).into_owned());
    let w = ridge::argmin(&start, &fit_x, &fit_y, penalty.exp()).expect("a minimum");
    (x * w - y).norm_squared()
}

/// Steady states in a loop, one of which begins at the last.
#[differentiate(order = 2)]
fn warm_up(reaction: &Reaction, hottest: f64) -> Option<f64> {
    let mut x = DVector::zeros(3);
    let mut sum = 0.0;
    for k in 1..4 {
        x = balance::root(&x, reaction, hottest * f64::from(k), 3)?;
        sum += x.norm_squared();
    }
    Some(sum)
}

#[differentiate(forward)]
fn stretched(spring: &Spring, x: f64) -> f64 {
    let rest = spring.energy_argmin(x, 0.1).unwrap_or(0.0);
    rest * spring.load
}

#[test]
fn solutions_inside_of_functions() {
    let x = dmatrix![1.0, 0.5; -1.0, 2.0; 0.3, 0.3; 0.7, -0.2; 1.5, 0.1];
    let y = dvector![1.0, 2.0, -1.0, 0.4, 0.8];
    check::gradient(
        |(p, x, y)| held_out(*p, x, y),
        |(p, x, y)| held_out::grad(*p, x, y),
        &(-1.0, x, y),
    )
    .assert();
    check::gradient(
        |(r, t)| warm_up(r, *t).expect("steady states"),
        |(r, t)| warm_up::vjp(r, *t).1(Some(1.0)),
        &(reaction(), 0.7),
    )
    .assert();
    check::gradient(
        |(s, x)| stretched(s, *x),
        |(s, x)| stretched::grad(s, *x),
        &(
            Spring {
                stiffness: 2.0,
                load: 3.0,
            },
            0.5,
        ),
    )
    .assert();
}

// === tangents and second derivatives ===

#[differentiate(order = 2)]
fn orbit(eccentricity: f64, mean: f64) -> f64 {
    let anomaly = kepler::root(mean, eccentricity, mean).unwrap_or(0.0);
    1.0 - eccentricity * anomaly.cos()
}

#[differentiate(order = 2)]
fn point(radius: f64, start: [f64; 2]) -> f64 {
    let mut product = radius;
    for k in 1..3 {
        match line_and_circle::root(start, radius * f64::from(k)) {
            Some([x, y]) => product *= x * y,
            None => return 0.0,
        }
    }
    product
}

#[differentiate(order = 2)]
impl Spring {
    fn strained(&self, x: f64) -> Option<f64> {
        let rest = self.energy_root(x, 0.1)?;
        Some(rest * rest * self.load)
    }
}

#[differentiate(order = 2)]
fn warmest(reaction: &Reaction, hottest: f64) -> f64 {
    warm_up(reaction, hottest).unwrap_or(0.0)
}

#[differentiate(order = 2)]
fn no_root(above: f64) -> f64 {
    parabola::root(1.0, above).map_or(above * above, |x| x * above)
}

#[test]
fn second_derivatives_of_roots() {
    differentiate::check!(orbit(0.8, 0.5), order = 2);
    differentiate::check!(point(1.3, [1.0, 0.5]), order = 2);
    differentiate::check!(no_root(2.0), order = 2);
    differentiate::check!(no_root(-2.0), order = 2);
    let start = [1.0, 0.5];
    let third = |radius: f64| point::hessian(radius, start)[(0, 0)];
    // 2 r⁵ is the product of both points, times the radius.
    near(third(1.3), 20.0 * 1.3_f64.powi(3));
    differentiate::check!(warmest(&reaction(), 0.9), order = 2);
}

#[test]
fn tangents() {
    let (e, dot) = kepler::root_jvp(1.0, 0.8, 0.5, 1.0, -2.0);
    let (again, pull) = kepler::root_vjp(1.0, 0.8, 0.5);
    assert_eq!(e, again);
    let (de, dm) = pull(Some(1.0));
    near(dot.expect("an orbit"), de - 2.0 * dm);
    let (x, dot) = parabola::root_jvp(3.0, 1.0, 1.0);
    assert_eq!((x, dot), (None, None));
    let (x, y) = (
        dmatrix![1.0, 0.5; -1.0, 2.0; 0.3, 0.3; 0.7, -0.2; 1.5, 0.1],
        dvector![1.0, 2.0, -1.0, 0.4, 0.8],
    );
    let (dx, dy) = (x.map(|v: f64| v.cos()), y.map(|v: f64| v.sin()));
    let (_, dot) = held_out::jvp(-1.0, &x, &y, 0.3, &dx, &dy);
    let (dp, gx, gy) = held_out::grad(-1.0, &x, &y);
    near(dot, 0.3 * dp + gx.dot(&dx) + gy.dot(&dy));
}

// === higher orders ===

/// The coefficients of `closed` and of `found`, which must be the same.
fn same<const N: usize>(found: [f64; N], closed: [f64; N]) {
    for (k, (found, closed)) in found.into_iter().zip(closed).enumerate() {
        assert!(
            (found - closed).abs() <= 1e-11 * (1.0 + closed.abs()),
            "order {k}: {found} is not {closed}"
        );
    }
}

#[differentiate(order = 5, root)]
fn cube(x: f64, p: f64) -> f64 {
    x * x * x - p
}

#[differentiate(order = 5)]
fn cube_root(p: f64) -> f64 {
    cube::root(1.0, p).unwrap_or(0.0)
}

#[test]
fn a_root_to_the_fifth_order() {
    let (mut coefficient, mut closed) = (2.0_f64.cbrt(), [0.0; 6]);
    for (k, it) in (0..6_u8).zip(&mut closed) {
        *it = coefficient;
        let k = f64::from(k);
        coefficient *= (1.0 / 3.0 - k) / (k + 1.0) / 2.0;
    }
    same(cube_root::taylor(2.0, 1.0), closed);
    // The value is that of the solver, bit for bit.
    assert_eq!(cube_root::grad(2.0), cube_root::jvp(2.0, 1.0).1);
    assert_eq!(Some(cube_root::taylor(2.0, 1.0)[0]), cube::root(1.0, 2.0));
    // Without a solution there is nothing that moves.
    assert_eq!(cube_root::taylor(f64::NAN, 1.0), [0.0; 6]);
}

/// Derivatives of derivatives, in functions.
#[differentiate(order = 3)]
fn slope_of_cube_root(p: f64) -> f64 {
    cube_root::grad(p * p)
}

#[differentiate]
fn curved(p: f64) -> f64 {
    cube_root::hvp(p, p)
}

#[test]
fn derivatives_in_functions() {
    // (p²)^(-2/3) / 3 = p^(-4/3) / 3
    let third = slope_of_cube_root::taylor(1.5, 1.0)[3];
    near(
        third,
        -(4.0 * 7.0 * 10.0) / 81.0 * 1.5_f64.powf(-13.0 / 3.0) / 6.0,
    );
    // -2/9 p^(-5/3) p
    near(curved::grad(1.5), 4.0 / 27.0 * 1.5_f64.powf(-5.0 / 3.0));
}

/// Where a circle meets a parabola.
#[differentiate(order = 4, root)]
fn apart(x: &Vector2<f64>, radius: &f64) -> Vector2<f64> {
    Vector2::new(x.norm_squared() - radius * radius, x.y - x.x * x.x)
}

#[differentiate(order = 4)]
fn height(radius: f64) -> f64 {
    apart::root(&vector![1.0, 1.0], &radius).map_or(0.0, |x| x.y * x.x * x.x)
}

#[differentiate(order = 4)]
fn closed_height(radius: f64) -> f64 {
    let y = ((1.0 + 4.0 * radius * radius).sqrt() - 1.0) / 2.0;
    y * y
}

#[test]
fn a_system() {
    same(height::taylor(1.3, 0.7), closed_height::taylor(1.3, 0.7));
    near(height::hessian(1.3)[0], closed_height::hessian(1.3)[0]);
}

#[differentiate(order = 3, root)]
fn square_roots_of(x: &[f64], of: &[f64], scale: Vec<f64>) -> Vec<f64> {
    (0..x.len())
        .map(|i| x[i] * x[i] - of[i] * scale[i])
        .collect()
}

#[differentiate(order = 3)]
fn product_of_roots(of: &[f64], scale: &[f64]) -> Option<f64> {
    let start = vec![1.0; of.len()];
    let x = square_roots_of::root(&start, of, scale.to_vec())?;
    Some(x.iter().product())
}

#[differentiate(order = 3)]
fn root_of_product(of: &[f64], scale: &[f64]) -> Option<f64> {
    let x: f64 = of.iter().zip(scale).map(|(a, b)| a * b).product();
    Some(x.sqrt())
}

#[differentiate(order = 3)]
fn found(of: &[f64], scale: &[f64]) -> f64 {
    product_of_roots(of, scale).unwrap_or(0.0)
}

#[differentiate(order = 3)]
fn wanted(of: &[f64], scale: &[f64]) -> f64 {
    root_of_product(of, scale).unwrap_or(0.0)
}

#[test]
fn slices_and_what_is_owned() {
    let (of, scale) = ([2.0, 3.0, 0.5], [1.5, 0.4, 2.0]);
    let (dof, dscale) = ([1.0, -0.5, 0.2], [0.3, 0.0, 1.0]);
    same(
        found::taylor(&of, &scale, &dof, &dscale),
        wanted::taylor(&of, &scale, &dof, &dscale),
    );
    let (found, wanted) = (found::hessian(&of, &scale), wanted::hessian(&of, &scale));
    assert!((found - wanted).norm() < 1e-11);
}

/// `x³ + x = p`, where the slope of the cost is zero.
#[differentiate(order = 5, argmin)]
fn quartic(x: f64, p: f64) -> f64 {
    0.25 * x.powi(4) + 0.5 * x * x - p * x
}

#[differentiate(order = 4)]
fn lowest(p: f64) -> f64 {
    quartic::argmin(0.0, p).unwrap_or(0.0)
}

#[differentiate(order = 4)]
fn closed_lowest(p: f64) -> f64 {
    let root = (p * p / 4.0 + 1.0 / 27.0).sqrt();
    (p / 2.0 + root).cbrt() + (p / 2.0 - root).cbrt()
}

#[test]
fn a_minimum_to_the_fourth_order() {
    for p in [-0.7, 0.4, 2.0] {
        same(lowest::taylor(p, 1.0), closed_lowest::taylor(p, 1.0));
    }
    assert_eq!(lowest(0.0), 0.0);
    assert_eq!(lowest::taylor(f64::INFINITY, 1.0), [0.0; 5]);
}

/// A cost of vectors that is not quadratic.
#[differentiate(order = 3, argmin)]
fn bowl(x: &DVector<f64>, a: &DMatrix<f64>, b: DVector<f64>, quartic: f64) -> f64 {
    let sum = x.dot(x);
    0.5 * (a * x).norm_squared() + sum - b.dot(x) + quartic * sum * sum
}

#[differentiate(order = 2)]
fn depth(a: &DMatrix<f64>, b: &DVector<f64>, quartic: f64) -> f64 {
    let start = DVector::zeros(b.len());
    match bowl::argmin(&start, a, 2.0 * b, quartic) {
        Some(x) => x[0] * x[1] + x.norm(),
        None => 0.0,
    }
}

#[differentiate(order = 2)]
fn held_out_again(penalty: f64, y: &DVector<f64>) -> f64 {
    let x = dmatrix![1.0, 0.5; -1.0, 2.0; 0.3, 0.3];
    let w = ridge::argmin(&DVector::zeros(2), &x, y, penalty.exp());
    w.map_or(0.0, |w| w[0] * w[1])
}

#[test]
fn hessians_through_minima() {
    let (a, b) = (dmatrix![1.0, 0.4; -0.2, 0.9], dvector![0.7, -1.1]);
    differentiate::check!(depth(&a, &b, 0.3), order = 2);
    let hessian = depth::hessian(&a, &b, 0.3);
    assert!((&hessian - hessian.transpose()).norm() < 1e-12);
    assert!(hessian.norm() > 0.1);
    let (da, db) = (a.map(|v: f64| v.sin()), b.map(|v: f64| v.cos()));
    let (ha, hb, hq) = depth::hvp(&a, &b, 0.3, &da, &db, 0.5);
    let direction = dvector![da[0], da[1], da[2], da[3], db[0], db[1], 0.5];
    let product = hessian * direction;
    near(product[0], ha[0]);
    near(product[5], hb[1]);
    near(product[6], hq);
    differentiate::check!(held_out_again(-1.0, &dvector![1.0, 2.0, -1.0]), order = 2);
}

/// A trait that is not in scope, a name of its own, a function that has the name of what is generated, a module whose
/// functions know each other, patterns, numbers of any kind.
mod traits {
    pub(super) trait Strain<T> {
        fn strain(&self, x: T, cubic: T) -> T;
    }
}

#[differentiate(order = 3, root, argmin)]
impl traits::Strain<f64> for Spring {
    fn strain(&self, x: f64, cubic: f64) -> f64 {
        0.5 * self.stiffness * x * x + cubic * x.powi(4) - self.load * x
    }
}

#[differentiate(order = 2)]
fn strained(spring: &Spring, cubic: f64) -> f64 {
    let low = spring.strain_argmin(0.1, cubic).unwrap_or(0.0);
    let zero = spring.strain_root(4.0, cubic).unwrap_or(0.0);
    low * zero
}

#[differentiate(order = 3, root, name = d_renamed)]
fn renamed(x: f64, p: f64) -> f64 {
    x * x - p
}

mod named {
    use differentiate::differentiate;

    #[differentiate(order = 3, root)]
    pub(super) fn root(x: f64, p: f64) -> f64 {
        x * x - p
    }

    #[differentiate(order = 3)]
    pub(super) fn square_root(p: f64) -> f64 {
        root::root(1.0, p).unwrap_or(0.0)
    }
}

#[differentiate(order = 3)]
mod module {
    use differentiate::differentiate;

    type Pair = [f64; 2];

    fn product(x: &Pair) -> f64 {
        x[0] * x[1]
    }

    #[differentiate(order = 3, root)]
    fn residuals(x: &Pair, p: f64) -> Pair {
        [product(x) - p, x[0] - x[1]]
    }

    pub(super) fn square_root(p: f64) -> f64 {
        residuals::root(&[1.0, 2.0], p).map_or(0.0, |x| x[0])
    }
}

#[differentiate(order = 3, root)]
fn patterns((a, b): (f64, f64), [p, q]: [f64; 2]) -> (f64, f64) {
    (a * b - p, a - b * q)
}

#[derive(Clone, Debug, Differentiable)]
struct Model<T> {
    scale: T,
}

#[differentiate(order = 3, root)]
impl<T: Real> Model<T> {
    fn scaled(&self, x: T, p: T) -> T {
        x * x * self.scale - p
    }

    fn free(x: T, p: T) -> T {
        x * x - p
    }
}

#[differentiate(order = 3)]
fn of_members(model: &Model<f64>, p: f64) -> f64 {
    let x = model.scaled_root(1.0, p).unwrap_or(0.0);
    x * Model::<f64>::free_root(1.0, p).unwrap_or(0.0)
}

#[differentiate(order = 3, root)]
fn any<T: Real, const N: usize>(x: [T; N], p: T, #[no_diff] power: &Power) -> [T; N] {
    x.map(|x| x.powi(power.0) - p)
}

struct Power(i32);

#[differentiate(order = 3)]
fn of_any<T: Real>(p: T) -> T {
    let [x, y] = any::root([T::one(); 2], p, &Power(2)).unwrap_or([T::zero(); 2]);
    x * y * y
}

#[test]
fn of_all_kinds() {
    let spring = Spring {
        stiffness: 2.0,
        load: 3.0,
    };
    differentiate::check!(strained(&spring, 0.1), order = 2);
    let (x, dot) = d_renamed::root_jvp(1.0, 4.0, 1.0);
    assert_eq!((x, dot), (Some(2.0), Some(0.25)));
    let taylor = [2.0, 0.25, -1.0 / 64.0, 1.0 / 512.0];
    same(named::square_root::taylor(4.0, 1.0), taylor);
    same(module::square_root::taylor(4.0, 1.0), taylor);
    let (x, dot) = patterns::root_jvp((1.0, 1.0), [1.0, 1.0], [1.0, 0.0]);
    assert_eq!((x, dot), (Some((1.0, 1.0)), Some((0.5, 0.5))));
    // p / √4, of which 1 / √scale has the derivatives.
    let (model, dot) = (Model { scale: 4.0 }, ModelTangent { scale: 1.0 });
    let [value, first, second, third] = of_members::taylor(&model, 2.0, &dot, 0.0);
    same(
        [value, first, second, third],
        [1.0, -1.0 / 8.0, 3.0 / 128.0, -5.0 / 1024.0],
    );
    // p^(3/2)
    same(
        of_any::taylor(4.0, 1.0),
        [8.0, 3.0, 3.0 / 16.0, -1.0 / 128.0],
    );
    let [value, first, second, third] = of_any::taylor(4.0_f32, 1.0);
    assert!((value - 8.0).abs() < 1e-5 && (first - 3.0).abs() < 1e-5);
    assert!((second - 0.1875).abs() < 1e-5 && (third + 1.0 / 128.0).abs() < 1e-5);
}

#[test]
fn singular_at_higher_orders() {
    // The tangent of a double root is not defined, and zero along zero.
    let (_, dot) = parabola::root_jvp(0.0, 0.0, 1.0);
    assert!(dot.expect("a root").is_nan());
    assert_eq!(parabola::root_jvp(0.0, 0.0, 0.0), (Some(0.0), Some(0.0)));
}
