//! What is demanded of every function, at every point: see [`confirm!`].

use autodiff_runtime::differentiable::TangentOf;
use autodiff_runtime::nalgebra::{DMatrix, DVector};
use autodiff_runtime::{Differentiable, Tangent};

/// The longer step of the seven-point differences; what rounding leaves of them is about 10⁻¹³ of the value.
const STEP: f64 = 1.0 / 256.0;

/// Each entry of the Jacobian agrees with differences to this, relative to 1 or to the largest entry.
const ENTRY: f64 = 1e-9;

/// `⟨v, J u⟩ = ⟨Jᵀ v, u⟩` holds to this, relative to the sum of its terms.
const PRODUCT: f64 = 1e-12;

/// Single precision agrees with double precision to this, relative to 1 or to the largest entry.
const SINGLE: f64 = 2e-5;

pub(crate) fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

/// A tangent of the shape of another one, with these components.
fn like<T: Tangent>(other: &T, mut component: impl FnMut(usize) -> f64) -> T {
    let (mut tangent, mut k) = (other.clone(), 0);
    tangent.ad_map_components(&mut |_| {
        k += 1;
        component(k - 1)
    });
    tangent
}

fn basis<T: Tangent>(other: &T, k: usize) -> T {
    like(other, |i| f64::from(u8::from(i == k)))
}

/// Unrelated numbers in -2..2.
fn unrelated(k: usize) -> f64 {
    let mut seed = u32::try_from(k).expect("few components").wrapping_add(99);
    for _ in 0..3 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    }
    f64::from(seed >> 16) / 16384.0 - 2.0
}

/// Unrelated entries in -2..2.
pub(crate) fn data(rows: usize, columns: usize, seed: usize) -> DMatrix<f64> {
    let mut k = 1000 * seed;
    DMatrix::from_fn(rows, columns, |_, _| {
        k += 1;
        // Numbers that single precision has, too.
        unrelated(k)
    })
}

/// Unrelated entries in -2..2.
pub(crate) fn vector(length: usize, seed: usize) -> DVector<f64> {
    data(length, 1, seed).column(0).into_owned()
}

/// Columns of positive numbers with the sum 1.
pub(crate) fn distributions(rows: usize, columns: usize, seed: usize) -> DMatrix<f64> {
    let mut p = data(rows, columns, seed).map(|x| x + 2.25);
    for mut column in p.column_iter_mut() {
        let sum = column.sum();
        column /= sum;
    }
    p
}

#[track_caller]
pub(crate) fn assert_close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let got: Vec<_> = got.into_iter().copied().collect();
    let expected: Vec<_> = expected.into_iter().copied().collect();
    assert_eq!(got.len(), expected.len(), "{what}: number of components");
    let scale = expected.iter().fold(1.0_f64, |scale, c| scale.max(c.abs()));
    for (left, right) in got.iter().zip(&expected) {
        assert!(
            (left - right).abs() <= tolerance * scale,
            "{what}: {got:?} is not {expected:?}"
        );
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}

/// The derivative of all components of `f` in one direction: differences of seven points, with two steps, from which the
/// term of their sixth power is taken away.
fn along<X, Y>(f: &impl Fn(&X) -> Y, at: &X, direction: &X::Tangent) -> Vec<f64>
where
    X: Differentiable<Owned = X>,
    Y: Tangent,
{
    let [coarse, fine] = [STEP, 0.5 * STEP].map(|step| {
        let [a, b, c, d, e, f] = [1.0, -1.0, 2.0, -2.0, 3.0, -3.0]
            .map(|k| components(&f(&at.ad_step(direction, k * step))));
        (0..a.len())
            .map(|i| 45.0 * (a[i] - b[i]) - 9.0 * (c[i] - d[i]) + (e[i] - f[i]))
            .map(|sum| sum / (60.0 * step))
            .collect::<Vec<f64>>()
    });
    let pairs = coarse.iter().zip(&fine);
    pairs.map(|(c, f)| f + (f - c) / 63.0).collect()
}

/// Value and pullback of an unrelated cotangent, in double precision.
pub(crate) fn confirm_double<'a, X, Y, P>(
    what: &str,
    at: &'a X,
    primal: impl Fn(&X) -> Y,
    vjp: impl Fn(&'a X) -> (Y, P),
) -> [Vec<f64>; 2]
where
    X: Differentiable<Owned = X>,
    Y: Tangent,
    P: Fn(Y) -> TangentOf<X>,
{
    let plain = primal(at);
    let (value, pull) = vjp(at);
    assert_eq!(components(&plain), components(&value), "{what}: value");
    let zero = X::ad_zero(&at.ad_shape());
    let (inputs, outputs) = (components(&zero).len(), components(&plain).len());

    let slopes: Vec<_> = (0..inputs)
        .map(|k| along(&primal, at, &basis(&zero, k)))
        .collect();
    for i in 0..outputs {
        let row = components(&pull(basis(&plain, i)));
        let expected: Vec<f64> = slopes.iter().map(|column| column[i]).collect();
        assert_close(&format!("{what}, row {i}"), &row, &expected, ENTRY);
    }

    let v = like(&plain, |k| unrelated(7 * k));
    let length = (0..inputs)
        .map(|k| unrelated(5 * k + 3).powi(2))
        .sum::<f64>()
        .sqrt();
    let u = like(&zero, |k| unrelated(5 * k + 3) / length);
    let pulled = components(&pull(v.clone()));
    let (directional, v_terms) = (along(&primal, at, &u), components(&v));
    let (left, right) = (dot(&v_terms, &directional), dot(&pulled, &components(&u)));
    let size: f64 = (v_terms.iter().zip(components(&plain)).zip(&directional))
        .map(|((v, y), slope)| (v * y).abs() + (v * slope).abs())
        .sum();
    assert!(
        (left - right).abs() <= PRODUCT * (1.0 + size),
        "{what}: {left} is not {right}, difference {:e} of {size:e}",
        left - right
    );
    let twice = like(&v, |k| 2.0 * v_terms[k]);
    let doubled: Vec<f64> = pulled.iter().map(|c| 2.0 * c).collect();
    assert_eq!(components(&pull(twice)), doubled, "{what}: linear");
    assert_eq!(components(&pull(v)), pulled, "{what}: repeatable");
    [components(&plain), pulled]
}

/// As [`confirm_double`], in single precision, compared with the result of double precision.
pub(crate) fn confirm_single<'a, X, Y, P>(
    what: &str,
    at: &'a X,
    vjp: impl Fn(&'a X) -> (Y, P),
    [value, pulled]: &[Vec<f64>; 2],
) where
    X: Differentiable<Owned = X>,
    Y: Tangent,
    P: Fn(Y) -> TangentOf<X>,
{
    let (y, pull) = vjp(at);
    assert_close(&format!("{what}, single"), &components(&y), value, SINGLE);
    let v = like(&y, |k| unrelated(7 * k));
    let got = components(&pull(v));
    assert_close(&format!("{what}, single, pullback"), &got, pulled, SINGLE);
}

/// The same in single precision.
pub(crate) trait Single {
    type Single: 'static;
    fn single(&self) -> Self::Single;
}

#[expect(clippy::cast_possible_truncation, reason = "it is what is asked for")]
fn narrow(x: f64) -> f32 {
    x as f32
}

impl Single for f64 {
    type Single = f32;
    fn single(&self) -> f32 {
        narrow(*self)
    }
}

impl Single for DMatrix<f64> {
    type Single = DMatrix<f32>;
    fn single(&self) -> DMatrix<f32> {
        self.map(narrow)
    }
}

impl Single for DVector<f64> {
    type Single = DVector<f32>;
    fn single(&self) -> DVector<f32> {
        self.map(narrow)
    }
}

/// Confirms a function at a point: `confirm!(f(x, *s), at x = data(2, 3, 1), s = 0.5)`, where in the arguments the
/// names stand for references.
///
/// - Each entry of the Jacobian agrees with seven-point differences;
/// - `⟨v, J u⟩ = ⟨Jᵀ v, u⟩` for unrelated `v` and `u`;
/// - the pullback is linear and repeatable;
/// - single precision gives the same.
macro_rules! confirm {
    ($f:ident($($arg:expr),* $(,)?), at $($x:ident = $v:expr),+ $(,)?) => {{
        let what = stringify!($f($($arg),*));
        let point = Box::leak(Box::new(($($v),+)));
        let what = format!("{what} at {point:?}");
        let result = $crate::harness::confirm_double(
            &what,
            point,
            |($($x),+)| $f($($arg),*),
            |($($x),+)| $f::vjp($($arg),*),
        );
        let ($($x),+) = point;
        let single = Box::leak(Box::new(($($crate::harness::Single::single($x)),+)));
        $crate::harness::confirm_single(&what, single, |($($x),+)| $f::vjp($($arg),*), &result);
    }};
}

pub(crate) use confirm;
