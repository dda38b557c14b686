//! Steps that are repeated: the derivative is that of the loop, whatever is kept, and the schedule computes no more than
//! it must.

use std::cell::Cell;

use differentiate::nalgebra::{Matrix2, Vector2};
use differentiate::{Differentiable, Real, check, differentiate};

type State = [f64; 3];

#[differentiate(order = 2, repeat)]
fn step(x: &State, force: f64, rates: &[f64], #[no_diff] h: f64) -> State {
    let mut next = *x;
    for i in 0..3 {
        next[i] += h * (x[(i + 1) % 3] * x[(i + 2) % 3] * rates[i] - x[i].sin() + force);
    }
    next
}

#[differentiate(order = 2)]
fn in_a_loop(start: &State, force: f64, rates: &[f64], steps: usize) -> f64 {
    let mut x = *start;
    for _ in 0..steps {
        x = step(&x, force, rates, 0.05);
    }
    x[0] * x[1] + x[2]
}

#[differentiate(order = 2)]
fn repeated(start: &State, force: f64, rates: &[f64], steps: usize, keep: usize) -> f64 {
    let x = step::repeat(start, force, rates, 0.05, steps, keep);
    x[0] * x[1] + x[2]
}

#[test]
fn the_gradient_is_that_of_the_loop() {
    let (start, rates) = ([0.3, -0.4, 0.9], [0.7, 1.1, -0.6]);
    for steps in [0, 1, 2, 3, 7, 40] {
        let wanted = in_a_loop::value_and_grad(&start, 0.2, &rates, steps);
        for keep in [0, 1, 2, 3, 5, 40, 1000] {
            let found = repeated::value_and_grad(&start, 0.2, &rates, steps, keep);
            assert_eq!(found.0, wanted.0, "{steps} {keep}");
            let parts =
                |(x, force, rates): ([f64; 3], f64, Vec<f64>)| [&x[..], &[force], &rates].concat();
            for (found, wanted) in parts(found.1).into_iter().zip(parts(wanted.1.clone())) {
                assert!(
                    (found - wanted).abs() <= 1e-13 * wanted.abs().max(1.0),
                    "{steps} {keep}"
                );
            }
        }
    }
    check!(repeated(&start, 0.2, &rates, 12, 3), order = 2);
}

#[test]
fn alone_it_has_a_pullback_and_an_adjoint() {
    let (start, rates) = ([0.3, -0.4, 0.9], [0.7, 1.1, -0.6]);
    let (x, pull) = step::repeat_vjp(&start, 0.2, &rates, 0.05, 9, 2);
    assert_eq!(x, step::repeat(&start, 0.2, &rates, 0.05, 9, 2));
    let (dx, dforce, drates) = pull([1.0, 0.5, -2.0]);
    assert_eq!(
        pull([1.0, 0.5, -2.0]),
        (dx, dforce, drates.clone()),
        "again"
    );
    let (mut ax, mut aforce, mut arates) = ([0.0; 3], 0.0, vec![0.0; 3]);
    let value = step::repeat_adjoint(
        &start,
        0.2,
        &rates,
        0.05,
        9,
        2,
        [1.0, 0.5, -2.0],
        &mut ax,
        &mut aforce,
        &mut arates,
    );
    assert_eq!((value, ax, aforce, arates), (x, dx, dforce, drates));
}

thread_local!(static COMPUTED: Cell<usize> = const { Cell::new(0) });

fn counted() -> f64 {
    COMPUTED.set(COMPUTED.get() + 1);
    1.0
}

#[differentiate(order = 3, repeat)]
fn counting(x: f64, rate: f64) -> f64 {
    let one = counted();
    one * rate * x * (1.0 - x)
}

#[differentiate(order = 3)]
fn counting_again(x: f64, steps: usize, keep: usize) -> f64 {
    counting::repeat(x, 3.5, steps, keep)
}

#[test]
fn it_computes_no_more_than_it_must() {
    // Forward, before a step is pulled back, and where it is.
    let wanted = |steps: usize, times: usize, reach: usize| steps + (times * steps - reach) + steps;
    for (steps, keep, least) in [
        (10, 10, wanted(10, 1, 1)),
        // C(3 + 2, 3) = 10, and C(5, 4) = 5.
        (10, 3, wanted(10, 2, 5)),
        // C(2 + 3, 2) = 10, and C(5, 3) = 10.
        (10, 2, wanted(10, 3, 10)),
    ] {
        COMPUTED.set(0);
        let (_, pull) = counting::repeat_vjp(0.3, 3.5, steps, keep);
        let _ = pull(1.0);
        assert_eq!(COMPUTED.get(), least, "{steps} {keep}");
        // The same of pairs of a state and its tangent, and of pairs of pairs.
        COMPUTED.set(0);
        let _ = counting_again::hvp(0.3, steps, keep, 1.0);
        assert_eq!(COMPUTED.get(), least, "{steps} {keep}");
        COMPUTED.set(0);
        let _ = counting_again::taylor(0.3, steps, keep, 1.0);
        assert_eq!(COMPUTED.get(), least, "{steps} {keep}");
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    stiffness: f64,
    #[no_diff]
    h: f64,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Ball {
    at: Vector2<f64>,
    speed: Vector2<f64>,
}

impl Spring {
    #[differentiate(order = 2, repeat)]
    fn advance(&self, ball: &Ball, pull: &Vector2<f64>) -> Ball {
        let speed = ball.speed - self.h * (self.stiffness * ball.at - pull);
        Ball {
            at: ball.at + self.h * speed,
            speed,
        }
    }
}

#[differentiate(order = 2)]
fn distance(spring: &Spring, ball: &Ball, pull: &Vector2<f64>) -> f64 {
    spring.advance_repeat(ball, pull, 30, 4).at.norm()
}

#[differentiate(order = 2, repeat)]
fn smooth(v: &[f64], by: f64) -> Vec<f64> {
    let mut out = v.to_vec();
    for i in 1..v.len() {
        out[i] += by * (v[i - 1] - v[i]);
    }
    out
}

#[differentiate(order = 2)]
fn roughness(v: &[f64], by: f64) -> f64 {
    let w = smooth::repeat(v, by, 8, 3);
    w.windows(2).map(|it| (it[1] - it[0]).powi(2)).sum()
}

#[differentiate(order = 2, repeat)]
fn halve<T: Real>(x: T, by: T) -> T {
    x / (by + x * x)
}

#[differentiate(order = 2)]
fn halved<T: Real>(x: T, by: T) -> T {
    halve::repeat(x, by, 6, 2) * x
}

#[test]
fn states_of_any_type() {
    let spring = Spring {
        stiffness: 2.0,
        h: 0.1,
    };
    let ball = Ball {
        at: Vector2::new(1.0, -0.5),
        speed: Vector2::new(0.2, 0.3),
    };
    check!(distance(&spring, &ball, &Vector2::new(0.1, 0.4)), order = 2);
    check!(roughness(&[0.4, 1.0, -0.3, 0.8], 0.3), order = 2);
    check!(halved(0.7, 1.3), order = 2);
    let (_, (dx, _)) = halved::value_and_grad(0.7_f32, 1.3_f32);
    assert!((f64::from(dx) - halved::grad(0.7_f64, 1.3_f64).0).abs() < 1e-5);
}

/// A module whose functions know each other, also those with options of their own.
#[differentiate(order = 2)]
mod module {
    use differentiate::differentiate;

    pub(super) type Pair = [f64; 2];

    fn slope(x: &Pair, force: f64) -> Pair {
        let mut out: Pair = [0.0; 2];
        for i in 0..2 {
            out[i] = x[1 - i] * x[i] + force;
        }
        out
    }

    #[differentiate(order = 2, checkpoint)]
    pub(super) fn ahead(x: &Pair, force: f64, #[no_diff] h: f64) -> Pair {
        let k = slope(x, force);
        [x[0] + h * k[0], x[1] + h * k[1]]
    }

    #[differentiate(order = 2, repeat)]
    fn again(x: &Pair, force: f64) -> Pair {
        ahead(x, force.sin(), 0.1)
    }

    pub(super) fn energy(x: &Pair, force: f64) -> f64 {
        let y = again::repeat(x, force, 10, 3);
        let z = ahead(&y, force, 0.3);
        z.iter().map(|v| v * v).sum()
    }
}

#[test]
fn in_a_module() {
    check!(module::energy(&[0.4, 0.3], 0.4), order = 2);
    check!(module::energy(&[-0.4, 0.9], 1.4), order = 2);
    let (x, pull) = module::ahead::vjp(&[1.0, 2.0], 0.5, 0.1);
    assert_eq!(x, [1.25, 2.25]);
    assert_eq!(pull([1.0, 0.0]), ([1.2, 0.1], 0.1));
}

#[test]
fn tangents_go_through_the_steps() {
    let (start, rates) = ([0.3, -0.4, 0.9], [0.7, 1.1, -0.6]);
    let (dx, drates) = ([1.0, -0.5, 0.2], [0.1, 0.0, -1.0]);
    for (steps, keep) in [(0, 1), (1, 1), (7, 2), (12, 20)] {
        let (value, dot) = repeated::jvp(&start, 0.2, &rates, steps, keep, &dx, 0.3, &drates);
        let (wanted, along) = in_a_loop::jvp(&start, 0.2, &rates, steps, &dx, 0.3, &drates);
        assert_eq!((value, dot), (wanted, along), "{steps} {keep}");
        let found = repeated::hessian(&start, 0.2, &rates, steps, keep);
        let wanted = in_a_loop::hessian(&start, 0.2, &rates, steps);
        assert!(
            (&found - &wanted).norm() <= 1e-12 * (1.0 + wanted.norm()),
            "{steps} {keep}"
        );
    }
}

// === higher orders ===

fn same<const N: usize>(found: [f64; N], wanted: [f64; N]) {
    for (k, (found, wanted)) in found.into_iter().zip(wanted).enumerate() {
        assert!(
            (found - wanted).abs() <= 1e-11 * (1.0 + wanted.abs()),
            "order {k}: {found} is not {wanted}"
        );
    }
}

#[differentiate(order = 5, repeat)]
fn grow(x: f64, rate: f64) -> f64 {
    rate * x * (1.0 - x)
}

#[differentiate(order = 5)]
fn grown(x: f64, rate: f64, keep: usize) -> f64 {
    grow::repeat(x, rate, 7, keep) * rate
}

#[differentiate(order = 5)]
fn grown_in_a_loop(x: f64, rate: f64) -> f64 {
    let mut x = x;
    for _ in 0..7 {
        x = grow(x, rate);
    }
    x * rate
}

#[differentiate(order = 2)]
fn curved(x: f64, rate: f64) -> f64 {
    let (dx, drate) = grown::hvp(x, rate, 3, 1.0, x);
    dx * drate
}

#[differentiate(order = 2)]
fn curved_in_a_loop(x: f64, rate: f64) -> f64 {
    let (dx, drate) = grown_in_a_loop::hvp(x, rate, 1.0, x);
    dx * drate
}

#[test]
fn numbers_to_the_fifth_order() {
    for keep in [1, 2, 3, 10] {
        same(
            grown::taylor(0.3, 2.8, keep, 1.0, -0.5),
            grown_in_a_loop::taylor(0.3, 2.8, 1.0, -0.5),
        );
    }
    let (found, wanted) = (
        curved::hessian(0.3, 2.8),
        curved_in_a_loop::hessian(0.3, 2.8),
    );
    assert!((&found - &wanted).norm() < 1e-10 * (1.0 + wanted.norm()));
}

#[differentiate(order = 3)]
impl Spring {
    fn steps(&self, ball: &Ball, pull: Vector2<f64>) -> f64 {
        let last = self.moved_repeat(ball, pull, &Limit(0.5), 6, 2);
        last.at.dot(&last.speed)
    }

    fn steps_in_a_loop(&self, ball: &Ball, pull: Vector2<f64>) -> f64 {
        let mut last = ball.clone();
        for _ in 0..6 {
            last = self.moved(&last, pull, &Limit(0.5));
        }
        last.at.dot(&last.speed)
    }
}

impl Spring {
    #[differentiate(order = 3, repeat)]
    fn moved(&self, ball: &Ball, pull: Vector2<f64>, #[no_diff] limit: &Limit) -> Ball {
        let force = self.stiffness * ball.at - pull;
        let speed = ball.speed - self.h * force * (limit.0 + force.norm_squared());
        Ball {
            at: ball.at + self.h * speed,
            speed,
        }
    }
}

/// Something that no derivative knows.
struct Limit(f64);

#[test]
fn structs_at_third_order() {
    let spring = Spring {
        stiffness: 2.0,
        h: 0.1,
    };
    let ball = Ball {
        at: Vector2::new(1.0, -0.5),
        speed: Vector2::new(0.2, 0.3),
    };
    let pull = Vector2::new(0.1, 0.4);
    let (_, (dspring, dball, dpull)) = spring.steps_value_and_grad(&ball, pull);
    same(
        spring.steps_taylor(&ball, pull, &dspring, &dball, dpull),
        spring.steps_in_a_loop_taylor(&ball, pull, &dspring, &dball, dpull),
    );
}

#[differentiate(order = 4, repeat)]
fn turned(m: Matrix2<f64>, by: &Matrix2<f64>, damping: f64) -> Matrix2<f64> {
    by * m - damping * (m * m)
}

#[differentiate(order = 4)]
fn turned_often(m: Matrix2<f64>, by: &Matrix2<f64>, damping: f64) -> f64 {
    turned::repeat(m, by, damping, 5, 2).norm_squared()
}

#[differentiate(order = 4)]
fn turned_in_a_loop(m: Matrix2<f64>, by: &Matrix2<f64>, damping: f64) -> f64 {
    let mut m = m;
    for _ in 0..5 {
        m = turned(m, by, damping);
    }
    m.norm_squared()
}

#[differentiate(order = 3, repeat)]
fn any<T: Real>(x: &[T], by: T) -> Vec<T> {
    x.iter().map(|x| *x * *x - by).collect()
}

#[differentiate(order = 3)]
fn of_any<T: Real>(x: T, by: T) -> T {
    let x = any::repeat(&[x, by], by, 3, 2);
    x[0] * x[1]
}

#[differentiate(order = 3)]
fn any_in_a_loop<T: Real>(x: T, by: T) -> T {
    let mut x = vec![x, by];
    for _ in 0..3 {
        x = any(&x, by);
    }
    x[0] * x[1]
}

#[test]
fn matrices_and_numbers_of_any_kind() {
    let (m, by) = (
        Matrix2::new(0.6, -0.3, 0.2, 0.8),
        Matrix2::new(0.9, 0.1, -0.2, 1.0),
    );
    let (dm, dby) = (m.map(|v: f64| v.cos()), by.map(|v: f64| v.sin()));
    same(
        turned_often::taylor(m, &by, 0.3, dm, &dby, -0.4),
        turned_in_a_loop::taylor(m, &by, 0.3, dm, &dby, -0.4),
    );
    same(
        of_any::taylor(0.7, 0.3, 1.0, 0.5),
        any_in_a_loop::taylor(0.7, 0.3, 1.0, 0.5),
    );
    let (found, wanted) = (
        of_any::taylor(0.7_f32, 0.3, 1.0, 0.5),
        any_in_a_loop::taylor(0.7_f32, 0.3, 1.0, 0.5),
    );
    for (found, wanted) in found.into_iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-4 * (1.0 + wanted.abs()));
    }
}
