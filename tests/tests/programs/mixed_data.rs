//! Nested and recursive data in place: trees, lists, tuples, generic structs, lists of matrices.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, Real, differentiate};
use nalgebra::{DMatrix, DVector, Vector3, dmatrix, dvector, vector};

// One of several inputs.
#[differentiate(order = 2, wrt(k))]
fn scaled_by_weights(x: &mut [f64], w: &[f64], k: f64) -> f64 {
    for (x, w) in x.iter_mut().zip(w) {
        *x *= w * k;
    }
    x[0] * k
}
// Mutual recursion.
#[differentiate(order = 2, recursive)]
fn even_steps(x: &mut [f64], n: usize) -> f64 {
    if n == 0 {
        return x[0];
    }
    x[0] *= 1.2;
    odd_steps(x, n - 1) + x[1]
}

#[differentiate(order = 2)]
fn odd_steps(x: &mut [f64], n: usize) -> f64 {
    if n == 0 {
        return x[1];
    }
    x[1] += x[0];
    even_steps(x, n - 1) * x[0]
}
// Recursion through a struct passed by `&mut`.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Node {
    v: f64,
    kids: Vec<Node>,
    #[no_diff]
    id: usize,
}
impl Node {
    #[differentiate(order = 2)]
    fn weight(&self) -> f64 {
        self.v + self.kids.iter().map(|k| k.v * k.v).sum::<f64>()
    }
}

#[differentiate(order = 2)]
fn downwards(n: &mut Node, k: f64) -> f64 {
    n.v *= k;
    let mut sum = n.v;
    for kid in &mut n.kids {
        kid.v += n.v;
        sum += downwards(kid, k * 0.9);
    }
    n.v += sum;
    sum + n.weight()
}

#[differentiate(order = 2)]
fn downwards_by_index(n: &mut Node, k: f64) -> f64 {
    let v = n.v;
    let mut sum = 0.0;
    for i in 0..n.kids.len() {
        sum += downwards_by_index(&mut n.kids[i], k * v);
    }
    n.v = sum + k;
    if let Some(first) = n.kids.first_mut() {
        first.v *= 2.0;
        std::mem::swap(&mut n.v, &mut first.v);
    }
    n.v * v
}

// Linked list.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct List {
    head: f64,
    next: Option<Box<List>>,
}

#[differentiate(order = 2)]
fn scale_list(l: &mut List, k: f64) -> f64 {
    l.head *= k;
    match &mut l.next {
        Some(next) => scale_list(next, k) * l.head,
        None => l.head,
    }
}

#[differentiate(order = 2)]
fn fold_list(l: &List) -> f64 {
    let mut s = l.head;
    if let Some(n) = &l.next {
        s *= fold_list(n);
    }
    s + 1.0
}

#[differentiate(order = 2)]
fn walk_list(l: &List) -> f64 {
    let mut at = l;
    let mut s = 1.0;
    while let Some(next) = &at.next {
        s *= at.head;
        at = next;
    }
    s + at.head
}

// Generic functions that call each other.
#[differentiate(order = 2)]
fn scale_all<T: Real>(x: &mut [T], k: T) {
    for v in x.iter_mut() {
        *v *= k;
    }
}

#[differentiate(order = 2)]
fn scaled_in_parts<T: Real>(x: &mut Vec<T>, k: T) -> T {
    scale_all(x, k);
    scale_all(&mut x[1..], k * k);
    let mut y = [k; 2];
    scale_all(&mut y, k);
    x[0] + x[1] * y[1]
}
// Generic struct in place.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Poly<T, const N: usize> {
    c: [T; N],
}
#[differentiate(order = 2)]
impl<T: Real, const N: usize> Poly<T, N> {
    fn eval(&self, x: T) -> T {
        let mut s = T::zero();
        for c in self.c.iter().rev() {
            s = s * x + *c;
        }
        s
    }
    fn derive(&mut self) {
        for i in 1..N {
            self.c[i - 1] = self.c[i] * differentiate::lit(i as f64);
        }
        self.c[N - 1] = T::zero();
    }
}

#[differentiate(order = 2)]
fn newton(p: &mut Poly<f64, 4>, x: f64) -> f64 {
    let mut x = x;
    for _ in 0..3 {
        let v = p.eval(x);
        let mut d = p.clone();
        d.derive();
        x -= v / d.eval(x);
    }
    p.derive();
    x
}
// Matrices passed by `&mut`.
#[differentiate(order = 2)]
fn lu_in_place(a: &mut DMatrix<f64>) {
    let n = a.nrows();
    for k in 0..n {
        for i in k + 1..n {
            a[(i, k)] /= a[(k, k)];
            for j in k + 1..n {
                let t = a[(i, k)] * a[(k, j)];
                a[(i, j)] -= t;
            }
        }
    }
}

#[differentiate(order = 2)]
fn solve_by_lu(a: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let mut lu = a.clone();
    lu_in_place(&mut lu);
    let mut x = b.clone();
    let n = x.len();
    for i in 0..n {
        for j in 0..i {
            x[i] -= lu[(i, j)] * x[j];
        }
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= lu[(i, j)] * x[j];
        }
        x[i] /= lu[(i, i)];
    }
    x.norm_squared()
}

#[differentiate(order = 2)]
fn two_parts_of_a_tuple(state: &mut (DVector<f64>, DMatrix<f64>), z: &DVector<f64>) -> f64 {
    let (x, p) = state;
    let y = z - &*x;
    *x += &*p * &y;
    *p *= 0.5;
    p[(0, 0)] += y[0];
    x.dot(z)
}

// Lists of matrices.
#[differentiate(order = 2)]
fn layers(layers: &mut [DMatrix<f64>], x: &DVector<f64>) -> f64 {
    let mut h = x.clone();
    for l in layers.iter_mut() {
        h = (&*l * &h).map(|v| v.tanh());
        *l *= 0.9;
        l[(0, 0)] = h[0];
    }
    h.sum()
}

#[differentiate(order = 2)]
fn centred_particles(ps: &mut Vec<Vector3<f64>>, vs: &[Vector3<f64>], dt: f64) -> f64 {
    let mut e = 0.0;
    for (p, v) in ps.iter_mut().zip(vs) {
        *p += v * dt;
        p.z = p.z.max(0.1);
        e += p.norm();
    }
    ps.swap(0, 1);
    let c = ps.iter().fold(Vector3::zeros(), |a, p| a + p) / ps.len() as f64;
    for p in ps.iter_mut() {
        *p -= c;
    }
    e
}

fn x() -> Vec<f64> {
    vec![0.55, 0.42, 0.83, -0.31]
}

#[test]
fn one_of_several() {
    let (mut a, w) = (x(), [1.0, 2.0]);
    let (v, g) = scaled_by_weights::value_and_grad(&mut a, &w, 1.5);
    assert!((g - 2.0 * 0.55 * 1.5).abs() < 1e-12, "{g}");
    let mut s = vec![1.0; 4];
    let mut d = 0.0;
    let mut a = x();
    scaled_by_weights::adjoint(&mut a, &w, 1.5, 1.0, &mut s, &mut d);
    assert_eq!(a, x());
}

#[test]
fn mutual_recursion() {
    for n in 0..4 {
        lent!(even_steps(x, n), at mut x = x());
        lent!(odd_steps(x, n), at mut x = x());
    }
}
fn node() -> Node {
    let leaf = |v| Node {
        v,
        kids: vec![],
        id: 1,
    };
    Node {
        v: 0.7,
        kids: vec![
            leaf(0.3),
            Node {
                v: 1.1,
                kids: vec![leaf(-0.4)],
                id: 2,
            },
        ],
        id: 0,
    }
}

#[test]
fn nodes() {
    lent!(downwards(n, *k), at mut n = node(), k = 0.8);
    lent!(downwards_by_index(n, *k), at mut n = node(), k = 0.8);
}
fn list() -> List {
    List {
        head: 0.3,
        next: Some(Box::new(List {
            head: 0.7,
            next: Some(Box::new(List {
                head: 1.2,
                next: None,
            })),
        })),
    }
}

#[test]
fn lists() {
    lent!(scale_list(l, *k), at mut l = list(), k = 0.8);
    battery!(fold_list(l), at l = list());
    battery!(walk_list(l), at l = list());
}

#[test]
fn generics() {
    lent!(scaled_in_parts(v, *k), at mut v = x(), k = 0.8);
    lent!(scaled_in_parts(v, *k), at mut v = vec![0.5_f32, 0.25], k = 0.8_f32);
    lent!(newton(p, *x), at mut p = Poly { c: [-1.0, 0.5, 0.3, 1.0] }, x = 0.9);
}

#[test]
fn factors() {
    battery!(solve_by_lu(a, b), at a = dmatrix![4.0, 1.0; 0.5, 3.0], b = dvector![1.0, 2.0]);
}

#[test]
fn tuples() {
    lent!(two_parts_of_a_tuple(s, z), at mut s = (dvector![1.0, 2.0], dmatrix![4.0, 1.0; 0.5, 3.0]), z = dvector![0.3, 0.4]);
}

#[test]
fn lists_of_matrices() {
    lent!(layers(l, x), at mut l = vec![dmatrix![0.4, 1.0; 0.5, 0.3], dmatrix![0.1, 0.2; 0.5, 0.9]], x = dvector![0.3, 0.4]);
    lent!(centred_particles(p, v, *dt), at mut p = vec![vector![1.0, 2.0, 3.0], vector![0.1, 0.2, 0.3]], v = vec![vector![1.0, 0.0, 0.3], vector![0.5, 0.2, 0.3]], dt = 0.2);
}
