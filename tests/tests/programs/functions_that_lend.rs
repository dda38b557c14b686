//! Functions and methods that hand out a view of what they are given.

use crate::battery::{battery, in_place, lent};
use differentiate::{Differentiable, differentiate};
use nalgebra::DMatrix;

#[differentiate(order = 2)]
mod functions {
    pub fn at(v: &mut [f64], i: usize) -> &mut f64 {
        &mut v[i]
    }
    pub fn scaled_element(x: &[f64], k: f64) -> f64 {
        let mut v = x.to_vec();
        *at(&mut v, 1) *= k * k;
        let r = at(&mut v, 0);
        *r += k;
        *r *= *r;
        *at(&mut v, 2) = v[0] * x[1];
        v.iter().map(|x| x.sin()).sum()
    }
    pub fn in_a_loop(x: &mut [f64], k: f64) {
        for i in 1..x.len() {
            let before = x[i - 1];
            *at(x, i) += before * before * k;
        }
    }
    fn row(m: &[f64], i: usize, n: usize) -> &[f64] {
        let from = i * n;
        &m[from..from + n]
    }
    fn row_mut(m: &mut [f64], i: usize, n: usize) -> &mut [f64] {
        &mut m[i * n..(i + 1) * n]
    }
    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
    pub fn gram(m: &[f64], n: usize) -> f64 {
        let mut total = 0.0;
        for i in 0..m.len() / n {
            for j in 0..i {
                total += dot(row(m, i, n), row(m, j, n)).powi(2);
            }
            let r = row(m, i, n);
            total += r[0] * r[n - 1].sin();
        }
        total
    }
    pub fn eliminate(m: &mut [f64], n: usize) -> f64 {
        for i in 1..m.len() / n {
            let factor = row(m, i, n)[0] / row(m, 0, n)[0];
            for j in 0..n {
                let pivot = m[j];
                row_mut(m, i, n)[j] -= factor * pivot;
            }
        }
        row(m, 1, n).iter().map(|x| x * x).sum()
    }
    pub fn larger<'a>(a: &'a mut f64, b: &'a mut f64) -> &'a mut f64 {
        if *a > *b { a } else { b }
    }
    pub fn shrink_larger(a: f64, b: f64, k: f64) -> f64 {
        let (mut a, mut b) = (a, b);
        for _ in 0..3 {
            *larger(&mut a, &mut b) *= k;
        }
        let r = larger(&mut a, &mut b);
        *r = r.sin() * *r;
        a * b + a
    }
    fn first_positive(v: &mut [f64], i: usize) -> &mut f64 {
        if v[i] > 0.0 {
            return &mut v[i];
        }
        let j = i + 1;
        if v[j] > 0.0 {
            return &mut v[j];
        }
        &mut v[0]
    }
    pub fn returns_early(x: &[f64], k: f64) -> f64 {
        let mut v = x.to_vec();
        *first_positive(&mut v, 1) += k * x[0];
        let p = first_positive(&mut v, 0);
        *p = p.powi(2) * k;
        v[0] * v[1] + v[2]
    }
    pub enum Side {
        Left,
        Right,
    }
    fn side<'a>(v: &'a mut [f64], which: &Side) -> &'a mut [f64] {
        let half = v.len() / 2;
        let (a, b) = v.split_at_mut(half);
        match which {
            Side::Left => a,
            Side::Right => b,
        }
    }
    pub fn by_side(x: &mut [f64], #[no_diff] which: &Side, k: f64) -> f64 {
        let part = side(x, which);
        for v in part.iter_mut() {
            *v = v.exp() * k;
        }
        x.iter().map(|x| x * x).sum()
    }
    fn interior(v: &mut [f64]) -> &mut [f64] {
        let n = v.len();
        &mut v[1..n - 1]
    }
    fn fill_with(v: &mut [f64], k: f64) {
        for (i, v) in v.iter_mut().enumerate() {
            *v = k * *v * i as f64;
        }
    }
    pub fn as_argument(x: &mut [f64], k: f64) -> f64 {
        fill_with(interior(x), k);
        interior(interior(x))[0] += k * k;
        interior(x).iter().sum::<f64>() * x[0]
    }
}
use functions::*;

#[differentiate(order = 2)]
mod types {
    use differentiate::Differentiable;
    use std::ops::{Index, IndexMut};

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Grid {
        pub cells: Vec<f64>,
        pub columns: usize,
    }
    impl Grid {
        fn offset(&self, i: usize, j: usize) -> usize {
            i * self.columns + j
        }
        pub fn cell(&self, i: usize, j: usize) -> &f64 {
            &self.cells[self.offset(i, j)]
        }
        pub fn cell_mut(&mut self, i: usize, j: usize) -> &mut f64 {
            let at = self.offset(i, j);
            &mut self.cells[at]
        }
        pub fn row(&self, i: usize) -> &[f64] {
            &self.cells[i * self.columns..][..self.columns]
        }
        pub fn diffuse(&mut self, k: f64) {
            for i in 1..3 {
                for j in 1..self.columns {
                    let flow = k * (self.cell(i - 1, j) - self.cell(i, j - 1));
                    *self.cell_mut(i, j) += flow;
                }
            }
        }
        pub fn energy(&self) -> f64 {
            let last = self.row(2);
            last[0] * last[1] + self.row(1).iter().map(|x| x * x).sum::<f64>()
        }
    }
    impl Index<(usize, usize)> for Grid {
        type Output = f64;
        fn index(&self, (i, j): (usize, usize)) -> &f64 {
            &self.cells[i * self.columns + j]
        }
    }
    impl IndexMut<(usize, usize)> for Grid {
        fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
            &mut self.cells[i * self.columns + j]
        }
    }
    pub fn through_methods(g: &mut Grid, k: f64) -> f64 {
        g.diffuse(k);
        let c = g.cell_mut(0, 1);
        *c *= k;
        g.energy() * g.cell(0, 1)
    }
    pub fn by_index(g: &Grid, k: f64) -> f64 {
        let mut own: Grid = g.clone();
        own[(1, 0)] = g[(0, 1)] * k;
        own[(2, 1)] += own[(1, 0)] * own[(1, 0)];
        for i in 0..3 {
            own[(i, 0)] *= g[(i, 1)];
        }
        own[(0, 0)] * own[(1, 0)] + own[(2, 1)] * own[(2, 0)]
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Model {
        pub layers: Vec<Grid>,
        pub scale: f64,
    }
    impl Model {
        pub fn layer_mut(&mut self, k: usize) -> &mut Grid {
            &mut self.layers[k]
        }
        fn scale(&self) -> &f64 {
            &self.scale
        }
        pub fn train(&mut self, rate: f64) -> f64 {
            for k in 0..self.layers.len() {
                let by = *self.scale() * rate;
                let layer = self.layer_mut(k);
                layer.cells[0] -= by * layer.cells[1];
                *self.layer_mut(k).cell_mut(1, 1) *= rate;
            }
            self.layers[0].cells[0] * self.layers[1].cells[3]
        }
    }
}
use types::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Dense {
    w: DMatrix<f64>,
    names: Vec<u8>,
}
#[differentiate(order = 2)]
impl Dense {
    fn weight(&mut self, i: usize, j: usize) -> &mut f64 {
        &mut self.w[(i, j)]
    }
    fn whole(&self) -> &DMatrix<f64> {
        &self.w
    }
    fn names(&self) -> &[u8] {
        &self.names
    }
    fn step(&mut self, k: f64) -> f64 {
        for i in 0..self.names().len() {
            *self.weight(i, 0) += k * f64::from(self.names()[i]);
        }
        let w = self.whole();
        (w * w).trace()
    }
}

#[test]
fn agree_with_differences() {
    let x = vec![0.4, -0.3, 0.8];
    battery!(scaled_element(a, *b), at a = x.clone(), b = 0.7);
    in_place!(in_a_loop(a, *b), at mut a = x.clone(), b = 0.7);
    let m = vec![0.5, 0.2, -0.7, 0.9, 0.3, 0.6];
    battery!(gram(a, 2), at a = m.clone());
    lent!(eliminate(a, 2), at mut a = m.clone());
    battery!(shrink_larger(*a, *b, *c), at a = 0.8, b = 0.6, c = 0.7);
    battery!(returns_early(a, *b), at a = x.clone(), b = 0.7);
    battery!(returns_early(a, *b), at a = vec![-0.4, 0.3, 0.8], b = 0.7);
    battery!(returns_early(a, *b), at a = vec![-0.4, -0.3, -0.8], b = 0.7);
    for side in [Side::Left, Side::Right] {
        let side: &'static Side = Box::leak(Box::new(side));
        lent!(by_side(a, side, *b), at mut a = vec![0.2, 0.3, -0.4, 0.5], b = 0.7);
    }
    lent!(as_argument(a, *b), at mut a = m.clone(), b = 0.7);
    let grid = Grid {
        cells: m,
        columns: 2,
    };
    lent!(through_methods(a, *b), at mut a = grid.clone(), b = 0.7);
    battery!(by_index(a, *b), at a = grid.clone(), b = 0.7);
    let model = Model {
        layers: vec![grid.clone(), grid],
        scale: 0.6,
    };
    let dense = Dense {
        w: DMatrix::from_row_slice(2, 2, &[0.3, 0.5, 0.7, -0.2]),
        names: vec![2, 3],
    };
    lent!(trained(a, *b), at mut a = model, b = 0.7);
    lent!(stepped(a, *b), at mut a = dense, b = 0.7);
}

#[differentiate(order = 2)]
fn trained(m: &mut Model, k: f64) -> f64 {
    m.train(k)
}
#[differentiate(order = 2)]
fn stepped(d: &mut Dense, k: f64) -> f64 {
    d.step(k)
}

#[differentiate(order = 2)]
mod generic_types {
    use differentiate::{Differentiable, Real};
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Mat<T> {
        pub d: Vec<T>,
        pub n: usize,
    }
    impl<T: Real> Mat<T> {
        pub fn at(&self, i: usize, j: usize) -> &T {
            &self.d[i * self.n + j]
        }
        pub fn at_mut(&mut self, i: usize, j: usize) -> &mut T {
            &mut self.d[i * self.n + j]
        }
        pub fn rows(&self) -> usize {
            self.d.len() / self.n
        }
        pub fn trace(&self) -> T {
            let mut t = *self.at(0, 0);
            for i in 1..self.rows() {
                t += *self.at(i, i);
            }
            t
        }
        pub fn double(&mut self, k: T) {
            for i in 0..self.rows() {
                *self.at_mut(i, i) *= k * k;
            }
        }
    }
    pub fn trace_of(m: &Mat<f64>, k: f64) -> f64 {
        let mut w: Mat<f64> = m.clone();
        w.double(k);
        *w.at_mut(0, 1) = k;
        w.trace() * w.at(0, 1)
    }
}
use generic_types::*;
#[differentiate(order = 2)]
mod bodies {
    use differentiate::Differentiable;
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct P {
        pub x: f64,
        pub v: Vec<f64>,
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct World {
        pub ps: Vec<P>,
        pub g: f64,
    }
    impl P {
        pub fn pos(&mut self) -> &mut f64 {
            &mut self.x
        }
        pub fn velocity(&self) -> &[f64] {
            &self.v
        }
        pub fn velocity_mut(&mut self) -> &mut Vec<f64> {
            &mut self.v
        }
        pub fn biggest(&mut self) -> &mut f64 {
            let P { x, v } = self;
            if *x > v[0] { x } else { &mut v[0] }
        }
    }
    impl World {
        pub fn body(&self, i: usize) -> &P {
            &self.ps[i]
        }
        pub fn body_mut(&mut self, i: usize) -> &mut P {
            &mut self.ps[i]
        }
        pub fn pair(&mut self, i: usize, j: usize) -> f64 {
            let d = self.body(i).x - self.body(j).x;
            d * d
        }
        pub fn step(&mut self, h: f64) -> f64 {
            for i in 0..self.ps.len() {
                let v = self.body(i).velocity()[0];
                *self.body_mut(i).pos() += h * v;
                let p = self.body_mut(i);
                p.v[0] -= h * p.x * p.x;
                p.velocity_mut()[1] *= p.x;
                *p.pos() *= 1.1;
            }
            for p in self.ps.iter_mut() {
                *p.pos() += h;
                let q = p.velocity_mut();
                q[0] *= h;
                for w in q.iter_mut() {
                    *w += h * h;
                }
                let m = p.biggest();
                *m = m.sin();
            }
            self.pair(0, 1) + self.body(0).velocity().iter().map(|x| x * x).sum::<f64>() * self.g
        }
        pub fn by_closure(&self, k: f64) -> f64 {
            let f = |i: usize| self.body(i).x * k;
            let t: f64 = (0..self.ps.len())
                .map(|i| self.body(i).velocity()[0] * f(i))
                .sum();
            let mut best = 0.0;
            let mut i = 0;
            while i < self.ps.len() && self.body(i).x > -100.0 {
                best += self.body(i).x.exp();
                i += 1;
            }
            let c = match self.body(0) {
                P { x, v } => x * v[1],
            };
            let s = [self.body(0).x, self.body(1).x];
            t * best + c + s[0] * s[1] * self.body(1).velocity().len() as f64
        }
    }
}
use bodies::*;
#[differentiate(order = 2)]
fn step_world(w: &mut World, h: f64) -> f64 {
    w.step(h)
}
#[differentiate(order = 2)]
fn world_by_closure(w: &World, h: f64) -> f64 {
    w.by_closure(h)
}

#[differentiate(order = 2)]
mod forms {
    fn max_of<'a>(a: &'a [f64], b: &'a [f64]) -> &'a [f64] {
        if a[0] > b[0] { a } else { b }
    }
    pub fn shared_choice(x: &[f64], y: &[f64]) -> f64 {
        let m = max_of(x, y);
        let mut t = 0.0;
        for v in m {
            t += v * v * x[1];
        }
        t
    }
    fn ident(x: &mut [f64]) -> &mut [f64] {
        x
    }
    pub fn idents(x: &mut [f64], k: f64) -> f64 {
        let y = ident(x);
        y[0] *= k;
        let z = ident(y);
        z[1] += z[0] * k;
        let i = 1;
        ident(x)[i] *= 2.0;
        x[0] * x[1]
    }
    fn tail(x: &mut [f64], mut i: usize) -> &mut [f64] {
        i += 1;
        let i = i;
        &mut x[i..]
    }
    pub fn by_tails(x: &mut [f64], k: f64) -> f64 {
        if x.len() == 1 {
            return x[0] * k;
        }
        x[0] *= k;
        let h = x[0];
        let t = tail(x, 0);
        t[0] += h;
        by_tails(tail(x, 0), k * h)
    }
    fn corner(m: &mut [[f64; 2]; 2]) -> &mut f64 {
        &mut m[1][1]
    }
    pub fn arrays(m: [[f64; 2]; 2], k: f64) -> f64 {
        let mut m = m;
        *corner(&mut m) += k * m[0][0];
        let c = corner(&mut m);
        *c *= *c;
        m[1][1] * m[0][1]
    }
    fn swap_in(a: &mut f64, b: f64) -> &mut f64 {
        *a += b;
        a
    }
    pub fn effects(x: f64, k: f64) -> f64 {
        let mut a = x;
        *swap_in(&mut a, k) *= k;
        let y = *swap_in(&mut a, x) * k;
        y + a
    }
    pub fn opt(x: &[f64], k: f64) -> f64 {
        let o = Some(k);
        let mut b = vec![Some(x[0]), None];
        if let Some(v) = get(&mut b) {
            *v *= k;
        }
        b[0].unwrap() * o.unwrap()
    }
    fn get(b: &mut [Option<f64>]) -> &mut Option<f64> {
        &mut b[0]
    }
}
use forms::*;

#[differentiate(order = 2)]
fn total(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x * x).sum()
}
#[differentiate(order = 2)]
fn chosen_argument(x: &[f64], y: &[f64], c: bool) -> f64 {
    total(if c { x } else { &y[..1] }) * x[0]
}
#[differentiate(order = 2)]
fn longest<'a>(x: &'a [f64], y: &'a [f64]) -> f64 {
    let mut best: &'a [f64] = x;
    if y[0] > 0.0 {
        best = y;
    }
    total(best)
}
#[differentiate(order = 2)]
mod choices {
    fn either<'a>(a: &'a mut f64, b: &'a mut f64) -> &'a mut f64 {
        if *a > 0.0 { a } else { b }
    }
    fn sq(x: &mut f64, k: f64) {
        *x *= *x * k;
    }
    pub fn as_arguments(x: f64, y: f64) -> f64 {
        let (mut a, mut b) = (x, y);
        sq(either(&mut a, &mut b), y);
        let r = either(&mut a, &mut b);
        *r *= 3.0;
        a + b * x
    }
    fn big<'a>(x: &'a [f64], y: &'a [f64]) -> &'a [f64] {
        if x[0] > y[0] { x } else { y }
    }
    pub fn as_operands(x: &[f64], y: &[f64]) -> f64 {
        let a = super::total(big(x, y)) * super::total(&x[..1]);
        a + big(x, y).iter().sum::<f64>() + big(x, y)[0] * x[0]
    }
}
use choices::*;
#[differentiate(order = 2)]
mod provided {
    use differentiate::Differentiable;
    pub trait Shape {
        fn area(&self) -> f64;
        fn side(&self) -> &f64;
        fn grow(&mut self, k: f64);
        fn twice(&self) -> f64 {
            2.0 * self.area() * self.side()
        }
        fn thrice(&self) -> f64 {
            (0..3).map(|_| self.area().sin()).sum()
        }
        fn corners(&self) -> usize {
            4
        }
        fn grow_twice(&mut self, k: f64) {
            self.grow(k);
            self.grow(k * k);
        }
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Square {
        pub a: f64,
    }
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Oblong {
        pub a: f64,
        pub b: f64,
    }
    impl Shape for Square {
        fn area(&self) -> f64 {
            self.a * self.a
        }
        fn side(&self) -> &f64 {
            &self.a
        }
        fn grow(&mut self, k: f64) {
            self.a *= k;
        }
    }
    impl Shape for Oblong {
        fn area(&self) -> f64 {
            self.a * self.b
        }
        fn side(&self) -> &f64 {
            &self.b
        }
        fn grow(&mut self, k: f64) {
            self.b *= k;
        }
        fn thrice(&self) -> f64 {
            self.a
        }
    }
    pub fn areas(s: &Square, r: &Oblong, k: f64) -> f64 {
        let mut q: Oblong = r.clone();
        q.grow_twice(k);
        s.twice() * k + r.twice() + s.thrice() + r.thrice() * s.corners() as f64 + q.twice()
    }
    fn any<T>(v: &mut [T], i: usize) -> &mut T {
        &mut v[i]
    }
    pub fn of_any_type(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        *any(&mut v, 0) *= 2.0;
        v[0] * v[1]
    }
}
use provided::*;

#[test]
fn in_every_form() {
    battery!(chosen_argument(a, b, true), at a = vec![0.3, 0.4], b = vec![0.5, 0.1]);
    battery!(chosen_argument(a, b, false), at a = vec![0.3, 0.4], b = vec![0.5, 0.1]);
    battery!(longest(a, b), at a = vec![0.3, 0.4], b = vec![0.5, 0.1]);
    battery!(as_arguments(*a, *b), at a = 0.3, b = 0.4);
    battery!(as_arguments(*a, *b), at a = -0.3, b = 0.4);
    battery!(as_operands(a, b), at a = vec![0.3, 0.4], b = vec![0.5, 0.1]);
    battery!(of_any_type(a), at a = vec![0.3, 0.4]);
    let (square, oblong) = (Square { a: 0.4 }, Oblong { a: 0.3, b: 0.6 });
    battery!(areas(a, b, *c), at a = square, b = oblong, c = 0.7);
    let m = Mat {
        d: vec![0.3, 0.4, 0.5, 0.6],
        n: 2,
    };
    battery!(trace_of(a, *b), at a = m, b = 0.7);
    let body = |x, v: [f64; 2]| P { x, v: v.to_vec() };
    let world = World {
        ps: vec![body(0.3, [0.2, 0.5]), body(0.9, [0.7, 0.4])],
        g: 0.8,
    };
    battery!(world_by_closure(a, *b), at a = world.clone(), b = 0.3);
    lent!(step_world(a, *b), at mut a = world, b = 0.3);
    battery!(shared_choice(a, b), at a = vec![0.3, 0.4], b = vec![0.5, 0.1]);
    battery!(shared_choice(a, b), at a = vec![0.8, 0.4], b = vec![0.5, 0.1]);
    lent!(idents(a, *b), at mut a = vec![0.8, 0.4], b = 0.6);
    lent!(by_tails(a, *b), at mut a = vec![0.8, 0.4, 0.5], b = 0.6);
    battery!(arrays(*a, *b), at a = [[0.8, 0.4], [0.5, 0.3]], b = 0.6);
    battery!(effects(*a, *b), at a = 0.5, b = 0.6);
    battery!(opt(a, *b), at a = vec![0.5], b = 0.6);
}

/// A type that is known by what makes it, with methods that are called as those of slices are.
#[differentiate(order = 2)]
mod banded {
    use differentiate::Differentiable;
    #[derive(Clone, Debug, Differentiable)]
    pub struct Banded {
        lower: Vec<f64>,
        diagonal: Vec<f64>,
        upper: Vec<f64>,
    }
    impl Banded {
        pub fn springs(n: usize, k: f64) -> Self {
            let zeros = vec![0.0; n];
            let mut it = Banded {
                lower: zeros.clone(),
                diagonal: zeros.clone(),
                upper: zeros,
            };
            for i in 0..n {
                *it.diagonal_mut(i) = 2.0 + k * i as f64;
                it.lower[i] = -k;
                it.upper[i] = -1.0;
            }
            it
        }
        fn diagonal_mut(&mut self, i: usize) -> &mut f64 {
            &mut self.diagonal[i]
        }
        pub fn len(&self) -> usize {
            self.diagonal.len()
        }
        pub fn get(&self, i: usize, j: usize) -> f64 {
            if i == j {
                self.diagonal[i]
            } else if i == j + 1 {
                self.lower[i]
            } else if j == i + 1 {
                self.upper[i]
            } else {
                0.0
            }
        }
        pub fn solve(&self, rhs: &[f64]) -> Vec<f64> {
            let n = self.len();
            let mut c = self.upper.clone();
            let mut d = rhs.to_vec();
            c[0] /= self.diagonal[0];
            d[0] /= self.diagonal[0];
            for i in 1..n {
                let m = 1.0 / (self.diagonal[i] - self.lower[i] * c[i - 1]);
                c[i] *= m;
                d[i] = (d[i] - self.lower[i] * d[i - 1]) * m;
            }
            for i in (0..n - 1).rev() {
                d[i] -= c[i] * d[i + 1];
            }
            d
        }
        pub fn apply(&self, x: &[f64]) -> Vec<f64> {
            (0..self.len())
                .map(|i| (0..self.len()).map(|j| self.get(i, j) * x[j]).sum())
                .collect()
        }
    }
    pub fn energy(k: f64, rhs: &[f64]) -> f64 {
        let springs = Banded::springs(rhs.len(), k);
        let x = springs.solve(rhs);
        let r = springs.apply(&x);
        x.iter().zip(&r).map(|(x, r)| x * r).sum::<f64>() * 0.5 + springs.get(1, 0)
    }
}
use banded::energy;

#[test]
fn types_known_by_what_makes_them() {
    battery!(energy(*k, rhs), at k = 0.3, rhs = vec![1.0, 0.5, -0.2, 0.7]);
}

/// Parameters of a type with the names that generated code could have, used at both precisions.
#[differentiate(order = 2)]
mod tables {
    use differentiate::{Differentiable, Real};
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub struct Table<T, const R: usize, const M: usize> {
        pub cells: [[T; M]; R],
    }
    impl<T: Real, const R: usize, const M: usize> Table<T, R, M> {
        pub fn row(&self, i: usize) -> &[T; M] {
            &self.cells[i]
        }
        pub fn at(&mut self, i: usize, j: usize) -> &mut T {
            &mut self.cells[i][j]
        }
        pub fn rows(&self) -> usize {
            R
        }
        pub fn relax(&mut self, k: T) {
            for i in 1..self.rows() {
                for j in 0..M {
                    let up = self.row(i - 1)[j];
                    *self.at(i, j) += up * k;
                }
            }
        }
        pub fn sum(&self) -> T {
            let mut s = self.cells[0][0];
            for i in 0..self.rows() {
                for v in self.row(i) {
                    s += *v * *v;
                }
            }
            s
        }
    }
    pub fn relaxed<T: Real>(table: &Table<T, 2, 3>, k: T) -> T {
        let mut own = table.clone();
        own.relax(k);
        own.relax(k * k);
        own.sum()
    }
}
use tables::*;

#[test]
fn parameters_with_names_of_ours() {
    let cells = [[0.3, 0.5, 0.2], [0.1, 0.2, 0.3]];
    battery!(relaxed(a, *k), at a = Table { cells }, k = 0.7);
    let single = Table {
        cells: cells.map(|it| it.map(|it| it as f32)),
    };
    let (_, k) = relaxed::grad(&single, 0.7);
    let (_, of_double) = relaxed::grad(&Table { cells }, 0.7);
    let difference: f64 = f64::from(k) - of_double;
    assert!(difference.abs() < 1e-5);
}
