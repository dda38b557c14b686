//! nalgebra values: static, dynamic and mixed; by value and by reference; carried through loops.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::{
    DMatrix, DVector, Matrix2, Matrix2x3, Matrix3, OMatrix, RowDVector, SMatrix, U2, Vector2,
    Vector3, matrix, vector,
};

fn dm(rows: usize, columns: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| {
        0.3 * (i as f64 + 1.0) - 0.45 * j as f64 + 0.2 * ((i * 3 + j * 5) % 4) as f64
    })
}

fn dv(n: usize) -> DVector<f64> {
    DVector::from_fn(n, |i, _| 0.7 - 0.5 * i as f64 + 0.1 * (i * i) as f64)
}

#[differentiate(order = 2)]
fn readme(w: &DMatrix<f64>, b: &DVector<f64>, x: &DVector<f64>, #[no_diff] label: usize) -> f64 {
    let logits = w * x + b;
    let max = logits.max();
    let lse = logits.iter().map(|z| (z - max).exp()).sum::<f64>().ln() + max;
    lse - logits[label]
}

#[differentiate(order = 2)]
fn recurrent(w: &DMatrix<f64>, h0: &DVector<f64>, xs: &[f64]) -> f64 {
    let mut h = h0.clone();
    for x in xs {
        h = (w * &h).map(|v| (v + x).tanh());
    }
    h.dot(&h)
}

#[differentiate(order = 2)]
fn recurrent_index(w: DMatrix<f64>, h: DVector<f64>, xs: Vec<f64>) -> f64 {
    let mut h = h;
    let mut i = 0;
    while i < xs.len() {
        let z = &w * h;
        h = z.map(|v| (v + xs[i]).tanh());
        i += 1;
    }
    h.norm_squared()
}

#[test]
fn networks() {
    battery!(readme(w, b, x, 1), at w = dm(3, 4), b = dv(3), x = dv(4));
    let same = battery!(recurrent(w, h, xs), at w = dm(2, 2), h = dv(2), xs = vec![0.3, 0.4, -0.2]);
    battery!(
        recurrent_index(w.clone(), h.clone(), xs.clone()),
        at w = dm(2, 2), h = dv(2), xs = vec![0.3, 0.4, -0.2]
    )
    .is(same.value, same.gradient);
    battery!(recurrent(w, h, xs), at w = dm(2, 2), h = dv(2), xs = vec![]);
}

#[differentiate(order = 2)]
fn operators(a: &DMatrix<f64>, b: &DMatrix<f64>, k: f64) -> DMatrix<f64> {
    let c = a * b - b.transpose() * a.transpose();
    let d = -(&c) + a * k / 2.0;
    let e = 3.0 * &d - &c * (k * k);
    e.component_mul(&c) + d
}

#[differentiate(order = 2)]
fn compound(a: DMatrix<f64>, b: &DMatrix<f64>, k: f64) -> DMatrix<f64> {
    let mut m = a;
    m += b;
    m -= &m.transpose() * 0.5;
    m *= k;
    m /= k + 2.0;
    let n = m.clone();
    m = &m * n;
    m += b * k;
    m
}

#[differentiate(order = 2)]
fn vectors(v: &DVector<f64>, w: DVector<f64>, k: f64) -> f64 {
    let u = v * k + &w;
    let s = u.dot(v) + (&u - v).norm() * w.sum();
    let t = (v.transpose() * &w)[0] + (v.transpose() * &w)[(0, 0)];
    s * t + u.component_div(&w.map(|a| a * a + 1.0)).mean() + w.max() - u.min()
}

#[test]
fn operators_and_methods() {
    pullback!(operators(a, b, *k), at a = dm(2, 2), b = dm(2, 2) * 0.7, k = 1.3);
    pullback!(compound(a.clone(), b, *k), at a = dm(2, 2), b = dm(2, 2) * 0.7, k = 1.3);
    battery!(vectors(v, w.clone(), *k), at v = dv(3), w = dv(3).map(|a| a * a - 0.4), k = 1.3);
}

#[differentiate(order = 2)]
fn geometry(a: Vector3<f64>, b: Vector2<f64>) -> f64 {
    let m = matrix![a.x, a.y; b.x, a[2] * b[1]];
    let v = m * vector![b[0], 1.0];
    v.norm()
        + m.transpose().component_mul(&m).sum()
        + a.cross(&(a * 2.0 + Vector3::x())).dot(&a.xyz())
}

#[differentiate(order = 2)]
fn static_loop(m: Matrix2<f64>, v: Vector2<f64>, n: usize) -> Vector2<f64> {
    let mut p = Matrix2::identity();
    let mut u = v;
    for k in 0..n {
        p = p * m + Matrix2::identity() * k as f64;
        u = p * u / (1.0 + u.norm());
    }
    u + m.column(0) * v.x + m.row(1).transpose()
}

#[differentiate(order = 2)]
fn mixed(a: &Matrix2x3<f64>, b: &DMatrix<f64>, c: &OMatrix<f64, U2, nalgebra::Dyn>) -> f64 {
    let p = a * b;
    let q = p.transpose() * c;
    let r = DMatrix::identity(q.nrows(), q.ncols()) * 0.5;
    (q + r).norm_squared() + p.sum()
}

#[differentiate(order = 2)]
fn small_solve(a: &Matrix3<f64>, b: &Vector3<f64>) -> f64 {
    let d = a.m11 * (a.m22 * a.m33 - a.m23 * a.m32)
        - a[(0, 1)] * (a[(1, 0)] * a.m33 - a[(1, 2)] * a[(2, 0)]);
    let n = a * b;
    d * n.z + n.x / (1.0 + b.y * b.y)
}

#[test]
fn static_and_mixed() {
    battery!(geometry(*a, *b), at a = vector![1.0, 2.0, 3.0], b = vector![0.5, -0.6]);
    pullback!(static_loop(*m, *v, 3), at m = matrix![0.3, -0.4; 0.9, 0.2], v = vector![0.5, -1.0]);
    battery!(
        mixed(a, b, c),
        at a = Matrix2x3::from_fn(|i, j| 0.3 + i as f64 - 0.4 * j as f64),
        b = dm(3, 2),
        c = OMatrix::<f64, U2, nalgebra::Dyn>::from_fn(3, |i, j| 0.1 * (i + 2 * j) as f64)
    );
    battery!(small_solve(a, b), at a = Matrix3::from_fn(|i, j| 0.3 + i as f64 - 0.4 * (i * j) as f64), b = vector![0.3, 0.5, -0.7]);
}

#[differentiate(order = 2)]
fn views(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let mut s = 0.0;
    for j in 0..m.ncols() {
        let c = m.column(j);
        s += c.dot(&m.column(0)) * v[j % v.len()];
    }
    for i in 0..m.nrows() {
        s += m.row(i).sum() * v[0];
    }
    let head = v.rows(0, 2);
    s + head.norm() + m.view((0, 1), (2, 2)).sum() + head.dot(&v.rows(1, 2))
}

#[differentiate(order = 2)]
fn element_loops(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let mut s = 0.0;
    for i in 0..m.nrows() {
        for j in 0..m.ncols() {
            if i == j {
                continue;
            }
            s += m[(i, j)] * v[i] * v[j];
        }
    }
    for a in m.iter() {
        s += a * a * 0.1;
    }
    for (a, b) in v.iter().zip(m.iter()) {
        s -= a * b;
    }
    s + v.iter().map(|a| a.sin()).sum::<f64>()
}

#[differentiate(order = 2)]
fn from_functions(v: &DVector<f64>, x: f64) -> DMatrix<f64> {
    let n = v.len();
    let outer = DMatrix::from_fn(n, n, |i, j| v[i] * v[j] * x + i as f64);
    let d = DMatrix::from_diagonal(v);
    let f = DVector::from_element(n, x);
    let g = DVector::from_vec(vec![x, v[0], v[1] * x]);
    outer * d + f * g.transpose()
}

#[test]
fn parts_and_constructions() {
    battery!(views(m, v), at m = dm(3, 3), v = dv(3));
    battery!(element_loops(m, v), at m = dm(3, 3), v = dv(3));
    pullback!(from_functions(v, *x), at v = dv(3), x = 0.8);
}

#[differentiate(order = 2)]
fn chosen(a: DVector<f64>, b: DVector<f64>, k: usize) -> DVector<f64> {
    let mut v = if k == 0 { a.clone() } else { b.clone() * 2.0 };
    match k {
        0 => v = v + &b,
        1 => {
            let t = a.dot(&v);
            v = v * t;
        }
        _ => {}
    }
    let w = match k {
        2 => a,
        _ => &v - b,
    };
    w + v
}

#[differentiate(order = 2)]
fn exits_with_matrices(m: &DMatrix<f64>, v: DVector<f64>) -> DVector<f64> {
    let mut v = v;
    let mut last = v.clone();
    for k in 0..6 {
        let w = m * &v;
        if w.norm() > 3.0 {
            return w * 0.5 + last;
        }
        if w[0] < -0.5 {
            last = w;
            continue;
        }
        last = v;
        v = w.map(|a| a * 1.5 + k as f64 * 0.1);
        if v.sum() > 2.5 {
            break;
        }
    }
    v.component_mul(&last)
}

#[test]
fn branches_and_exits() {
    for k in 0..4 {
        pullback!(chosen(a.clone(), b.clone(), k), at a = dv(3), b = dv(3).map(f64::cos));
    }
    for k in [0.3, 0.8, 1.2, -0.7, 2.0] {
        pullback!(exits_with_matrices(m, v.clone()), at m = dm(2, 2) * k, v = dv(2));
    }
}

#[differentiate(order = 2)]
fn empty(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let w = m * v;
    w.sum() + m.iter().sum::<f64>() + w.dot(&w) + v.norm() + 1.5
}

#[differentiate(order = 2)]
fn one_by_one(m: &DMatrix<f64>, r: &RowDVector<f64>) -> f64 {
    (r * m * r.transpose())[0] * m.trace()
}

#[differentiate(order = 2)]
fn square_of<const N: usize>(m: &SMatrix<f64, N, N>, k: usize) -> SMatrix<f64, N, N> {
    let mut p = *m;
    for _ in 0..k {
        p = p * m;
    }
    p
}

#[test]
fn shapes() {
    battery!(empty(m, v), at m = DMatrix::zeros(0, 0), v = DVector::zeros(0)).value;
    battery!(empty(m, v), at m = DMatrix::zeros(0, 2), v = dv(2));
    battery!(empty(m, v), at m = DMatrix::zeros(2, 0), v = DVector::zeros(0));
    battery!(one_by_one(m, r), at m = dm(1, 1), r = RowDVector::from_element(1, 0.7));
    pullback!(square_of(m, 2), at m = matrix![0.3, -0.4; 0.9, 0.2]);
    pullback!(square_of(m, 1), at m = matrix![0.7]);
}
