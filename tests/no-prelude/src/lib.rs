//! A crate without a prelude: generated code names everything by its path, methods of traits included.

#![no_implicit_prelude]

use ::core::clone::Clone;
use ::core::iter::Iterator;
use ::core::marker::Copy;
use ::core::option::Option;
use ::differentiate::nalgebra::DVector;
use ::differentiate::{Differentiable, Real, differentiate};
use ::std::vec::Vec;

/// A line.
#[derive(Clone, Differentiable)]
pub struct Line {
    /// How steep it is.
    pub slope: f64,
    /// What it is at zero.
    pub offset: f64,
    /// Not differentiated.
    #[no_diff]
    pub count: usize,
}

/// A shape.
#[derive(Clone, Differentiable)]
pub enum Shape {
    /// With a side.
    Square(f64),
    /// With a width and a height.
    Rectangle {
        /// The width.
        width: f64,
        /// The height.
        height: f64,
    },
    /// Nothing at all.
    Nothing,
}

/// A pair of any numbers.
#[derive(Clone, Copy, Differentiable)]
pub struct Pair<T: Real> {
    /// The first.
    pub a: T,
    /// The second.
    pub b: T,
}

#[differentiate(order = 2)]
impl Line {
    fn at(&self, x: f64) -> f64 {
        self.slope * x * x + self.offset
    }

    /// Iterates.
    pub fn walk(&self, x: f64) -> f64 {
        let mut s = x;
        for i in 0..self.count {
            s = self.at(s) * 0.5 / (i + 1) as f64;
            if s > 100.0 {
                break;
            }
        }
        s
    }
}

/// Straight-line code.
#[differentiate(order = 2)]
pub fn product(x: f64, y: f64) -> f64 {
    x * x * y / (1.0 + y * y).sqrt()
}

/// A loop that is left early, with a vector.
#[differentiate(order = 2)]
pub fn long(x: f64, v: &[f64]) -> f64 {
    let mut s = x;
    for a in v {
        if *a > 100.0 {
            break;
        }
        s = s * a / 2.0;
    }
    let mut w = ::std::vec![s, x];
    for k in (0..2).rev() {
        w[k] *= x;
    }
    let mut n = 0;
    while n < 2 {
        w[n] += s;
        n += 1;
    }
    w[0] * w[1]
}

/// Chains.
#[differentiate(order = 2)]
pub fn chains(v: &[f64], x: f64) -> f64 {
    let squares: Vec<f64> = v.iter().map(|a| a * a).collect();
    let sum: f64 = squares.iter().zip(v).map(|(a, b)| a * b).sum();
    let w = DVector::from_fn(3, |i, _| x * i as f64);
    let w = w.map(|a| a * a);
    squares.iter().fold(sum, |s, a| s + a * x) + w.dot(&w) + w.norm()
}

/// `?` and patterns.
#[differentiate]
pub fn first(v: &[f64], by: f64) -> Option<f64> {
    let first = v.first()?;
    let pair = (*first, by);
    if let (a, b) = pair
        && a > 0.0
    {
        return Option::Some(a * b);
    }
    match Option::Some(by) {
        Option::Some(b) if b > 0.0 => Option::Some(-b),
        _ => Option::None,
    }
}

/// Recursion.
#[differentiate]
pub fn power(x: f64, n: usize) -> f64 {
    if n == 0 {
        return 1.0;
    }
    power(x, n - 1) * x
}

/// Any number, and a closure.
#[differentiate]
pub fn generic<T: Real>(p: Pair<T>) -> T {
    let scaled = |t: T| t * p.a;
    scaled(p.b) / p.a + scaled(p.a)
}

/// An enum.
#[differentiate]
pub fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Square(a) => a * a,
        Shape::Rectangle { width, height } => width * height,
        Shape::Nothing => 0.0,
    }
}

/// A parameter that is written.
#[differentiate(forward)]
pub fn scale(v: &mut [f64], by: f64) {
    for a in v.iter_mut() {
        *a *= by;
    }
}

/// Parts of a variable that are lent.
#[differentiate(forward)]
pub fn lent(x: f64, y: f64) -> f64 {
    let mut v = [x, 1.0, y];
    scale(&mut v, y);
    scale(&mut v[..1], y);
    let (a, b) = v.split_at_mut(1);
    a[0] += b[0];
    ::core::mem::swap(&mut a[0], &mut b[1]);
    v[0] * v[1] * v[2]
}

/// A pullback by hand.
#[differentiate(pullback = cube_pullback)]
pub fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_pullback(x: f64, _y: &f64, g: &f64) -> f64 {
    3.0 * x * x * g
}

/// Calls it.
#[differentiate]
pub fn calls(x: f64) -> f64 {
    cube(x) * cube(2.0 * x)
}

/// Functions that know each other.
#[differentiate]
pub mod unit {
    use ::core::ops::Fn;

    fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(f(x))
    }

    /// The fourth power.
    pub fn fourth(x: f64) -> f64 {
        twice(|t| t * t, x)
    }
}

/// A root and a minimum, and how they depend on a number.
#[differentiate(order = 3, root, argmin)]
pub fn well(x: f64, p: f64) -> f64 {
    x * x * x * x - p * x * x
}

/// Something that is done many times.
#[differentiate(order = 3, repeat)]
pub fn halfway(x: [f64; 2], p: f64) -> [f64; 2] {
    [x[1], 0.5 * (x[0] + p)]
}

#[cfg(test)]
mod tests {
    use super::{
        Line, Pair, Shape, area, calls, chains, first, generic, halfway, lent, long, power,
        product, unit, well,
    };
    use ::core::assert_eq;
    use ::core::iter::Iterator;
    use ::core::option::Option;
    use ::core::prelude::v1::test;
    use ::differentiate::check;
    use ::std::vec;

    #[test]
    fn gradients() {
        check::gradient(
            |(x, y)| product(*x, *y),
            |(x, y)| product::grad(*x, *y),
            &(2.0, 0.7),
        )
        .assert();
        check::gradient(
            |(x, v)| long(*x, v),
            |(x, v)| long::grad(*x, v),
            &(2.0, vec![0.7, 1.1]),
        )
        .assert();
        check::gradient(
            |(v, x)| chains(v, *x),
            |(v, x)| chains::grad(v, *x),
            &(vec![0.7, 1.1], 2.0),
        )
        .assert();
        check::gradient(
            |(x, y)| lent(*x, *y),
            |(x, y)| lent::grad(*x, *y),
            &(2.0, 0.7),
        )
        .assert();
        check::gradient(|x| calls(*x), |x| calls::grad(*x), &1.5).assert();
        check::gradient(|x| power(*x, 3), |x| power::grad(*x, 3), &1.5).assert();
        check::gradient(
            |p| generic(*p),
            |p| generic::grad(*p),
            &Pair { a: 1.5, b: 2.0 },
        )
        .assert();
        for shape in [
            Shape::Square(2.0),
            Shape::Rectangle {
                width: 2.0,
                height: 0.5,
            },
            Shape::Nothing,
        ] {
            check::gradient(area, area::grad, &shape).assert();
        }
        let line = Line {
            slope: 1.5,
            offset: 0.25,
            count: 3,
        };
        check::gradient(|(l, x)| l.walk(*x), |(l, x)| l.walk_grad(*x), &(line, 2.0)).assert();
        assert_eq!(
            first::vjp(&[2.0], 3.0).1(Option::Some(1.0)),
            (vec![3.0], 2.0)
        );
        assert_eq!(unit::fourth::grad(2.0), 32.0);
    }

    #[test]
    fn what_options_give() {
        assert_eq!(
            well::root_jvp(2.0, 1.0, 1.0),
            (Option::Some(1.0), Option::Some(0.5))
        );
        let (low, dot) = well::argmin_jvp(1.0, 2.0, 1.0);
        assert_eq!((low, dot), (Option::Some(1.0), Option::Some(0.25)));
        let (last, dot) = halfway::repeat_jvp([1.0, 2.0], 4.0, 2, 1, [0.0, 1.0], 1.0);
        assert_eq!((last, dot), ([2.5, 3.0], [0.5, 1.0]));
    }

    #[test]
    fn second_order() {
        let rows = |x: [f64; 2]| {
            let h = product::hessian(x[0], x[1]);
            [[h[(0, 0)], h[(0, 1)]], [h[(1, 0)], h[(1, 1)]]]
        };
        let at = [2.0, 0.7];
        check::pullback(
            |[x, y]| product::grad(*x, *y),
            |[x, y]| {
                let h = rows([*x, *y]);
                let gradient = product::grad(*x, *y);
                (gradient, move |(a, b): (f64, f64)| {
                    [a * h[0][0] + b * h[1][0], a * h[0][1] + b * h[1][1]]
                })
            },
            &at,
        )
        .assert();
        let line = Line {
            slope: 1.5,
            offset: 0.25,
            count: 3,
        };
        let second = line.walk_hessian(2.0);
        let step = 1e-5;
        let slope = |x: f64| line.walk_grad(x).1;
        let differences = (slope(2.0 + step) - slope(2.0 - step)) / (2.0 * step);
        ::core::assert!((second[(2, 2)] - differences).abs() < 1e-6);
        ::core::assert!(
            long::hessian(2.0, &[0.7, 1.1])
                .iter()
                .all(|h| h.is_finite())
        );
        ::core::assert!(
            chains::hessian(&[0.7, 1.1], 2.0)
                .iter()
                .all(|h| h.is_finite())
        );
    }
}
