//! Types with `#[derive(Differentiable)]`: the tangent type, its arithmetic, and steps along it.

use core::marker::PhantomData;

use autodiff_runtime::nalgebra::allocator::Allocator;
use autodiff_runtime::nalgebra::{
    Const, DMatrix, DVector, DefaultAllocator, Dim, OMatrix, SMatrix, dmatrix, dvector,
};
use autodiff_runtime::tangent::{Place, Slot, add, dot, scale};
use autodiff_runtime::{Gradient, Real, Tangent, check};
use differentiate::{Differentiable, step};

fn zero<V: Differentiable>(value: &V) -> V::Tangent {
    V::ad_zero(&value.ad_shape())
}

fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

/// A tangent of `value` with the components 1, 2, 3, ..
fn numbered<V: Differentiable>(value: &V) -> V::Tangent {
    let mut tangent = zero(value);
    let mut k = 0.0;
    tangent.ad_map_components(&mut |_| {
        k += 1.0;
        k
    });
    tangent
}

/// What holds for every type: the tangents are a vector space, and a step adds to the components.
fn laws<V>(value: &V, count: usize)
where
    V: Differentiable<Owned = V>,
    V::Tangent: core::fmt::Debug + PartialEq,
{
    let count = u32::try_from(count).unwrap();
    let zero = zero(value);
    assert!(components(&zero).iter().all(|c| *c == 0.0));
    let one = numbered(value);
    let expected: Vec<f64> = (1..=count).map(f64::from).collect();
    assert_eq!(components(&one), expected);
    assert_eq!(
        dot(&one, &one),
        f64::from(count * (count + 1) * (2 * count + 1) / 6)
    );

    let mut sum = zero.clone();
    add(&mut sum, &one);
    assert_eq!(sum, one);
    add(&mut sum, &one);
    let mut twice = one.clone();
    scale(&mut twice, 2.0);
    assert_eq!(sum, twice);
    assert_eq!(V::Tangent::ad_copy(sum.ad_place()), twice);
    V::Tangent::ad_clear(sum.ad_place());
    assert_eq!(sum, zero);
    assert_eq!(count == 0, one == zero);

    let mut slot = <V::Tangent as Tangent>::Slot::default();
    slot.put(|| one.clone(), |_| ());
    slot.put(
        || zero.clone(),
        |it| V::Tangent::ad_add(it.ad_place(), &one),
    );
    assert_eq!(slot.take(), Some(twice));

    // A value that is moved keeps its shape.
    let moved = step(value, &one, 0.5);
    assert_eq!(numbered(&moved), one);
    assert_eq!(numbered(&value.ad_owned()), one);
}

#[derive(Clone, Debug, PartialEq)]
struct Name(&'static str);

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    w: DMatrix<f64>,
    b: DVector<f64>,
    n: usize,
    #[no_diff]
    name: Name,
    r#type: [f32; 2],
}

fn layer() -> Layer {
    Layer {
        w: dmatrix![1.0, 2.0; 3.0, 4.0],
        b: dvector![5.0, 6.0],
        n: 7,
        name: Name("first"),
        r#type: [8.0, 9.0],
    }
}

#[test]
fn named() {
    laws(&layer(), 8);
    let gradient = LayerTangent {
        w: dmatrix![1.0, 3.0; 2.0, 4.0],
        b: dvector![5.0, 6.0],
        n: (),
        name: (),
        r#type: [7.0, 8.0],
    };
    assert_eq!(gradient, numbered(&layer()));
    let _: Gradient<&Layer> = gradient.clone();
    assert_eq!(
        step(&layer(), &gradient, -1.0),
        Layer {
            w: dmatrix![0.0, -1.0; 1.0, 0.0],
            b: dvector![0.0, 0.0],
            n: 7,
            name: Name("first"),
            r#type: [1.0, 1.0],
        }
    );
    assert_eq!(
        format!("{:?}", numbered(&Pair { a: 0.0, b: 0.0 })),
        "PairTangent { a: 1.0, b: 2.0 }"
    );
}

#[test]
fn accessors() {
    let mut layer = layer();
    let mut tangent = numbered(&layer);
    *layer.__ad_Layer_b_mut() = dvector![0.0];
    assert_eq!(layer.__ad_Self_b(), &dvector![0.0]);
    assert_eq!(layer.__ad_Layer_name(), &Name("first"));
    assert_eq!(layer.__ad_Layer_type(), &[8.0, 9.0]);
    tangent.__ad_Self_b_mut()[0] = 0.0;
    assert_eq!(tangent.__ad_Layer_b(), &dvector![0.0, 6.0]);
    let (): &() = tangent.__ad_Self_name();

    let mut meters = Meters(1.0, 2, "m");
    *meters.__ad_Meters_0_mut() += 1.0;
    assert_eq!(*meters.__ad_Self_0(), 2.0);
    assert_eq!(*numbered(&meters).__ad_Meters_0(), 1.0);

    let mut shape = Shape::Rectangle {
        width: 1.0,
        height: 2.0,
    };
    *shape.__ad_Rectangle_width_mut() = 3.0;
    assert_eq!(*shape.__ad_Rectangle_width(), 3.0);
    assert_eq!(*numbered(&shape).__ad_Rectangle_height(), 2.0);
    assert_eq!(*Shape::Circle(4.0).__ad_Circle_0(), 4.0);

    let pair = Pair { a: 1.0, b: 2.0 };
    assert_eq!(*pair.__ad_Pair_a() + *numbered(&pair).__ad_Self_b(), 3.0);
}

#[test]
#[should_panic(expected = "another variant")]
fn accessor_of_another_variant() {
    let _ = Shape::Circle(1.0).__ad_Rectangle_width();
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Meters(f64, i32, #[no_diff] &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Empty {}

#[test]
fn tuple_and_unit() {
    let meters = Meters(1.0, 2, "m");
    laws(&meters, 1);
    let gradient = MetersTangent(0.5, (), ());
    assert_eq!(step(&meters, &gradient, -2.0), Meters(0.0, 2, "m"));
    assert_eq!(format!("{gradient:?}"), "MetersTangent(0.5, (), ())");
    laws(&Unit, 0);
    assert_eq!(format!("{UnitTangent:?}"), "UnitTangent");
    assert_eq!(step(&Unit, &UnitTangent, 1.0), Unit);
    laws(&Empty {}, 0);
    assert_eq!(format!("{:?}", EmptyTangent {}), "EmptyTangent");
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Params<T: Real> {
    w: Vec<T>,
    m: DMatrix<T>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Pair<T> {
    a: T,
    b: T,
}

/// Everything that a type parameter can be in.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Mixed<T: Real, U = u8, M = Meters>
where
    U: PartialEq,
{
    pair: Pair<T>,
    params: Option<Params<T>>,
    boxes: Vec<Box<Pair<T>>>,
    slice: Box<[T]>,
    tuple: (T, U, (M,)),
    #[no_diff]
    constant: Vec<U>,
    phantom: PhantomData<M>,
}

#[test]
fn generic() {
    fn halve<T: Real>(params: &Params<T>, gradient: &ParamsTangent<T>) -> Params<T> {
        assert_eq!(gradient.w.len(), params.w.len());
        step(params, gradient, -0.5)
    }
    fn with<T: Real>(one: T) {
        let params = Params {
            w: vec![one; 2],
            m: DMatrix::from_element(1, 2, one),
        };
        laws(&params, 4);
        let gradient = ParamsTangent {
            w: vec![one; 2],
            m: DMatrix::from_element(1, 2, one),
        };
        assert_eq!(halve(&params, &gradient).w[1], one - one / (one + one));
        let pair = Pair { a: one, b: one };
        laws(&pair, 2);
        laws(
            &Pair {
                a: pair.clone(),
                b: pair.clone(),
            },
            4,
        );
        let mixed = Mixed {
            pair: pair.clone(),
            params: Some(params),
            boxes: vec![Box::new(pair.clone()), Box::new(pair)],
            slice: vec![one].into(),
            tuple: (one, 3, (Meters(1.0, 2, "m"),)),
            constant: vec![4_u8],
            phantom: PhantomData,
        };
        laws(&mixed, 2 + 4 + 4 + 1 + 2);
        assert_eq!(numbered(&mixed).boxes[1].b.ad_to_f64(), 10.0);
    }
    with(1.0_f64);
    with(1.0_f32);
    laws(
        &Pair {
            a: layer(),
            b: layer(),
        },
        16,
    );
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Fixed<const N: usize, const M: usize = 2> {
    a: [f64; N],
    m: SMatrix<f64, N, M>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Sized<R: Dim, C: Dim>
where
    DefaultAllocator: Allocator<R, C>,
{
    m: OMatrix<f64, R, C>,
}

trait Model {
    type Weights;
}

impl Model for Unit {
    type Weights = Vec<f64>;
}

#[derive(Debug, PartialEq, Differentiable)]
struct Associated<M: Model> {
    w: M::Weights,
    all: [<M as Model>::Weights; 2],
}

impl<M: Model<Weights: Clone>> Clone for Associated<M> {
    fn clone(&self) -> Self {
        let (w, all) = (self.w.clone(), self.all.clone());
        Associated { w, all }
    }
}

#[test]
fn dimensions_and_associated_types() {
    laws(
        &Fixed::<3> {
            a: [1.0; 3],
            m: SMatrix::zeros(),
        },
        9,
    );
    laws(
        &Sized::<Const<2>, Const<3>> {
            m: SMatrix::zeros(),
        },
        6,
    );
    let w = vec![1.0];
    let all = [w.clone(), w.clone()];
    laws(&Associated::<Unit> { w, all }, 3);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Network {
    layers: Vec<Layer>,
    rate: Option<f64>,
    shapes: (Shape, Box<Shape>),
    result: Result<f64, String>,
}

#[test]
fn nested() {
    let mut network = Network {
        layers: vec![layer(), layer()],
        rate: None,
        shapes: (Shape::Point, Box::new(Shape::Circle(1.0))),
        result: Err("none".to_owned()),
    };
    laws(&network, 17);
    network.rate = Some(1.0);
    network.result = Ok(2.0);
    laws(&network, 19);
    let tangent = numbered(&network);
    assert_eq!(tangent.layers[1].b[0], 13.0);
    assert_eq!(*tangent.shapes.1, ShapeTangent::Circle(18.0));
    assert_eq!(step(&network, &tangent, 1.0).result, Ok(21.0));
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Shape {
    Point,
    Circle(f64),
    Rectangle { width: f64, height: f64 },
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Single {
    Only(f64),
}

#[test]
fn variants() {
    let rectangle = Shape::Rectangle {
        width: 1.0,
        height: 2.0,
    };
    laws(&rectangle, 2);
    laws(&Shape::Circle(1.0), 1);
    laws(&Shape::Point, 0);
    laws(&Single::Only(1.0), 1);
    assert_eq!(*Single::Only(2.0).__ad_Only_0(), 2.0);
    assert_ne!(ShapeTangent::Point, ShapeTangent::Circle(0.0));
    let gradient = numbered(&rectangle);
    assert_eq!(
        format!("{gradient:?}"),
        "Rectangle { width: 1.0, height: 2.0 }"
    );
    assert_eq!(
        step(&rectangle, &gradient, -1.0),
        Shape::Rectangle {
            width: 0.0,
            height: 0.0
        }
    );
}

#[test]
#[should_panic(expected = "derivatives of different variants of `Shape` cannot be added")]
fn sum_of_different_variants() {
    add(&mut ShapeTangent::Point, &ShapeTangent::Circle(1.0));
}

#[test]
#[should_panic(expected = "a derivative of another variant of `Shape`")]
fn step_along_another_variant() {
    let _ = step(&Shape::Point, &ShapeTangent::Circle(1.0), 1.0);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Expr {
    Const(f64),
    Add(Box<Expr>, Box<Self>),
    Call(Box<Function>),
}

/// Contains an `Expr`, which contains it.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Function {
    arguments: Vec<Expr>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Tree<T> {
    Leaf(T),
    Node(Box<Self>, Box<Tree<T>>),
}

#[test]
fn recursive() {
    let leaf = || Box::new(Expr::Const(1.0));
    let arguments = vec![Expr::Const(2.0), Expr::Add(leaf(), leaf())];
    let expr = Expr::Add(
        leaf(),
        Box::new(Expr::Call(Box::new(Function { arguments }))),
    );
    laws(&expr, 4);
    assert_eq!(
        zero(&Expr::Add(leaf(), leaf())),
        ExprTangent::Add(
            Box::new(ExprTangent::Const(0.0)),
            Box::new(ExprTangent::Const(0.0))
        )
    );
    let leaf = |x| Box::new(Tree::Leaf(Pair { a: x, b: x }));
    laws(&Tree::Node(leaf(1.0), leaf(2.0)), 4);
}

/// A `Box` holds its tangent in a `Box`, and is accumulated into as its content.
#[test]
fn boxes() {
    let value = Box::new(vec![1.0, 2.0]);
    laws(&value, 2);
    let mut tangent: Box<Vec<f64>> = zero(&value);
    let place: &mut [f64] = tangent.ad_place();
    place[1] = 1.0;
    assert_eq!(step(&value, &tangent, 1.0), Box::new(vec![1.0, 3.0]));
    let slice: Box<[f64]> = vec![1.0, 2.0].into();
    laws(&slice, 2);
    let parameter: Gradient<&Box<f64>> = Box::new(1.0);
    assert_eq!(*parameter, zero(&1.0) + 1.0);
}

#[test]
fn checker() {
    let value = |layer: &Layer| (&layer.w * &layer.b).sum() * f64::from(layer.r#type[0]);
    let gradient = |layer: &Layer| {
        let factor = f64::from(layer.r#type[0]);
        let ones = DVector::from_element(2, 1.0);
        LayerTangent {
            w: &ones * layer.b.transpose() * factor,
            b: layer.w.tr_mul(&ones) * factor,
            n: (),
            name: (),
            r#type: [(&layer.w * &layer.b).sum() as f32, 0.0],
        }
    };
    let layer = layer();
    check::gradient(value, gradient, &layer).assert();
    let wrong = |layer: &Layer| zero(layer);
    assert!(!check::gradient(value, wrong, &layer).passed());

    check::gradient(
        |shape: &Shape| match shape {
            Shape::Point => 0.0,
            Shape::Circle(radius) => radius * radius,
            Shape::Rectangle { width, height } => width * height,
        },
        |shape| match shape {
            Shape::Point => ShapeTangent::Point,
            Shape::Circle(radius) => ShapeTangent::Circle(2.0 * radius),
            Shape::Rectangle { width, height } => ShapeTangent::Rectangle {
                width: *height,
                height: *width,
            },
        },
        &Shape::Rectangle {
            width: 2.0,
            height: 3.0,
        },
    )
    .assert();
}

/// The crate under another name.
mod renamed {
    pub(super) mod reexport {
        pub(crate) use differentiate as autodiff;
    }

    #[derive(Clone, Debug, differentiate::Differentiable)]
    #[differentiable(crate = self::reexport::autodiff)]
    pub(super) struct Renamed {
        pub(super) x: f64,
    }
}

#[test]
fn other_path_to_the_crate() {
    laws(&renamed::Renamed { x: 1.0 }, 1);
}

/// In a function, made by a macro.
#[test]
fn local() {
    macro_rules! make {
        ($name:ident, $t:ty) => {
            #[derive(Clone, Debug, PartialEq, Differentiable)]
            struct $name {
                x: $t,
                f: Vec<$t>,
            }
        };
    }
    macro_rules! renamed {
        ($name:ident) => {
            #[derive(Clone, Debug, PartialEq, Differentiable)]
            #[differentiable(crate = $crate::rules::derive::renamed::reexport::autodiff)]
            struct $name(f64);
        };
    }
    make!(Made, f64);
    renamed!(Renamed);
    laws(&Renamed(1.0), 1);
    laws(
        &Made {
            x: 1.0,
            f: vec![2.0],
        },
        2,
    );
}
