//! Views of every kind, shared and mutable, of slices, arrays and matrices, and what is done to them in place.

use crate::battery::{battery, in_place, pullback};
use differentiate::differentiate;
use nalgebra::*;

#[differentiate(order = 2)]
fn vec_to_array(x: &[f64]) -> f64 {
    let v: Vec<f64> = x.iter().map(|a| a * a).collect();
    let a: [f64; 3] = v.try_into().unwrap();
    a[0] * a[1] + a[2]
}
#[differentiate(order = 2)]
fn slice_expect(x: &[f64]) -> f64 {
    let a: [f64; 3] = x[..3].try_into().expect("three numbers");
    let b: &[f64; 2] = x[1..].try_into().expect("two numbers");
    let c: &[f64; 2] = (&x[1..]).try_into().unwrap();
    a[0] * a[1] + a[2] * b[0] * c[1]
}
#[differentiate(order = 2)]
fn first_chunk(x: &[f64]) -> f64 {
    let a = x.first_chunk::<2>().unwrap();
    let b = *x[1..].first_chunk::<2>().unwrap();
    a[0] * a[1] + b[1]
}
#[differentiate(order = 2)]
fn chunk_mut(x: &mut [f64]) {
    let a = x.first_chunk_mut::<2>().unwrap();
    a[0] *= a[1];
    let b: &mut [f64; 2] = (&mut x[1..]).try_into().unwrap();
    b[1] *= b[0];
}
#[differentiate(order = 2)]
fn get_option2(x: &[f64], i: usize) -> f64 {
    match x.get(i) {
        Some(v) => v * v,
        None => 1.0,
    }
}
#[differentiate(order = 2)]
fn split_halves(x: &[f64]) -> f64 {
    let (a, b) = x.split_at(2);
    let (h, t) = b.split_first().unwrap();
    let (l, init) = x.split_last().unwrap();
    a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>() + h * t.len() as f64 + l * init[1]
}
#[differentiate(order = 2)]
fn split_first_if(x: &[f64]) -> f64 {
    if let Some((h, t)) = x.split_first() {
        h * t.iter().sum::<f64>()
    } else {
        0.0
    }
}
#[differentiate(order = 2)]
fn mat_views(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let a = m.view((0, 0), (2, 2));
    let b = m.fixed_view::<2, 2>(1, 1);
    let c = m.rows(1, 2);
    let d = m.columns(0, 2);
    let e = m.fixed_rows::<2>(0);
    let f = m.fixed_columns::<2>(1);
    let g = v.rows(0, 2);
    let h = v.fixed_rows::<2>(1);
    (a * b).norm()
        + c.sum() * d.norm()
        + (e * f).norm()
        + g.dot(&h)
        + m.row(0).dot(&m.row(1))
        + m.column(0).dot(v)
        + v.fixed_view::<2, 1>(0, 0).norm()
        + v.view((0, 0), (2, 1)).norm()
        + m.row(2).transpose().dot(v)
}
#[differentiate(order = 2)]
fn mat_views_mut(m: &mut DMatrix<f64>, v: &mut DVector<f64>, k: f64) {
    m.view_mut((0, 0), (2, 2)).scale_mut(k);
    m.fixed_view_mut::<2, 2>(1, 1).fill(k * k);
    {
        let mut r = m.row_mut(0);
        r *= k;
    }
    m.rows_mut(1, 1).copy_from(&(v.transpose() * k));
    m.columns_mut(0, 1).copy_from(v);
    v.rows_mut(0, 2).fill(k);
    v.fixed_rows_mut::<2>(1).copy_from(&Vector2::new(k, k * k));
    m.column_mut(2)[1] = k;
}
#[differentiate(order = 2)]
fn mat_views_mut2(m: &mut DMatrix<f64>, v: &mut DVector<f64>, k: f64) {
    let mut b = m.fixed_view_mut::<2, 2>(1, 1);
    b += Matrix2::identity() * k;
    b[(0, 1)] *= k;
    m.set_row(0, &(v.transpose() * k));
    m.set_column(1, &*v);
    let mut c = m.column_mut(0);
    c -= &*v * k;
    for i in 0..3 {
        m.row_mut(i)[2] = v[i];
    }
    m.fixed_view_mut::<3, 1>(0, 2).copy_from(v);
    m.swap_columns(0, 1);
}
#[differentiate(order = 2)]
fn block_matrix(r: &Matrix3<f64>, t: &Vector3<f64>) -> Matrix4<f64> {
    let mut h = Matrix4::identity();
    h.fixed_view_mut::<3, 3>(0, 0).copy_from(r);
    h.fixed_view_mut::<3, 1>(0, 3).copy_from(t);
    h * h
}
#[differentiate(order = 2)]
fn block_matrix2(r: &Matrix3<f64>, t: &Vector3<f64>) -> f64 {
    let mut f = SMatrix::<f64, 6, 6>::zeros();
    f.fixed_view_mut::<3, 3>(0, 0).copy_from(r);
    f.fixed_view_mut::<3, 3>(3, 3).copy_from(&(r * 2.0));
    f.fixed_view_mut::<3, 3>(0, 3).copy_from(&t.cross_matrix());
    let x = f.fixed_view::<3, 3>(0, 3) * f.fixed_view::<3, 3>(3, 3);
    x.norm() + f.determinant()
}
#[differentiate(order = 2)]
fn nested_pattern(a: &[[f64; 2]], b: &[[f64; 2]], out: &mut [[f64; 2]]) {
    for (([ax, ay], [bx, by]), [ox, oy]) in a.iter().zip(b).zip(out.iter_mut()) {
        *ox = ax * bx - ay * by;
        *oy = ax * by + ay * bx;
    }
}
#[differentiate(order = 2)]
fn two_views(a: &[f64]) -> f64 {
    dot(&a[..2], &a[1..3]) + dot(a, a)
}
#[differentiate(order = 2)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
#[differentiate(order = 2)]
fn swaps(a: &mut [f64], b: &mut [f64], m: &mut DMatrix<f64>) {
    a.swap(0, 1);
    std::mem::swap(&mut a[0], &mut b[0]);
    a.reverse();
    a.rotate_left(1);
    b.rotate_right(1);
    b[..2].copy_from_slice(&a[1..]);
    a.copy_from_slice(b);
    b.fill(a[0]);
    m.swap_rows(0, 1);
    m.swap((0, 0), (1, 1));
    b[0] = m[(0, 0)];
}
#[differentiate(order = 2)]
fn clone_from(v: &Vec<f64>, d: &DVector<f64>) -> f64 {
    let mut w = vec![0.0; 3];
    w.clone_from(v);
    let mut e = DVector::zeros(3);
    e.clone_from(d);
    w[0] *= e[0];
    w.extend_from_slice(&v[1..]);
    w.extend(v.iter());
    w.extend(e.iter().copied());
    w.extend(vec![v[0]; 2]);
    w.pop();
    w.truncate(6);
    w.iter().enumerate().map(|(i, x)| x * i as f64).sum::<f64>()
}
#[differentiate(order = 2)]
fn sorts(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut u = v.to_vec();
    u.sort_by(f64::total_cmp);
    let mut t = v.to_owned();
    t.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut p: Vec<(f64, f64)> = v.iter().map(|x| (x.sin(), x * x)).collect();
    p.sort_by(|a, b| b.0.total_cmp(&a.0));
    w[0] * 3.0 + u[1] * 2.0 + t.len() as f64 * t[1] + p[0].1 * p[1].0
}
#[test]
fn agree_with_differences() {
    let s = || vec![0.5, 1.2, 0.7];
    let v = || dvector![0.5, 1.2, 0.7];
    let m = || dmatrix![1.0, 0.5, 0.2; -0.2, 0.8, 0.9; 0.3, 0.2, 0.9];
    battery!(vec_to_array(x), at x = s());
    battery!(slice_expect(x), at x = s());
    battery!(first_chunk(x), at x = s());
    in_place!(chunk_mut(x), at mut x = s());
    battery!(get_option2(x, 1), at x = s());
    battery!(split_halves(x), at x = s());
    battery!(split_first_if(x), at x = s());
    battery!(mat_views(m, v), at m = m(), v = v());
    in_place!(mat_views_mut(m, v, *k), at mut m = m(), mut v = v(), k = 0.3);
    in_place!(mat_views_mut2(m, v, *k), at mut m = m(), mut v = v(), k = 0.3);
    pullback!(block_matrix(m, v), at m = matrix![1.0, 0.5, 0.2; -0.2, 0.8, 0.9; 0.3, 0.2, 0.9], v = vector![0.1, 0.2, 0.3]);
    battery!(block_matrix2(m, v), at m = matrix![1.0, 0.5, 0.2; -0.2, 0.8, 0.9; 0.3, 0.2, 0.9], v = vector![0.1, 0.2, 0.3]);
    let p = || vec![[0.1, 0.3], [0.5, 0.3]];
    in_place!(nested_pattern(a, b, o), at a = p(), b = p(), mut o = p());
    battery!(two_views(x), at x = s());
    in_place!(swaps(a, b, m), at mut a = s(), mut b = vec![0.4, 0.6, 0.8], mut m = m());
    battery!(clone_from(a, b), at a = s(), b = v());
    battery!(sorts(a), at a = s());
}
