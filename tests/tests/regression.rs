//! Programs that were wrong or refused once, and the shapes of program around them; each is checked by differences.
#![allow(
    clippy::pedantic,
    clippy::assign_op_pattern,
    clippy::needless_return,
    clippy::needless_late_init,
    clippy::let_and_return,
    clippy::nonminimal_bool,
    clippy::items_after_test_module,
    clippy::match_single_binding,
    unused_qualifications,
    unused_assignments,
    unreachable_pub,
    reason = "the programs are written the way that was wrong"
)]

use differentiate::{detach, differentiate};
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

#[differentiate]
fn loss(w: &DMatrix<f64>, b: &DVector<f64>, x: &DVector<f64>, #[no_diff] label: usize) -> f64 {
    let logits = w * x + b;
    let max = logits.max();
    let lse = logits.iter().map(|z| (z - max).exp()).sum::<f64>().ln() + max;
    lse - logits[label]
}

#[test]
fn readme() {
    let w = DMatrix::from_fn(3, 4, |i, j| {
        (i as f64 - 1.3) * 0.3 + (j as f64) * 0.1 * (i as f64)
    });
    let b = DVector::from_vec(vec![0.1, -0.2, 0.3]);
    let x = DVector::from_vec(vec![1.0, 2.0, -0.5, 0.3]);
    let (v, (dw, db, dx)) = loss::value_and_grad(&w, &b, &x, 2);
    assert_eq!(v, loss(&w, &b, &x, 2));
    for k in 0..12 {
        near(
            dw[k],
            fd(
                |t| {
                    let mut w = w.clone();
                    w[k] = t;
                    loss(&w, &b, &x, 2)
                },
                w[k],
            ),
        );
    }
    for k in 0..3 {
        near(
            db[k],
            fd(
                |t| {
                    let mut b = b.clone();
                    b[k] = t;
                    loss(&w, &b, &x, 2)
                },
                b[k],
            ),
        );
    }
    for k in 0..4 {
        near(
            dx[k],
            fd(
                |t| {
                    let mut x = x.clone();
                    x[k] = t;
                    loss(&w, &b, &x, 2)
                },
                x[k],
            ),
        );
    }
}

#[differentiate]
fn s1(x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        if y > 0.0 {
            return x * y;
        } else if x == -1337.0 {
            return x * x;
        }
        return 0.0;
    }
    y * y
}
#[differentiate]
fn s3(x: f64, y: f64) -> f64 {
    if x > 0.0 && y > 10.0 {
        let z = x * y;
        if z > 100.0 {
            return x + z;
        }
        if y == 20.0 {
            return 2.0 * z;
        }
    }
    if x > 0.0 && y <= 10.0 {
        return x + y;
    }
    -y
}
#[differentiate]
fn s5(x: f64, n: usize) -> f64 {
    let mut out = x;
    'outer: for _ in 0..n {
        out = out * x;
        let mut inn = out;
        for _ in 0..n {
            inn = inn + x;
            if inn.trunc() as i64 % 7 == 0 {
                break 'outer;
            }
        }
        out = inn;
    }
    out
}
#[differentiate]
fn s7(x: f64) -> f64 {
    let mut r = x;
    let mut i = 0;
    loop {
        if i == 2 {
            break;
        }
        r = if i == 0 { r * x } else { r * r };
        i += 1;
        if !(i < 10) {
            break;
        }
    }
    r
}
#[differentiate]
fn c1(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    for _ in 0..5 {
        s = s + x * y;
        if s > 20.0 {
            return s;
        }
    }
    s
}
#[differentiate]
fn c3(x: f64, y: f64) -> f64 {
    let k = y as i32;
    if k == 0 {
        return 1.0;
    }
    let n = k as f64;
    let mut a = n + x;
    let b = n;
    let c = 2.0 * x;
    a = a * b;
    a + c
}
#[differentiate]
fn c7(x: f64, y: f64) -> f64 {
    let mut r = 0.0;
    for a in 0..5 {
        let mut b = a;
        if a < 2 {
            continue;
        }
        while b != 0 {
            b -= 1;
            if b < 3 {
                r += x * y;
                break;
            } else {
                continue;
            }
        }
    }
    r
}
#[differentiate]
fn c11(k: u32, x: f64, y: f64) -> f64 {
    match k {
        0 => return x * x,
        1 => return x * y,
        _ => return y * y,
    }
}
#[differentiate]
fn c15(x: f64, y: f64) -> f64 {
    let mut r = 0.0;
    let mut n = 0;
    while {
        r = x * y;
        n += 1;
        r < 10.0 && n < 3
    } {}
    r
}
#[differentiate]
fn w5(x: f64) -> f64 {
    let mut s = x;
    for i in 0..4 {
        if true {
            if i % 2 == 0 {
                continue;
            }
            s = s * x;
        }
        s = s + x * x;
    }
    s
}
#[differentiate]
fn t3(a: f64) -> f64 {
    let mut a = a;
    while a.abs() > 0.1 {
        a = a / 2.0;
    }
    a
}
#[differentiate]
fn t5(a: f64) -> f64 {
    let mut a = a;
    let b = if a * a / 3.0 > 0.0 { 3.0 } else { 4.0 };
    a = a * b;
    if a < b - a * b {
        a = a * a;
    } else if a > b + 3.0 * a {
        if a / 2.0 < 0.0 {
            a = a / b;
        } else {
            a = a * b;
        }
    } else {
        a = -a;
    }
    a
}
#[differentiate]
fn rec(x: f64, y: f64) -> f64 {
    if x > y { rec(x - 1.0, y) } else { x * y }
}
#[differentiate]
fn f3(xs: &[f64]) -> f64 {
    let mut a = 1.0;
    for x in xs {
        a = x * x;
    }
    a
}
#[differentiate]
fn s11(a: &[f64]) -> f64 {
    let mut r = 1.0;
    for v in a {
        r *= v;
    }
    r
}
#[differentiate]
fn l7(a: Option<f64>, b: Option<f64>) -> f64 {
    let mut s = 0.0;
    if let Some(v) = a {
        s += v * v;
    }
    if let Some(v) = b {
        s += v * v;
    }
    s
}
#[differentiate]
fn m5(x: f64) -> f64 {
    let mut x = x;
    for _ in 0..500 {
        x = x.sin();
    }
    x
}
#[differentiate]
fn w7(c: f64, w: &[f64], x: &[f64]) -> f64 {
    let s = c + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    1.0 / s
}
#[differentiate]
fn det(x: f64) -> f64 {
    detach(x * x) * x
}
#[differentiate]
fn rosen(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in (0..x.len()).step_by(2) {
        s += 100.0 * (x[i + 1] - x[i] * x[i]).powi(2) + (1.0 - x[i]).powi(2);
    }
    s
}
#[differentiate]
fn tup(a: f64) -> (f64, f64) {
    let mut y = 2.0 * a;
    y = y + 2.0 * a;
    let x = y + 5.0 * a;
    (x, y)
}
#[differentiate]
fn calls(x: f64, v: &[f64]) -> f64 {
    let t = poly(x, v[0]);
    t * dotp(v, v) + poly(t, x)
}
#[differentiate]
fn poly(x: f64, y: f64) -> f64 {
    x * x * y + y.exp()
}
#[differentiate]
fn dotp(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, a) in x.iter().enumerate() {
        let c = a * y[i];
        if c < 0.0 {
            continue;
        }
        s += c * c;
    }
    s
}
#[differentiate]
fn quest(x: Option<f64>, y: f64) -> Option<f64> {
    let a = x?;
    if a > 10.0 {
        return None;
    }
    Some(a * y * a)
}
#[differentiate]
fn closure(x: f64, k: f64) -> f64 {
    let f = |t: f64| {
        let u = t * k;
        u.sin() + k
    };
    f(x) * f(2.0)
}
#[differentiate]
fn rnn(w: &DMatrix<f64>, h0: &DVector<f64>, xs: &[f64]) -> f64 {
    let mut h = h0.clone();
    for x in xs {
        h = (w * &h).map(|v| (v + x).tanh());
    }
    h.dot(&h)
}
#[differentiate]
fn geo(a: Vector3<f64>, b: Vector2<f64>) -> f64 {
    let m = matrix![a.x, a.y; b.x, a[2] * b[1]];
    let v = m * vector![b[0], 1.0];
    v.norm() + m.transpose().component_mul(&m).sum()
}
#[differentiate]
fn gen_t<T: differentiate::Real>(x: T, y: &[T]) -> T {
    let mut s = x;
    for v in y {
        s = s * *v + x.sin();
    }
    s
}

#[test]
fn programs() {
    assert_eq!(s1::grad(4.0, 5.0), (0.0, 10.0));
    assert_eq!(s1::grad(-1337.0, 5.0), (5.0, -1337.0));
    assert_eq!(s1::grad(-1337.0, -5.0), (-2674.0, 0.0));
    assert_eq!(s1::grad(-3.0, 2.0), (2.0, -3.0));
    assert_eq!(s3::grad(4.0, 20.0), (40.0, 8.0));
    assert_eq!(s3::grad(4.0, 21.0), (0.0, -1.0));
    assert_eq!(s3::grad(4.0, 5.0), (1.0, 1.0));
    assert_eq!(
        [1, 2, 3, 4].map(|n| s5::value_and_grad(2.0, n)),
        [(6.0, 5.0), (20.0, 22.0), (52.0, 80.0), (24.0, 28.0)]
    );
    assert_eq!(s7::value_and_grad(2.0), (16.0, 32.0));
    assert_eq!(s7::value_and_grad(3.0), (81.0, 108.0));
    assert_eq!(c1::grad(2.0, 3.0), (12.0, 8.0));
    assert_eq!(c1::grad(1.0, 1.0), (5.0, 5.0));
    assert_eq!(c3::grad(3.0, 0.0), (0.0, 0.0));
    assert_eq!(c7::grad(3.0, 5.0), (15.0, 9.0));
    assert_eq!(c11::grad(0, 3.0, 5.0), (6.0, 0.0));
    assert_eq!(c11::grad(1, 3.0, 5.0), (5.0, 3.0));
    assert_eq!(c11::grad(2, 3.0, 5.0), (0.0, 10.0));
    assert_eq!(c15::grad(3.0, 5.0), (5.0, 3.0));
    assert_eq!(w5::value_and_grad(2.0), (20.0, 28.0));
    assert_eq!(t3::grad(3.0), 0.03125);
    for x in [-2.0, 0.1, 0.5] {
        near(t5::grad(x), fd(t5, x));
    }
    assert_eq!(rec::grad(3.0, 1.0), (1.0, 1.0));
    assert_eq!(f3::grad(&[11.0, 5.0, 13.0]), [0.0, 0.0, 26.0]);
    assert_eq!(s11::grad(&[3.0, 4.0, 5.0]), [20.0, 15.0, 12.0]);
    assert_eq!(l7::grad(Some(3.0), Some(4.0)), (Some(6.0), Some(8.0)));
    assert_eq!(l7::grad(None, Some(4.0)), (None, Some(8.0)));
    near(m5::grad(3.0), fd(m5, 3.0));
    let (dc, dw, dx) = w7::grad(1.0, &[1.0, 2.0], &[3.0, 4.0]);
    near(dc, -1.0 / 144.0);
    near(dw[1], -4.0 / 144.0);
    near(dx[1], -2.0 / 144.0);
    assert_eq!(det::grad(3.0), 9.0);
    assert_eq!(
        rosen::value_and_grad(&[1.5, 2.5, 3.5, 4.5]),
        (6019.0, vec![-149.0, 50.0, 10855.0, -1550.0])
    );
    assert_eq!(tup::vjp(1.0).1((1.0, 1.0)), 13.0);
    let v = [0.3, -0.4, 0.8];
    let (dx, dv) = calls::grad(1.2, &v);
    near(dx, fd(|x| calls(x, &v), 1.2));
    for k in 0..3 {
        near(
            dv[k],
            fd(
                |t| {
                    let mut v = v;
                    v[k] = t;
                    calls(1.2, &v)
                },
                v[k],
            ),
        );
    }
    assert_eq!(quest::vjp(Some(3.0), 2.0).1(Some(1.0)), (Some(12.0), 9.0));
    assert_eq!(quest::vjp(None, 2.0).1(None), (None, 0.0));
    assert_eq!(quest::vjp(Some(11.0), 2.0).1(None), (Some(0.0), 0.0));
    let (dx, dk) = closure::grad(1.1, 0.4);
    near(dx, fd(|x| closure(x, 0.4), 1.1));
    near(dk, fd(|k| closure(1.1, k), 0.4));
    let w = DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]);
    let h = DVector::from_vec(vec![0.1, 0.2]);
    let xs = [0.3, 0.4, -0.2];
    let (dw, dh, dx) = rnn::grad(&w, &h, &xs);
    for k in 0..4 {
        near(
            dw[k],
            fd(
                |t| {
                    let mut w = w.clone();
                    w[k] = t;
                    rnn(&w, &h, &xs)
                },
                w[k],
            ),
        );
    }
    for k in 0..2 {
        near(
            dh[k],
            fd(
                |t| {
                    let mut h = h.clone();
                    h[k] = t;
                    rnn(&w, &h, &xs)
                },
                h[k],
            ),
        );
    }
    for k in 0..3 {
        near(
            dx[k],
            fd(
                |t| {
                    let mut xs = xs;
                    xs[k] = t;
                    rnn(&w, &h, &xs)
                },
                xs[k],
            ),
        );
    }
    let (a, b) = (vector![1.0, 2.0, 3.0], vector![0.5, -0.6]);
    let (da, db) = geo::grad(a, b);
    for k in 0..3 {
        near(
            da[k],
            fd(
                |t| {
                    let mut a = a;
                    a[k] = t;
                    geo(a, b)
                },
                a[k],
            ),
        );
    }
    for k in 0..2 {
        near(
            db[k],
            fd(
                |t| {
                    let mut b = b;
                    b[k] = t;
                    geo(a, b)
                },
                b[k],
            ),
        );
    }
    let (dx, dy) = gen_t::grad(0.4, &[1.0, 2.0]);
    near(dx, fd(|x| gen_t(x, &[1.0, 2.0]), 0.4));
    near(dy[0], fd(|x| gen_t(0.4, &[x, 2.0]), 1.0));
    let _: (f32, Vec<f32>) = gen_t::grad(0.4f32, &[1.0, 2.0]);
    let _ = Matrix2::<f64>::zeros();
}
#[differentiate]
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
    let w = DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]);
    let b = DVector::from_vec(vec![0.1, 0.2]);
    let x = DMatrix::from_row_slice(2, 3, &[0.3, 0.2, -0.5, 0.7, 0.1, 2.0]);
    let y = differentiate::nn::one_hot(&[0, 1, 1], 2);
    let (dw, db, dx) = net::grad(&w, &b, &x, &y);
    for k in 0..4 {
        near(
            dw[k],
            fd(
                |t| {
                    let mut w = w.clone();
                    w[k] = t;
                    net(&w, &b, &x, &y)
                },
                w[k],
            ),
        );
    }
    for k in 0..2 {
        near(
            db[k],
            fd(
                |t| {
                    let mut b = b.clone();
                    b[k] = t;
                    net(&w, &b, &x, &y)
                },
                b[k],
            ),
        );
    }
    for k in 0..6 {
        near(
            dx[k],
            fd(
                |t| {
                    let mut x = x.clone();
                    x[k] = t;
                    net(&w, &b, &x, &y)
                },
                x[k],
            ),
        );
    }
}
struct Model {
    k: f64,
}
impl Model {
    #[differentiate]
    fn loss(#[no_diff] &self, x: f64) -> f64 {
        self.scale(x) * x + self.k
    }
    #[differentiate]
    fn scale(#[no_diff] &self, x: f64) -> f64 {
        x.sin() * self.k
    }
}
#[differentiate(wrt(y), name = wd)]
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
#[differentiate]
fn bug1(x: f64, d_x: f64, seed: f64) -> f64 {
    x * d_x + seed
}
#[differentiate]
fn bug2(y: f64) -> f64 {
    *detach(&y) * y
}
#[differentiate]
fn bug3(x: f32, y: f64) -> f64 {
    f64::from(x) * y
}
#[test]
fn bugs() {
    assert_eq!(bug1::grad(2.0, 3.0, 4.0), (3.0, 2.0, 1.0));
    assert_eq!(bug2::grad(3.0), 3.0);
    assert_eq!(bug3::grad(3.0, 4.0), (4.0, 3.0));
}
#[differentiate]
fn h2(x: [f64; 3]) -> f64 {
    let mut x = x;
    let mut s = 0.0;
    for v in x {
        x = [v, s, 2.0];
        s += v * x[1] + x[0] * 3.0;
    }
    s
}
#[differentiate]
fn h3(x: f64) -> f64 {
    let mut s = x;
    let mut add = |v: f64| {
        s += v * x;
        s
    };
    add(1.0) * add(2.0)
}
#[differentiate]
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
    let x = [0.3, 0.5, 0.7];
    let d = h2::grad(x);
    for k in 0..3 {
        near(
            d[k],
            fd(
                |t| {
                    let mut x = x;
                    x[k] = t;
                    h2(x)
                },
                x[k],
            ),
        );
    }
    near(h3::grad(0.7), fd(h3, 0.7));
    for xs in [[0.3, 0.4, -0.2], [0.3, 0.4, 0.2], [-0.3, 0.1, 0.1]] {
        let (dx, dy) = h14::grad(&xs, 0.8);
        near(dy, fd(|y| h14(&xs, y), 0.8));
        for k in 0..3 {
            near(
                dx[k],
                fd(
                    |t| {
                        let mut x = xs;
                        x[k] = t;
                        h14(&x, 0.8)
                    },
                    xs[k],
                ),
            );
        }
    }
}
#[differentiate]
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
#[differentiate]
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
#[differentiate]
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
        near(bug5::grad(0.3, c), fd(|y| bug5(y, c), 0.3));
    }
    for k in [0, 1] {
        let (a, b) = bug5b::grad(0.3, 0.4, k);
        near(a, fd(|x| bug5b(x, 0.4, k), 0.3));
        near(b, fd(|y| bug5b(0.3, y, k), 0.4));
    }
    for x in [0.5, 2.0, -1.0] {
        near(bug6::grad(x), fd(bug6, x));
    }
}
mod family {
    use super::*;
    #[differentiate]
    fn g(x: f64) -> f64 {
        let z = if x < 0.0 { return x * x } else { x };
        z * x
    }
    #[differentiate]
    fn c(x: f64, n: i32) -> f64 {
        let y = match n {
            0 => return x,
            1 => x * x,
            _ => x,
        };
        y * x
    }
    #[differentiate]
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
    #[differentiate]
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
    #[differentiate]
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
    #[differentiate]
    fn le(x: f64) -> f64 {
        let o = Some(x);
        let Some(v) = o else { return x };
        v * v
    }
    #[differentiate]
    fn mul(x: f64, y: f64) -> f64 {
        x * y
    }
    #[differentiate]
    fn b8(p: (f64, f64)) -> f64 {
        match p {
            (a, b) => mul(a, b),
        }
    }
    mod inner {
        #[differentiate::differentiate]
        pub fn mul(x: f64, y: f64) -> f64 {
            x * y + 1.0
        }
    }
    #[differentiate]
    fn b9(x: f64, y: f64) -> f64 {
        inner::mul(x, y) * mul(x, y)
    }
    #[differentiate]
    fn b10(x: f64, y: f64) -> f64 {
        let f = |t: f64| t * y;
        let f = |t: f64| f(t) * x;
        f(y)
    }
    #[differentiate]
    fn b11(x: f64, n: usize) -> f64 {
        (1..=n).map(|k| x / k as f64).sum::<f64>()
    }
    #[differentiate]
    fn b12(v: &[f64]) -> f64 {
        let mut s = 0.0;
        for (i, a) in v.iter().enumerate().filter(|(i, _)| i % 2 == 0) {
            s += a * i as f64;
        }
        s
    }
    #[differentiate]
    fn b14(v: &[f64]) -> f64 {
        let mut s = 0.0;
        for a in v.iter().filter(|a| **a > 0.5) {
            s += a * a;
        }
        s + v.iter().filter(|&&a| a > 0.5).sum::<f64>()
    }
    #[differentiate]
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
            near(g::grad(x), fd(g, x));
            near(le::grad(x), fd(le, x));
            for n in 0..3 {
                near(c::grad(x, n), fd(|x| c(x, n), x));
                near(d::grad(x, n), fd(|x| d(x, n), x));
                near(e::grad(x, n), fd(|x| e(x, n), x));
            }
            assert_eq!(b8::grad((x, 2.0)), (2.0, x));
            near(b9::grad(x, 0.3).0, fd(|x| b9(x, 0.3), x));
            near(b10::grad(x, 0.3).1, fd(|y| b10(x, y), 0.3));
            near(b11::grad(x, 4), fd(|x| b11(x, 4), x));
        }
        assert_eq!(a::grad(&[0.5, 2.0, 3.0]), [0.0, 4.0, 0.0]);
        assert_eq!(a::grad(&[0.5]), [0.0]);
        assert_eq!(b12::grad(&[1.0, 2.0, 3.0]), [0.0, 0.0, 2.0]);
        assert_eq!(b14::grad(&[1.0, 0.2, 3.0]), [3.0, 0.0, 7.0]);
        let x = nalgebra::DVector::from_vec(vec![0.3, 0.4]);
        let s = nalgebra::DVector::from_vec(vec![1.0, -2.0]);
        for k in [-0.3, 0.4, 0.7, 1.5] {
            let (dx, dk) = vd::vjp(&x, k).1(s.clone());
            near(dk, fd(|k| vd(&x, k).dot(&s), k));
            for i in 0..2 {
                near(
                    dx[i],
                    fd(
                        |t| {
                            let mut x = x.clone();
                            x[i] = t;
                            vd(&x, k).dot(&s)
                        },
                        x[i],
                    ),
                );
            }
        }
    }
}
mod shapes {
    use super::*;
    #[differentiate]
    fn i(x: f64, c: bool) -> f64 {
        let mut last = Some(x);
        last = if c { Some(x * x) } else { None };
        match last {
            Some(b) => x * b,
            None => x,
        }
    }
    #[differentiate]
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
    #[differentiate]
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
    #[differentiate]
    fn raw(r#type: f64, y: f64) -> f64 {
        let r#fn = r#type * y;
        r#fn * y
    }
    #[differentiate]
    fn q(x: f64) -> Option<f64> {
        if x > 5.0 {
            return None;
        }
        Some(x * x)
    }
    #[differentiate]
    fn q2(x: f64) -> Option<f64> {
        let r = q(x)?;
        Some(q(r)? * r)
    }
    #[test]
    fn all() {
        for c in [true, false] {
            near(i::grad(2.0, c), fd(|x| i(x, c), 2.0));
            near(h::grad(2.0, c), fd(|x| h(x, c), 2.0));
            let x = DVector::from_vec(vec![0.3, 0.7]);
            let d = m::grad(&x, c);
            for k in 0..2 {
                near(
                    d[k],
                    fd(
                        |t| {
                            let mut x = x.clone();
                            x[k] = t;
                            m(&x, c)
                        },
                        x[k],
                    ),
                );
            }
        }
        assert_eq!(raw::grad(2.0, 3.0), (9.0, 12.0));
        near(q2::vjp(1.2).1(Some(1.0)), fd(|x| q2(x).unwrap(), 1.2));
        assert_eq!(q2::vjp(3.0).1(None), 0.0);
    }
}
mod bounds {
    use super::*;
    const LIMIT: f64 = 1.0;
    #[differentiate]
    fn a(x: f64) -> f64 {
        x.max(LIMIT) * 2.0 + 1.0_f64.min(x) + f64::max(1.0, x) + x.clamp(0.0, LIMIT)
    }
    #[differentiate]
    fn b(v: &DVector<f64>) -> f64 {
        v[detach(v.argmax()).0]
    }
    struct W {
        m: super::Model,
    }
    impl W {
        #[differentiate]
        fn go(#[no_diff] &self, x: f64) -> f64 {
            self.m.loss(x) * 2.0
        }
    }
    #[test]
    fn all() {
        assert_eq!(a::grad(1.0), 0.0);
        assert_eq!(a::grad(1.5), 3.0);
        assert_eq!(
            b::grad(&DVector::from_vec(vec![1.0, 3.0])),
            DVector::from_vec(vec![0.0, 1.0])
        );
        let w = W {
            m: super::Model { k: 0.5 },
        };
        near(w.go_grad(0.3), fd(|x| w.go(x), 0.3));
    }
}
mod data {
    use super::*;
    #[differentiate]
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
    #[differentiate]
    fn b(x: &DMatrix<f64>, w: &DMatrix<f64>) -> f64 {
        let (q, k) = (x * w, w * x);
        (k * q).sum()
    }
    #[differentiate]
    fn g(q: f64, k: f64) -> f64 {
        q.sin() * k
    }
    #[differentiate]
    fn c(q: f64, p: f64, k: f64) -> f64 {
        let (mut q, mut p) = (q, p);
        for _ in 0..3 {
            p += g(q, k);
            q += p;
        }
        p
    }
    #[differentiate]
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
        near(a::grad(0.7, &y), fd(|w| a(w, &y), 0.7));
        let (x, w) = (
            DMatrix::from_row_slice(2, 2, &[0.3, 0.2, -0.5, 0.7]),
            DMatrix::from_row_slice(2, 2, &[1.3, 0.2, -0.5, 0.7]),
        );
        let (dx, _) = b::grad(&x, &w);
        near(
            dx[1],
            fd(
                |t| {
                    let mut x = x.clone();
                    x[1] = t;
                    b(&x, &w)
                },
                x[1],
            ),
        );
        near(c::grad(0.3, 0.4, 0.5).2, fd(|k| c(0.3, 0.4, k), 0.5));
        near(c::grad(0.3, 0.4, 0.5).0, fd(|q| c(q, 0.4, 0.5), 0.3));
        let rows = vec![vec![0.3, 0.4], vec![0.5]];
        let m = [(1, 0.5), (2, 0.25)].into_iter().collect();
        near(d::grad(0.7, &rows, &m), fd(|w| d(w, &rows, &m), 0.7));
    }
}
mod overwritten {
    use super::*;
    #[differentiate]
    fn d(x: f64, n: usize) -> f64 {
        let mut a = x * 3.0;
        a = n as f64;
        a + x
    }
    #[differentiate]
    fn e(x: f64, n: usize) -> f64 {
        let mut a = x * 3.0;
        if n == 0 {
            a = 2.0;
        }
        a + x
    }
    #[differentiate]
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
    #[differentiate]
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
        assert_eq!(d::grad(2.0, 3), 1.0);
        assert_eq!(e::grad(2.0, 0), 1.0);
        assert_eq!(e::grad(2.0, 1), 4.0);
        let x = DVector::from_vec(vec![0.3, 0.4]);
        for n in 0..4 {
            let dx = f::grad(&x, n);
            for i in 0..2 {
                near(
                    dx[i],
                    fd(
                        |t| {
                            let mut x = x.clone();
                            x[i] = t;
                            f(&x, n)
                        },
                        x[i],
                    ),
                );
            }
        }
        for v in [[0.4, 0.7], [-0.4, 0.7]] {
            let (dx, dv) = g::grad(0.3, &v);
            near(dx, fd(|x| g(x, &v), 0.3));
            for i in 0..2 {
                near(
                    dv[i],
                    fd(
                        |t| {
                            let mut v = v;
                            v[i] = t;
                            g(0.3, &v)
                        },
                        v[i],
                    ),
                );
            }
        }
    }
}
mod late {
    use super::*;
    #[differentiate]
    fn a(x: f64, n: usize) -> f64 {
        let f = |t: f64| -> f64 {
            if n == 1 {
                return (t + 0.5).tanh();
            }
            x
        };
        f(0.5) * x
    }
    #[differentiate]
    fn late_h(v: &[f64], x: f64) -> f64 {
        v[0] * x
    }
    #[differentiate]
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
            near(a::grad(0.4, n), fd(|x| a(x, n), 0.4));
        }
        near(b::grad(0.4, &[0.7]).0, fd(|x| b(x, &[0.7]), 0.4));
    }
}
mod blocks {
    use super::*;
    use differentiate::Real;
    struct Spring {
        k: f64,
    }
    #[differentiate]
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
    #[differentiate]
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
    #[differentiate]
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
    #[differentiate]
    fn a(x: f64, n: usize) -> f64 {
        let mut n = n;
        let mut s = x;
        for i in 0..n {
            n += 2;
            s = s * x + i as f64 * s.sin();
        }
        s * n as f64
    }
    #[differentiate]
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
        near(a::grad(0.7, 3), fd(|x| a(x, 3), 0.7));
        let v = [0.3, 1.2, 0.4];
        near(b::grad(0.7, &v).0, fd(|x| b(x, &v), 0.7));
    }
}
mod unused {
    use super::*;
    #[differentiate]
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
            near(
                a::grad(3.0, &[1.0, 2.0], n).0,
                fd(|y| a(y, &[1.0, 2.0], n), 3.0),
            );
        }
    }
}
