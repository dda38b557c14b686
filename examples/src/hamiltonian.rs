//! A Hamiltonian system: the motion follows from its energy alone.
//!
//! Positions `q` and momenta `p` move along `q' = ∂H/∂p`, `p' = -∂H/∂q`. One writes the energy `H`; `H::grad` is all that
//! an integrator needs. The system here is that of Hénon and Heiles (1964), a star in the mean field of its galaxy, on an
//! orbit that is regular: `H` is conserved, and how well an integrator conserves it says how good it is.

use std::error::Error;
use std::fs;
use std::path::Path;

use differentiate::differentiate;
use nalgebra::{Vector2, dmatrix, vector};
use plotters::prelude::SeriesLabelPosition;

use crate::pictures::{Labels, curves};

const STEPS: usize = 10_000;
const STEP: f64 = 0.1;

/// The energy: `|p|²/2 + |q|²/2 + q₁² q₂ - q₂³/3`.
#[differentiate(order = 2)]
pub fn energy(q: &Vector2<f64>, p: &Vector2<f64>) -> f64 {
    let kinetic = p.norm_squared() / 2.0;
    let potential = q.norm_squared() / 2.0 + q.x * q.x * q.y - q.y.powi(3) / 3.0;
    kinetic + potential
}

/// The two halves of the gradient of the energy.
type Slopes = fn(&Vector2<f64>, &Vector2<f64>) -> (Vector2<f64>, Vector2<f64>);

/// `(∂H/∂q, ∂H/∂p)` as one finds it on paper.
fn by_hand(q: &Vector2<f64>, p: &Vector2<f64>) -> (Vector2<f64>, Vector2<f64>) {
    let force = vector![q.x + 2.0 * q.x * q.y, q.y + q.x * q.x - q.y * q.y];
    (force, *p)
}

/// A point of the orbit.
#[derive(Clone, Copy)]
struct State {
    q: Vector2<f64>,
    p: Vector2<f64>,
}

impl State {
    /// Half a kick, a drift, half a kick: a step of the leapfrog, which is symplectic and of second order.
    fn leapfrog(&mut self, slopes: Slopes) {
        self.p -= slopes(&self.q, &self.p).0 * (STEP / 2.0);
        self.q += slopes(&self.q, &self.p).1 * STEP;
        self.p -= slopes(&self.q, &self.p).0 * (STEP / 2.0);
    }

    /// A step along the slope in the middle: of second order, too, but not symplectic.
    fn midpoint(&mut self, slopes: Slopes) {
        let (dq, dp) = slopes(&self.q, &self.p);
        let middle = State {
            q: self.q + dp * (STEP / 2.0),
            p: self.p - dq * (STEP / 2.0),
        };
        let (dq, dp) = slopes(&middle.q, &middle.p);
        self.q += dp * STEP;
        self.p -= dq * STEP;
    }
}

/// A step of the leapfrog as a function that is differentiated itself, with the gradient of the energy in it.
#[differentiate]
pub fn leapfrog(q: &Vector2<f64>, p: &Vector2<f64>) -> (Vector2<f64>, Vector2<f64>) {
    let p = p - energy::grad(q, p).0 * (STEP / 2.0);
    let q = q + energy::grad(q, &p).1 * STEP;
    let p = p - energy::grad(&q, &p).0 * (STEP / 2.0);
    (q, p)
}

/// How far `Mᵀ Ω M` is from `Ω`, for the Jacobian `M` of a step: a step that keeps areas in phase space keeps `Ω`.
fn asymplectic(state: State) -> f64 {
    let m = leapfrog::jacobian(&state.q, &state.p);
    let omega = dmatrix![
        0.0, 0.0, 1.0, 0.0;
        0.0, 0.0, 0.0, 1.0;
        -1.0, 0.0, 0.0, 0.0;
        0.0, -1.0, 0.0, 0.0
    ];
    (m.transpose() * &omega * m - omega).norm()
}

/// The states on the way.
fn orbit(start: State, slopes: Slopes, step: fn(&mut State, Slopes)) -> Vec<State> {
    let mut states = vec![start];
    let mut state = start;
    for _ in 0..STEPS {
        step(&mut state, slopes);
        states.push(state);
    }
    states
}

/// How far the energy has gone from where it was.
fn drift(states: &[State]) -> Vec<f64> {
    let energies = states.iter().map(|it| energy(&it.q, &it.p));
    let first = energy(&states[0].q, &states[0].p);
    energies.map(|energy| (energy - first) / first).collect()
}

fn largest(drift: &[f64]) -> f64 {
    drift.iter().fold(0.0, |most, it| most.max(it.abs()))
}

/// Integrates, draws the drift of the energy into `folder`, and returns the largest part of the energy by which the
/// leapfrog was off.
///
/// # Errors
/// If the picture cannot be written.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run(folder: &Path) -> Result<f64, Box<dyn Error>> {
    let start = State {
        q: vector![0.0, 0.1],
        p: vector![0.35, 0.05],
    };
    println!("energy {:.6}", energy(&start.q, &start.p));

    let states = orbit(start, energy::grad, State::leapfrog);
    let states_by_hand = orbit(start, by_hand, State::leapfrog);
    let leapfrog = drift(&states);
    let leapfrog_by_hand = drift(&states_by_hand);
    let midpoint = drift(&orbit(start, energy::grad, State::midpoint));
    let apart = states.iter().zip(&states_by_hand);
    let apart = apart.map(|(a, b)| (a.q - b.q).norm() + (a.p - b.p).norm());
    let apart = apart.fold(0.0, f64::max);

    println!("after {STEPS} steps of {STEP}, the energy was off by at most");
    println!("  {:.3e} of itself with the leapfrog", largest(&leapfrog));
    println!(
        "  {:.3e} with derivatives by hand",
        largest(&leapfrog_by_hand)
    );
    println!("  {:.3e} with the midpoint rule", largest(&midpoint));
    println!("the orbits with both derivatives are {apart:.1e} apart");

    // Which is so because its steps are symplectic.
    let most = (states.iter().step_by(100)).fold(0.0_f64, |most, it| most.max(asymplectic(*it)));
    println!("its steps are symplectic up to {most:.1e}");
    assert!(most < 1e-14);

    // What the leapfrog does to the energy is what it does with exact derivatives, and stays as small as at first.
    assert!((largest(&leapfrog) - largest(&leapfrog_by_hand)).abs() < 1e-12);
    assert!(apart < 1e-9);
    assert!(largest(&leapfrog) < 5e-3);
    assert!(largest(&leapfrog[STEPS - 1000..]) < 1.5 * largest(&leapfrog[..1000]));
    assert!(largest(&midpoint) > 20.0 * largest(&leapfrog));

    let curve = |drift: &[f64]| -> Vec<(f64, f64)> {
        let time = |k: usize| k as f64 * STEP;
        let points = drift.iter().enumerate().step_by(10);
        points.map(|(k, drift)| (time(k), *drift)).collect()
    };
    let labels = Labels {
        title: "Drift of the energy of a Hénon-Heiles orbit, 10,000 steps",
        x: "time",
        y: "relative to the energy",
        names: SeriesLabelPosition::UpperLeft,
    };
    let picture = curves(
        &labels,
        &[
            ("midpoint rule", curve(&midpoint)),
            ("leapfrog", curve(&leapfrog)),
        ],
    )?;
    fs::create_dir_all(folder)?;
    let path = folder.join("energy.svg");
    fs::write(&path, picture)?;
    println!("The drift is drawn in {}", path.display());
    Ok(largest(&leapfrog))
}
