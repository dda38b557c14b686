//! Dual numbers: a value and one directional derivative. The oracle of the search.
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
}

/// Forgets what was seen in earlier runs.
pub fn reset() {
    KINK.set(false);
    LARGEST.set(0.0);
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

/// A value and its derivative along one direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual {
    /// The value.
    pub value: f64,
    /// The derivative.
    pub slope: f64,
}

/// A number without derivative.
#[must_use]
pub fn konst(value: f64) -> Dual {
    Dual { value, slope: 0.0 }
}

impl Dual {
    fn chain(self, value: f64, derivative: f64) -> Dual {
        Dual::new(
            value,
            if self.slope == 0.0 {
                0.0
            } else {
                self.slope * derivative
            },
        )
    }

    /// A number with a derivative.
    #[must_use]
    pub fn new(value: f64, slope: f64) -> Dual {
        let size = value.abs().max(slope.abs());
        if size > LARGEST.get() || size.is_nan() {
            LARGEST.set(if size.is_nan() { f64::INFINITY } else { size });
        }
        Dual { value, slope }
    }
}

macro_rules! unary {
    ($($name:ident: |$x:ident, $y:ident| $derivative:expr;)*) => {
        impl Dual {
            $(
                #[doc = concat!("As `f64::", stringify!($name), "`.")]
                #[must_use]
                pub fn $name(self) -> Dual {
                    let $x = self.value;
                    let $y = $x.$name();
                    let _ = $y;
                    self.chain($y, $derivative)
                }
            )*
        }
    };
}

unary! {
    sin: |x, _y| x.cos();
    cos: |x, _y| -x.sin();
    tan: |x, y| 1.0 + y * y;
    tanh: |x, y| 1.0 - y * y;
    sinh: |x, _y| x.cosh();
    cosh: |x, _y| x.sinh();
    asinh: |x, _y| 1.0 / (x * x + 1.0).sqrt();
    atan: |x, _y| 1.0 / (1.0 + x * x);
    exp: |x, y| y;
    exp_m1: |x, y| y + 1.0;
    exp2: |x, y| y * std::f64::consts::LN_2;
    ln: |x, _y| 1.0 / x;
    ln_1p: |x, _y| 1.0 / (1.0 + x);
    log2: |x, _y| 1.0 / (x * std::f64::consts::LN_2);
    sqrt: |x, y| 0.5 / y;
    cbrt: |x, y| 1.0 / (3.0 * y * y);
    recip: |x, y| -y * y;
    to_radians: |x, _y| 1.0_f64.to_radians();
    floor: |x, _y| 0.0;
    round: |x, _y| 0.0;
    trunc: |x, _y| 0.0;
    signum: |x, _y| 0.0;
    fract: |x, _y| 1.0;
}

impl Dual {
    /// As `f64::abs`.
    #[must_use]
    pub fn abs(self) -> Dual {
        if self.value == 0.0 {
            KINK.set(true);
        }
        self.chain(self.value.abs(), self.value.signum())
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
        let derivative = if n == 0 {
            0.0
        } else {
            f64::from(n) * self.value.powi(n - 1)
        };
        self.chain(self.value.powi(n), derivative)
    }

    /// As `f64::powf`.
    #[must_use]
    pub fn powf(self, other: Dual) -> Dual {
        let value = self.value.powf(other.value);
        let base = self.chain(value, other.value * self.value.powf(other.value - 1.0));
        let exponent = other.chain(value, value * self.value.ln());
        Dual::new(value, base.slope + exponent.slope)
    }

    /// As `f64::hypot`.
    #[must_use]
    pub fn hypot(self, other: Dual) -> Dual {
        let value = self.value.hypot(other.value);
        if value == 0.0 {
            KINK.set(true);
            return konst(0.0);
        }
        Dual::new(
            value,
            (self.value * self.slope + other.value * other.slope) / value,
        )
    }

    /// As `f64::atan2`.
    #[must_use]
    pub fn atan2(self, other: Dual) -> Dual {
        let square = self.value * self.value + other.value * other.value;
        if square == 0.0 {
            KINK.set(true);
            return konst(self.value.atan2(other.value));
        }
        Dual::new(
            self.value.atan2(other.value),
            (other.value * self.slope - self.value * other.slope) / square,
        )
    }

    /// As `f64::mul_add`.
    #[must_use]
    pub fn mul_add(self, factor: Dual, term: Dual) -> Dual {
        let value = self.value.mul_add(factor.value, term.value);
        let slope = self.slope * factor.value + self.value * factor.slope + term.slope;
        Dual::new(value, slope)
    }

    /// As `f64::sin_cos`.
    #[must_use]
    pub fn sin_cos(self) -> (Dual, Dual) {
        let (sin, cos) = self.value.sin_cos();
        (self.chain(sin, cos), self.chain(cos, -sin))
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
    ($($op:ident $method:ident $assign:ident $assign_method:ident |$a:ident, $b:ident| $slope:expr;)*) => { $(
        impl $op for Dual {
            type Output = Dual;
            fn $method(self, other: Dual) -> Dual {
                let ($a, $b) = (self, other);
                Dual::new($a.value.$method($b.value), $slope)
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
    Add add AddAssign add_assign |a, b| a.slope + b.slope;
    Sub sub SubAssign sub_assign |a, b| a.slope - b.slope;
    Mul mul MulAssign mul_assign |a, b| a.slope * b.value + a.value * b.slope;
    Div div DivAssign div_assign |a, b| (a.slope - a.value / b.value * b.slope) / b.value;
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        Dual::new(-self.value, -self.slope)
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
