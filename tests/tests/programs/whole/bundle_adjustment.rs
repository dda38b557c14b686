//! Reprojection errors of bundle adjustment: helpers write through `&mut [f64; 3]`.

use crate::battery::{in_place, pullback};
use differentiate::differentiate;

/// Rotation vector, centre, focal length, principal point, two coefficients of radial distortion.
const CAMERA: usize = 11;

#[differentiate(order = 2)]
fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[differentiate(order = 2)]
fn cross(a: &[f64; 3], b: &[f64; 3], out: &mut [f64; 3]) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

/// Rodrigues' formula, with a series where the angle is small.
#[differentiate(order = 2)]
fn rotate(rotation: &[f64; 3], point: &[f64; 3], out: &mut [f64; 3]) {
    let squared = dot(rotation, rotation);
    if squared > 1e-14 {
        let angle = squared.sqrt();
        let (sin, cos) = angle.sin_cos();
        let mut axis = [0.0; 3];
        for i in 0..3 {
            axis[i] = rotation[i] / angle;
        }
        let mut perpendicular = [0.0; 3];
        cross(&axis, point, &mut perpendicular);
        let along = dot(&axis, point) * (1.0 - cos);
        for i in 0..3 {
            out[i] = point[i] * cos + perpendicular[i] * sin + axis[i] * along;
        }
    } else {
        cross(rotation, point, out);
        for i in 0..3 {
            out[i] += point[i];
        }
    }
}

#[differentiate(order = 2)]
fn distort(k: &[f64; 2], p: &mut [f64; 2]) {
    let r2 = p[0] * p[0] + p[1] * p[1];
    let factor = 1.0 + k[0] * r2 + k[1] * r2 * r2;
    for v in p.iter_mut() {
        *v *= factor;
    }
}

#[differentiate(order = 2)]
fn project(camera: &[f64; CAMERA], point: &[f64; 3]) -> [f64; 2] {
    let mut centred = [0.0; 3];
    for i in 0..3 {
        centred[i] = point[i] - camera[3 + i];
    }
    let mut seen = [0.0; 3];
    rotate(&[camera[0], camera[1], camera[2]], &centred, &mut seen);
    let mut image = [seen[0] / seen[2], seen[1] / seen[2]];
    distort(&[camera[9], camera[10]], &mut image);
    for i in 0..2 {
        image[i] = image[i] * camera[6] + camera[7 + i];
    }
    image
}

#[differentiate(order = 2)]
fn residuals(
    cameras: &[[f64; CAMERA]],
    points: &[[f64; 3]],
    weights: &[f64],
    #[no_diff] observations: &[(usize, usize)],
    #[no_diff] features: &[[f64; 2]],
    out: &mut [f64],
) {
    for (i, (&(camera, point), feature)) in observations.iter().zip(features).enumerate() {
        let image = project(&cameras[camera], &points[point]);
        for j in 0..2 {
            out[2 * i + j] = weights[i] * (image[j] - feature[j]);
        }
    }
    let after = 2 * observations.len();
    for (w, out) in weights.iter().zip(out[after..].iter_mut()) {
        *out = 1.0 - w * w;
    }
}

/// The same in one piece: parts of the camera by slice patterns and conversions, results returned.
#[differentiate(order = 2)]
fn residual(
    camera: &[f64; CAMERA],
    point: &[f64; 3],
    w: f64,
    #[no_diff] feature: [f64; 2],
) -> Vec<f64> {
    let [r0, r1, r2, c0, c1, c2, focal, x0, y0, k1, k2] = *camera;
    let moved = [point[0] - c0, point[1] - c1, point[2] - c2];
    let mut seen = moved;
    rotate(&[r0, r1, r2], &moved, &mut seen);
    let (x, y) = (seen[0] / seen[2], seen[1] / seen[2]);
    let r2 = x * x + y * y;
    let factor = 1.0 + r2 * (k1 + k2 * r2);
    let mut out = vec![x * factor * focal + x0, y * factor * focal + y0];
    for (o, f) in out.iter_mut().zip(&feature) {
        *o = w * (*o - f);
    }
    out.push(1.0 - w * w);
    out
}

fn camera(phase: f64) -> [f64; CAMERA] {
    std::array::from_fn(|i| match i {
        6 => 1.5,
        9 | 10 => 0.05 * (i as f64 + phase).sin(),
        i => 0.3 * (1.3 * i as f64 + phase).sin(),
    })
}

#[test]
fn projections() {
    let (p, still) = ([0.2, -0.4, 3.0], [0.0; 3]);
    in_place!(rotate(r, p, out), at r = [0.3, -0.2, 0.5], p = p, mut out = still);
    in_place!(rotate(r, p, out), kink at r = still, p = p, mut out = still)
        .is((), p)
        .maps(
            (),
            [1.0, 2.0, 3.0],
            still,
            (
                [-0.4 * 3.0 - 3.0 * 2.0, 3.0 - 0.6, 0.4 + 0.4],
                [1.0, 2.0, 3.0],
            ),
        );
    in_place!(distort(k, p), at k = [0.1, -0.05], mut p = [0.3, 0.7]);
    pullback!(project(c, p), at c = camera(0.4), p = p);
}

#[test]
fn all_residuals() {
    let cameras = vec![camera(0.1), camera(1.9)];
    let points = vec![[0.2, -0.4, 3.0], [0.5, 0.1, 4.0], [-0.6, 0.3, 2.5]];
    let observations = [(0, 0), (0, 2), (1, 1), (1, 0)];
    let features = [[0.1, 0.2], [0.3, -0.1], [0.0, 0.4], [0.2, 0.2]];
    let weights = vec![0.9, 1.1, 1.0, 0.7];
    let all = in_place!(
        residuals(c, p, w, &observations, &features, out),
        at c = cameras.clone(), p = points.clone(), w = weights.clone(), mut out = vec![5.0; 12]
    );
    for (i, (c, p)) in observations.into_iter().enumerate() {
        let one = pullback!(
            residual(c, p, *w, features[i]),
            at c = cameras[c], p = points[p], w = weights[i]
        );
        one.is(vec![all.left[2 * i], all.left[2 * i + 1], all.left[8 + i]]);
    }
}
