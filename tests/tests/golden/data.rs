//! Reading the golden values, and what a program is compared with.

use std::sync::OnceLock;

use differentiate::{Real, Tangent};
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, OMatrix};
use serde_json::Value;

pub(crate) fn file() -> &'static Value {
    static GOLDEN: OnceLock<Value> = OnceLock::new();
    GOLDEN.get_or_init(|| {
        serde_json::from_str(include_str!("../../data/golden.json")).expect("the file is JSON")
    })
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().expect("a number")],
    }
}

/// One program with its inputs and results.
pub(crate) struct Case(&'static Value);

pub(crate) fn case(id: &str) -> Case {
    let cases = file()["cases"].as_array().expect("a list of cases");
    Case(
        cases
            .iter()
            .find(|it| it["id"] == id)
            .expect("a case of this name"),
    )
}

impl Case {
    pub(crate) fn input<T: Array>(&self, k: usize) -> T {
        let input = &self.0["inputs"][k];
        let shape: Vec<usize> = numbers(&input["shape"])
            .iter()
            .map(|n| *n as usize)
            .collect();
        T::read(&shape, &numbers(&input["data"]))
    }

    /// An inactive input.
    pub(crate) fn constant(&self, name: &str) -> Vec<f64> {
        numbers(&self.0["consts"][name])
    }

    #[track_caller]
    pub(crate) fn check<Y: Array, G: Array>(&self, value: &Y, gradient: &G) {
        let tolerance = self.tolerance(value.single() || gradient.single());
        within(
            "value",
            &value.flat(),
            &numbers(&self.0["value"]),
            tolerance,
        );
        let grads = self.0["grads"].as_array().expect("a list of gradients");
        let expected: Vec<f64> = grads.iter().flat_map(|it| numbers(&it["data"])).collect();
        within("gradient", &gradient.flat(), &expected, tolerance);
    }

    /// The Hessian, if the file has it, to ten times the tolerance of the gradient.
    #[track_caller]
    pub(crate) fn check_hessian<G: Array + Tangent>(&self, hessian: &DMatrix<f64>, like: &G) {
        let single = like.single();
        let asymmetry = (hessian - hessian.transpose()).amax();
        let allowed = if single { 1e-4 } else { 1e-11 } * hessian.amax().max(1.0);
        assert!(
            asymmetry <= allowed,
            "the Hessian is not symmetric: {asymmetry:e}"
        );
        if self.0["hessian"].is_null() {
            return;
        }
        // The file has matrices row by row, components are column by column.
        let mut order = like.clone();
        let mut next = 0_i32;
        order.ad_map_components(&mut |_| {
            next += 1;
            f64::from(next - 1)
        });
        let order: Vec<usize> = order.flat().iter().map(|at| *at as usize).collect();
        let computed: Vec<f64> = (order.iter())
            .flat_map(|i| order.iter().map(|j| hessian[(*i, *j)]))
            .collect();
        let expected = numbers(&self.0["hessian"]["data"]);
        within(
            "Hessian",
            &computed,
            &expected,
            10.0 * self.tolerance(single),
        );
    }

    /// A case with a vector as its value: the value, all rows of the Jacobian and a pullback.
    #[track_caller]
    pub(crate) fn check_rows<Y: Array, G: Array>(&self, value: &Y, pull: impl Fn(Y) -> G) {
        let tolerance = self.tolerance(false);
        let expected = numbers(&self.0["value_vec"]["data"]);
        within("value", &value.flat(), &expected, tolerance);
        let jacobian = numbers(&self.0["jacobian"]["data"]);
        let rows = expected.len();
        let computed: Vec<f64> = (0..rows)
            .flat_map(|i| {
                let unit: Vec<f64> = (0..rows).map(|k| f64::from(u8::from(k == i))).collect();
                pull(value.like(&unit)).flat()
            })
            .collect();
        within("Jacobian", &computed, &jacobian, tolerance);
        let (cot, out) = (
            &self.0["vjp_vec"]["cot"]["data"],
            &self.0["vjp_vec"]["out"]["data"],
        );
        let pulled = pull(value.like(&numbers(cot))).flat();
        within("pullback", &pulled, &numbers(out), tolerance);
    }

    /// That of the file: 50 times the error of a good implementation in `f64`, 20 times in `f32`.
    fn tolerance(&self, single: bool) -> f64 {
        self.0["tol"][if single { "f32" } else { "f64" }]
            .as_f64()
            .expect("a tolerance")
    }
}

/// Normwise: the largest error, divided by the largest entry.
#[track_caller]
pub(crate) fn within(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "number of entries of the {what}");
    let scale = expected.iter().fold(0.0_f64, |s, e| s.max(e.abs()));
    let error = got.iter().zip(expected).fold(0.0_f64, |s, (a, b)| {
        // `max` would forget a NaN.
        let e = (a - b).abs();
        if e.is_nan() { f64::INFINITY } else { s.max(e) }
    });
    assert!(
        error <= tolerance * scale,
        "{what}: error {error:e} of {scale:e}, allowed {tolerance:e}\n  got      {got:?}\n  expected {expected:?}"
    );
}

/// Numbers in the order of the file, which is row by row.
pub(crate) trait Array: Sized {
    fn read(shape: &[usize], data: &[f64]) -> Self;
    fn flat(&self) -> Vec<f64>;
    /// Is this single precision?
    fn single(&self) -> bool;
    /// An array of this shape with other numbers.
    fn like(&self, data: &[f64]) -> Self;
}

macro_rules! number {
    ($($t:ident)*) => { $(
        impl Array for $t {
            fn read(_: &[usize], data: &[f64]) -> Self {
                data[0] as $t
            }
            fn flat(&self) -> Vec<f64> {
                vec![f64::from(*self)]
            }
            fn single(&self) -> bool {
                stringify!($t) == "f32"
            }
            fn like(&self, data: &[f64]) -> Self {
                data[0] as $t
            }
        }
    )* };
}
number!(f32 f64);

impl<T: Real + Array> Array for Vec<T> {
    fn read(_: &[usize], data: &[f64]) -> Self {
        data.iter().map(|x| T::ad_from_f64(*x)).collect()
    }
    fn flat(&self) -> Vec<f64> {
        self.iter().map(|x| x.ad_to_f64()).collect()
    }
    fn single(&self) -> bool {
        self.first().is_some_and(T::single)
    }
    fn like(&self, data: &[f64]) -> Self {
        Self::read(&[], data)
    }
}

impl<T: Real + Array, const N: usize> Array for [T; N] {
    fn read(_: &[usize], data: &[f64]) -> Self {
        std::array::from_fn(|k| T::ad_from_f64(data[k]))
    }
    fn flat(&self) -> Vec<f64> {
        self.iter().map(|x| x.ad_to_f64()).collect()
    }
    fn single(&self) -> bool {
        self.first().is_some_and(T::single)
    }
    fn like(&self, data: &[f64]) -> Self {
        Self::read(&[], data)
    }
}

impl<T: Real + Array, R: Dim, C: Dim> Array for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    fn read(shape: &[usize], data: &[f64]) -> Self {
        let columns = shape.get(1).copied().unwrap_or(1);
        Self::from_fn_generic(R::from_usize(shape[0]), C::from_usize(columns), |i, j| {
            T::ad_from_f64(data[i * columns + j])
        })
    }
    fn flat(&self) -> Vec<f64> {
        (0..self.nrows())
            .flat_map(|i| (0..self.ncols()).map(move |j| self[(i, j)].ad_to_f64()))
            .collect()
    }
    fn single(&self) -> bool {
        self.iter().next().is_some_and(T::single)
    }
    fn like(&self, data: &[f64]) -> Self {
        Self::read(&[self.nrows(), self.ncols()], data)
    }
}

macro_rules! tuples {
    ($(($($t:ident $i:tt)+))*) => { $(
        impl<$($t: Array),+> Array for ($($t,)+) {
            fn read(_: &[usize], _: &[f64]) -> Self {
                unreachable!("inputs are read one by one")
            }
            fn flat(&self) -> Vec<f64> {
                let mut all = Vec::new();
                $(all.extend(self.$i.flat());)+
                all
            }
            fn single(&self) -> bool {
                $(self.$i.single())||+
            }
            fn like(&self, _: &[f64]) -> Self {
                unreachable!("values are not tuples")
            }
        }
    )* };
}
tuples!((A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) (A 0 B 1 C 2 D 3 E 4) (A 0 B 1 C 2 D 3 E 4 F 5));

/// Value and gradients of a case, through the battery: `golden!("id": f(*x, v), x: f64, v: Vec<f64>)` with the inputs in
/// their order; in the arguments their names stand for references.
macro_rules! golden {
    ($id:literal: $f:ident($($arg:expr),*), $($x:ident: $t:ty),+) => {{
        let case = $crate::data::case($id);
        let mut inputs = 0..;
        $(let $x: $t = case.input(inputs.next().expect("no end"));)+
        let outcome = $crate::battery::battery!($f($($arg),*), at $($x = $x),+);
        case.check(&outcome.value, &outcome.gradient);
        let mut inputs = 0..;
        $(let $x: $t = case.input(inputs.next().expect("no end"));)+
        let ($($x),+) = &($($x),+);
        case.check_hessian(&$f::hessian($($arg),*), &outcome.gradient);
    }};
}

/// Value and Jacobian of a case, through the battery.
macro_rules! golden_rows {
    ($id:literal: $f:ident($($arg:expr),*), $($x:ident: $t:ty),+) => {{
        let case = $crate::data::case($id);
        let mut inputs = 0..;
        $(let $x: $t = case.input(inputs.next().expect("no end"));)+
        let pullback = $crate::battery::pullback!($f($($arg),*), at $($x = $x),+);
        case.check_rows(&pullback.value, pullback.pull);
    }};
}

pub(crate) use {golden, golden_rows};
