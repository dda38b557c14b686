//! Structs and enums of the user's own, their fields and their methods.

use crate::battery::{battery, in_place, lent};
use differentiate::{Differentiable, differentiate};
use nalgebra::{Vector2, vector};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Pair {
    a: f64,
    b: f64,
}

// C17: both fields are scaled through a reference.
#[differentiate(order = 2)]
fn triple(s: &mut Pair) {
    s.a = 3.0 * s.a;
    s.b *= 3.0;
}

#[differentiate(order = 2)]
fn c17(x: f64) -> f64 {
    let mut s = Pair { a: x, b: 2.0 * x };
    triple(&mut s);
    s.a * s.a + s.b
}

impl Pair {
    #[differentiate(order = 2)]
    fn scale(&mut self, k: f64) {
        self.a *= k;
        self.b *= k;
    }

    #[differentiate(order = 2)]
    fn value(&self) -> f64 {
        self.a * self.a + self.b
    }

    #[differentiate(order = 2)]
    fn scaled(mut self, k: f64) -> Self {
        self.scale(k);
        self
    }
}

#[differentiate(order = 2)]
fn c17_method(x: f64) -> f64 {
    let mut s = Pair { a: x, b: 2.0 * x };
    s.scale(3.0);
    s.value()
}

#[differentiate(order = 2)]
fn c17_by_value(x: f64) -> f64 {
    let s = Pair { a: x, b: 2.0 * x }.scaled(3.0);
    let Pair { a, b } = s;
    a * a + b
}

#[differentiate(order = 2)]
fn c17_fields(x: f64) -> f64 {
    let mut s = Pair { b: 2.0 * x, a: x };
    let Pair { a, b } = &mut s;
    *a *= 3.0;
    *b *= 3.0;
    s.a.powi(2) + s.b
}

#[differentiate(order = 2)]
fn c17_tuple(x: f64) -> f64 {
    let mut s = (x, 2.0 * x);
    for k in [3.0] {
        s.0 *= k;
        s.1 *= k;
    }
    s.0 * s.0 + s.1
}

#[differentiate(order = 2)]
fn triple_pair(s: &mut (f64, f64)) {
    s.0 *= 3.0;
    s.1 *= 3.0;
}

#[differentiate(order = 2)]
fn c17_lent_tuple(x: f64) -> f64 {
    let mut s = (x, 2.0 * x);
    triple_pair(&mut s);
    s.0 * s.0 + s.1
}

#[test]
fn c17_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $( battery!($f(*x), at x = 1.0).is(15.0, 24.0); )* };
    }
    check!(c17 c17_method c17_by_value c17_fields c17_tuple c17_lent_tuple);
    in_place!(triple(s), at mut s = Pair { a: 1.0, b: 2.0 })
        .is((), Pair { a: 3.0, b: 6.0 })
        .maps(
            (),
            PairTangent { a: 1.0, b: 2.0 },
            PairTangent { a: 3.0, b: 6.0 },
            (),
        );
}

// S13: a method that sets one field to the other.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Firsts {
    first: f64,
    second: f64,
}

impl Firsts {
    #[differentiate(order = 2)]
    fn set(&mut self) {
        self.second = self.first;
        if self.first > 0.0 {}
    }

    #[differentiate(order = 2)]
    fn set_else(&mut self) -> f64 {
        let Self { first, second } = self;
        *second = *first;
        if *second < 0.0 {
            let _ = *first;
        } else {
        }
        self.second
    }
}

#[differentiate(order = 2)]
fn s13(first: f64, second: f64) -> f64 {
    let mut s = Firsts { first, second };
    s.set();
    s.second
}

#[differentiate(order = 2)]
fn s13_value(first: f64, second: f64) -> f64 {
    let mut s = Firsts { first, second };
    s.set_else()
}

#[differentiate(order = 2)]
fn s13_struct(mut s: Firsts) -> f64 {
    s.set();
    s.second
}

#[differentiate(order = 2)]
fn s13_lent(s: &mut Firsts) -> f64 {
    s.set();
    s.second
}

#[test]
fn s13_in_every_way() {
    battery!(s13(*x, *y), at x = 2.0, y = 5.0).is(2.0, (1.0, 0.0));
    battery!(s13_value(*x, *y), at x = 2.0, y = 5.0).is(2.0, (1.0, 0.0));
    let s = || Firsts {
        first: 2.0,
        second: 5.0,
    };
    let g = || FirstsTangent {
        first: 1.0,
        second: 0.0,
    };
    battery!(s13_struct(s.clone()), at s = s()).is(2.0, g());
    lent!(s13_lent(s), at mut s = s()).maps(
        1.0,
        FirstsTangent {
            first: 0.0,
            second: 0.0,
        },
        g(),
        (),
    );
}

// The siblings of methods.
#[test]
fn methods_with_receivers() {
    let mut s = Pair { a: 2.0, b: 5.0 };
    let mut shadow = PairTangent { a: 1.0, b: 10.0 };
    let mut d_k = 0.5;
    s.scale_adjoint(3.0, &mut shadow, &mut d_k);
    assert_eq!(s, Pair { a: 2.0, b: 5.0 });
    assert_eq!((shadow.a, shadow.b, d_k), (3.0, 30.0, 52.5));
    let ((), pull) = s.scale_vjp(3.0);
    let mut shadow = PairTangent { a: 1.0, b: 10.0 };
    assert_eq!(pull(&mut shadow), 52.0);
    assert_eq!((shadow.a, shadow.b), (3.0, 30.0));
    assert_eq!(s, Pair { a: 6.0, b: 15.0 });
    let (value, gradient) = s.value_value_and_grad();
    assert_eq!((value, gradient.a, gradient.b), (51.0, 12.0, 1.0));
}

// A particle with a vector, an integer and a nested struct.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Material {
    density: f64,
    #[no_diff]
    name: String,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Particle {
    position: Vector2<f64>,
    velocity: [f64; 2],
    #[no_diff]
    steps: usize,
    material: Material,
    history: Vec<f64>,
}

impl Particle {
    #[differentiate(order = 2)]
    fn kick(&mut self, dt: f64) {
        for i in 0..2 {
            self.position[i] += dt * self.velocity[i];
            self.velocity[i] -= dt * self.material.density * self.position[i];
        }
        self.steps += 1;
        self.history.push(self.position.norm_squared());
    }

    #[differentiate(order = 2)]
    fn run(&mut self, dt: f64, n: usize) -> f64 {
        for _ in 0..n {
            self.kick(dt);
            if self.steps > 5 {
                break;
            }
        }
        self.energy()
    }

    #[differentiate(order = 2)]
    fn energy(&self) -> f64 {
        let [u, v] = self.velocity;
        0.5 * self.material.density * (u * u + v * v) + self.history.iter().sum::<f64>()
    }
}

#[differentiate(order = 2)]
fn run(p: &mut Particle, dt: f64, n: usize) -> f64 {
    p.run(dt, n)
}

#[differentiate(order = 2)]
fn halve(v: &mut [f64; 2], density: &f64) {
    v[0] *= 0.5 * density;
    v[1] *= 0.5;
}

#[differentiate(order = 2)]
fn fields_apart(p: &mut Particle) -> f64 {
    halve(&mut p.velocity, &p.material.density);
    std::mem::swap(&mut p.velocity[0], &mut p.position.x);
    let Material { density, .. } = &mut p.material;
    *density *= p.velocity[1];
    p.position.y *= 2.0;
    p.position.x * p.material.density
}

fn particle() -> Particle {
    Particle {
        position: vector![1.0, 0.3],
        velocity: [0.2, -0.7],
        steps: 3,
        material: Material {
            density: 1.3,
            name: "lead".to_string(),
        },
        history: vec![0.4],
    }
}

#[test]
fn nested_structs() {
    for n in [0, 1, 2, 7] {
        lent!(run(p, *dt, n), at mut p = particle(), dt = 0.3);
    }
    lent!(fields_apart(p), at mut p = particle());
    let mut p = particle();
    let (value, d_dt) = p.run_value_and_grad(0.3, 2);
    assert_eq!(value, run(&mut particle(), 0.3, 2));
    assert_eq!(d_dt, run::grad(&mut particle(), 0.3, 2));
}

// Lists of structs.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Body {
    x: f64,
    v: f64,
    mass: f64,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct System {
    bodies: Vec<Body>,
    total: f64,
    spring: f64,
}

impl System {
    #[differentiate(order = 2)]
    fn drift(&mut self, dt: f64) {
        for body in &mut self.bodies {
            body.x += dt * body.v;
        }
    }

    #[differentiate(order = 2)]
    fn drift_iter(&mut self, dt: f64) {
        for body in self.bodies.iter_mut() {
            body.x += dt * body.v;
        }
    }

    #[differentiate(order = 2)]
    fn drift_index(&mut self, dt: f64) {
        for i in 0..self.bodies.len() {
            let body = &mut self.bodies[i];
            body.x += dt * body.v;
        }
    }

    #[differentiate(order = 2)]
    fn attract(&mut self, dt: f64) {
        for i in 1..self.bodies.len() {
            let force = self.spring * (self.bodies[i].x - self.bodies[i - 1].x);
            self.bodies[i].v -= dt * force / self.bodies[i].mass;
            self.bodies[i - 1].v += dt * force / self.bodies[i - 1].mass;
        }
    }

    #[differentiate(order = 2)]
    fn measure(&mut self) -> f64 {
        self.total = 0.0;
        for body in &self.bodies {
            self.total += 0.5 * body.mass * body.v * body.v;
        }
        self.total
    }
}

#[differentiate(order = 2)]
fn simulate(system: &mut System, dt: f64, n: usize) -> f64 {
    for k in 0..n {
        match k % 3 {
            0 => system.drift(dt),
            1 => system.drift_iter(dt),
            _ => system.drift_index(dt),
        }
        system.attract(dt);
    }
    system.measure()
}

#[differentiate(order = 2)]
fn momentum(bodies: &[Body]) -> f64 {
    bodies.iter().map(|b| b.mass * b.v).sum()
}

#[differentiate(order = 2)]
fn centered(mut bodies: Vec<Body>) -> Vec<Body> {
    let mass: f64 = bodies.iter().map(|b| b.mass).sum();
    let mean = momentum(&bodies) / mass;
    for b in &mut bodies {
        b.v -= mean;
    }
    bodies
}

#[differentiate(order = 2)]
fn array_of_structs(x: f64) -> f64 {
    let mut pair = [Body {
        x,
        v: 1.0,
        mass: 2.0,
    }; 2];
    pair[0].v = x * x;
    pair[1] = Body { mass: x, ..pair[0] };
    pair.swap(0, 1);
    for body in pair.iter_mut() {
        body.x *= body.v * body.mass;
    }
    pair[0].x * pair[1].x
}

#[test]
fn lists_of_structs() {
    let bodies = || {
        vec![
            Body {
                x: 0.0,
                v: 0.3,
                mass: 1.0,
            },
            Body {
                x: 1.2,
                v: -0.3,
                mass: 2.0,
            },
            Body {
                x: 1.9,
                v: 0.1,
                mass: 0.5,
            },
        ]
    };
    let system = || System {
        bodies: bodies(),
        total: 0.0,
        spring: 1.5,
    };
    lent!(simulate(s, *dt, 4), at mut s = system(), dt = 0.2);
    battery!(momentum(b), at b = bodies());
    battery!(array_of_structs(*x), at x = 1.3);
    let (_, pull) = centered::vjp(bodies());
    let seed = vec![
        BodyTangent {
            x: 0.0,
            v: 1.0,
            mass: 0.0
        };
        3
    ];
    assert!(pull(seed)[0].v.abs() > 0.0);
}

// Enums.
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle { radius: f64 },
    Square(f64),
    Rectangle(f64, f64),
    Empty,
}

impl Shape {
    #[differentiate(order = 2)]
    fn area(&self) -> f64 {
        match self {
            Shape::Circle { radius } => std::f64::consts::PI * radius * radius,
            Self::Square(side) => side * side,
            Shape::Rectangle(w, h) => w * h,
            Shape::Empty => 0.0,
        }
    }

    #[differentiate(order = 2)]
    fn grow(&mut self, k: f64) {
        match self {
            Shape::Circle { radius } => *radius *= k,
            Shape::Square(side) => {
                *side += k;
            }
            Shape::Rectangle(w, h) => {
                *w *= k;
                *h += *w;
            }
            Shape::Empty => {}
        }
    }
}

#[differentiate(order = 2)]
fn total_area(shapes: &[Shape]) -> f64 {
    let mut total = 0.0;
    for shape in shapes {
        total += shape.area();
    }
    total
}

#[differentiate(order = 2)]
fn grown(shapes: &mut [Shape], k: f64) -> f64 {
    for shape in shapes.iter_mut() {
        shape.grow(k);
        if let Shape::Square(side) = shape {
            *side *= 2.0;
        }
    }
    total_area(shapes)
}

#[differentiate(order = 2)]
fn flattened(shape: Shape) -> f64 {
    let side = match shape {
        Shape::Square(s) => s,
        Shape::Rectangle(w, h) if w > h => h,
        Shape::Rectangle(w, _) => w,
        Shape::Circle { radius: r } => 2.0 * r,
        Shape::Empty => return 0.0,
    };
    side * side
}

#[differentiate(order = 2)]
fn made(x: f64, k: usize) -> f64 {
    let shape = if k == 0 {
        Shape::Square(x)
    } else if k == 1 {
        Shape::Circle { radius: x }
    } else {
        Shape::Rectangle(x, x * x)
    };
    shape.area()
}

#[test]
fn enums() {
    let shapes = || {
        vec![
            Shape::Circle { radius: 1.5 },
            Shape::Empty,
            Shape::Square(2.0),
            Shape::Rectangle(1.2, 0.7),
        ]
    };
    battery!(total_area(s), at s = shapes());
    lent!(grown(s, *k), at mut s = shapes(), k = 1.1);
    for shape in shapes() {
        battery!(flattened(s.clone()), at s = shape);
    }
    for k in 0..3 {
        battery!(made(*x, k), at x = 1.3);
    }
}

// A tree that contains itself.
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Tree {
    Leaf(f64),
    Node(Box<Tree>, Box<Tree>),
}

#[differentiate(order = 2)]
fn fold_tree(tree: &Tree) -> f64 {
    match tree {
        Tree::Leaf(v) => *v,
        Tree::Node(left, right) => fold_tree(left) * fold_tree(right) + 1.0,
    }
}

#[differentiate(order = 2)]
fn scale_tree(tree: &mut Tree, k: f64) {
    match tree {
        Tree::Leaf(v) => *v *= k,
        Tree::Node(left, right) => {
            scale_tree(left, k);
            scale_tree(right, k * k);
        }
    }
}

#[test]
fn trees() {
    let leaf = |v| Box::new(Tree::Leaf(v));
    let tree = || Tree::Node(Box::new(Tree::Node(leaf(1.5), leaf(2.0))), leaf(-0.5));
    battery!(fold_tree(t), at t = tree()).is(-1.0, {
        let leaf = |v| Box::new(TreeTangent::Leaf(v));
        TreeTangent::Node(
            Box::new(TreeTangent::Node(leaf(-1.0), leaf(-0.75))),
            leaf(4.0),
        )
    });
    in_place!(scale_tree(t, *k), at mut t = tree(), k = 1.2);
}

// Generic structs.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Dual<T> {
    re: T,
    im: T,
}

#[differentiate(order = 2)]
impl<T: differentiate::Real> Dual<T> {
    fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn square(&mut self) {
        *self = self.times(*self);
    }

    fn norm_squared(&self) -> T {
        self.re * self.re + self.im * self.im
    }
}

#[differentiate(order = 2)]
fn mandelbrot<T: differentiate::Real>(re: T, im: T, n: usize) -> T {
    let c = Dual { re, im };
    let mut z = c;
    for _ in 0..n {
        z.square();
        z.re += c.re;
        z.im += c.im;
    }
    z.re * z.re + z.im * z.im
}

#[test]
fn generic_structs() {
    battery!(mandelbrot(*x, *y, 3), at x = 0.3, y = 0.4);
    battery!(mandelbrot(*x, *y, 3), at x = 0.3_f32, y = 0.4_f32);
}
