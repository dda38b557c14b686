//! A crate of a user who denies everything: neither the functions nor their expansions give a warning.
//!
//! That is shown by `cargo clippy`; the tests show that the gradients are right.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unsafe_code,
    unreachable_pub,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unused_import_braces,
    let_underscore_drop,
    variant_size_differences,
    rust_2018_idioms,
    future_incompatible,
    nonstandard_style,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
use differentiate::{Differentiable, Real, differentiate};

/// A line.
#[derive(Clone, Debug, Differentiable)]
pub struct Line {
    /// How steep it is.
    pub slope: f64,
    /// What it is at zero.
    pub offset: f64,
    /// Not differentiated.
    #[no_diff]
    pub count: u32,
}

/// Something with a value at a point.
pub trait Shape {
    /// The value.
    #[must_use]
    fn at(&self, x: f64) -> f64;
}

#[differentiate]
impl Shape for Line {
    fn at(&self, x: f64) -> f64 {
        self.slope.mul_add(x, self.offset)
    }
}

/// A loop with a save, a break and a call of a method.
#[differentiate]
#[must_use]
pub fn walk(line: &Line, x: f64) -> f64 {
    let mut s = x;
    for i in 0..line.count {
        s = line.at(s) * 0.5;
        if s > 100.0 {
            break;
        }
        s += f64::from(i) * x;
    }
    s
}

/// A loop over values.
#[differentiate]
#[must_use]
pub fn names(first: f64, x: f64) -> f64 {
    let mut total = first;
    for it in [first, x] {
        total *= it;
    }
    total
}

/// Closures that capture fields, and chains.
#[differentiate]
#[must_use]
pub fn chains<T: Real>(v: &[T], x: T) -> T {
    let pair = (x, v[0]);
    let scaled = |a: T| a * pair.0;
    v.iter().map(|a| scaled(*a)).fold(pair.1, |s, a| s + a)
}

/// A parameter that is written.
#[differentiate]
pub fn scale(v: &mut [f64], by: f64) {
    for a in v.iter_mut() {
        *a *= by;
    }
}

/// `?`, `match` and a vector.
#[differentiate]
#[must_use]
pub fn first(v: &[f64], by: f64) -> Option<f64> {
    let mut v = v.to_vec();
    scale(&mut v, by);
    let first = v.first()?;
    match *first {
        a if a > 0.0 => Some(a * a),
        a => Some(-a),
    }
}

/// Functions that know each other.
#[differentiate]
pub mod unit {
    fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(f(x))
    }

    /// The fourth power.
    #[must_use]
    pub fn fourth(x: f64) -> f64 {
        twice(|t| t * t, x)
    }
}

/// A function made by a macro.
macro_rules! power {
    ($name:ident, $x:ident, $e:expr) => {
        /// A power.
        #[differentiate]
        #[must_use]
        pub fn $name($x: f64) -> f64 {
            $e
        }
    };
}
power!(cube, x, x * x * x);

/// Two numbers with this sum and this difference, and how they depend on them.
#[differentiate(forward, root)]
#[must_use]
pub fn pair(x: &[f64; 2], given: &[f64; 2]) -> [f64; 2] {
    [x[0] + x[1] - given[0], x[0] - x[1] - given[1]]
}

/// A valley: where it is lowest, and how that depends on its middle.
#[differentiate(argmin)]
#[must_use]
pub fn valley(x: f64, middle: f64) -> f64 {
    (x - middle) * (x - middle)
}

#[cfg(test)]
#[allow(
    clippy::float_cmp,
    reason = "the derivatives are whole numbers without rounding"
)]
mod tests {
    use super::{Line, chains, cube, first, names, pair, unit, valley, walk};
    use differentiate::check;

    #[test]
    fn gradients() {
        let line = Line {
            slope: 1.5,
            offset: 0.25,
            count: 3,
        };
        check::gradient(
            |(l, x)| walk(l, *x),
            |(l, x)| walk::grad(l, *x),
            &(line, 2.0),
        )
        .assert();
        assert_eq!(names::grad(2.0, 3.0), (12.0, 4.0));
        assert_eq!(chains::grad(&[2.0, 3.0], 4.0), (vec![5.0, 4.0], 5.0));
        assert_eq!(first::vjp(&[2.0], 3.0).1(Some(1.0)), (vec![36.0], 24.0));
        assert_eq!(unit::fourth::grad(2.0), 32.0);
        assert_eq!(cube::grad(2.0), 12.0);
        let (x, pull) = pair::root_vjp(&[0.0, 0.0], &[4.0, 2.0]);
        assert_eq!(x, Some([3.0, 1.0]));
        assert_eq!(pull(Some([1.0, 0.0])), [0.5, 0.5]);
        assert_eq!(valley::argmin(0.0, 3.0), Some(3.0));
    }
}
