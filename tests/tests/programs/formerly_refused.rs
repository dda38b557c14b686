//! Programs that the compiler refused once: each was a compile-fail case, and is kept as it was written.

use differentiate::{Differentiable, differentiate};
use nalgebra::{DMatrix, DVector, Vector2, Vector3, dvector};

use crate::battery::{battery, close, pullback};

#[differentiate(order = 2)]
fn element_written(x: Vec<f64>) -> f64 {
    let mut y = x;
    y[0] = y[0].min(1.0);
    y[0] * y[1]
}

#[test]
fn write_to_an_element() {
    battery!(element_written(x.clone()), at x = vec![0.5, 2.0]).is(1.0, vec![2.0, 0.5]);
    battery!(element_written(x.clone()), at x = vec![1.5, 2.0]).is(2.0, vec![0.0, 1.0]);
}

#[differentiate(order = 2)]
fn element_increased(x: f64) -> f64 {
    let mut v = Vector3::new(1.0, 2.0, 3.0);
    v[0] += x;
    v.norm()
}

#[test]
fn add_to_an_element() {
    battery!(element_increased(*x), at x = 1.0).is(17.0_f64.sqrt(), 2.0 / 17.0_f64.sqrt());
}

#[differentiate(order = 2)]
fn prefix_sums(x: &[f64]) -> f64 {
    let mut sums = vec![0.0; x.len() + 1];
    for i in 0..x.len() {
        sums[i + 1] = sums[i] + x[i];
    }
    sums[x.len()] * sums[1]
}

#[test]
fn active_value_into_an_inactive_buffer() {
    battery!(prefix_sums(x), at x = vec![2.0, 3.0, 5.0]).is(20.0, vec![12.0, 2.0, 2.0]);
}

#[differentiate(order = 2)]
fn bounce(position: Vector2<f64>) -> f64 {
    let mut p = position;
    if p.y < 0.0 {
        p.y = -p.y;
    }
    p.norm()
}

#[test]
fn field_write() {
    battery!(bounce(*x), at x = Vector2::new(3.0, -4.0)).is(5.0, Vector2::new(0.6, -0.8));
    battery!(bounce(*x), at x = Vector2::new(3.0, 4.0)).is(5.0, Vector2::new(0.6, 0.8));
}

#[derive(Clone, Default, Differentiable)]
struct Totals {
    loss: f64,
}

#[differentiate(order = 2)]
fn accumulated(x: &[f64]) -> f64 {
    let mut totals = Totals::default();
    for v in x {
        totals.loss += v * v;
    }
    totals.loss
}

#[test]
fn active_value_into_a_field() {
    battery!(accumulated(x), at x = vec![1.0, -2.0]).is(5.0, vec![2.0, -4.0]);
    battery!(accumulated(x), at x = vec![]).is(0.0, vec![]);
}

#[differentiate(order = 2)]
fn scaled(x: f64) -> f64 {
    let mut weights = [1.0, 2.0, 3.0];
    for w in weights.iter_mut() {
        *w *= x;
    }
    weights[0] + weights[1] * weights[2]
}

#[test]
fn for_loop_over_iter_mut() {
    battery!(scaled(*x), at x = 2.0).is(26.0, 25.0);
}

#[differentiate(order = 2)]
fn column_filled(x: &DVector<f64>) -> f64 {
    let mut m = DMatrix::zeros(2, 2);
    m.column_mut(0).copy_from(x);
    m.norm()
}

#[test]
fn column_mut() {
    battery!(column_filled(x), at x = dvector![3.0, -4.0]).is(5.0, dvector![0.6, -0.8]);
}

#[differentiate(order = 2)]
fn column_increased(x: &DVector<f64>) -> f64 {
    let mut m = DMatrix::zeros(2, 2);
    let mut first = m.column_mut(0);
    first += x;
    m.norm()
}

#[test]
fn view_updated_as_a_whole() {
    battery!(column_increased(x), at x = dvector![3.0, -4.0]).is(5.0, dvector![0.6, -0.8]);
}

#[differentiate(order = 2)]
fn columns_increased(x: &DVector<f64>) -> f64 {
    let mut m = DMatrix::zeros(2, 2);
    for mut column in m.column_iter_mut() {
        column += x;
    }
    m.norm_squared()
}

#[test]
fn views_in_a_loop() {
    battery!(columns_increased(x), at x = dvector![3.0, -4.0]).is(50.0, dvector![12.0, -16.0]);
}

#[differentiate(order = 2)]
fn trajectory(x0: f64) -> f64 {
    let mut states = vec![x0];
    for _ in 0..10 {
        let last = states[states.len() - 1];
        states.push(last * 0.5);
    }
    states.iter().sum()
}

#[test]
fn push() {
    let slope = 2.0 - 0.5_f64.powi(10);
    battery!(trajectory(*x), at x = 3.0).is(3.0 * slope, slope);
}

#[differentiate(order = 2)]
fn squares(x: &[f64]) -> f64 {
    let mut out = Vec::new();
    for v in x {
        out.push(v * v);
    }
    out.iter().sum()
}

#[test]
fn push_into_an_empty_vec() {
    battery!(squares(x), at x = vec![1.0, -2.0]).is(5.0, vec![2.0, -4.0]);
    battery!(squares(x), at x = vec![]).is(0.0, vec![]);
}

#[differentiate(order = 2)]
fn difference(x: &[f64]) -> f64 {
    let mut previous = 0.0;
    let mut total = 0.0;
    for &v in x {
        let before = std::mem::replace(&mut previous, v);
        total += (v - before) * (v - before);
    }
    total
}

#[test]
fn replace() {
    battery!(difference(x), at x = vec![1.0, 3.0]).is(5.0, vec![-2.0, 4.0]);
}

#[differentiate(order = 2)]
fn ordered_ratio(x: f64, y: f64) -> f64 {
    let mut a = x;
    let mut b = y;
    if a > b {
        std::mem::swap(&mut a, &mut b);
    }
    a / b
}

#[test]
fn swap() {
    battery!(ordered_ratio(*x, *y), at x = 1.0, y = 2.0).is(0.5, (0.5, -0.25));
    battery!(ordered_ratio(*x, *y), at x = 2.0, y = 1.0).is(0.5, (-0.25, 0.5));
}

#[differentiate(order = 2)]
fn through_a_name(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let target = &mut sum;
    for v in x {
        *target += v * v;
    }
    sum
}

#[test]
fn through_a_reference() {
    battery!(through_a_name(x), at x = vec![1.0, -2.0]).is(5.0, vec![2.0, -4.0]);
}

#[differentiate(order = 2)]
fn ends(x: &[f64]) -> f64 {
    match x {
        [first, .., last] => first * last,
        _ => 0.0,
    }
}

#[test]
fn slice_pattern_with_rest() {
    battery!(ends(x), at x = vec![2.0, 5.0, 3.0]).is(6.0, vec![3.0, 0.0, 2.0]);
    battery!(ends(x), at x = vec![2.0]).is(0.0, vec![0.0]);
}

#[differentiate(order = 2)]
fn roughness(x: &[f64]) -> f64 {
    x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum()
}

#[test]
fn windows() {
    battery!(roughness(x), at x = vec![0.0, 1.0, 3.0]).is(5.0, vec![-2.0, -2.0, 4.0]);
    battery!(roughness(x), at x = vec![1.0]).is(0.0, vec![0.0]);
}

#[differentiate(order = 2)]
fn helper(x: f64) -> f64 {
    let mut v = [0.0; 2];
    v[0] = x;
    v[0] * v[0]
}

#[differentiate(order = 2)]
fn with_a_helper(x: f64) -> f64 {
    helper(x.sin()) + 1.0
}

#[test]
fn write_in_a_helper() {
    battery!(with_a_helper(*x), at x = 1.0).is(
        1.0_f64.sin().powi(2) + 1.0,
        2.0 * 1.0_f64.sin() * 1.0_f64.cos(),
    );
}

#[differentiate(order = 2)]
fn normalize(x: &mut [f64]) -> f64 {
    let norm = x.iter().map(|v| v * v).sum::<f64>().sqrt();
    for v in x.iter_mut() {
        *v /= norm;
    }
    norm
}

#[test]
fn mutable_slice_parameter() {
    let mut x = vec![3.0, 4.0];
    assert_eq!(normalize(&mut x), 5.0);
    assert_eq!(x, [0.6, 0.8]);

    // The gradient of the norm.
    let mut x = vec![3.0, 4.0];
    let mut shadow = vec![0.0, 0.0];
    normalize::adjoint(&mut x, 1.0, &mut shadow);
    close("shadow", &shadow, &vec![0.6, 0.8], 1e-12);

    // The Jacobian of x / |x| is (1 - u uᵀ) / |x| with u = x / |x|; what is left in `x` has the cotangent (1, 0).
    let mut x = vec![3.0, 4.0];
    let mut shadow = vec![1.0, 0.0];
    assert_eq!(normalize::adjoint(&mut x, 0.0, &mut shadow), 5.0);
    assert_eq!(x, [3.0, 4.0], "the argument is left as it was found");
    close("shadow", &shadow, &vec![0.64 / 5.0, -0.48 / 5.0], 1e-12);

    // Both outputs together: the shadow takes the cotangent of the norm as well.
    let mut shadow = vec![1.0, 0.0];
    normalize::adjoint(&mut x, 2.0, &mut shadow);
    close("shadow", &shadow, &vec![1.2 + 0.128, 1.6 - 0.096], 1e-12);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Particle {
    x: f64,
    v: f64,
}

impl Particle {
    #[differentiate(order = 2)]
    fn step(&mut self, dt: f64) -> f64 {
        self.x += self.v * dt;
        self.x
    }
}

#[test]
fn mutable_self() {
    let start = Particle { x: 1.0, v: 2.0 };
    let mut particle = start.clone();
    assert_eq!(particle.step_grad(0.5), 2.0);
    assert_eq!(particle, Particle { x: 2.0, v: 2.0 });

    let mut particle = start.clone();
    let mut shadow = ParticleTangent { x: 10.0, v: 100.0 };
    let mut dt = 0.0;
    assert_eq!(particle.step_adjoint(0.5, 1.0, &mut shadow, &mut dt), 2.0);
    // d x' = 10 + 1, d v' = 100; x' = x + v dt.
    assert_eq!((shadow.x, shadow.v, dt), (11.0, 105.5, 22.0));
    assert_eq!(particle, start);
}

#[derive(Clone, PartialEq, Differentiable)]
struct State {
    position: f64,
    velocity: f64,
}

#[differentiate(order = 2)]
fn energy(x: f64, v: f64) -> f64 {
    let state = State {
        position: x,
        velocity: v,
    };
    0.5 * state.position * state.position + 0.5 * state.velocity * state.velocity
}

#[test]
fn struct_literal() {
    battery!(energy(*x, *v), at x = 3.0, v = 4.0).is(12.5, (3.0, 4.0));
}

#[derive(Clone, PartialEq, Differentiable)]
struct Meters(f64);

#[differentiate(order = 2)]
fn area_of_meters(width: f64, height: f64) -> f64 {
    let side = Meters(width);
    side.0 * height
}

#[test]
fn tuple_struct_constructor() {
    battery!(area_of_meters(*x, *y), at x = 3.0, y = 4.0).is(12.0, (4.0, 3.0));
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Segment {
    from: Vector2<f64>,
    to: Vector2<f64>,
}

#[differentiate(order = 2)]
fn length(segment: &Segment) -> f64 {
    let Segment { from, to } = segment;
    (to - from).norm()
}

#[test]
fn struct_pattern() {
    let at = Segment {
        from: Vector2::new(1.0, 1.0),
        to: Vector2::new(4.0, 5.0),
    };
    let (value, gradient) = length::value_and_grad(&at);
    assert_eq!(value, 5.0);
    close("from", &gradient.from, &Vector2::new(-0.6, -0.8), 1e-12);
    close("to", &gradient.to, &Vector2::new(0.6, 0.8), 1e-12);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle(f64),
    Square(f64),
}

#[differentiate(order = 2)]
fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(radius) => std::f64::consts::PI * radius * radius,
        Shape::Square(side) => side * side,
    }
}

#[test]
fn enum_pattern() {
    let ShapeTangent::Square(side) = area::grad(&Shape::Square(3.0)) else {
        panic!("another variant");
    };
    assert_eq!(side, 6.0);
    let ShapeTangent::Circle(radius) = area::grad(&Shape::Circle(1.0)) else {
        panic!("another variant");
    };
    assert_eq!(radius, 2.0 * std::f64::consts::PI);
}

#[differentiate(order = 2)]
fn option_written(x: &[f64]) -> f64 {
    let mut best: Option<f64> = Some(0.0);
    for &v in x {
        if let Some(b) = &mut best {
            *b += v * v;
        }
    }
    best.unwrap()
}

#[test]
fn option_in_place() {
    battery!(option_written(x), at x = vec![1.0, -2.0]).is(5.0, vec![2.0, -4.0]);
}

#[differentiate(order = 2)]
mod physics {
    pub fn kinetic(m: f64, v: f64) -> f64 {
        0.5 * m * v * v
    }
}

#[test]
fn on_a_module() {
    use physics::kinetic;
    battery!(kinetic(*m, *v), at m = 2.0, v = 3.0).is(9.0, (4.5, 6.0));
}

#[differentiate(order = 2)]
fn halve(state: &mut [f64], by: f64) -> f64 {
    state[0] *= by;
    state[0]
}

#[differentiate(order = 2)]
fn halved_in_a_condition(x: &[f64], by: f64) -> f64 {
    let mut state = x.to_vec();
    while halve(&mut state, by) > 1.1 {}
    state[0]
}

#[differentiate(order = 2)]
fn halved_in_an_index(x: &[f64], by: f64) -> f64 {
    let mut state = x.to_vec();
    x[halve(&mut state, by) as usize] * state[0]
}

#[differentiate(order = 2)]
fn stepped_in_a_condition(x: f64, dt: f64) -> f64 {
    let mut particle = Particle { x, v: 3.0 };
    if particle.step(dt) > 1.0 {
        particle.x
    } else {
        0.0
    }
}

#[test]
fn calls_that_write_inside_of_expressions() {
    battery!(halved_in_a_condition(x, *by), at x = vec![3.0], by = 0.5).is(0.75, (vec![0.25], 3.0));
    battery!(halved_in_an_index(x, *by), at x = vec![2.5, 3.0], by = 0.5)
        .is(3.75, (vec![1.5, 1.25], 7.5));
    battery!(stepped_in_a_condition(*x, *dt), at x = 2.0, dt = 0.5).is(3.5, (1.0, 3.0));
    battery!(stepped_in_a_condition(*x, *dt), at x = -2.0, dt = 0.5).is(0.0, (0.0, 0.0));
}

#[differentiate(order = 2)]
fn replaced_in_a_cast(x: f64) -> f64 {
    let mut y = x * x;
    let before = std::mem::replace(&mut y, 3.0 * x) as usize;
    y * before as f64
}

#[differentiate(order = 2)]
fn taken(x: f64) -> f64 {
    let mut best = Some(x * x);
    let taken = best.take();
    taken.unwrap()
}

#[test]
fn replace_and_take() {
    battery!(replaced_in_a_cast(*x), at x = 1.5).is(9.0, 6.0);
    battery!(taken(*x), at x = 1.5).is(2.25, 3.0);
}

#[differentiate(order = 2)]
fn positive(x: &[f64]) -> f64 {
    let kept: Vec<f64> = x.iter().copied().filter(|v| *v > 0.0).collect();
    kept[0] * kept[1]
}

#[test]
fn collect_after_filter() {
    battery!(positive(x), at x = vec![2.0, -1.0, 3.0]).is(6.0, vec![3.0, 0.0, 2.0]);
}

/// The literal is of the type that the function belongs to.
#[differentiate(order = 2)]
fn largest(x: &[f64], k: f64) -> f64 {
    let greatest = x.iter().map(|v| v * k).fold(0.0, f64::max);
    greatest * x.iter().copied().fold(9.0, f64::min)
}

#[test]
fn fold_with_a_function_of_numbers() {
    battery!(largest(x, *k), at x = vec![1.5, 3.0, 2.0], k = 2.0)
        .is(9.0, (vec![6.0, 3.0, 0.0], 4.5));
}

/// What `?` gives is borrowed from the parameter.
#[differentiate(order = 2)]
fn against_the_first(x: &[f64], k: f64) -> Option<f64> {
    let first = x.first()?;
    let second = x.get(1)?;
    Some(x.iter().map(|v| v * first).sum::<f64>() * second * k)
}

#[differentiate(order = 2)]
fn scaled_by_the_last(x: &[f64]) -> Option<Vec<f64>> {
    let last = x.last()?;
    Some(x.iter().map(|v| v * last).collect())
}

#[test]
fn tried_references() {
    pullback!(against_the_first(x, *k), at x = vec![1.5, 3.0, 2.0], k = 2.0);
    pullback!(scaled_by_the_last(x), at x = vec![1.5, 3.0, 2.0]);
}

/// An iterator that may be empty.
#[differentiate(order = 2)]
fn reduced(x: &[f64], k: f64) -> f64 {
    let product = x.iter().copied().reduce(|a, b| a * b).unwrap_or(k);
    let largest = x.iter().map(|v| v * v * k).reduce(f64::max);
    let least = x.iter().copied().min_by(|a, b| a.total_cmp(b));
    product * k + least.unwrap_or(k * k) * largest.unwrap_or_default()
}

/// A condition that looks into an option.
#[differentiate(order = 2)]
fn nearest(x: &[f64], at: f64) -> f64 {
    let mut best: Option<(f64, usize)> = None;
    for (i, v) in x.iter().enumerate() {
        let distance = (v - at) * (v - at);
        if best.map_or(true, |(least, _)| distance < least) {
            best = Some((distance, i));
        }
    }
    best.map_or(0.0, |(distance, i)| distance * x[i] * i as f64)
}

#[test]
fn options_of_iterators() {
    battery!(reduced(x, *k), at x = vec![1.0, 2.0, 0.4], k = 0.7);
    battery!(reduced(x, *k), at x = vec![], k = 0.7);
    battery!(nearest(x, *at), at x = vec![1.0, 2.0, 0.4, 1.4], at = 1.8);
}
