//! Rotations, poses and similarities in functions as users write them, and descent on them.

use differentiate::check;
use differentiate::retraction::{gauss_newton, local, retract};
use differentiate::{Gradient, differentiate};
use nalgebra::{
    DMatrix, Isometry2, Isometry3, Point3, Quaternion, Rotation2, Rotation3, Similarity2,
    Similarity3, Translation3, Unit, UnitComplex, UnitQuaternion, Vector2, Vector3, vector,
};

/// What a camera with a zoom makes of two points.
#[differentiate(order = 2)]
fn zoomed(camera: &Similarity3<f64>, p: &Point3<f64>, v: &Vector3<f64>) -> f64 {
    let there = camera * p;
    let back = camera.inverse_transform_point(p);
    let twice = camera * camera;
    let away = camera.inverse() * v;
    let pose = camera.isometry;
    let mid = pose.translation.vector;
    (there - back).norm_squared() + twice.scaling() + away.dot(v) + mid.norm_squared()
}

#[differentiate(order = 2)]
fn made(t: &Vector3<f64>, v: &Vector3<f64>, s: f64) -> f64 {
    let a = Similarity3::new(*t, *v, s);
    let pose = Isometry3::from_parts(Translation3::from(*t), UnitQuaternion::from_scaled_axis(*v));
    let b = Similarity3::from_isometry(pose, s * s);
    let c = Similarity2::new(Vector2::new(t.x, t.y), v.x, s);
    let m = (a * b).to_homogeneous();
    let image = c * Vector2::new(s, t.z);
    m.norm_squared() + image.norm_squared() + Similarity3::<f64>::from_scaling(s).scaling()
}

#[differentiate(order = 2)]
fn looking(eye: &Point3<f64>, target: &Point3<f64>, up: &Vector3<f64>) -> f64 {
    let view = Isometry3::look_at_rh(eye, target, up);
    let pose = Isometry3::face_towards(eye, target, up);
    let turn = Rotation3::look_at_lh(&(target - eye), up);
    let seen = view * Point3::new(1.0, 2.0, 3.0);
    let carried = pose * Vector3::new(0.5, -1.0, 0.25);
    seen.coords.norm_squared() + carried.dot(up) + (turn * up).z
}

#[differentiate(order = 2)]
fn turning(a: &Vector3<f64>, b: &Vector3<f64>, t: f64) -> f64 {
    let turn = UnitQuaternion::rotation_between(a, b).unwrap();
    let (axis, angle) = turn.axis_angle().unwrap();
    let middle = a.slerp(b, t);
    let weights = vector![1.0, 2.0, 3.0];
    let q = Quaternion::new(t, a.x, b.y, 1.0);
    let mixed = q.lerp(&Quaternion::new(1.0, t, a.z, b.z), 0.25);
    let near = turn.nlerp(&UnitQuaternion::from_scaled_axis(*a), t);
    axis.dot(b) + angle * t + middle.dot(&weights) + mixed.norm() + (near * b).x
}

#[differentiate(order = 2)]
fn picked(m: &DMatrix<f64>, v: &Vector3<f64>) -> f64 {
    let rows = m.select_rows(&[1, 0, 1]);
    let columns = m.select_columns(&[2, 2]);
    let list = Vec::from([v.x, v.y * v.z]);
    let p = Point3::from(*v);
    let shift = Isometry3::translation(v.x, v.y, 2.0);
    rows.norm_squared() + columns.sum() * list[1] + (shift * p).coords.norm_squared() * list[0]
}

#[test]
fn programs() {
    for k in 0..8 {
        let k = f64::from(k);
        let t = vector![0.5 + 0.25 * k, -1.0, 0.75];
        let v = vector![0.25, 0.5 - 0.125 * k, -0.5];
        let camera = Similarity3::new(t, v, 0.75 + 0.125 * k);
        let at = (
            camera,
            Point3::new(1.0, -0.5, 2.0),
            vector![0.5, 0.25, -1.0],
        );
        check::gradient(
            |(c, p, v)| zoomed(c, p, v),
            |(c, p, v)| zoomed::grad(c, p, v),
            &at,
        )
        .assert();
        let at = (t, v, 1.25 - 0.125 * k);
        check::gradient(
            |(t, v, s)| made(t, v, *s),
            |(t, v, s)| made::grad(t, v, *s),
            &at,
        )
        .assert();
        let at = (
            Point3::from(t),
            Point3::new(2.0, 3.0, -2.0),
            vector![0.25, 1.0, 0.5],
        );
        check::gradient(
            |(e, p, u)| looking(e, p, u),
            |(e, p, u)| looking::grad(e, p, u),
            &at,
        )
        .assert();
        let at = (t, v + vector![1.0, 0.0, 0.0], 0.125 + 0.0625 * k);
        check::gradient(
            |(a, b, t)| turning(a, b, *t),
            |(a, b, t)| turning::grad(a, b, *t),
            &at,
        )
        .assert();
        let at = (DMatrix::from_fn(2, 3, |i, j| k - (i + 2 * j) as f64), t);
        check::gradient(|(m, v)| picked(m, v), |(m, v)| picked::grad(m, v), &at).assert();
    }
}

#[differentiate(order = 2)]
fn errors(pose: &Similarity3<f64>, #[no_diff] points: &[(Point3<f64>, Point3<f64>)]) -> Vec<f64> {
    let mut all = Vec::new();
    for (p, seen) in points {
        let error = pose * p - seen;
        all.push(error.x);
        all.push(error.y);
        all.push(error.z);
    }
    all
}

#[differentiate(order = 2)]
fn squares(pose: &Similarity3<f64>, #[no_diff] points: &[(Point3<f64>, Point3<f64>)]) -> f64 {
    let errors = errors(pose, points);
    errors.iter().map(|e| e * e).sum()
}

#[test]
fn descent() {
    let truth = Similarity3::new(vector![1.0, -2.0, 0.5], vector![0.5, 0.25, -0.75], 1.5);
    let corners = [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 1.0, 1.0],
    ];
    let points = corners.map(|it| (Point3::from(it), truth * Point3::from(it)));

    let mut pose = Similarity3::identity();
    for _ in 0..2000 {
        pose = differentiate::step(&pose, &squares::grad(&pose, &points), -0.03);
    }
    assert!(
        squares(&pose, &points) < 1e-8,
        "{}",
        squares(&pose, &points)
    );

    let mut pose = Similarity3::identity();
    for _ in 0..10 {
        let (errors, pull) = errors::vjp(&pose, &points);
        pose = gauss_newton(&pose, &errors, pull);
    }
    let rest = local(&truth, &pose);
    assert!(rest.isometry.rotation.norm() + rest.isometry.translation.norm() < 1e-12);
    assert!(rest.scaling.abs() < 1e-12);
    assert!((retract(&truth, &rest).scaling() - pose.scaling()).abs() < 1e-15);
}

/// Where nalgebra branches at the identity.
#[differentiate(order = 2)]
fn at_the_identity(v: &Vector3<f64>, t: f64) -> f64 {
    let turn = UnitQuaternion::new(*v);
    let matrix = Rotation3::from_scaled_axis(*v * 2.0);
    let pose = Isometry3::new(*v * t, *v);
    let similarity = Similarity3::new(*v, *v * 0.5, 1.0 + t);
    let p = vector![0.3, -0.4, 0.5];
    let half = turn.powf(0.5) * p;
    let moved = pose * (matrix * p) + similarity * p;
    moved.dot(&vector![1.0, 2.0, 3.0]) + half.dot(&vector![0.5, 0.2, -1.0]) + (1.0 + t).powf(1.5)
}

#[test]
fn tangents_at_the_identity() {
    let (v, t) = (Vector3::zeros(), 0.7);
    let (value, (dv, dt)) = at_the_identity::value_and_grad(&v, t);
    let directions = [
        (Vector3::x(), 0.0),
        (Vector3::y(), 0.0),
        (vector![0.2, -0.5, 1.0], 0.3),
    ];
    for (dot_v, dot_t) in directions {
        let (same, along) = at_the_identity::jvp(&v, t, &dot_v, dot_t);
        assert!((same - value).abs() < 1e-14);
        let product = dv.dot(&dot_v) + dt * dot_t;
        assert!((along - product).abs() < 1e-12, "{along} is not {product}");
    }
}

// === above second order: each derivative moves in a direction of its own, and turns do not commute ===

/// `$along` is the derivative of `$of` along a direction, and has first and second derivatives itself.
macro_rules! above {
    ($($along:ident: $of:ident($X:ty, $D:ty);)*) => { $(
        #[differentiate(order = 2)]
        fn $along(x: &$X, direction: $D) -> f64 {
            $of::jvp(x, &direction).1
        }
    )* };
}

above! {
    along_quaternion: of_quaternion(UnitQuaternion<f64>, Vector3<f64>);
    along_rotation: of_rotation(Rotation3<f64>, Vector3<f64>);
    along_angle: of_angle(UnitComplex<f64>, f64);
    along_pose: of_pose(Similarity3<f64>, Gradient<Similarity3<f64>>);
    along_list: of_list([UnitQuaternion<f64>; 2], [Vector3<f64>; 2]);
    along_vector: through_turns(Vector3<f64>, Vector3<f64>);
    along_poses: through_poses(Vector3<f64>, Vector3<f64>);
}

#[differentiate(order = 3)]
fn of_quaternion(x: &UnitQuaternion<f64>) -> f64 {
    let v = x * vector![1.0, -2.0, 0.5];
    let w = x.inverse() * v.cross(&vector![0.3, 0.1, 1.0]);
    v.x * v.y * w.z + v.z * v.z + (x * x).angle()
}

#[differentiate(order = 3)]
fn of_rotation(x: &Rotation3<f64>) -> f64 {
    let mut carried = vector![0.2, 0.4, -1.0];
    let mut turn = *x;
    for _ in 0..3 {
        turn = x * turn.inverse() * Rotation3::from_axis_angle(&Vector3::x_axis(), carried.z);
        carried = turn * carried;
    }
    carried.x * carried.y + turn.matrix()[(0, 2)]
}

#[differentiate(order = 3)]
fn of_angle(x: &UnitComplex<f64>) -> f64 {
    let v = x * Vector2::new(1.0, 0.5);
    let w = Rotation2::new(x.angle() * v.x) * v;
    let u = Unit::new_normalize(v.push(w.x));
    w.x * v.y * v.y + u.z
}

#[differentiate(order = 3)]
fn of_pose(x: &Similarity3<f64>) -> f64 {
    let p = x * Point3::new(1.0, -2.0, 0.5);
    let q = x * (x * p);
    let back = x.inverse() * Point3::new(q.y, q.x, p.z);
    let turn = x.isometry.rotation;
    back.coords.norm_squared() * x.scaling() + (turn * p.coords).x * turn.angle()
}

#[differentiate(order = 3)]
fn of_list(x: &[UnitQuaternion<f64>; 2]) -> f64 {
    let mut v = vector![1.0, -2.0, 0.5];
    for turn in x {
        v = turn * (v + x[0] * vector![0.1, 0.2, 0.3]);
    }
    let [a, b] = *x;
    v.x * v.y + (a * b * a.inverse()).angle()
}

#[differentiate(order = 3)]
fn through_turns(x: &Vector3<f64>) -> f64 {
    let turn = UnitQuaternion::from_scaled_axis(*x);
    let other = Rotation3::from_euler_angles(x.z, x.x * x.y, 0.3);
    let v = other * (turn * vector![1.0, -2.0, 0.5]);
    v.x * v.y + v.z * turn.angle()
}

#[differentiate(order = 3)]
fn through_poses(x: &Vector3<f64>) -> f64 {
    let pose = Isometry3::new(vector![x.x, 1.0, x.x * x.z], *x);
    let twice = pose * pose * Translation3::new(x.y, 0.0, 1.0);
    let scaled = Similarity3::from_isometry(twice, 1.0 + x.z * x.z);
    let p = scaled * Point3::new(1.0, -2.0, 0.5);
    let flat = Isometry2::new(Vector2::new(x.y, x.z), p.x) * Vector2::new(p.y, 1.0);
    flat.x * p.z + scaled.inverse_transform_point(&p).x * flat.y
}

#[test]
fn third_order() {
    let turn = UnitQuaternion::from_euler_angles(0.3, -0.4, 0.7);
    let other = UnitQuaternion::from_euler_angles(-0.2, 0.9, 0.1);
    let direction = vector![0.3, -0.2, 0.9];
    check!(along_quaternion(&turn, direction), order = 2);
    check!(
        along_rotation(&turn.to_rotation_matrix(), direction),
        order = 2
    );
    check!(along_angle(&UnitComplex::new(0.4), 0.7), order = 2);
    check!(
        along_list(&[turn, other], [direction, vector![1.0, 0.4, -0.3]]),
        order = 2
    );
    check!(along_vector(&vector![0.4, 0.1, -0.6], direction), order = 2);
    check!(along_poses(&vector![0.4, 0.1, -0.6], direction), order = 2);
}

#[differentiate(order = 4)]
fn of_one(t: f64) -> f64 {
    let turn = UnitQuaternion::from_scaled_axis(vector![t, 0.5 * t * t, 0.3]);
    let v = turn * vector![1.0, -2.0, 0.5];
    v.x * v.y + v.z
}

#[differentiate(order = 3)]
fn slope(t: f64) -> f64 {
    of_one::grad(t)
}

#[differentiate(order = 2)]
fn bend(t: f64) -> f64 {
    slope::grad(t)
}

#[test]
fn fourth_order() {
    check!(slope(0.4), bend(0.4), order = 2);
}
