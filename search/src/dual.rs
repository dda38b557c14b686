//! Dual numbers: a value, derivatives along two directions, and the second derivative along both. The oracle of the search.
//!
//! Dual numbers over dual numbers, written out: what the first direction makes of a number, and what the second makes of
//! both of that. With nothing along the second direction they are plain dual numbers.
//!
//! The operations are those of `f64` on the value, in the same order, so that a program takes the same branches over
//! both types. Where a function has a kink, the point is marked, and no derivative is compared there.

#![allow(clippy::float_cmp, reason = "a kink is where numbers are the same")]

use std::cell::Cell;
use std::cmp::Ordering;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

thread_local! {
    static KINK: Cell<bool> = const { Cell::new(false) };
    static LARGEST: Cell<f64> = const { Cell::new(0.0) };
    static STEEPEST: Cell<f64> = const { Cell::new(0.0) };
}

/// Forgets what was seen in earlier runs.
pub fn reset() {
    KINK.set(false);
    LARGEST.set(0.0);
    STEEPEST.set(0.0);
}

/// Has a run since the last reset touched a kink?
#[must_use]
pub fn kink() -> bool {
    KINK.get()
}

/// The largest value or derivative, in absolute terms, that was made since the last reset.
#[must_use]
pub fn largest() -> f64 {
    LARGEST.get()
}

/// The same with derivatives along the second direction, and of second order.
#[must_use]
pub fn steepest() -> f64 {
    STEEPEST.get().max(LARGEST.get())
}

/// A value and its derivatives along two directions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual {
    /// The value.
    pub value: f64,
    /// The derivative along the first direction.
    pub slope: f64,
    /// The derivative along the second.
    pub other: f64,
    /// The derivative of second order, along both.
    pub both: f64,
}

/// A number without derivative.
#[must_use]
pub fn konst(value: f64) -> Dual {
    Dual {
        value,
        ..Dual::default()
    }
}

/// A product in which zero wins, also over what is infinite.
fn times(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a * b }
}

fn record(largest: &'static std::thread::LocalKey<Cell<f64>>, size: f64) {
    if size > largest.get() || size.is_nan() {
        largest.set(if size.is_nan() { f64::INFINITY } else { size });
    }
}

impl Dual {
    /// A function of one number, from its value and its first and second derivative.
    fn chain(self, value: f64, first: f64, second: f64) -> Dual {
        Dual {
            value,
            slope: times(self.slope, first),
            other: times(self.other, first),
            both: times(self.both, first) + times(times(self.slope, self.other), second),
        }
        .recorded()
    }

    /// A function of two numbers, from its value, its two first derivatives, and its second derivatives: of the first
    /// number twice, of both, of the second twice.
    fn chain2(self, with: Dual, value: f64, [a, b]: [f64; 2], [aa, ab, bb]: [f64; 3]) -> Dual {
        let mixed = times(self.slope, with.other) + times(with.slope, self.other);
        Dual {
            value,
            slope: times(self.slope, a) + times(with.slope, b),
            other: times(self.other, a) + times(with.other, b),
            both: times(self.both, a)
                + times(with.both, b)
                + times(times(self.slope, self.other), aa)
                + times(mixed, ab)
                + times(times(with.slope, with.other), bb),
        }
        .recorded()
    }

    fn recorded(self) -> Dual {
        record(&LARGEST, self.value.abs());
        record(&LARGEST, self.slope.abs());
        record(&STEEPEST, self.other.abs());
        record(&STEEPEST, self.both.abs());
        self
    }
}

macro_rules! unary {
    ($($name:ident: |$x:ident, $y:ident| $first:expr, $second:expr;)*) => {
        impl Dual {
            $(
                #[doc = concat!("As `f64::", stringify!($name), "`.")]
                #[must_use]
                pub fn $name(self) -> Dual {
                    let $x = self.value;
                    let $y = $x.$name();
                    let _ = $y;
                    self.chain($y, $first, $second)
                }
            )*
        }
    };
}

unary! {
    sin: |x, y| x.cos(), -y;
    cos: |x, y| -x.sin(), -y;
    tan: |x, y| 1.0 + y * y, 2.0 * y * (1.0 + y * y);
    tanh: |x, y| 1.0 - y * y, -2.0 * y * (1.0 - y * y);
    sinh: |x, y| x.cosh(), y;
    cosh: |x, y| x.sinh(), y;
    asinh: |x, _y| 1.0 / (x * x + 1.0).sqrt(), -x / (x * x + 1.0).powf(1.5);
    atan: |x, _y| 1.0 / (1.0 + x * x), -2.0 * x / ((1.0 + x * x) * (1.0 + x * x));
    exp: |x, y| y, y;
    exp_m1: |x, y| y + 1.0, y + 1.0;
    exp2: |x, y| y * std::f64::consts::LN_2, y * std::f64::consts::LN_2 * std::f64::consts::LN_2;
    ln: |x, _y| 1.0 / x, -1.0 / (x * x);
    ln_1p: |x, _y| 1.0 / (1.0 + x), -1.0 / ((1.0 + x) * (1.0 + x));
    log2: |x, _y| 1.0 / (x * std::f64::consts::LN_2), -1.0 / (x * x * std::f64::consts::LN_2);
    sqrt: |x, y| 0.5 / y, -0.25 / (x * y);
    cbrt: |x, y| 1.0 / (3.0 * y * y), -2.0 / (9.0 * x * y * y);
    recip: |x, y| -y * y, 2.0 * y * y * y;
    to_radians: |x, _y| 1.0_f64.to_radians(), 0.0;
    floor: |x, _y| 0.0, 0.0;
    round: |x, _y| 0.0, 0.0;
    trunc: |x, _y| 0.0, 0.0;
    signum: |x, _y| 0.0, 0.0;
    fract: |x, _y| 1.0, 0.0;
}

impl Dual {
    /// As `f64::abs`.
    #[must_use]
    pub fn abs(self) -> Dual {
        if self.value == 0.0 {
            KINK.set(true);
        }
        self.chain(self.value.abs(), self.value.signum(), 0.0)
    }

    /// As `f64::max`.
    #[must_use]
    pub fn max(self, other: Dual) -> Dual {
        if self.value == other.value {
            KINK.set(true);
        }
        if self.value >= other.value {
            self
        } else {
            other
        }
    }

    /// As `f64::min`.
    #[must_use]
    pub fn min(self, other: Dual) -> Dual {
        if self.value == other.value {
            KINK.set(true);
        }
        if self.value <= other.value {
            self
        } else {
            other
        }
    }

    /// As `f64::clamp`.
    #[must_use]
    pub fn clamp(self, low: Dual, high: Dual) -> Dual {
        self.max(low).min(high)
    }

    /// As `f64::powi`.
    #[must_use]
    pub fn powi(self, n: i32) -> Dual {
        let power = |factor: f64, n: i32| times(factor, self.value.powi(n));
        let k = f64::from(n);
        self.chain(
            self.value.powi(n),
            power(k, n - 1),
            power(k * (k - 1.0), n - 2),
        )
    }

    /// As `f64::powf`.
    #[must_use]
    pub fn powf(self, other: Dual) -> Dual {
        let (a, b) = (self.value, other.value);
        let value = a.powf(b);
        let second = [
            b * (b - 1.0) * a.powf(b - 2.0),
            a.powf(b - 1.0) * (1.0 + b * a.ln()),
            value * a.ln() * a.ln(),
        ];
        self.chain2(other, value, [b * a.powf(b - 1.0), value * a.ln()], second)
    }

    /// As `f64::hypot`.
    #[must_use]
    pub fn hypot(self, other: Dual) -> Dual {
        let (a, b) = (self.value, other.value);
        let r = a.hypot(b);
        if r == 0.0 {
            KINK.set(true);
            return konst(0.0);
        }
        let cube = r * r * r;
        let second = [b * b / cube, -a * b / cube, a * a / cube];
        self.chain2(other, r, [a / r, b / r], second)
    }

    /// As `f64::atan2`.
    #[must_use]
    pub fn atan2(self, other: Dual) -> Dual {
        let (y, x) = (self.value, other.value);
        let square = y * y + x * x;
        if square == 0.0 {
            KINK.set(true);
            return konst(y.atan2(x));
        }
        let fourth = square * square;
        let second = [
            -2.0 * x * y / fourth,
            (y * y - x * x) / fourth,
            2.0 * x * y / fourth,
        ];
        self.chain2(other, y.atan2(x), [x / square, -y / square], second)
    }

    /// As `f64::mul_add`.
    #[must_use]
    pub fn mul_add(self, factor: Dual, term: Dual) -> Dual {
        Dual {
            value: self.value.mul_add(factor.value, term.value),
            ..self * factor + term
        }
    }

    /// As `f64::sin_cos`.
    #[must_use]
    pub fn sin_cos(self) -> (Dual, Dual) {
        (self.sin(), self.cos())
    }

    /// As `f64::total_cmp`.
    #[must_use]
    pub fn total_cmp(&self, other: &Dual) -> Ordering {
        self.value.total_cmp(&other.value)
    }

    /// As `f64::is_finite`.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.value.is_finite()
    }
}

impl PartialEq for Dual {
    fn eq(&self, other: &Dual) -> bool {
        self.value == other.value
    }
}

impl PartialOrd for Dual {
    fn partial_cmp(&self, other: &Dual) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

macro_rules! operator {
    ($($op:ident $method:ident $assign:ident $assign_method:ident |$a:ident, $b:ident| $first:expr, $second:expr;)*) => { $(
        impl $op for Dual {
            type Output = Dual;
            fn $method(self, other: Dual) -> Dual {
                let ($a, $b) = (self.value, other.value);
                self.chain2(other, $a.$method($b), $first, $second)
            }
        }
        impl $op<&Dual> for Dual {
            type Output = Dual;
            fn $method(self, other: &Dual) -> Dual {
                $op::$method(self, *other)
            }
        }
        impl $op<Dual> for &Dual {
            type Output = Dual;
            fn $method(self, other: Dual) -> Dual {
                $op::$method(*self, other)
            }
        }
        impl $op<&Dual> for &Dual {
            type Output = Dual;
            fn $method(self, other: &Dual) -> Dual {
                $op::$method(*self, *other)
            }
        }
        impl $assign for Dual {
            fn $assign_method(&mut self, other: Dual) {
                *self = $op::$method(*self, other);
            }
        }
        impl $assign<&Dual> for Dual {
            fn $assign_method(&mut self, other: &Dual) {
                *self = $op::$method(*self, *other);
            }
        }
    )* };
}

operator! {
    Add add AddAssign add_assign |a, b| [1.0, 1.0], [0.0; 3];
    Sub sub SubAssign sub_assign |a, b| [1.0, -1.0], [0.0; 3];
    Mul mul MulAssign mul_assign |a, b| [b, a], [0.0, 1.0, 0.0];
    Div div DivAssign div_assign |a, b|
        [1.0 / b, -a / (b * b)], [0.0, -1.0 / (b * b), 2.0 * a / (b * b * b)];
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        self.chain(-self.value, -1.0, 0.0)
    }
}

impl Neg for &Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        -*self
    }
}

impl Sum for Dual {
    fn sum<I: Iterator<Item = Dual>>(items: I) -> Dual {
        items.fold(konst(-0.0), |sum, item| sum + item)
    }
}

impl<'a> Sum<&'a Dual> for Dual {
    fn sum<I: Iterator<Item = &'a Dual>>(items: I) -> Dual {
        items.copied().sum()
    }
}

impl Product for Dual {
    fn product<I: Iterator<Item = Dual>>(items: I) -> Dual {
        items.fold(konst(1.0), |product, item| product * item)
    }
}

impl<'a> Product<&'a Dual> for Dual {
    fn product<I: Iterator<Item = &'a Dual>>(items: I) -> Dual {
        items.copied().product()
    }
}

impl num_traits::Zero for Dual {
    fn zero() -> Dual {
        konst(0.0)
    }
    fn is_zero(&self) -> bool {
        self.value == 0.0
    }
}

impl num_traits::One for Dual {
    fn one() -> Dual {
        konst(1.0)
    }
}
