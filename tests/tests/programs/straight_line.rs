//! No control flow: operators, elementary functions, tuples, values used often or not at all.

use crate::battery::{battery, kink, pullback};
use differentiate::{detach, differentiate};

// L5: y is assigned twice, and both values are returned.
#[differentiate(order = 2)]
fn l5(a: f64) -> (f64, f64) {
    let mut y = 2.0 * a;
    y = y + 2.0 * a;
    let x = y + 5.0 * a;
    (x, y)
}

#[differentiate(order = 2)]
fn l5_compound(a: f64) -> [f64; 2] {
    let mut y = 2.0 * a;
    y += 2.0 * a;
    [y + 5.0 * a, y]
}

#[test]
fn l5_in_both_ways() {
    pullback!(l5(*a), at a = 1.0)
        .is((9.0, 4.0))
        .maps((1.0, 1.0), 13.0);
    pullback!(l5_compound(*a), at a = 1.0)
        .is([9.0, 4.0])
        .maps([1.0, 1.0], 13.0);
}

// W7 without its loop.
#[differentiate(order = 2)]
fn w7(c: f64, w: &[f64; 2], x: &[f64; 2]) -> f64 {
    1.0 / (c + w[0] * x[0] + w[1] * x[1])
}

#[test]
fn w7_straight() {
    let n = -1.0 / 144.0;
    battery!(w7(*c, w, x), at c = 1.0, w = [1.0, 2.0], x = [3.0, 4.0])
        .is(1.0 / 12.0, (n, [3.0 * n, 4.0 * n], [n, 2.0 * n]));
}

#[differentiate(order = 2)]
fn operators(x: f64, y: f64) -> f64 {
    let a = x + y - (-x) * 3.0;
    let b = a / y % 2.0;
    let c = -(b - 2.0) * 0.5;
    c * a - x / 4.0 + 7.0 % y
}

#[differentiate(order = 2)]
fn compound(x: f64, y: f64) -> f64 {
    let mut a = x;
    a += y * a;
    a -= a / y;
    a *= a;
    a /= x + a;
    a %= 1.5;
    a
}

#[differentiate(order = 2)]
fn overwritten_after_use(x: f64) -> f64 {
    let mut a = x.sin();
    let b = a * a;
    a = b.exp();
    let c = a * b;
    a = x;
    a * c + b
}

#[differentiate(order = 2)]
fn used_many_times(x: f64) -> f64 {
    let y = x * x;
    y * y * y + y / (1.0 + y) - y.sqrt() * y.ln() + (y + y) * y.powf(y)
}

#[differentiate(order = 2)]
fn aliases(x: f64) -> f64 {
    let y = x;
    let z = &y;
    let w = &z;
    **w * *z + y * x
}

#[differentiate(order = 2)]
fn references(x: &f64, y: &f64) -> f64 {
    let s = x + y;
    let r = &s;
    r * x - y * r / *x
}

#[test]
fn scalar_operators() {
    battery!(operators(*x, *y), at x = 1.3, y = 2.2);
    battery!(compound(*x, *y), at x = 1.3, y = 2.2);
    battery!(overwritten_after_use(*x), at x = 0.7);
    battery!(used_many_times(*x), at x = 1.2);
    battery!(aliases(*x), at x = 3.0).is(18.0, 12.0);
    battery!(references(x, y), at x = 1.7, y = -0.4);
}

#[differentiate(order = 2)]
#[allow(unused_variables, reason = "that is the case")]
fn unused_parameters(a: f64, x: f64, v: &[f64], n: usize) -> f64 {
    x * 3.0
}

#[differentiate(order = 2)]
#[allow(unused_variables, reason = "that is the case")]
fn constant_value(x: f64, v: &[f64; 2]) -> f64 {
    4.25
}

#[differentiate(order = 2)]
fn returns_its_argument(x: f64) -> f64 {
    x
}

#[differentiate(order = 2)]
fn returns_a_copy(v: &[f64; 3]) -> [f64; 3] {
    *v
}

#[test]
fn what_does_not_matter() {
    battery!(unused_parameters(*a, *x, v, 3), at a = 1.0, x = 2.0, v = vec![1.0, 2.0])
        .is(6.0, (0.0, 3.0, vec![0.0, 0.0]));
    battery!(constant_value(*x, v), at x = 1.0, v = [1.0, 2.0]).is(4.25, (0.0, [0.0; 2]));
    battery!(returns_its_argument(*x), at x = 1.5).is(1.5, 1.0);
    pullback!(returns_a_copy(v), at v = [1.0, 2.0, 3.0]).maps([0.5, 0.0, 2.0], [0.5, 0.0, 2.0]);
}

#[differentiate(order = 2)]
fn tuples_of_tuples(x: f64, y: f64) -> ((f64, f64), (f64, (f64, f64))) {
    let p = (x * y, (x + y, x));
    let (a, (b, c)) = p;
    let q = ((a, b), p.1);
    ((q.0.0 * q.1.1, c), (q.1.0, (a * b, 1.0)))
}

#[differentiate(order = 2)]
fn tuple_parameter(p: (f64, f64), (u, v): (f64, f64)) -> f64 {
    p.0 * u - p.1 * v * u
}

#[differentiate(order = 2)]
fn nested_tuple_parameter(((a, _), b): ((f64, f64), f64)) -> f64 {
    a * b * b
}

#[differentiate(order = 2)]
fn arrays(x: f64, v: &[f64; 3]) -> [[f64; 2]; 2] {
    let [a, b, c] = *v;
    let m = [[a, x], [b * x, c]];
    let [first, [_, d]] = m;
    [[first[0] * d, m[1][0]], [x, m[0][1] * m[0][1]]]
}

#[differentiate(order = 2)]
fn repeated(x: f64) -> f64 {
    let v = [x * x; 4];
    v[0] * v[1] + v[3] * x
}

#[test]
fn aggregates() {
    pullback!(tuples_of_tuples(*x, *y), at x = 1.2, y = -0.3);
    battery!(tuple_parameter(*p, *q), at p = (1.0, 2.0), q = (3.0, 4.0))
        .is(-21.0, ((3.0, -12.0), (-7.0, -6.0)));
    battery!(nested_tuple_parameter(*p), at p = ((2.0, 9.0), 3.0)).is(18.0, ((9.0, 0.0), 12.0));
    pullback!(arrays(*x, v), at x = 0.5, v = [1.0, 2.0, 3.0]);
    battery!(repeated(*x), at x = 2.0).is(24.0, 44.0);
}

#[differentiate(order = 2)]
fn detached(x: f64, y: f64) -> f64 {
    detach(x * y) * x + detach(y) * y
}

#[differentiate(order = 2)]
fn detached_reference(y: f64) -> f64 {
    detach(&y) * y
}

#[differentiate(order = 2)]
fn no_diff(x: f64, #[no_diff] k: f64) -> f64 {
    x * k + k.sin()
}

#[differentiate(order = 2, wrt(w, b))]
fn with_respect_to(x: f64, w: f64, b: f64) -> f64 {
    w * x + b * b
}

#[test]
fn what_counts_as_a_constant() {
    kink!(detached(*x, *y), at x = 3.0, y = 2.0).is(22.0, (6.0, 2.0));
    battery!(no_diff(*x, 4.0), at x = 3.0).gradient_is(4.0);
    battery!(with_respect_to(5.0, *w, *b), at w = 2.0, b = 3.0).is(19.0, (5.0, 6.0));
}

const HALF: f64 = 0.5;
static SCALE: f64 = 3.0;

#[differentiate(order = 2)]
fn constants(x: f64) -> f64 {
    const THIRD: f64 = 1.0 / 3.0;
    let turn = std::f64::consts::TAU;
    (x * HALF + THIRD).sin() * SCALE + turn * x + f64::EPSILON
}

#[differentiate(order = 2)]
fn universal_call(x: f64, y: f64) -> f64 {
    f64::sin(x) * f64::powi(y, 3) + f64::max(x, y) + f64::atan2(y, x)
}

#[differentiate(order = 2)]
fn chained(x: f64) -> f64 {
    x.abs()
        .sqrt()
        .mul_add(x, 1.0)
        .ln_1p()
        .hypot(x)
        .max(0.25)
        .min(10.0)
        .clamp(-3.0, 3.0)
        .powi(-2)
}

#[differentiate(order = 2)]
fn single_precision(x: f32, v: &[f32; 2]) -> f32 {
    let y = x.sin() * v[0];
    (y * 2.5 + v[1]).exp() / (1.0 + x * x)
}

#[differentiate(order = 2)]
fn mixed_precision(x: f32, y: f64) -> f64 {
    x as f64 * y + (y as f32 * x) as f64
}

#[differentiate(order = 2)]
fn from_single(x: f32, y: f64) -> f64 {
    f64::from(x) * y
}

#[test]
fn elementary() {
    battery!(constants(*x), at x = 0.3);
    battery!(universal_call(*x, *y), at x = 0.3, y = 1.4);
    battery!(chained(*x), at x = 1.7);
    battery!(single_precision(*x, v), at x = 0.4, v = [0.5, -0.25]);
    // Single precision is too coarse for differences of gradients.
    battery!(mixed_precision(*x, *y), first at x = 0.5, y = 2.0);
    kink!(mixed_precision(*x, *y), at x = 0.5, y = 2.0);
}

// M1 and J3 without what they are called for: names that the generated code could use itself.
#[differentiate(order = 2)]
fn names_of_ours(x: f64, d_x: f64, seed: f64, tape: f64) -> f64 {
    let __tape = x * d_x;
    let zero_x = seed * tape;
    let (old_1, kept_t) = (__tape * zero_x, zero_x + x);
    let shadow = old_1 / kept_t;
    let next = shadow * x;
    let residual = next + d_x;
    let value = residual * residual;
    let core = value.sin();
    let std = core + tape * d_x;
    let grad = std * x;
    let y = grad + seed;
    let g = y * std;
    let differentiate = g;
    let back = differentiate + x;
    back + value + zero_x
}

#[differentiate(order = 2)]
fn more_names(m: f64, tp: f64, t: f64, __private: f64) -> f64 {
    let (f, r, s, p) = (m * tp, t * t, __private.sin(), m);
    let (out, result, pull, slot, put) = (f * r, s * p, r * f, m / 3.0, tp * t);
    let (d_m, d_tp, held, c, w, k) = (out, result, pull, slot, put, f);
    let (body, exit, code, saved, lane, mark) = (d_m * k, d_tp * w, held, c, p * s, tp);
    body * exit + code * saved - lane / mark
}

#[test]
fn names() {
    battery!(names_of_ours(*x, *a, *b, *c), at x = 0.6, a = 1.1, b = 0.7, c = -0.4);
    battery!(more_names(*a, *b, *c, *d), at a = 0.6, b = 1.1, c = 0.7, d = -0.4);
}
