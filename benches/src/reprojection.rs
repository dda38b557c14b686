//! Bundle adjustment: for each observation, a residual of two numbers and its Jacobian with respect to a camera (eleven
//! numbers), a point (three) and a weight.

use differentiate::differentiate;
use nalgebra::{Matrix3, Rotation3, Vector2, Vector3};

use crate::suite::{Subject, Suite, numbers};

/// A row for each number of the residual: camera, point, weight.
type Rows = [[f64; 15]; 2];

/// In one module, so that the small functions are written out where they are called.
#[differentiate]
mod arrays {
    /// Rotation vector, centre, focal length, principal point, two coefficients of radial distortion.
    pub(super) type Camera = [f64; 11];

    pub(super) fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    }

    pub(super) fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    }

    /// Rodrigues' formula.
    fn rotate(rotation: &[f64; 3], point: &[f64; 3], out: &mut [f64; 3]) {
        let squared = dot(rotation, rotation);
        if squared > 1e-14 {
            let angle = squared.sqrt();
            let (sin, cos) = angle.sin_cos();
            let mut axis = [0.0; 3];
            for i in 0..3 {
                axis[i] = rotation[i] / angle;
            }
            let perpendicular = cross(&axis, point);
            let along = dot(&axis, point) * (1.0 - cos);
            for i in 0..3 {
                out[i] = point[i] * cos + perpendicular[i] * sin + axis[i] * along;
            }
        } else {
            let perpendicular = cross(rotation, point);
            for i in 0..3 {
                out[i] = point[i] + perpendicular[i];
            }
        }
    }

    pub(super) fn residual(
        camera: &Camera,
        point: &[f64; 3],
        w: f64,
        #[no_diff] feature: &[f64; 2],
    ) -> [f64; 2] {
        let mut centred = [0.0; 3];
        for i in 0..3 {
            centred[i] = point[i] - camera[3 + i];
        }
        let mut seen = [0.0; 3];
        rotate(&[camera[0], camera[1], camera[2]], &centred, &mut seen);
        let x = seen[0] / seen[2];
        let y = seen[1] / seen[2];
        let r2 = x * x + y * y;
        let factor = 1.0 + camera[9] * r2 + camera[10] * r2 * r2;
        [
            w * (x * factor * camera[6] + camera[7] - feature[0]),
            w * (y * factor * camera[6] + camera[8] - feature[1]),
        ]
    }
}
use arrays::{Camera, cross, dot, residual};

#[differentiate]
#[expect(
    clippy::too_many_arguments,
    reason = "each part of a camera has its own type"
)]
fn residual_nalgebra(
    rotation: &Vector3<f64>,
    centre: &Vector3<f64>,
    focal: f64,
    offset: &Vector2<f64>,
    k: &Vector2<f64>,
    point: &Vector3<f64>,
    w: f64,
    #[no_diff] feature: &Vector2<f64>,
) -> Vector2<f64> {
    let seen = Rotation3::from_scaled_axis(*rotation) * (point - centre);
    let image = Vector2::new(seen.x / seen.z, seen.y / seen.z);
    let r2 = image.norm_squared();
    let factor = 1.0 + k.x * r2 + k.y * r2 * r2;
    (image * (factor * focal) + offset - feature) * w
}

/// What both versions do by hand behind the rotation: fills the parts of the rows that do not come through it, and
/// returns the residual and the cotangents of the point that is seen.
fn image_by_hand(
    camera: &Camera,
    seen: &[f64; 3],
    w: f64,
    feature: &[f64; 2],
    rows: &mut Rows,
) -> ([f64; 2], [[f64; 3]; 2]) {
    let [.., focal, x0, y0, k1, k2] = *camera;
    let inverse = 1.0 / seen[2];
    let at = [seen[0] * inverse, seen[1] * inverse];
    let r2 = at[0] * at[0] + at[1] * at[1];
    let factor = 1.0 + k1 * r2 + k2 * r2 * r2;
    let slope = 2.0 * (k1 + 2.0 * k2 * r2);
    let mut value = [0.0; 2];
    let mut to_seen = [[0.0; 3]; 2];
    let offset = [x0, y0];
    for r in 0..2 {
        let row = &mut rows[r];
        let off = at[r] * factor * focal + offset[r] - feature[r];
        value[r] = w * off;
        let to_scaled = w * focal;
        let to_factor = to_scaled * at[r];
        row[6] = w * at[r] * factor;
        row[7 + r] = w;
        row[8 - r] = 0.0;
        row[9] = to_factor * r2;
        row[10] = to_factor * r2 * r2;
        row[14] = off;
        let mut to_at = [to_factor * slope * at[0], to_factor * slope * at[1]];
        to_at[r] += to_scaled * factor;
        to_seen[r] = [
            to_at[0] * inverse,
            to_at[1] * inverse,
            -(to_at[0] * at[0] + to_at[1] * at[1]) * inverse,
        ];
    }
    (value, to_seen)
}

fn put_parts(row: &mut [f64; 15], to_rotation: [f64; 3], to_point: [f64; 3]) {
    for i in 0..3 {
        row[i] = to_rotation[i];
        row[3 + i] = -to_point[i];
        row[11 + i] = to_point[i];
    }
}

fn residual_by_hand(
    camera: &Camera,
    point: &[f64; 3],
    w: f64,
    feature: &[f64; 2],
    rows: &mut Rows,
) -> [f64; 2] {
    let [r0, r1, r2, c0, c1, c2, ..] = *camera;
    let p = [point[0] - c0, point[1] - c1, point[2] - c2];
    let rotation = [r0, r1, r2];
    let squared = dot(&rotation, &rotation);
    if squared > 1e-14 {
        let angle = squared.sqrt();
        let inverse = 1.0 / angle;
        let (sin, cos) = angle.sin_cos();
        let axis = rotation.map(|it| it * inverse);
        let perpendicular = cross(&axis, &p);
        let product = dot(&axis, &p);
        let along = product * (1.0 - cos);
        let seen = std::array::from_fn(|i| p[i] * cos + perpendicular[i] * sin + axis[i] * along);
        let (value, to_seen) = image_by_hand(camera, &seen, w, feature, rows);
        for (g, row) in to_seen.iter().zip(rows) {
            let to_along = dot(g, &axis);
            let to_product = to_along * (1.0 - cos);
            let to_angle = cos * dot(g, &perpendicular) - sin * (dot(g, &p) - to_along * product);
            let to_perpendicular = g.map(|it| it * sin);
            let to_axis = cross(&p, &to_perpendicular);
            let to_axis: [f64; 3] =
                std::array::from_fn(|i| to_axis[i] + g[i] * along + to_product * p[i]);
            let to_p = cross(&to_perpendicular, &axis);
            let to_p = std::array::from_fn(|i| to_p[i] + g[i] * cos + to_product * axis[i]);
            let outward = to_angle - dot(&to_axis, &axis) * inverse;
            let to_rotation = std::array::from_fn(|i| to_axis[i] * inverse + axis[i] * outward);
            put_parts(row, to_rotation, to_p);
        }
        value
    } else {
        let perpendicular = cross(&rotation, &p);
        let seen = std::array::from_fn(|i| p[i] + perpendicular[i]);
        let (value, to_seen) = image_by_hand(camera, &seen, w, feature, rows);
        for (g, row) in to_seen.iter().zip(rows) {
            let to_p = cross(g, &rotation);
            put_parts(row, cross(&p, g), std::array::from_fn(|i| to_p[i] + g[i]));
        }
        value
    }
}

/// The matrix of the rotation and its left Jacobian, by the same sine and cosine.
fn residual_nalgebra_by_hand(
    camera: &Camera,
    point: &Vector3<f64>,
    w: f64,
    feature: &[f64; 2],
    rows: &mut Rows,
) -> [f64; 2] {
    let v = Vector3::new(camera[0], camera[1], camera[2]);
    let p = point - Vector3::new(camera[3], camera[4], camera[5]);
    let angle = v.norm();
    let inverse = 1.0 / angle;
    let (sin, cos) = angle.sin_cos();
    let a = v * inverse;
    let skew = a.cross_matrix();
    let square = a * a.transpose() - Matrix3::identity();
    let rotation = Matrix3::identity() + skew * sin + square * (1.0 - cos);
    let jacobian =
        Matrix3::identity() + skew * ((1.0 - cos) * inverse) + square * (1.0 - sin * inverse);
    let seen = rotation * p;
    let (value, to_seen) = image_by_hand(camera, &seen.into(), w, feature, rows);
    for (g, row) in to_seen.into_iter().zip(rows) {
        let g = Vector3::from(g);
        let to_rotation = jacobian.tr_mul(&seen.cross(&g));
        put_parts(row, to_rotation.into(), rotation.tr_mul(&g).into());
    }
    value
}

struct Scene {
    cameras: Vec<Camera>,
    points: Vec<[f64; 3]>,
    weights: Vec<f64>,
    features: Vec<[f64; 2]>,
    observations: Vec<(usize, usize)>,
}

fn scene(observations: usize) -> Scene {
    let (cameras, points) = (30, 3000);
    let camera = |v: &[f64]| {
        let mut camera: Camera = std::array::from_fn(|i| 0.3 * v[i]);
        camera[6] += 1.5;
        camera[9] *= 0.2;
        camera[10] *= 0.2;
        camera
    };
    Scene {
        cameras: numbers(cameras * 11, 30).chunks(11).map(camera).collect(),
        points: numbers(points * 3, 31)
            .chunks(3)
            .map(|v| [v[0], v[1], v[2] + 4.0])
            .collect(),
        weights: numbers(observations, 32).iter().map(|v| v + 2.0).collect(),
        features: numbers(2 * observations, 33)
            .chunks(2)
            .map(|v| [v[0], v[1]])
            .collect(),
        observations: (0..observations)
            .map(|i| (i % cameras, i * 7 % points))
            .collect(),
    }
}

impl Scene {
    /// The sum of what `each` returns for all observations.
    fn sum(
        &self,
        mut each: impl FnMut(usize, &Camera, &[f64; 3], f64, &[f64; 2]) -> [f64; 2],
    ) -> f64 {
        let mut sum = 0.0;
        for (i, (camera, point)) in self.observations.iter().enumerate() {
            let [a, b] = each(
                i,
                &self.cameras[*camera],
                &self.points[*point],
                self.weights[i],
                &self.features[i],
            );
            sum += a + b;
        }
        sum
    }
}

fn put(row: &mut [f64; 15], camera: &Camera, point: &[f64; 3], weight: f64) {
    row[..11].copy_from_slice(camera);
    row[11..14].copy_from_slice(point);
    row[14] = weight;
}

/// The parts of a camera as vectors.
fn split(c: &Camera) -> (Vector3<f64>, Vector3<f64>, f64, Vector2<f64>, Vector2<f64>) {
    (
        Vector3::new(c[0], c[1], c[2]),
        Vector3::new(c[3], c[4], c[5]),
        c[6],
        Vector2::new(c[7], c[8]),
        Vector2::new(c[9], c[10]),
    )
}

pub(crate) fn run(suite: &mut Suite) {
    let n = 30_000;
    let unit = [[1.0, 0.0], [0.0, 1.0]];
    suite.line(
        Subject {
            program: "reprojection, 2 × 15 Jacobians on arrays",
            size: format!("{n} observations"),
            input: scene(n),
            shadow: vec![[[0.0; 15]; 2]; n],
        },
        |scene| scene.sum(|_, c, p, w, f| residual(c, p, w, f)),
        |scene, all| {
            scene.sum(|i, c, p, w, f| {
                let (value, pull) = residual::vjp(c, p, w, f);
                for (row, seed) in all[i].iter_mut().zip(unit) {
                    let (dc, dp, dw) = pull(seed);
                    put(row, &dc, &dp, dw);
                }
                value
            })
        },
        |scene| {
            let mut all: Vec<Rows> = vec![[[0.0; 15]; 2]; n];
            let sum = scene.sum(|i, c, p, w, f| {
                let jacobian = residual::jacobian(c, p, w, f);
                for (row, out) in jacobian.row_iter().zip(&mut all[i]) {
                    out.iter_mut()
                        .zip(row.iter())
                        .for_each(|(out, v)| *out = *v);
                }
                residual(c, p, w, f)
            });
            (sum, all)
        },
        |scene, all| scene.sum(|i, c, p, w, f| residual_by_hand(c, p, w, f, &mut all[i])),
    );
    suite.line(
        Subject {
            program: "reprojection, 2 × 15 Jacobians with nalgebra",
            size: format!("{n} observations"),
            input: scene(n),
            shadow: vec![[[0.0; 15]; 2]; n],
        },
        |scene| {
            scene.sum(|_, c, p, w, f| {
                let (r, t, focal, offset, k) = split(c);
                residual_nalgebra(&r, &t, focal, &offset, &k, &(*p).into(), w, &(*f).into()).into()
            })
        },
        |scene, all| {
            scene.sum(|i, c, p, w, f| {
                let (r, t, focal, offset, k) = split(c);
                let (p, f) = ((*p).into(), (*f).into());
                let (value, pull) = residual_nalgebra::vjp(&r, &t, focal, &offset, &k, &p, w, &f);
                for (row, seed) in all[i].iter_mut().zip(unit) {
                    let (dr, dt, df, doffset, dk, dp, dw) = pull(seed.into());
                    let parts = [
                        dr.x, dr.y, dr.z, dt.x, dt.y, dt.z, df, doffset.x, doffset.y, dk.x, dk.y,
                    ];
                    put(row, &parts, &dp.into(), dw);
                }
                value.into()
            })
        },
        |scene| {
            let mut all: Vec<Rows> = vec![[[0.0; 15]; 2]; n];
            let sum = scene.sum(|i, c, p, w, f| {
                let (r, t, focal, offset, k) = split(c);
                let (p, f) = ((*p).into(), (*f).into());
                let jacobian = residual_nalgebra::jacobian(&r, &t, focal, &offset, &k, &p, w, &f);
                for (row, out) in jacobian.row_iter().zip(&mut all[i]) {
                    out.iter_mut()
                        .zip(row.iter())
                        .for_each(|(out, v)| *out = *v);
                }
                residual_nalgebra(&r, &t, focal, &offset, &k, &p, w, &f).into()
            });
            (sum, all)
        },
        |scene, all| {
            scene.sum(|i, c, p, w, f| residual_nalgebra_by_hand(c, &(*p).into(), w, f, &mut all[i]))
        },
    );
}
