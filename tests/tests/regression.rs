//! Programs that were wrong or refused once, and the shapes of program around them; each runs through the battery.
#![allow(
    clippy::pedantic,
    clippy::assign_op_pattern,
    clippy::needless_return,
    clippy::needless_late_init,
    clippy::unused_unit,
    clippy::let_and_return,
    clippy::nonminimal_bool,
    clippy::items_after_test_module,
    clippy::match_single_binding,
    unused_qualifications,
    unused_assignments,
    unreachable_pub,
    unused_parens,
    unused_imports,
    reason = "the programs are written the way that was wrong"
)]

#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the corpus uses the rest"
)]
#[path = "programs/battery.rs"]
mod battery;

use battery::{battery, kink, lent, pullback};
use differentiate::{Differentiable, detach, differentiate};
use nalgebra::{DMatrix, DVector, Matrix2, Vector2, Vector3, matrix, vector};

fn fd(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-5 * x.abs().max(1.0);
    (f(x + h) - f(x - h)) / (2.0 * h)
}
#[track_caller]
fn near(a: f64, b: f64) {
    assert!(
        (a - b).abs() <= 1e-7 * (1.0 + a.abs().max(b.abs())),
        "{a} vs {b}"
    );
}

#[differentiate(order = 2)]
fn net(w: &DMatrix<f64>, b: &DVector<f64>, x: &DMatrix<f64>, #[no_diff] y: &DMatrix<f64>) -> f64 {
    use differentiate::nn::{cross_entropy_with_logits, sigmoid, softmax};
    let z = w * x;
    let h = z.map(sigmoid);
    let p = softmax(&h);
    let c = DMatrix::from_fn(2, 3, |i, j| p[(i, j)] * b[i]);
    cross_entropy_with_logits(&c, y) + p.norm() + c.column(1).dot(b)
}
#[test]
fn nn_calls() {
    let y = differentiate::nn::one_hot(&[0, 1, 1], 2);
    let y = &y;
    battery!(net(w, b, x, y), at w = DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]), b = DVector::from_vec(vec![0.1, 0.2]), x = DMatrix::from_row_slice(2, 3, &[0.3, 0.2, -0.5, 0.7, 0.1, 2.0]));
}
struct Model {
    k: f64,
}
impl Model {
    #[differentiate(order = 2)]
    fn loss(#[no_diff] &self, x: f64) -> f64 {
        self.scale(x) * x + self.k
    }
    #[differentiate(order = 2)]
    fn scale(#[no_diff] &self, x: f64) -> f64 {
        x.sin() * self.k
    }
}
#[differentiate(order = 2, wrt(y), name = wd)]
fn wrt_only(x: f64, y: f64) -> f64 {
    x * y * y
}
#[test]
fn methods() {
    let m = Model { k: 0.4 };
    let (v, d) = m.loss_value_and_grad(0.7);
    assert_eq!(v, m.loss(0.7));
    near(d, fd(|x| m.loss(x), 0.7));
    assert_eq!(wd::grad(2.0, 3.0), 12.0);
}
#[differentiate(order = 2)]
fn bug1(x: f64, d_x: f64, seed: f64) -> f64 {
    x * d_x + seed
}
#[differentiate(order = 2)]
fn bug2(y: f64) -> f64 {
    *detach(&y) * y
}
#[differentiate(order = 2)]
fn bug3(x: f32, y: f64) -> f64 {
    f64::from(x) * y
}
#[test]
fn bugs() {
    battery!(bug1(*x, *y, *z), at x = 2.0, y = 3.0, z = 4.0).gradient_is((3.0, 2.0, 1.0));
    // Differences see the detached factor, too.
    kink!(bug2(*x), at x = 3.0).gradient_is(3.0);
    kink!(bug3(*x, *y), at x = 3.0_f32, y = 4.0).gradient_is((4.0_f32, 3.0));
}
#[differentiate(order = 2)]
fn h2(x: [f64; 3]) -> f64 {
    let mut x = x;
    let mut s = 0.0;
    for v in x {
        x = [v, s, 2.0];
        s += v * x[1] + x[0] * 3.0;
    }
    s
}
#[differentiate(order = 2)]
fn h3(x: f64) -> f64 {
    let mut s = x;
    let mut add = |v: f64| {
        s += v * x;
        s
    };
    add(1.0) * add(2.0)
}
#[differentiate(order = 2)]
fn h14(xs: &[f64], y: f64) -> f64 {
    let mut s = y;
    let mut t = 1.0;
    'o: for i in 0..3 {
        t = t * s;
        for x in xs {
            if *x < 0.0 {
                s = s * t;
                continue 'o;
            }
            if i == 2 {
                break;
            }
            s = s + x * t.sin();
        }
        s = s * y;
    }
    s * t
}
#[test]
fn hazards() {
    battery!(h2(*x), at x = [0.3, 0.5, 0.7]);
    battery!(h3(*x), at x = 0.7);
    for v in [[0.3, 0.4, -0.2], [0.3, 0.4, 0.2], [-0.3, 0.1, 0.1]] {
        battery!(h14(v, *y), at v = v.to_vec(), y = 0.8);
    }
}
#[differentiate(order = 2)]
fn bug5(y: f64, c: bool) -> f64 {
    let v;
    if c {
        v = y.sin();
    } else {
        v = 0.0;
    }
    let mut r = y;
    if c {
        r = v;
    }
    r
}
#[differentiate(order = 2)]
fn bug5b(x: f64, y: f64, k: u8) -> f64 {
    let a;
    let b;
    match k {
        0 => {
            a = x * y;
            b = x;
        }
        _ => {
            let t = x.sin();
            b = t * t;
            a = b * y;
        }
    }
    a * b + y
}
#[differentiate(order = 2)]
fn bug6(x: f64) -> f64 {
    if x > 0.0 {
        return if x > 1.0 {
            x * x
        } else {
            return -x;
        };
    }
    x
}
#[test]
fn bugs56() {
    for c in [true, false] {
        battery!(bug5(*y, c), at y = 0.3);
    }
    for k in [0, 1] {
        battery!(bug5b(*x, *y, k), at x = 0.3, y = 0.4);
    }
    for x in [0.5, 2.0, -1.0] {
        battery!(bug6(*x), at x = x);
    }
}
mod family {
    use super::*;
    #[differentiate(order = 2)]
    fn g(x: f64) -> f64 {
        let z = if x < 0.0 { return x * x } else { x };
        z * x
    }
    #[differentiate(order = 2)]
    fn c(x: f64, n: i32) -> f64 {
        let y = match n {
            0 => return x,
            1 => x * x,
            _ => x,
        };
        y * x
    }
    #[differentiate(order = 2)]
    fn d(x: f64, n: i32) -> f64 {
        let y = match n {
            0 => x * x,
            _ => {
                if x > 1.0 {
                    return x.sin();
                }
                x.cos()
            }
        };
        y * x
    }
    #[differentiate(order = 2)]
    fn e(x: f64, n: i32) -> f64 {
        let y = match n {
            0 => x,
            _ => loop {
                if x > 0.0 {
                    break x * 3.0;
                }
                return -x;
            },
        };
        y * x
    }
    #[differentiate(order = 2)]
    fn a(v: &[f64]) -> f64 {
        let mut i = 0;
        let it = loop {
            if i >= v.len() {
                return -1.0;
            }
            if v[i] > 1.0 {
                break v[i] * v[i];
            }
            i += 1;
        };
        it
    }
    #[differentiate(order = 2)]
    fn le(x: f64) -> f64 {
        let o = Some(x);
        let Some(v) = o else { return x };
        v * v
    }
    #[differentiate(order = 2)]
    fn mul(x: f64, y: f64) -> f64 {
        x * y
    }
    #[differentiate(order = 2)]
    fn b8(p: (f64, f64)) -> f64 {
        match p {
            (a, b) => mul(a, b),
        }
    }
    mod inner {
        #[differentiate::differentiate(order = 2)]
        pub fn mul(x: f64, y: f64) -> f64 {
            x * y + 1.0
        }
    }
    #[differentiate(order = 2)]
    fn b9(x: f64, y: f64) -> f64 {
        inner::mul(x, y) * mul(x, y)
    }
    #[differentiate(order = 2)]
    fn b10(x: f64, y: f64) -> f64 {
        let f = |t: f64| t * y;
        let f = |t: f64| f(t) * x;
        f(y)
    }
    #[differentiate(order = 2)]
    fn b11(x: f64, n: usize) -> f64 {
        (1..=n).map(|k| x / k as f64).sum::<f64>()
    }
    #[differentiate(order = 2)]
    fn b12(v: &[f64]) -> f64 {
        let mut s = 0.0;
        for (i, a) in v.iter().enumerate().filter(|(i, _)| i % 2 == 0) {
            s += a * i as f64;
        }
        s
    }
    #[differentiate(order = 2)]
    fn b14(v: &[f64]) -> f64 {
        let mut s = 0.0;
        for a in v.iter().filter(|a| **a > 0.5) {
            s += a * a;
        }
        s + v.iter().filter(|&&a| a > 0.5).sum::<f64>()
    }
    #[differentiate(order = 2)]
    fn vd(x: &nalgebra::DVector<f64>, k: f64) -> nalgebra::DVector<f64> {
        let y = if k > 0.0 {
            if k > 1.0 {
                return x * 2.0;
            }
            x * k
        } else {
            x.clone()
        };
        let mut z = y.clone();
        for i in 0..2 {
            let w = if k > 0.5 {
                if i == 1 {
                    break;
                }
                &z * k
            } else {
                z.clone()
            };
            z = w + x;
        }
        z
    }
    #[test]
    fn all() {
        for x in [-0.5, 0.7, 1.4] {
            battery!(g(*x), at x = x);
            battery!(le(*x), at x = x);
            for n in 0..3 {
                battery!(c(*x, n), at x = x);
                battery!(d(*x, n), at x = x);
                battery!(e(*x, n), at x = x);
            }
            battery!(b8(*p), at p = (x, 2.0)).gradient_is((2.0, x));
            battery!(b9(*x, *y), at x = x, y = 0.3);
            battery!(b10(*x, *y), at x = x, y = 0.3);
            battery!(b11(*x, 4), at x = x);
        }
        battery!(a(v), at v = vec![0.5, 2.0, 3.0]).gradient_is([0.0, 4.0, 0.0]);
        battery!(a(v), at v = vec![0.5]).gradient_is([0.0]);
        battery!(b12(v), at v = vec![1.0, 2.0, 3.0]).gradient_is([0.0, 0.0, 2.0]);
        battery!(b14(v), at v = vec![1.0, 0.2, 3.0]).gradient_is([3.0, 0.0, 7.0]);
        for k in [-0.3, 0.4, 0.7, 1.5] {
            pullback!(vd(x, *k), at x = DVector::from_vec(vec![0.3, 0.4]), k = k);
        }
    }
}
mod shapes {
    use super::*;
    #[differentiate(order = 2)]
    fn i(x: f64, c: bool) -> f64 {
        let mut last = Some(x);
        last = if c { Some(x * x) } else { None };
        match last {
            Some(b) => x * b,
            None => x,
        }
    }
    #[differentiate(order = 2)]
    fn h(x: f64, c: bool) -> f64 {
        let mut last = Some(x);
        if let Some(b) = last {
            if c {
                last = Some(b * x);
            } else {
                last = None;
            }
        }
        match last {
            Some(b) => x * b,
            None => x,
        }
    }
    #[differentiate(order = 2)]
    fn m(x: &DVector<f64>, c: bool) -> f64 {
        let mut v = x * 2.0;
        let s = v[0] * v[1];
        v = DVector::from_vec(vec![s, 2.0, s * s]);
        if c {
            v = &v * v[2];
        }
        let mut t = DVector::zeros(3);
        for k in 0..2 {
            t = t + &v * (k as f64);
            t += &v;
        }
        t.sum() + s
    }
    #[differentiate(order = 2)]
    fn raw(r#type: f64, y: f64) -> f64 {
        let r#fn = r#type * y;
        r#fn * y
    }
    #[differentiate(order = 2)]
    fn q(x: f64) -> Option<f64> {
        if x > 5.0 {
            return None;
        }
        Some(x * x)
    }
    #[differentiate(order = 2)]
    fn q2(x: f64) -> Option<f64> {
        let r = q(x)?;
        Some(q(r)? * r)
    }
    #[test]
    fn all() {
        for c in [true, false] {
            battery!(i(*x, c), at x = 2.0);
            battery!(h(*x, c), at x = 2.0);
            battery!(m(x, c), at x = DVector::from_vec(vec![0.3, 0.7]));
        }
        battery!(raw(*x, *y), at x = 2.0, y = 3.0).gradient_is((9.0, 12.0));
        pullback!(q2(*x), at x = 1.2);
        assert_eq!(q2::vjp(3.0).1(None), 0.0);
    }
}
mod bounds {
    use super::*;
    const LIMIT: f64 = 1.0;
    #[differentiate(forward)]
    fn a(x: f64) -> f64 {
        x.max(LIMIT) * 2.0 + x.min(1.0) + x.clamp(0.0, LIMIT)
    }
    #[differentiate(order = 2)]
    fn literal_first(x: f64) -> f64 {
        1.0_f64.min(x) + f64::max(1.0, x)
    }
    #[differentiate(order = 2)]
    fn b(v: &DVector<f64>) -> f64 {
        v[detach(v.argmax()).0]
    }
    struct W {
        m: super::Model,
    }
    impl W {
        #[differentiate(order = 2)]
        fn go(#[no_diff] &self, x: f64) -> f64 {
            self.m.loss(x) * 2.0
        }
    }
    #[test]
    fn all() {
        kink!(a(*x), first at x = 1.0).gradient_is(0.0);
        battery!(a(*x), first at x = 1.5).gradient_is(2.0);
        battery!(literal_first(*x), at x = 1.5).gradient_is(1.0);
        battery!(literal_first(*x), at x = 0.5).gradient_is(1.0);
        battery!(b(v), at v = DVector::from_vec(vec![1.0, 3.0]));
        let w = W {
            m: Model { k: 0.5 },
        };
        near(w.go_grad(0.3), fd(|x| w.go(x), 0.3));
    }
}
mod data {
    use super::*;
    #[differentiate(order = 2)]
    fn a(w: f64, #[no_diff] y: &[f64]) -> f64 {
        let mut s = w;
        for y in y {
            s += w * y;
            s = s * s * y + (2.0 * y - 1.0) * w * *y;
        }
        for (i, y) in y.iter().enumerate() {
            if *y < 0.0 {
                continue;
            }
            s = s * (y + i as f64);
        }
        s
    }
    #[differentiate(order = 2)]
    fn b(x: &DMatrix<f64>, w: &DMatrix<f64>) -> f64 {
        let (q, k) = (x * w, w * x);
        (k * q).sum()
    }
    #[differentiate(order = 2)]
    fn g(q: f64, k: f64) -> f64 {
        q.sin() * k
    }
    #[differentiate(order = 2)]
    fn c(q: f64, p: f64, k: f64) -> f64 {
        let (mut q, mut p) = (q, p);
        for _ in 0..3 {
            p += g(q, k);
            q += p;
        }
        p
    }
    #[differentiate(order = 2)]
    fn d(
        w: f64,
        #[no_diff] rows: &[Vec<f64>],
        #[no_diff] m: &std::collections::BTreeMap<usize, f64>,
    ) -> f64 {
        let mut s = w;
        for row in rows {
            let first = row.first().unwrap();
            s = s * first;
            for v in row {
                s += s * v;
            }
        }
        for (k, v) in m {
            s = s * v + w * *k as f64;
        }
        let l = rows.last().unwrap();
        s * l[0]
    }
    #[test]
    fn all() {
        let y = [0.3, -0.5, 1.2];
        let y = &y;
        battery!(a(*w, y), at w = 0.7);
        battery!(b(x, w), at x = DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]), w = DMatrix::from_row_slice(2, 2, &[1.3, 0.2, -0.5, 0.7]));
        battery!(c(*q, *p, *k), at q = 0.3, p = 0.4, k = 0.5);
        let rows = vec![vec![0.3, 0.4], vec![0.5]];
        let m = [(1, 0.5), (2, 0.25)].into_iter().collect();
        let (rows, m) = (&rows, &m);
        battery!(d(*w, rows, m), at w = 0.7);
    }
}
mod overwritten {
    use super::*;
    #[differentiate(order = 2)]
    fn d(x: f64, n: usize) -> f64 {
        let mut a = x * 3.0;
        a = n as f64;
        a + x
    }
    #[differentiate(order = 2)]
    fn e(x: f64, n: usize) -> f64 {
        let mut a = x * 3.0;
        if n == 0 {
            a = 2.0;
        }
        a + x
    }
    #[differentiate(order = 2)]
    fn f(x: &DVector<f64>, n: usize) -> f64 {
        let mut a = x * 3.0;
        for i in 0..n {
            a = a * 2.0 + x;
            if i == 1 {
                a = DVector::zeros(2);
            }
        }
        a.sum()
    }
    #[differentiate(order = 2)]
    fn g(x: f64, v: &[f64]) -> f64 {
        let (a, b) = (&v[..1], &v[1..]);
        let (mut s, t) = (x, x * 2.0);
        for (p, q) in a.iter().zip(b) {
            s *= p * q;
        }
        match (&s, v.first()) {
            (s, Some(f)) if *f > 0.0 => s * f * t,
            _ => t,
        }
    }
    #[test]
    fn all() {
        battery!(d(*x, 3), at x = 2.0).gradient_is(1.0);
        battery!(e(*x, 0), at x = 2.0).gradient_is(1.0);
        battery!(e(*x, 1), at x = 2.0).gradient_is(4.0);
        for n in 0..4 {
            battery!(f(x, n), at x = DVector::from_vec(vec![0.3, 0.4]));
        }
        for v in [[0.4, 0.7], [-0.4, 0.7]] {
            battery!(g(*x, v), at x = 0.3, v = v.to_vec());
        }
    }
}
mod late {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64, n: usize) -> f64 {
        let f = |t: f64| -> f64 {
            if n == 1 {
                return (t + 0.5).tanh();
            }
            x
        };
        f(0.5) * x
    }
    #[differentiate(order = 2)]
    fn late_h(v: &[f64], x: f64) -> f64 {
        v[0] * x
    }
    #[differentiate(order = 2)]
    fn b(x: f64, v: &[f64]) -> f64 {
        let mut u = x;
        for _ in 0..2 {
            let z = late_h(v, {
                u += 1.0;
                x
            });
            u *= z;
        }
        u
    }
    #[test]
    fn all() {
        for n in [0, 1] {
            battery!(a(*x, n), at x = 0.4);
        }
        battery!(b(*x, v), at x = 0.4, v = vec![0.7]);
    }
}
mod blocks {
    use super::{differentiate, fd, near};
    use differentiate::Real;
    struct Spring {
        k: f64,
    }
    #[differentiate(order = 2)]
    impl Spring {
        fn new(k: f64) -> Self {
            Spring { k }
        }
        fn name(&self) -> &'static str {
            "spring"
        }
        fn energy(#[no_diff] &self, x: f64) -> f64 {
            Self::half(self.k) * x * x + Self::cube(x, 2)
        }
        fn half(x: f64) -> f64 {
            0.5 * x
        }
        fn cube(x: f64, n: usize) -> f64 {
            if n == 0 {
                x
            } else {
                Self::cube(x, n - 1) * x.sin()
            }
        }
        pub(crate) fn total(#[no_diff] &self, xs: &[f64]) -> f64 {
            xs.iter().map(|x| self.energy(*x)).sum::<f64>()
        }
    }
    struct Gen<T, const N: usize>([T; N]);
    #[differentiate(order = 2)]
    impl<T: Real, const N: usize> Gen<T, N> {
        fn eval(#[no_diff] &self, x: T) -> T {
            let mut s = x;
            for i in 0..N {
                s = s * x + self.0[i];
            }
            s + Self::twice(x)
        }
        fn twice(x: T) -> T {
            x + x
        }
    }
    #[differentiate(order = 2)]
    fn outside(x: f64, y: f64) -> f64 {
        Spring::half(x) * Spring::cube(y, 1)
    }
    #[test]
    fn all() {
        let s = Spring::new(0.7);
        assert_eq!(s.name(), "spring");
        near(s.energy_grad(0.4), fd(|x| s.energy(x), 0.4));
        near(Spring::cube_grad(0.4, 3), fd(|x| Spring::cube(x, 3), 0.4));
        near(
            s.total_grad(&[0.1, 0.2])[1],
            fd(|x| s.total(&[0.1, x]), 0.2),
        );
        near(outside::grad(0.3, 0.4).1, fd(|y| outside(0.3, y), 0.4));
        let g = Gen([0.5, 0.25]);
        near(g.eval_grad(0.4), fd(|x| g.eval(x), 0.4));
        assert_eq!(Gen::<f32, 2>::twice_grad(1.0), 2.0);
    }
}
mod bounds_written {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64, n: usize) -> f64 {
        let mut n = n;
        let mut s = x;
        for i in 0..n {
            n += 2;
            s = s * x + i as f64 * s.sin();
        }
        s * n as f64
    }
    #[differentiate(order = 2)]
    fn b(x: f64, v: &[f64]) -> f64 {
        let mut k = 0;
        let mut s = x;
        for i in k..v.len() {
            k = i;
            s = s * v[k] + x;
        }
        for i in (k..v.len() + 2).rev() {
            k += 1;
            s = s.sin() * (i + k) as f64;
        }
        s
    }
    #[test]
    fn all() {
        battery!(a(*x, 3), at x = 0.7);
        battery!(b(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
    }
}
mod unused {
    use super::*;
    #[differentiate(order = 2)]
    fn a(y: f64, v: &[f64], n: usize) -> f64 {
        let mut s = y;
        for _ in 0..2 {
            for a in v[..n].iter() {
                s = s + a * y;
            }
        }
        let _unused: Vec<f64> = v
            .iter()
            .map(|a| v.iter().map(|b| b * y * a).sum::<f64>().sin())
            .collect();
        let m = DVector::from_fn(3, |i, _| y.sin() * (i as f64));
        let k = m.map(|v| {
            let t = v * v;
            t.exp() * t
        });
        let _n = k.len();
        s * s
    }
    #[test]
    fn all() {
        for n in 0..3 {
            battery!(a(*y, v, n), at y = 3.0, v = vec![1.0, 2.0]);
        }
    }
}
/// An index was read when its element was, after a later operand had changed it.
mod places_before_assignments {
    use super::*;
    #[differentiate(order = 2)]
    fn scaled(a: &f64, b: f64) -> f64 {
        a * b
    }
    #[differentiate(order = 2)]
    fn a(x: f64, v: &[f64]) -> f64 {
        let mut n = 2;
        let y = v[n] * {
            n = 0;
            x
        };
        y + v[n]
    }
    #[differentiate(order = 2)]
    fn b(x: f64, v: &[f64]) -> f64 {
        let mut n = 2;
        let y = v[n].powf({
            n -= 1;
            x
        });
        let z = scaled(&v[n], {
            n -= 1;
            x
        });
        let [s, t] = [v[n], {
            n += 1;
            v[n]
        }];
        y * z + s * s * t
    }
    #[differentiate(order = 2)]
    fn c(mut x: f64, v: &[f64]) -> f64 {
        x = v[(x.abs() * 3.0) as usize % v.len()]
            * if v.len() > 10 {
                x
            } else {
                x *= x;
                x
            };
        x
    }
    #[differentiate(order = 2)]
    fn d(x: f64, v: &[f64]) -> f64 {
        let mut w = v.to_vec();
        let mut n = 2;
        w[n] += {
            n = 1;
            x
        };
        w[n] = {
            n = 0;
            x * w[1]
        };
        w[n] *= x;
        w[0] + 2.0 * w[1] + 3.0 * w[2]
    }
    #[test]
    fn all() {
        battery!(a(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
        battery!(b(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
        battery!(c(*x, v), at x = -0.8, v = vec![0.3, 1.2, 0.4]);
        battery!(d(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
    }
}
/// What is written many times through a name for an element was logged with the buffer, which the name borrows.
mod elements_written_by_name {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64, v: &[f64]) -> f64 {
        let mut w = v.to_vec();
        for a in w.iter_mut() {
            for k in 0..3 {
                *a *= x.sin() + k as f64;
            }
        }
        for pair in w.chunks_exact_mut(2) {
            for k in 0..3 {
                pair[k % pair.len()] *= x;
            }
        }
        let (left, right) = w.split_at_mut(1);
        for k in 0..3 {
            left[0] = left[0] * right[k % right.len()].sin();
        }
        w[0] * w[1] + w[2]
    }
    /// The way to an element read the length of the tangent of a name, which has none.
    #[differentiate(order = 2)]
    fn b(x: f64, v: &[f64], n: usize) -> f64 {
        v.windows(2).map(|w| w[n % w.len()] * x).sum()
    }
    #[test]
    fn all() {
        battery!(a(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
        battery!(b(*x, v, 3), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
    }
}
/// The cotangent of a variable from a pattern was taken as a plain number where it was written through a name.
mod variables_of_patterns_written_by_name {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64) -> f64 {
        let (mut z, w): (f64, f64) = (x, x.sin());
        let slot = &mut z;
        *slot = x * w;
        *slot *= x;
        z
    }
    #[differentiate(order = 2)]
    fn b(x: &[f64]) -> f64 {
        let (mut z, mut w) = (x.to_vec(), x.to_vec());
        let slot = if x[0] > 0.0 { &mut z } else { &mut w };
        *slot = vec![x[0] * x[1]; 3];
        let other = &mut w;
        other[0] = x[1];
        *other = z.clone();
        other[1] *= x[0];
        w[0] * w[1]
    }
    #[test]
    fn all() {
        battery!(a(*x), at x = 0.7);
        battery!(b(x), at x = vec![0.3, 1.2]);
        battery!(b(x), at x = vec![-0.3, 1.2]);
    }
}

/// What an exit passes by was taken as done: the old value that an earlier turn reads was not restored.
mod overwritten_behind_an_exit {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let mut s = 0.3;
        for i in 0..3 {
            v[0] = s + x[i];
            s += v[0] * v[0] * v[1];
            if i == 0 {
                continue;
            }
            v = x.to_vec();
        }
        s
    }
    #[differentiate(order = 2)]
    fn b(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let mut s = 0.3;
        for i in 0..3 {
            v[0] = s + x[i];
            s += v[0] * v[0] * v[1];
            if i == 1 {
                break;
            }
            v.fill(x[1]);
        }
        v[0] = s * s;
        v[1] = 1.0;
        s * v[0]
    }
    #[differentiate(order = 2)]
    fn c(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let mut s = x[0] * v[1] * v[1];
        'once: {
            s += v[0] * v[0];
            if s > 0.5 {
                break 'once;
            }
            v = vec![s; 3];
            s += v[1] * v[1];
        }
        v[0] = s * s;
        v[1] *= s;
        s * v[0] + v[1]
    }
    #[differentiate(order = 2)]
    fn d(x: &[f64], work: &mut [f64]) -> f64 {
        let mut s = work[0] * work[0];
        for i in 0..3 {
            work.copy_from_slice(x);
            for k in 1..work.len() {
                work[k] += work[k - 1] * s;
            }
            s += work[2] * work[2] * x[i];
            work.fill(s);
            work[1] *= s * s;
            s += work[1];
        }
        s
    }
    #[test]
    fn all() {
        battery!(a(x), at x = vec![0.7, 1.2, 0.4]);
        battery!(b(x), at x = vec![0.7, 1.2, 0.4]);
        battery!(c(x), at x = vec![0.7, 1.2, 0.4]);
        battery!(c(x), at x = vec![0.1, 0.2, 0.4]);
        lent!(d(x, work), at x = vec![0.1, 0.2, 0.4], mut work = vec![0.3, 0.2, 0.1]);
    }
}

/// More than 160 operators in one expression were refused; and nested ones overflowed the stack.
mod long_expressions {
    use super::*;
    macro_rules! long {
        ($f:ident $x:ident $y:ident [$($term:tt)*]) => {
            #[differentiate(order = 2)]
            fn $f($x: f64, $y: f64) -> f64 {
                let mut s = $x $($term)*;
                s *= $y $($term)*;
                s + ($x * ($y $($term)*) $($term)*)
            }
        };
        ($f:ident $x:ident $y:ident [$($term:tt)*] 2 $($more:tt)*) => {
            long!($f $x $y [$($term)* $($term)*] $($more)*);
        };
    }
    long!(short x y [+ x * y - y / x * 0.5]);
    long!(sums x y [+ x * y - y / x * 0.5] 2 2 2 2 2);
    long!(products x y [* y / x / y * x] 2 2 2 2 2);
    #[differentiate(order = 2)]
    fn sums_in_a_loop(x: f64, y: f64) -> f64 {
        let (mut a, mut b) = (x, y);
        for _ in 0..32 {
            a = a + x * y - y / x * 0.5;
            b = b + x * y - y / x * 0.5;
        }
        let mut c = x * b;
        for _ in 0..32 {
            c = c + x * y - y / x * 0.5;
        }
        a * b + c
    }
    #[differentiate(order = 2)]
    fn counted(x: f64, n: usize) -> f64 {
        let k = n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            - n
            + n * n
            - n * n / n;
        k as f64 * x
    }
    #[test]
    fn all() {
        battery!(short(*x, *y), at x = 0.7, y = 1.1);
        battery!(sums(*x, *y), at x = 0.7, y = 1.1);
        battery!(products(*x, *y), at x = 0.7, y = 1.1);
        battery!(counted(*x, 2), at x = 0.7);
        assert_eq!(sums(0.7, 1.1), sums_in_a_loop(0.7, 1.1));
        let (one, other) = (sums::grad(0.7, 1.1), sums_in_a_loop::grad(0.7, 1.1));
        near(one.0, other.0);
        near(one.1, other.1);
        let (one, other) = (sums::hessian(0.7, 1.1), sums_in_a_loop::hessian(0.7, 1.1));
        (one.iter().zip(other.iter())).for_each(|(a, b)| near(*a, *b));
    }
}
/// A later operand that declared a closure, and called it, changed an earlier one.
mod closures_that_change_an_earlier_operand {
    use super::*;
    #[differentiate(order = 2)]
    fn in_an_array(mut x: f64, y: f64) -> f64 {
        let [a, b, c] = [x, x * y, {
            let mut f = |k: f64| -> f64 {
                x = k * y;
                x
            };
            f(y) * y
        }];
        a * b + c * x
    }
    #[differentiate(order = 2)]
    fn in_a_sum(mut x: f64, y: f64) -> f64 {
        x * x + {
            let mut f = |k: f64| x *= k;
            f(y);
            x * y
        }
    }
    #[differentiate(order = 2)]
    fn of_an_iterator(x: f64, v: &[f64]) -> f64 {
        let mut s = x * x;
        let (a, b, c) = (
            s,
            v.iter()
                .map(|a| {
                    s += a * x;
                    s
                })
                .sum::<f64>(),
            s,
        );
        a * b + a * c
    }
    #[differentiate(order = 2)]
    fn for_each(x: f64, v: &[f64]) -> f64 {
        let mut s = x * x;
        s * {
            v.iter().for_each(|a| s += a * x);
            s
        }
    }
    #[differentiate(order = 2)]
    fn in_arguments(mut x: f64, y: f64) -> f64 {
        in_a_sum(x, {
            let mut f = || x *= y;
            f();
            f();
            x
        })
    }
    #[test]
    fn all() {
        battery!(in_an_array(*x, *y), at x = 0.7, y = 1.3);
        battery!(in_a_sum(*x, *y), at x = 0.7, y = 1.3);
        battery!(of_an_iterator(*x, v), at x = 0.7, v = vec![0.3, 1.2]);
        battery!(for_each(*x, v), at x = 0.7, v = vec![0.3, 1.2]);
        battery!(in_arguments(*x, *y), at x = 0.7, y = 1.3);
    }
}
/// A closure that calls the one whose name it takes over sent the compiler round in circles.
mod closures_of_one_name {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64, y: f64) -> f64 {
        let f = |t: f64| t * y;
        let f = |t: f64| f(t) * x + t;
        let f = |t: f64| f(f(t)) - y;
        f(x)
    }
    #[differentiate(order = 2)]
    fn b(x: f64, y: f64) -> f64 {
        let mut s = x;
        let f = |t: f64, u: f64| t * u;
        let mut f = |t: f64| {
            s += f(t, y);
            s
        };
        x * f(y) + f(x * y)
    }
    #[test]
    fn all() {
        battery!(a(*x, *y), at x = 0.7, y = 1.3);
        battery!(b(*x, *y), at x = 0.7, y = 1.3);
    }
}
/// A later operand that changed a list by a method changed the index of an earlier one, and what stood there.
mod methods_that_change_an_earlier_operand {
    use super::*;
    #[differentiate(order = 2)]
    fn a(x: f64, mut list: Vec<f64>, n: usize) -> f64 {
        list[(2 * n) % list.len()] * {
            list.truncate(2);
            x * list[list.len() - 1]
        }
    }
    #[differentiate(order = 2)]
    fn b(x: f64, mut list: Vec<f64>) -> f64 {
        list[0] * {
            list.swap(0, 1);
            x * list[0]
        } + list[1]
    }
    #[differentiate(order = 2)]
    fn c(mut list: Vec<f64>) -> f64 {
        list[list.len() - 1] * list.pop().unwrap() + list[list.len() - 1]
    }
    #[test]
    fn all() {
        battery!(a(*x, list.to_vec(), 2), at x = 0.7, list = vec![0.3, 1.2, 0.4]);
        battery!(b(*x, list.to_vec()), at x = 0.7, list = vec![0.3, 1.2, 0.4]);
        battery!(c(list.to_vec()), at list = vec![0.3, 1.2, 0.4]);
    }
}

/// The payload of an element that may be there, in a pattern with the whole path of `Some`, was taken as a constant.
mod whole_paths_of_some {
    use super::*;
    #[differentiate(order = 2)]
    fn a(k: f64) -> f64 {
        let v = [k, k * k];
        let first = match v.first() {
            Option::Some(f) => f * k,
            Option::None => 0.0,
        };
        let last = if let std::option::Option::Some((last, rest)) = v.split_last() {
            last * rest[0]
        } else {
            k
        };
        first + last
    }
    #[test]
    fn all() {
        battery!(a(*k), at k = 0.7);
    }
}

/// A tangent behind `&mut` could not be handed to a function that reads it through `&out`.
mod lent_and_read_by_a_helper {
    use super::*;
    #[differentiate(order = 2)]
    fn read(v: &[f64], x: f64) -> f64 {
        v[0] * x * v[1]
    }
    #[differentiate(order = 2)]
    fn of_a_slice(x: f64, out: &mut [f64]) -> f64 {
        out[0] *= x;
        read(&out, x) + read(out, x)
    }
    #[differentiate(order = 2)]
    fn of_a_vec(x: f64, out: &mut Vec<f64>) -> f64 {
        out[0] *= x;
        read(&out, x) + read(out, x)
    }
    #[differentiate(order = 2)]
    fn both(x: f64, mut v: Vec<f64>) -> f64 {
        of_a_slice(x, &mut v) + of_a_vec(x, &mut v)
    }
    #[test]
    fn all() {
        battery!(both(*x, v.to_vec()), at x = 0.7, v = vec![0.3, 1.2]);
    }
}
/// A part that was assigned got its zero in the shape that it had before, where nothing had used it on the way taken.
mod parts_of_another_shape {
    use super::*;
    #[differentiate(order = 2)]
    fn scaled(v: &[f64], x: f64) -> Vec<f64> {
        v.iter().map(|a| a * x).collect()
    }
    #[differentiate(order = 2)]
    fn row(v: &[f64], x: f64) -> f64 {
        let mut rows = vec![vec![x], vec![]];
        let s = x * rows[0][0];
        rows[1] = scaled(v, s);
        if x > 100.0 {
            return rows[1][0];
        }
        x * v[0] * s
    }
    #[differentiate(order = 2)]
    fn copied(v: &[f64], x: f64) -> f64 {
        let mut rows = vec![vec![x], vec![]];
        for i in 0..2 {
            rows[i] = v[i..].to_vec();
            if x > 100.0 {
                return rows[1][0];
            }
        }
        x * v[0]
    }
    #[differentiate(order = 2)]
    fn member(v: &[f64], x: f64) -> f64 {
        let mut pair = (vec![x], x);
        let s = pair.0[0] * x;
        pair.0 = v.iter().map(|a| a * s).collect();
        if x > 100.0 {
            return pair.0[1];
        }
        x * v[0] * s
    }
    #[test]
    fn all() {
        battery!(row(v, *x), at v = vec![0.3, 1.2], x = 0.7);
        battery!(copied(v, *x), at v = vec![0.3, 1.2, 0.5], x = 0.7);
        battery!(member(v, *x), at v = vec![0.3, 1.2], x = 0.7);
    }
}
/// A variable that nothing needs took the value of a call that writes, and the call found no zero for it.
mod values_that_are_not_used {
    use super::*;
    #[differentiate(order = 2)]
    fn grown(v: &mut Vec<f64>, x: f64) -> Vec<f64> {
        for a in v.iter_mut() {
            *a *= x;
        }
        v.clone()
    }
    #[differentiate(order = 2)]
    fn a(mut v: Vec<f64>, x: f64) -> f64 {
        let mut left = vec![x];
        left = grown(&mut v, x);
        left = grown(&mut v, left.len() as f64);
        x * v[0]
    }
    #[differentiate(order = 2)]
    fn b(mut v: Vec<f64>, x: f64) -> f64 {
        let left;
        if x > 0.5 {
            left = grown(&mut v, x);
        } else {
            left = vec![];
        }
        x * v[0] + left.len() as f64
    }
    #[differentiate(order = 2)]
    fn c(mut v: Vec<f64>, x: f64) -> f64 {
        let mut rows = vec![vec![x], vec![]];
        rows[1] = grown(&mut v, x);
        x * v[0]
    }
    #[test]
    fn all() {
        battery!(a(v.to_vec(), *x), at v = vec![0.3, 1.2], x = 0.7);
        battery!(b(v.to_vec(), *x), at v = vec![0.3, 1.2], x = 0.7);
        battery!(c(v.to_vec(), *x), at v = vec![0.3, 1.2], x = 0.7);
    }
}
/// What is pushed was read before the list had one more: where its index asks for the length, the cotangent went to the
/// element behind it.
mod pushed_by_the_length {
    use super::*;
    #[differentiate(order = 2)]
    fn of_itself(x: f64, mut list: Vec<f64>, n: usize) -> f64 {
        list.push(list[n % list.len()]);
        x * list[n % list.len()] * list[0]
    }
    #[differentiate(order = 2)]
    fn of_another(x: f64, v: &[f64]) -> f64 {
        let mut list = vec![x * x];
        list.push(v[list.len()]);
        list[1] * list[0]
    }
    #[differentiate(order = 2)]
    fn until_it_is_long(v: &[f64], mut list: Vec<f64>) -> f64 {
        while list.len() < 5 {
            list.push(v[list.len() - 2] * list[list.len() - 1]);
            list.push(list[list.len() - 1]);
        }
        list[2] * list[4]
    }
    #[differentiate(order = 2)]
    fn rows(v: &[f64], x: f64) -> f64 {
        let mut rows = vec![vec![x, v[0]]];
        rows.push(rows[rows.len() - 1].clone());
        rows[1][0] *= v[rows.len()];
        rows.push(rows[rows.len() - 1].clone());
        rows[2][0] * rows[1][1] * x
    }
    #[test]
    fn all() {
        battery!(of_itself(*x, list.to_vec(), 3), at x = 0.7, list = vec![0.3, 1.2, 0.4]);
        battery!(of_another(*x, v), at x = 0.7, v = vec![0.3, 1.2, 0.4]);
        battery!(until_it_is_long(v, list.to_vec()), at v = vec![0.3, 1.2, 0.4], list = vec![0.5, 0.9]);
        battery!(rows(v, *x), at v = vec![0.3, 1.2, 0.4], x = 0.7);
    }
}
/// A variable of a pattern that is assigned: what was kept of it was what the pattern had bound, and what the pattern had
/// bound was given the shape of what is assigned.
mod pattern_that_is_assigned {
    use super::*;
    #[differentiate(order = 2)]
    fn popped(x: f64, y: f64) -> f64 {
        let mut y = y;
        let mut list: Vec<f64> = vec![0.7, 0.7, 0.7, 0.7];
        while let Some(mut top) = list.pop() {
            top = x;
            if list.len() == 1 && x > 1.0 {
                break;
            }
            y /= 1.5 + top.powi(2);
        }
        y
    }
    #[differentiate(order = 2)]
    fn constant(x: f64, y: f64) -> f64 {
        let mut y = y;
        if let Some(mut top) = Some(0.7).filter(|it| *it > 0.0) {
            top += x;
            y /= 1.5 + top.powi(2);
            top = x * y;
            y -= top.sin();
        }
        y
    }
    #[differentiate(order = 2)]
    fn active(x: f64, y: f64) -> f64 {
        let mut y = y;
        for _ in 0..3 {
            match Some(y) {
                Some(mut top) => {
                    top = top * x;
                    y /= 1.5 + top.powi(2);
                }
                None => {}
            }
        }
        y
    }
    #[differentiate(order = 2)]
    fn longer(x: f64, v: &[f64]) -> f64 {
        let mut sum = x;
        for k in 0..2 {
            match Some(v.to_vec()) {
                Some(mut w) => {
                    w = vec![w[k] * sum, x];
                    sum += w[0] * w[1];
                }
                None => {}
            }
        }
        sum
    }
    #[test]
    fn all() {
        battery!(popped(*x, *y), at x = 1.3, y = 1.1);
        battery!(popped(*x, *y), at x = 0.4, y = 1.1);
        battery!(constant(*x, *y), at x = 0.4, y = 1.1);
        battery!(active(*x, *y), at x = 0.4, y = 1.1);
        battery!(longer(*x, v), at x = 0.4, v = vec![0.3, 1.2, 0.8]);
    }
}
/// Code without derivative that binds a name of its own, which another part of the function has, too: the name was taken for
/// that variable, and the macro panicked.
mod names_bound_inside {
    use super::*;
    #[differentiate(order = 2)]
    fn either(x: f64, v: &[f64], mut list: Vec<f64>) -> f64 {
        if {
            let sum = v.windows(2).map(|w| w[1]).sum::<f64>();
            list[0] *= sum;
            sum <= x
        } || v.iter().map(|w| *w).sum::<f64>() >= x
        {
            return x * list[0];
        }
        x * x * list[0]
    }
    #[differentiate(order = 2)]
    fn arms(x: f64, v: &[f64], mut list: Vec<f64>) -> f64 {
        if {
            let w = v[0] * x;
            list[0] *= w;
            w <= x
        } && match v.len() {
            w if w > 1 => {
                let w = w + 1;
                w > 2
            }
            _ => false,
        } && (if let Some(w) = v.get(1) {
            *w < x
        } else {
            false
        }) {
            return x * list[0];
        }
        x * x * list[0]
    }
    #[test]
    fn all() {
        battery!(either(*x, v, list.to_vec()), at x = 0.7, v = vec![0.3, 0.5], list = vec![1.5]);
        battery!(either(*x, v, list.to_vec()), at x = 0.3, v = vec![0.3, 0.5], list = vec![1.5]);
        battery!(arms(*x, v, list.to_vec()), at x = 0.7, v = vec![0.3, 0.5], list = vec![1.5]);
        battery!(arms(*x, v, list.to_vec()), at x = 0.2, v = vec![0.3, 0.5], list = vec![1.5]);
    }
}
/// The tangent of a number behind a reference and a constant was a reference; and an element that was read beside the
/// slice that is lent was copied back over what the call wrote, where that compiled.
mod refused_at_second_order {
    use super::*;
    #[differentiate(order = 2)]
    fn shifted(v: &[f64]) -> f64 {
        let w: Vec<f64> = v.iter().map(|a| a - 0.5).collect();
        let u: Vec<f64> = v.iter().enumerate().map(|(i, a)| i as f64 + a).collect();
        w.iter().zip(&u).map(|(a, b)| a * b).sum()
    }
    #[differentiate(order = 2)]
    fn bounded(x: f64, v: &[f64]) -> f64 {
        let mut t = x;
        t = t * v[0];
        v.iter().map(|a| (*a + x).min(t) * a.max(t)).sum()
    }
    #[differentiate(order = 2)]
    fn scaled(x: f64, out: &mut [f64]) -> f64 {
        out[0] *= x;
        x * x * out[1]
    }
    #[differentiate(order = 2)]
    fn beside(y: f64, mut v: Vec<f64>) -> f64 {
        let a = scaled(v[0] * v[1], &mut v) * 0.5;
        let b = scaled(v[0], &mut v) + y;
        a * b * v[0] * v[1]
    }
    #[differentiate(order = 2)]
    fn halves(y: f64, mut v: Vec<f64>) -> f64 {
        let (left, right) = v.split_at_mut(1);
        let a = scaled(left[0] * y, right);
        let b = scaled(left[0], &mut right[..]);
        a * b * v[1] + v[0]
    }
    #[derive(Clone, differentiate::Differentiable)]
    struct Factor {
        k: f64,
    }
    impl Factor {
        #[differentiate(order = 2)]
        fn applied(&self, by: f64, other: &mut f64) -> f64 {
            *other *= by * self.k;
            *other
        }
    }
    #[differentiate(order = 2)]
    fn by_length(x: f64, v: &[f64]) -> f64 {
        let mut list = v.to_vec();
        let it = Factor { k: x };
        it.applied(list[1 % list.len()], &mut list[0]) * list[0] * x
    }
    #[differentiate(order = 2, recursive)]
    fn deep(x: f64, out: &mut [f64], n: usize) -> f64 {
        if n == 0 {
            out[0] *= x;
            return x * out[1];
        }
        deep(out[n % 2], out, n - 1) * 0.5
    }
    #[differentiate(order = 2)]
    fn recursion(x: f64, mut v: Vec<f64>) -> f64 {
        deep(x, &mut v, 3) * v[0]
    }
    #[test]
    fn all() {
        battery!(bounded(*x, v), at x = 0.4, v = vec![0.3, 0.5, 1.2]);
        battery!(shifted(v), at v = vec![0.3, 0.5, 1.2]);
        battery!(beside(*y, v.to_vec()), at y = 0.4, v = vec![0.3, 0.5, 1.2]);
        battery!(halves(*y, v.to_vec()), at y = 0.4, v = vec![0.3, 0.5, 1.2]);
        battery!(by_length(*x, v), at x = 0.4, v = vec![0.3, 0.5, 1.2]);
        battery!(recursion(*x, v.to_vec()), at x = 0.4, v = vec![0.3, 0.5]);
    }
}
/// A literal is a bound on whichever side it stands: at the bound, the slope is that of the bound.
mod literal_bounds_in_front {
    use super::*;
    #[differentiate]
    fn above(x: f64) -> f64 {
        0.0_f64.max(x) * 3.0
    }
    #[differentiate]
    fn below(x: f64) -> f64 {
        1.0_f64.min(x) * 3.0
    }
    #[differentiate]
    fn behind(x: f64) -> f64 {
        x.max(0.0) * 3.0
    }
    #[test]
    fn all() {
        for (slope, x) in [(0.0, -1.0), (0.0, 0.0), (3.0, 1.0)] {
            assert_eq!([above::grad(x), behind::grad(x)], [slope; 2], "at {x}");
        }
        for (slope, x) in [(3.0, 0.0), (0.0, 1.0), (0.0, 2.0)] {
            assert_eq!(below::grad(x), slope, "at {x}");
        }
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct ReadBefore {
    pos: f64,
    vel: f64,
}

/// An operand is read before a later one changes it inside of a macro. The forward half had read it behind.
#[differentiate]
fn changed_in_a_macro(x: f64, n: usize, mut state: ReadBefore) -> f64 {
    let a = [
        state.vel,
        match x {
            big if big > 4.0 => big,
            any => {
                ({
                    let z: Vec<Vec<f64>> = vec![
                        vec![
                            0.0,
                            match n {
                                0 => {
                                    state.vel = x;
                                    x
                                }
                                _ => 1.0,
                            },
                        ],
                        vec![x; 2],
                    ];
                    z[0][1]
                }) - any * 0.5
            }
        },
    ];
    let b = [
        state.pos,
        vec![
            {
                state.pos = x * x;
                1.0
            };
            2
        ][0] * x,
    ];
    a[0] * a[1] + a[0] * 2.0 + b[0] * b[1] * state.vel
}

#[test]
fn what_a_macro_changes_is_read_before() {
    let state = ReadBefore { pos: 0.3, vel: 0.9 };
    for n in [0, 1] {
        let (value, _) = changed_in_a_macro::value_and_grad(0.7, n, state.clone());
        assert_eq!(value, changed_in_a_macro(0.7, n, state.clone()));
        differentiate::check!(changed_in_a_macro(0.7, n, state.clone()));
    }
}

/// What a local closure changes where it is named inside of code without derivative is changed by that code. The state
/// that the reverse half read was the last one.
#[differentiate]
fn counted_in_a_chain(x: f64, v: &[f64]) -> f64 {
    let mut at = 0usize;
    let first = v[at] * x;
    let mut next = || {
        at += 1;
        at
    };
    let picks: Vec<usize> = (0..2).map(|_| next()).collect();
    first * v[at] * v[picks[0]]
}

#[differentiate]
fn counted_by_name(x: f64, v: &[f64]) -> f64 {
    let mut at = 0usize;
    let first = v[at] * x;
    let next = |_: usize| {
        at += 1;
        at
    };
    let picks: Vec<usize> = (0..2).map(next).collect();
    first * v[at] * v[picks[0]]
}

#[test]
fn what_a_local_closure_changes_in_code_is_restored() {
    let (x, v) = (7.0, [2.0, 3.0, 5.0]);
    let expected = (30.0, vec![105.0, 70.0, 42.0]);
    assert_eq!(counted_in_a_chain::grad(x, &v), expected);
    assert_eq!(counted_by_name::grad(x, &v), expected);
}
/// Needlessly refused: a literal whose type is written behind the pattern of its tuple, the difference of a number behind a
/// reference and a constant as a part of something, both at second order; and a receiver was copied where a later argument
/// was a block, so that what the method wrote was written to the copy.
mod refused_needlessly {
    use super::*;
    #[derive(Clone, Debug, PartialEq, Differentiable)]
    struct State {
        pos: f64,
        vel: f64,
    }
    impl State {
        #[differentiate(order = 2)]
        fn moved(&mut self, y: f64, x: f64) -> f64 {
            self.pos *= y;
            self.pos * x
        }
        #[differentiate(order = 2)]
        fn energy(&self, x: f64, n: usize) -> f64 {
            self.vel * x * x + n as f64 * x
        }
    }
    #[differentiate(order = 2)]
    fn typed_pattern(x: f64, state: State) -> f64 {
        let (x, mut tmp): (f64, f64) = (state.vel * x, 1.5);
        tmp *= x;
        x * x + tmp * state.pos
    }
    #[differentiate(order = 2)]
    fn typed_parts(x: f64, by: &f64) -> Vec<f64> {
        let (a, b): (Vec<f64>, f64) = (vec![*by, 1.0], 1.5);
        let (c, (d, e)): (f64, (f64, Vec<f64>)) = (1.5, (x, vec![2.0; 3]));
        vec![a[0] * b * c * d * e[1], x * a[1]]
    }
    #[differentiate(order = 2)]
    fn shifted_parts(by: &f64, x: f64) -> f64 {
        let list = vec![(by - 0.5); 3];
        let (tmp, g): (f64, f64) = (x * x, (by + 1.0));
        let rows: Vec<Vec<f64>> = vec![vec![0.0, g], vec![1.0 - by; 2]];
        list[1] * tmp * rows[0][1] * rows[1][0]
    }
    #[differentiate(order = 2)]
    fn receiver(x: f64, mut state: State, n: usize) -> f64 {
        let r = state.moved(
            [x, 1.0].iter().map(|state| state * state).sum(),
            if n > 0 {
                let mut c = 0_usize;
                let mut y = x;
                while c < n {
                    c += 1;
                    y *= 1.5;
                }
                y
            } else {
                x
            },
        );
        r * state.pos
    }
    #[allow(unused_mut, reason = "a variable that might be changed")]
    #[differentiate(order = 2)]
    fn of_itself(x: f64, mut state: State, n: usize) -> f64 {
        let mut sum = 0.0;
        for k in 0..n {
            sum += state.energy(state.energy(x, k % 3), n % 2) * state.pos;
        }
        sum
    }
    #[allow(unused_mut, reason = "a variable that might be changed")]
    #[differentiate(order = 2)]
    fn changed_later(x: f64, mut v: Vec<f64>, mut w: Vec<f64>) -> f64 {
        let pair = (v[0] * x, w[0]);
        let sum = [v[0], w[0], {
            let r = &mut v;
            r[0] *= x;
            r[1]
        }];
        sum[0] * sum[1] * sum[2] * pair.0 * v[0] + w[0]
    }
    #[test]
    fn all() {
        let state = State {
            pos: 0.7,
            vel: -0.4,
        };
        battery!(typed_pattern(*x, s.clone()), at x = 0.3, s = state.clone());
        pullback!(typed_parts(*x, by), at x = 0.3, by = 1.2);
        battery!(shifted_parts(by, *x), at by = 1.2, x = 0.3);
        battery!(receiver(*x, s.clone(), 2), at x = 0.3, s = state.clone());
        battery!(receiver(*x, s.clone(), 0), at x = 0.3, s = state.clone());
        battery!(of_itself(*x, s.clone(), 2), at x = 0.3, s = state.clone());
        battery!(changed_later(*x, v.to_vec(), w.to_vec()), at x = 0.3, v = vec![0.4, 0.6], w = vec![1.1, 2.0]);
    }
}
/// What a control found only in the corpus: an exchange that is undone on the cotangents and not on the values.
mod exchanged {
    use super::*;
    #[differentiate(order = 2)]
    fn numbers(x: f64, y: f64, n: usize) -> f64 {
        let mut a = x;
        let mut b = y;
        for _ in 0..n {
            a = a * b;
            core::mem::swap(&mut a, &mut b);
            b += a.sin();
        }
        a * b
    }
    #[differentiate(order = 2)]
    fn vectors(v: &[f64], x: f64) -> f64 {
        let mut now = v.to_vec();
        let mut next = v.to_vec();
        for _ in 0..2 {
            for i in 0..now.len() {
                next[i] = now[i] * now[(i + 1) % 3] * x;
            }
            std::mem::swap(&mut now, &mut next);
        }
        now[0] * now[1] + next[2]
    }
    /// Nobody reads `b` before the exchange, and `a` was in it then.
    #[differentiate(order = 2)]
    fn kept_in_the_other(x: f64, y: f64, n: usize) -> f64 {
        for k in 0..n {
            if x > y * k as f64 {
                return x;
            }
        }
        let mut b = y * 0.5;
        let mut a = (x - y).exp();
        core::mem::swap(&mut a, &mut b);
        b + a * 1.5
    }
    #[differentiate(order = 2)]
    fn kept_in_a_turn(v: &[f64], n: usize) -> f64 {
        let mut sum = 0.0;
        for x in v {
            let mut b = 0.5 * x;
            let mut a = x.exp();
            core::mem::swap(&mut a, &mut b);
            sum += a * 1.5 + b;
            if n > 5 {
                break;
            }
        }
        sum
    }
    #[test]
    fn all() {
        battery!(kept_in_the_other(*x, *y, 0), at x = 0.3, y = 0.7);
        battery!(kept_in_the_other(*x, *y, 2), at x = 0.3, y = 0.7);
        battery!(kept_in_a_turn(v, 3), at v = vec![0.3, 0.9, -0.5]);
        battery!(numbers(*x, *y, 3), at x = 0.3, y = 0.7);
        battery!(vectors(v, *x), at v = vec![0.3, 0.9, -0.5], x = 1.4);
    }
}
/// What a control found only in the corpus: a receiver that is saved after the method that updates it.
mod updated_receivers {
    use super::*;
    #[differentiate(order = 2)]
    fn scaled(v: &DVector<f64>, w: &DVector<f64>, a: f64, b: f64) -> f64 {
        let mut y = v * a;
        y.axpy(a, w, b);
        let s = y.dot(w);
        y.axpy(b, v, a * b);
        s * y.norm()
    }
    #[test]
    fn all() {
        let (v, w) = (
            DVector::from_vec(vec![0.3, -0.7]),
            DVector::from_vec(vec![1.2, 0.4]),
        );
        battery!(scaled(v, w, *a, *b), at v = v, w = w, a = 0.6, b = -1.3);
    }
}
/// What two controls found only in the corpus: a sort that is undone by the permutation itself, and a view that keeps its
/// cotangent where it is overwritten.
mod sorts_and_views {
    use super::*;
    /// Three places in a circle, since an exchange of two is its own inverse.
    #[differentiate(order = 2)]
    fn in_order(x: &[f64]) -> f64 {
        let mut a: Vec<f64> = x.iter().map(|v| v * v).collect();
        a.sort_by(|p, q| p.total_cmp(q));
        a[0] * 0.5 + a[1] * a[2] + a[2]
    }
    #[differentiate(order = 2)]
    fn column(m: &DMatrix<f64>, by: f64) -> f64 {
        let mut a = m * 1.5;
        let mut first = a.column_mut(0);
        first *= by;
        a.norm_squared()
    }
    #[test]
    fn all() {
        battery!(in_order(x), at x = vec![1.4, -2.1, 0.3]);
        battery!(column(m, *by), at m = DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]), by = 1.7);
    }
}
/// The search, seed 26001: what a closure in a condition assigns to a variable of its own is lost with it.
mod own_variables_in_conditions {
    use super::*;
    #[differentiate(order = 2)]
    fn assigned(v: &[f64], x: f64, y: f64) -> f64 {
        let large = |by: f64| {
            v.iter().any(|a| {
                let bound: f64;
                if *a > 0.0 {
                    bound = x * by;
                } else {
                    bound = y;
                }
                let mut at = 0.0;
                at = at + bound * a;
                at > 0.4
            })
        };
        if v.iter()
            .map(|a| {
                let scale: f64;
                if *a > 0.5 {
                    scale = x;
                } else {
                    scale = y;
                }
                scale * a
            })
            .sum::<f64>()
            > 0.0
        {
            x * y * v[0]
        } else if large(2.0) {
            v[1] - x
        } else {
            y
        }
    }
    #[test]
    fn all() {
        battery!(assigned(v, *x, *y), at v = vec![0.3, 0.9], x = 1.4, y = 0.7);
        battery!(assigned(v, *x, *y), at v = vec![0.3, 0.9], x = -1.4, y = 0.7);
    }
}
/// Mutated tokens: alternatives in a part of a tuple pattern, which were `let` bindings without parentheses then. And what
/// a mutant of the compiler showed: that nothing asked for a count in an operand before another one that changes it.
mod parts_of_patterns_and_operands {
    use super::*;
    #[differentiate(order = 2)]
    #[rustfmt::skip]
    fn one_case(x: f64, y: f64) -> f64 {
        let (| p, mut q) = (x * y, y);
        q *= p;
        q * p
    }
    #[differentiate(order = 2)]
    fn two_cases(x: f64, y: f64, n: usize) -> f64 {
        let found = if n > 1 { Ok(n) } else { Err(n) };
        let (Ok(k) | Err(k), q) = (found, x * y);
        q * y * k as f64
    }
    #[differentiate(order = 2)]
    #[rustfmt::skip]
    fn counted(v: &[f64]) -> f64 {
        v.iter()
            .enumerate()
            .map(|(i, | a)| a * a * i as f64)
            .sum::<f64>()
    }
    #[differentiate(order = 2)]
    fn earlier_count(x: f64) -> f64 {
        let mut k = 1.5;
        let y = x.mul_add(k * 2.0, {
            k += 1.0;
            x * x
        });
        y * k
    }
    #[test]
    fn all() {
        battery!(one_case(*x, *y), at x = 0.3, y = 0.7);
        battery!(two_cases(*x, *y, 2), at x = 0.3, y = 0.7);
        battery!(counted(v), at v = vec![0.3, 0.9, -0.5]);
        battery!(earlier_count(*x), at x = 0.3);
    }
}
/// What mistakes in the compiler showed, which nothing asked for: turns that depend on each other, which are not reversed
/// in any order, and what a turn reads of a number that it has assigned.
mod turns_that_depend {
    use super::*;
    #[differentiate(order = 2)]
    fn running_sums(x: &[f64], y: f64) -> Vec<f64> {
        let mut sums = vec![0.0; x.len()];
        let mut sum = y;
        for i in 0..x.len() {
            sum += x[i];
            sums[i] = 3.0 * sum;
        }
        sums
    }
    #[differentiate(order = 2)]
    fn put_back_one_by_one(x: &[f64], y: f64) -> f64 {
        let mut v = x.to_vec();
        let first = v[0] * v[1] * v[2] * v[3];
        for _ in 0..2 {
            for i in 0..x.len() {
                v[i] = 2.0 * x[i] + y;
            }
        }
        first * y + v[0]
    }
    #[differentiate(order = 2)]
    fn behind_a_step(x: &[f64], w: &[f64], y: &[f64]) -> Vec<f64> {
        let mut y = y.to_vec();
        let mut z = vec![0.0; x.len()];
        let mut k = 0;
        for i in 0..x.len() {
            y[k] = x[i] * w[k];
            k += 1;
            z[i] = 3.0 * y[k];
        }
        z[0] += y[0];
        z
    }
    #[differentiate(order = 2)]
    fn behind_an_assignment(x: f64, y: f64, n: usize) -> f64 {
        let mut x = x;
        let mut sum = 0.0;
        for _ in 0..n {
            x = x * y + 0.5;
            sum += x * x;
        }
        sum
    }
    #[test]
    fn all() {
        pullback!(running_sums(x, *y), at x = vec![0.3, 0.9, -0.5, 1.2], y = 0.7);
        battery!(put_back_one_by_one(x, *y), at x = vec![0.3, 0.9, -0.5, 1.2], y = 0.7);
        pullback!(
            behind_a_step(x, w, y),
            at x = vec![0.3, 0.9, -0.5], w = vec![1.3, 0.4, 0.8], y = vec![0.2, 0.6, 1.1, -0.9]
        );
        battery!(behind_an_assignment(*x, *y, 4), at x = 0.3, y = 0.7);
    }
}
/// A loop that assigns all elements of a buffer puts them back; one that leaves some out does not.
mod elements_left_out {
    use super::*;
    #[differentiate(order = 2)]
    fn shorter(x: &[f64], y: &mut [f64]) -> f64 {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x * x;
        }
        for i in x.len()..y.len() {
            y[i] = x[0];
        }
        y.iter().sum()
    }
    #[differentiate(order = 2)]
    fn all(x: &[f64], y: &mut [[f64; 2]]) -> f64 {
        for y in y.iter_mut() {
            *y = [x[0], 1.0];
        }
        for y in y.iter_mut() {
            y[1] *= y[0] * x[1];
        }
        y[0][1] * y[1][1]
    }
    #[test]
    fn are_put_back() {
        lent!(shorter(x, y), at x = vec![0.3, 0.9], mut y = vec![0.2, 0.6, 1.1, -0.9]);
        lent!(all(x, y), at x = vec![0.3, 0.9], mut y = vec![[0.2, 0.6], [1.1, -0.9]]);
    }
}
/// A payload that is a reference was kept as it is, which the residual may not, where a method handed it out.
mod payloads_that_are_references {
    use super::*;
    #[differentiate(order = 2)]
    fn or_an_error(x: &[f64], y: f64) -> Result<f64, String> {
        let first = x.first().ok_or("none".to_owned())?;
        let last = x.last().ok_or("none".to_owned())?;
        if *last < -5.0 {
            return Ok(y);
        }
        Ok(first * first * y * last)
    }
    #[differentiate(order = 2)]
    fn payload(x: &[f64], y: f64) -> Option<f64> {
        let found = x.get(1);
        if y > 5.0 {
            return None;
        }
        let second = found.unwrap();
        if y > 4.0 {
            return Some(y);
        }
        Some(second * second * y)
    }
    #[differentiate(order = 2)]
    fn both(x: &[f64], y: f64) -> f64 {
        or_an_error(x, y).unwrap_or(0.0) + payload(x, y).unwrap_or(0.0)
    }
    /// Found by search: a sum that carries no derivative was taken for a reference.
    #[allow(unused_braces, reason = "it was refused in this form")]
    #[differentiate(order = 2)]
    fn or_a_sum(x: f64, y: f64, n: usize) -> f64 {
        let found = if n > 3 { Some(x * y) } else { None };
        let mut p = (0..n).map(|_| 0.5).sum::<f64>();
        if n > 1 {
            p = x * x;
        }
        let other = found.unwrap_or({ p });
        other * y + p
    }
    #[test]
    fn all() {
        battery!(or_a_sum(*x, *y, 2), at x = 0.3, y = 0.7);
        battery!(or_a_sum(*x, *y, 4), at x = 0.3, y = 0.7);
        battery!(both(x, *y), at x = vec![0.3, 0.9, -0.5], y = 0.7);
    }
}
/// What ends without a value has one put there for rustc's sake, which must not be run where there is none.
mod ends_without_a_value {
    use super::*;
    type Nothing = ();
    #[differentiate(order = 2)]
    fn scale(x: f64, y: &mut f64) -> Nothing {
        if x > 0.0 {
            *y *= x * x;
        }
    }
    #[differentiate(order = 2)]
    fn unit(x: f64, y: &mut f64) -> () {
        *y *= x;
    }
    #[differentiate(order = 2)]
    fn never_reached(mut x: f64) -> f64 {
        let mut turns = 0;
        loop {
            scale(0.9, &mut x);
            turns += 1;
            if turns > 2 {
                unit(x, &mut x);
                return x;
            }
        }
    }
    #[test]
    fn runs() {
        battery!(never_reached(*x), at x = 1.1);
    }
}
/// The type of a `let` was taken for that of a sum inside of its value.
mod sums_in_values_of_other_types {
    use super::*;
    #[differentiate(order = 2)]
    fn scaled(x: &[f64], by: f64) -> Vec<f64> {
        x.iter().map(|x| x * by).collect()
    }
    #[differentiate(order = 2)]
    fn program(x: &[f64], k: &[f64]) -> f64 {
        let windows: Vec<f64> = x
            .windows(2)
            .map(|w| w.iter().zip(k).map(|(a, b)| a * b).sum())
            .collect();
        let of_a_call: Vec<f64> = scaled(&windows, x.iter().sum::<f64>());
        let of_a_macro: Vec<f64> = vec![x.iter().product(), of_a_call.iter().sum()];
        let of_a_variant: Option<f64> = Some(of_a_macro.iter().sum());
        let of_a_tuple: (f64, usize) = (windows.iter().sum::<f64>(), k.iter().count());
        of_a_variant.unwrap_or(0.0) * of_a_call[0] + of_a_tuple.0 * of_a_tuple.1 as f64
    }
    #[test]
    fn have_their_own_type() {
        battery!(program(x, k), at x = vec![0.3, 0.9, -0.5], k = vec![0.7, 1.2]);
    }
}
/// Two buffers of which a loop in a loop saved the whole in the same turn were put back in the order in which they were saved.
mod two_buffers_saved_as_a_whole {
    use super::*;
    #[differentiate(order = 2)]
    fn filled_twice(x: f64, n: usize, out: &mut [f64], arr: &mut [f64; 3]) -> f64 {
        let y = arr[0] * out.iter().product::<f64>() * arr[1] * arr[2];
        for _ in 0..4 {
            for k in 0..n {
                arr[2] = x;
                out[(2 * k) % out.len()] = x * x;
            }
        }
        y + arr[0] + out[1]
    }
    #[differentiate(order = 2)]
    fn program(x: f64, n: usize, out: &[f64], arr: [f64; 3]) -> f64 {
        let (mut out, mut arr) = (out.to_vec(), arr);
        filled_twice(x, n, &mut out, &mut arr)
    }
    #[test]
    fn lie_one_upon_the_other() {
        for n in [0, 1, 5] {
            battery!(program(*x, n, out, *arr), at x = 0.3, out = vec![0.7, 0.4, 1.3], arr = [0.4, 0.6, 0.9]);
        }
    }
}
