//! Forward kinematics of an arm with seven joints.

use differentiate::differentiate;
use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};

use crate::suite::{Subject, Suite};

/// How far the hand is from where it should be, squared. Joints turn about z and y in turns.
#[differentiate]
fn miss(angles: &[f64; 7], lengths: &[f64; 7], #[no_diff] target: &Vector3<f64>) -> f64 {
    let mut pose = Isometry3::identity();
    for i in 0..7 {
        let axis = if i % 2 == 0 {
            Vector3::z_axis()
        } else {
            Vector3::y_axis()
        };
        let turn = UnitQuaternion::from_axis_angle(&axis, angles[i]);
        pose *= Isometry3::from_parts(Translation3::new(0.0, 0.0, lengths[i]), turn);
    }
    (pose.translation.vector - target).norm_squared()
}

/// By the geometry: a joint moves the hand across its axis and the way from it to the hand.
fn miss_by_hand(
    angles: &[f64; 7],
    lengths: &[f64; 7],
    target: &Vector3<f64>,
    seed: f64,
    dangles: &mut [f64; 7],
    dlengths: &mut [f64; 7],
) -> f64 {
    let mut turn = UnitQuaternion::identity();
    let mut place = Vector3::zeros();
    let mut links = [Vector3::zeros(); 7];
    let mut axes = [Vector3::zeros(); 7];
    let mut places = [Vector3::zeros(); 7];
    for i in 0..7 {
        let axis = if i % 2 == 0 {
            Vector3::z_axis()
        } else {
            Vector3::y_axis()
        };
        links[i] = turn * Vector3::z();
        place += links[i] * lengths[i];
        places[i] = place;
        axes[i] = if i % 2 == 0 {
            links[i]
        } else {
            turn * Vector3::y()
        };
        turn *= UnitQuaternion::from_axis_angle(&axis, angles[i]);
    }
    let off = place - target;
    let g = off * (2.0 * seed);
    for i in 0..7 {
        dlengths[i] += g.dot(&links[i]);
        dangles[i] += g.dot(&axes[i].cross(&(place - places[i])));
    }
    off.norm_squared()
}

pub(crate) fn run(suite: &mut Suite) {
    suite.line(
        Subject {
            program: "arm with seven joints",
            size: "Isometry3".to_owned(),
            input: (
                [0.1, -0.4, 0.7, 0.9, -0.2, 0.3, 0.5],
                [0.3, 0.1, 0.4, 0.1, 0.4, 0.1, 0.2],
                Vector3::new(0.5, -0.2, 0.8),
            ),
            shadow: ([0.0; 7], [0.0; 7]),
        },
        |(a, l, t)| miss(a, l, t),
        |(a, l, t), (da, dl)| miss::adjoint(a, l, t, 1.0, da, dl),
        |(a, l, t)| miss::value_and_grad(a, l, t),
        |(a, l, t), (da, dl)| miss_by_hand(a, l, t, 1.0, da, dl),
    );
}
