//! Every adaptor over nalgebra values, arrays, options and slices, by value, by reference, to be written.

use crate::battery::{battery, in_place, lent};
use differentiate::differentiate;
use nalgebra::*;

// vectors of nalgebra as sources
#[differentiate(order = 2)]
fn nv_iter_all(v: &DVector<f64>, w: &DVector<f64>) -> f64 {
    let a: f64 = v.iter().rev().enumerate().map(|(i, a)| a * i as f64).sum();
    let b: f64 = v.iter().skip(1).step_by(2).map(|a| a * a).sum();
    let c = v.iter().take(2).fold(1.0, |s, a| s * a + 1.0);
    let d: f64 = v.iter().zip(w.iter()).map(|(a, b)| a * b).sum();
    let e = v
        .iter()
        .copied()
        .filter(|a| *a > 0.0)
        .map(|a| a.sqrt())
        .sum::<f64>();
    let f = v.iter().cloned().product::<f64>();
    a * b + c * d - e * f
}
#[differentiate(order = 2)]
fn nv_iter_zip_ref(v: &DVector<f64>, w: &DVector<f64>) -> f64 {
    v.iter().zip(w).map(|(a, b)| a * b).sum()
}
#[differentiate(order = 2)]
fn nv_for_ref(v: &DVector<f64>, w: &Vector3<f64>) -> f64 {
    let mut s = 0.0;
    for a in v {
        s += a * a;
    }
    for (a, b) in v.iter().zip(w.iter()) {
        s *= a * b;
    }
    for (i, b) in w.iter().enumerate() {
        s += b * i as f64;
    }
    s
}
#[differentiate(order = 2)]
fn nv_for_mut(v: &mut DVector<f64>, k: f64) {
    for a in v.iter_mut() {
        *a *= k;
    }
    for (i, a) in v.iter_mut().enumerate() {
        *a += i as f64 * k;
    }
    for a in &mut *v {
        *a *= *a;
    }
}
#[differentiate(order = 2)]
fn nv_mut_rev(v: &mut DVector<f64>, w: &[f64]) -> f64 {
    for (a, b) in v.iter_mut().rev().zip(w) {
        *a *= b;
    }
    for a in v.iter_mut().skip(1).step_by(2) {
        *a = a.exp();
    }
    v.iter_mut().for_each(|a| *a *= 2.0);
    v.iter_mut().take(2).for_each(|a| *a += 1.0);
    v.sum()
}
#[differentiate(order = 2)]
fn matrix_elements(m: &DMatrix<f64>) -> f64 {
    m.iter().enumerate().map(|(i, a)| a * i as f64).sum::<f64>()
        + m.iter().map(|a| a.powi(2)).sum::<f64>().sqrt()
}
#[differentiate(order = 2)]
fn rows_cols(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let mut s = 0.0;
    for (i, row) in m.row_iter().enumerate() {
        s += row.iter().sum::<f64>() * v[i];
    }
    for (c, x) in m.column_iter().zip(v.iter()) {
        s += c.dot(v) * x;
    }
    for c in m.column_iter().rev().take(1) {
        s += c.norm();
    }
    let n: Vec<f64> = m.column_iter().map(|c| c.norm()).collect();
    s + n.iter().map(|a| a * a).sum::<f64>()
        + m.row_iter()
            .map(|r| r.norm_squared())
            .fold(0.0, |a, b| a + b.sqrt())
}
#[differentiate(order = 2)]
fn rows_max(m: &DMatrix<f64>) -> f64 {
    m.row_iter().map(|r| r.max()).sum::<f64>()
        + m.column_iter()
            .map(|c| c.sum())
            .fold(f64::NEG_INFINITY, f64::max)
}
#[differentiate(order = 2)]
fn rows_iter_mut(m: &mut DMatrix<f64>, v: &DVector<f64>) {
    for (mut row, x) in m.row_iter_mut().zip(v.iter()) {
        row *= *x;
    }
    for (j, mut col) in m.column_iter_mut().enumerate() {
        col *= j as f64 + 0.5;
        col[0] = v[0];
    }
}
#[differentiate(order = 2)]
fn from_iters(v: &[f64], k: f64) -> f64 {
    let a = DVector::from_iterator(v.len(), v.iter().map(|x| x * k));
    let b = Vector3::from_iterator(v.iter().map(|x| x.sin()));
    let c = DMatrix::from_iterator(3, 1, v.iter().cloned());
    let d = SVector::<f64, 3>::from_iterator(v.iter().copied());
    let e = DVector::from_iterator(3, (0..3).map(|i| v[i] * i as f64));
    a.dot(&b) + c.column(0).dot(&d) + e.norm()
}
#[differentiate(order = 2)]
fn from_fns(v: &[f64], k: f64) -> f64 {
    let a: [f64; 3] = std::array::from_fn(|i| v[i] * k);
    let b = DVector::from_fn(3, |i, _| v[i] * k);
    let c = DMatrix::from_fn(3, 3, |i, j| v[i] * v[j]);
    let d = Matrix3::from_fn(|i, j| if i == j { k } else { v[j] });
    let e = Vector3::from_fn(|i, _| a[i]);
    (c * &b).dot(&e) + (d * e).norm()
}
#[differentiate(order = 2)]
fn collect_kinds(v: &[f64]) -> f64 {
    let a: Vec<f64> = v.iter().map(|x| x * x).collect();
    let b = v.iter().zip(&a).map(|(x, y)| x * y).collect::<Vec<f64>>();
    let c: Vec<_> = b.into_iter().rev().collect();
    let d: Vec<[f64; 2]> = v.iter().map(|x| [*x, x * x]).collect();
    let e: Vec<Vector2<f64>> = v.iter().map(|x| Vector2::new(*x, 1.0)).collect();
    c.iter().sum::<f64>()
        + d.iter().map(|[p, q]| p * q).sum::<f64>()
        + e.iter().map(|p| p.norm()).sum::<f64>()
}
#[differentiate(order = 2)]
#[expect(for_loops_over_fallibles, reason = "an `Option` is an iterator, too")]
fn options_iter(a: Option<f64>, v: &[Option<f64>]) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x * x;
    }
    for x in a.iter() {
        s += x;
    }
    for x in v {
        if let Some(x) = x {
            s *= x;
        }
    }
    s
}
#[differentiate(order = 2)]
fn filter_map(v: &[Option<f64>]) -> f64 {
    v.iter().filter_map(|x| *x).map(|x| x * x).sum()
}
#[differentiate(order = 2)]
fn filter_map2(v: &[f64]) -> f64 {
    v.iter()
        .filter_map(|x| if *x > 0.0 { Some(x.sqrt()) } else { None })
        .sum()
}
#[differentiate(order = 2)]
fn minmax(v: &[f64]) -> f64 {
    let a = v.iter().copied().fold(f64::INFINITY, f64::min);
    let b = v.iter().copied().max_by(|a, b| a.total_cmp(b)).unwrap();
    let c = v.iter().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
    let d = v.iter().cloned().max_by(f64::total_cmp).unwrap();
    let e = v
        .iter()
        .map(|x| x * x)
        .min_by(|a, b| a.total_cmp(b))
        .unwrap();
    a * b + c * d + e
}
#[differentiate(order = 2)]
fn min_by_key(v: &[f64]) -> f64 {
    let (i, x) = v
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1))
        .unwrap();
    x * i as f64
}
#[differentiate(order = 2)]
fn take_while(v: &[f64]) -> f64 {
    v.iter()
        .take_while(|x| **x > 0.0)
        .map(|x| x * x)
        .sum::<f64>()
}
#[differentiate(order = 2)]
fn last_nth(v: &[f64]) -> f64 {
    v.iter().last().unwrap() * v.iter().nth(1).unwrap()
}
#[differentiate(order = 2)]
fn reduce(v: &[f64]) -> f64 {
    v.iter().copied().reduce(|a, b| a * b + 1.0).unwrap()
}
#[differentiate(order = 2)]
fn array_windows(v: &[f64]) -> f64 {
    v.windows(2)
        .map(|w| match w {
            [a, b] => a * b,
            _ => unreachable!(),
        })
        .sum::<f64>()
        + v.windows(3)
            .enumerate()
            .map(|(i, w)| w[0] * w[2] * i as f64)
            .sum::<f64>()
        + v.windows(2)
            .zip(v.chunks(2))
            .map(|(a, b)| a[1] * b[0])
            .sum::<f64>()
        + v.chunks_exact(2).rev().map(|p| p[0] / p[1]).sum::<f64>()
}
#[differentiate(order = 2)]
fn sum_of_closure(n: usize, x: f64) -> f64 {
    (0..n)
        .map(|i| (0..i).map(|j| x * (i * j) as f64).sum::<f64>())
        .sum()
}
#[differentiate(order = 2)]
fn arrays_by_value(a: [f64; 3], b: [Vector2<f64>; 2]) -> f64 {
    let s: f64 = a.into_iter().map(|x| x * x).sum();
    let t: f64 = a.iter().zip(a.iter().skip(1)).map(|(x, y)| x * y).sum();
    let c = a.map(|x| x + s);
    let mut out = 0.0;
    for (x, p) in c.into_iter().zip(b) {
        out += x * p.x;
    }
    for p in &b {
        out *= p.y;
    }
    for p in b {
        out += p.norm();
    }
    out + t
}
#[differentiate(order = 2)]
fn vec_of_struct_by_value(v: Vec<(f64, f64)>) -> f64 {
    v.into_iter().map(|(a, b)| a * b).filter(|x| *x > 0.1).sum()
}
#[test]
fn agree_with_differences() {
    let v = || dvector![0.5, 1.2, 0.7];
    battery!(nv_iter_all(v, w), at v = v(), w = dvector![0.1,0.3,0.4]);
    battery!(nv_iter_zip_ref(v, w), at v = v(), w = dvector![0.1,0.3,0.4]);
    battery!(nv_for_ref(v, w), at v = v(), w = vector![0.1,0.3,0.4]);
    in_place!(nv_for_mut(v, *k), at mut v = v(), k = 0.4);
    lent!(nv_mut_rev(v, w), at mut v = v(), w = vec![0.4, 0.2, 0.7]);
    let m = || dmatrix![1.0, 0.5, 0.2; -0.2, 0.8, 0.9; 0.3, 0.2, 0.9];
    battery!(matrix_elements(m), at m = m());
    battery!(rows_cols(m, v), at m = m(), v = v());
    battery!(rows_max(m), at m = m());
    in_place!(rows_iter_mut(m, v), at mut m = m(), v = v());
    let s = || vec![0.5, 1.2, 0.7];
    battery!(from_iters(v, *k), at v = s(), k = 0.4);
    battery!(from_fns(v, *k), at v = s(), k = 0.4);
    battery!(collect_kinds(v), at v = s());
    battery!(options_iter(*a, v), at a = Some(0.4), v = vec![Some(0.3), None]);
    battery!(filter_map(v), at v = vec![Some(0.3), None]);
    battery!(filter_map2(v), at v = s());
    battery!(minmax(v), at v = s());
    battery!(min_by_key(v), at v = s());
    battery!(take_while(v), at v = s());
    battery!(last_nth(v), at v = s());
    battery!(reduce(v), at v = s());
    battery!(array_windows(v), at v = vec![0.3, 0.6, 0.9, 0.2]);
    battery!(sum_of_closure(4, *v), at v = 0.3);
    battery!(arrays_by_value(*a, *b), at a = [0.3, 0.6, 0.9], b = [vector![0.3, 0.5], vector![0.4, 0.9]]);
    battery!(vec_of_struct_by_value(v.clone()), at v = vec![(0.3, 0.6)]);
}
