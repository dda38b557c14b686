//! A small library of vectors and matrices of the user's own, and what is made with it.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Vec3 {
    x: f64,
    y: f64,
    z: f64,
}

#[differentiate(forward)]
impl Vec3 {
    fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }

    fn times(self, k: f64) -> Self {
        Self {
            x: self.x * k,
            y: self.y * k,
            z: self.z * k,
        }
    }

    fn dotted(&self, other: &Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    fn crossed(&self, other: &Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    fn length(&self) -> f64 {
        self.dotted(self).sqrt()
    }

    fn make_unit(&mut self) {
        let length = (self.x * self.x + self.y * self.y + self.z * self.z).sqrt();
        self.x /= length;
        self.y /= length;
        self.z /= length;
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Mat {
    data: Vec<f64>,
    #[no_diff]
    rows: usize,
    #[no_diff]
    cols: usize,
}

impl Mat {
    fn zeros(rows: usize, cols: usize) -> Self {
        Self {
            data: vec![0.0; rows * cols],
            rows,
            cols,
        }
    }

    #[differentiate(order = 2)]
    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.cols + j]
    }

    #[differentiate(order = 2)]
    fn put(&mut self, i: usize, j: usize, value: f64) {
        let cols = self.cols;
        self.data[i * cols + j] = value;
    }

    #[differentiate(order = 2)]
    fn add_to(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.cols + j] += value;
    }

    #[differentiate(order = 2)]
    fn swap_two_rows(&mut self, a: usize, b: usize) {
        for j in 0..self.cols {
            self.data.swap(a * self.cols + j, b * self.cols + j);
        }
    }

    #[differentiate(order = 2)]
    fn scale_row(&mut self, i: usize, k: f64) {
        for v in &mut self.data[i * self.cols..(i + 1) * self.cols] {
            *v *= k;
        }
    }

    #[differentiate(order = 2)]
    fn add_rows(&mut self, to: usize, from: usize, k: f64) {
        for j in 0..self.cols {
            let value = self.data[from * self.cols + j];
            self.data[to * self.cols + j] += k * value;
        }
    }
}

#[differentiate(order = 2)]
fn product(a: &Mat, b: &Mat) -> Mat {
    let mut out = Mat {
        data: vec![0.0; a.rows * b.cols],
        rows: a.rows,
        cols: b.cols,
    };
    for i in 0..a.rows {
        for j in 0..b.cols {
            for k in 0..a.cols {
                out.add_to(i, j, a.at(i, k) * b.at(k, j));
            }
        }
    }
    out
}

/// The inverse by Gauss and Jordan, on a matrix with the identity beside it.
#[differentiate(order = 2)]
fn invert(a: &mut Mat, work: &mut Mat) -> Option<f64> {
    let n = a.rows;
    let mut determinant = 1.0;
    for i in 0..n {
        for j in 0..n {
            work.put(i, j, if i == j { 1.0 } else { 0.0 });
        }
    }
    for k in 0..n {
        let mut pivot = k;
        for i in k..n {
            if a.data[i * n + k].abs() > a.data[pivot * n + k].abs() {
                pivot = i;
            }
        }
        if pivot != k {
            a.swap_two_rows(k, pivot);
            work.swap_two_rows(k, pivot);
            determinant = -determinant;
        }
        let diagonal = a.data[k * n + k];
        if diagonal == 0.0 {
            return None;
        }
        determinant *= diagonal;
        a.scale_row(k, 1.0 / diagonal);
        work.scale_row(k, 1.0 / diagonal);
        for i in 0..n {
            if i != k {
                let factor = -a.data[i * n + k];
                a.add_rows(i, k, factor);
                work.add_rows(i, k, factor);
            }
        }
    }
    std::mem::swap(&mut a.data, &mut work.data);
    Some(determinant)
}

#[differentiate(order = 2)]
fn inverted(a: &mut Mat, work: &mut Mat) -> f64 {
    let Some(determinant) = invert(a, work) else {
        return -1.0;
    };
    let squared = product(a, a);
    determinant.abs().ln() + squared.at(0, 0) * squared.at(1, 0)
}

#[differentiate(forward)]
fn frame(points: &[Vec3], up: Vec3) -> f64 {
    let mut axes = [up, Vec3::new(0.0, 1.0, 0.0), points[0]];
    axes[0].make_unit();
    axes[1] = axes[0].crossed(&axes[2]);
    axes[1].make_unit();
    axes[2] = axes[0].crossed(&axes[1]);
    let mut sum = Vec3::new(0.0, 0.0, 0.0);
    for point in points {
        let mut local = Vec3 { x: 0.0, ..*point };
        local.x = point.dotted(&axes[0]);
        local.y = point.dotted(&axes[1]);
        local.z *= point.dotted(&axes[2]);
        sum = sum.plus(local.times(local.length()));
    }
    sum.x * sum.y + sum.z
}

#[test]
fn matrices() {
    let mat = |data: &[f64]| Mat {
        data: data.to_vec(),
        rows: 3,
        cols: 3,
    };
    let a = mat(&[0.2, 2.0, -1.0, 3.0, 0.5, 0.2, 1.0, -1.0, 2.5]);
    let all = lent!(inverted(a, w), at mut a = a.clone(), mut w = Mat::zeros(3, 3));
    let unit = product(&a, &all.left.0);
    for (k, v) in unit.data.iter().enumerate() {
        assert!((v - f64::from(u8::from(k % 4 == 0))).abs() < 1e-14);
    }
    lent!(inverted(a, w), kink at mut a = mat(&[0.0; 9]), mut w = Mat::zeros(3, 3));
}

#[test]
fn vectors() {
    let points = vec![
        Vec3::new(1.0, 0.2, -0.3),
        Vec3::new(0.4, 1.1, 0.6),
        Vec3::new(-0.2, 0.5, 0.9),
    ];
    battery!(frame(p, *up), first at p = points, up = Vec3::new(0.1, -0.2, 1.0));
}
