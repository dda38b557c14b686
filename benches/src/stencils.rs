//! Heat in two dimensions: five points on a flat grid, two buffers that change places.

use differentiate::differentiate;

use crate::suite::{Subject, Suite, numbers};

/// With a coefficient that is given, so that the whole is linear in the start.
#[differentiate]
fn heat(start: &[f64], #[no_diff] kappa: f64, side: usize, steps: usize) -> f64 {
    let mut now = start.to_vec();
    let mut next = start.to_vec();
    for _ in 0..steps {
        for j in 1..side - 1 {
            for i in 1..side - 1 {
                let at = j * side + i;
                let around = now[at - 1] + now[at + 1] + now[at - side] + now[at + side];
                next[at] = now[at] + kappa * (around - 4.0 * now[at]);
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    let mut energy = 0.0;
    for u in &now {
        energy += u * u;
    }
    energy
}

/// The same with respect to the coefficient, too.
#[differentiate]
fn heat_coefficient(start: &[f64], kappa: f64, side: usize, steps: usize) -> f64 {
    let mut now = start.to_vec();
    let mut next = start.to_vec();
    for _ in 0..steps {
        for j in 1..side - 1 {
            for i in 1..side - 1 {
                let at = j * side + i;
                let around = now[at - 1] + now[at + 1] + now[at - side] + now[at + side];
                next[at] = now[at] + kappa * (around - 4.0 * now[at]);
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    let mut energy = 0.0;
    for u in &now {
        energy += u * u;
    }
    energy
}

/// One step, rows cut to their extent.
fn step(now: &[f64], next: &mut [f64], kappa: f64, side: usize) {
    for j in 1..side - 1 {
        let up = &now[(j - 1) * side..][..side];
        let here = &now[j * side..][..side];
        let down = &now[(j + 1) * side..][..side];
        let out = &mut next[j * side..][..side];
        for i in 1..side - 1 {
            let around = here[i - 1] + here[i + 1] + up[i] + down[i];
            out[i] = here[i] + kappa * (around - 4.0 * here[i]);
        }
    }
}

/// Back through one step: the matrix of the inner points is symmetric, the edge of the grid is kept as it is.
fn step_back(g: &[f64], out: &mut [f64], kappa: f64, side: usize) {
    out.fill(0.0);
    for j in 1..side - 1 {
        for i in 1..side - 1 {
            let at = j * side + i;
            out[at] += g[at] * (1.0 - 4.0 * kappa);
            out[at - 1] += kappa * g[at];
            out[at + 1] += kappa * g[at];
            out[at - side] += kappa * g[at];
            out[at + side] += kappa * g[at];
        }
    }
}

/// Takes the cotangent of the edge of a buffer into that of the start, from which both buffers have their edges.
fn take_edge(g: &mut [f64], dstart: &mut [f64], side: usize) {
    for i in 0..side {
        for at in [i, (side - 1) * side + i, i * side, i * side + side - 1] {
            dstart[at] += g[at];
            g[at] = 0.0;
        }
    }
}

fn energy_and_seed(now: &[f64], seed: f64, g: &mut [f64]) -> f64 {
    let mut energy = 0.0;
    for (g, u) in g.iter_mut().zip(now) {
        energy += u * u;
        *g = 2.0 * seed * u;
    }
    energy
}

fn heat_by_hand(
    start: &[f64],
    kappa: f64,
    side: usize,
    steps: usize,
    seed: f64,
    dstart: &mut [f64],
) -> f64 {
    let (mut now, mut next) = (start.to_vec(), start.to_vec());
    for _ in 0..steps {
        step(&now, &mut next, kappa, side);
        std::mem::swap(&mut now, &mut next);
    }
    let mut g = next;
    let energy = energy_and_seed(&now, seed, &mut g);
    let mut other = now;
    for _ in 0..steps {
        take_edge(&mut g, dstart, side);
        step_back(&g, &mut other, kappa, side);
        std::mem::swap(&mut g, &mut other);
    }
    for (dstart, g) in dstart.iter_mut().zip(&g) {
        *dstart += g;
    }
    energy
}

fn heat_coefficient_by_hand(
    start: &[f64],
    kappa: f64,
    side: usize,
    steps: usize,
    seed: f64,
    dstart: &mut [f64],
    dkappa: &mut f64,
) -> f64 {
    let size = start.len();
    // All grids one after the other, each with the edge of the start.
    let mut all = start.repeat(steps + 1);
    for k in 0..steps {
        let (before, after) = all.split_at_mut((k + 1) * size);
        step(&before[k * size..], &mut after[..size], kappa, side);
    }
    let mut g = vec![0.0; size];
    let mut other = vec![0.0; size];
    let energy = energy_and_seed(&all[steps * size..], seed, &mut g);
    for now in all[..steps * size].chunks_exact(size).rev() {
        take_edge(&mut g, dstart, side);
        let mut sum = 0.0;
        for j in 1..side - 1 {
            let up = &now[(j - 1) * side..][..side];
            let here = &now[j * side..][..side];
            let down = &now[(j + 1) * side..][..side];
            let g = &g[j * side..][..side];
            for i in 1..side - 1 {
                sum += g[i] * (here[i - 1] + here[i + 1] + up[i] + down[i] - 4.0 * here[i]);
            }
        }
        *dkappa += sum;
        step_back(&g, &mut other, kappa, side);
        std::mem::swap(&mut g, &mut other);
    }
    for (dstart, g) in dstart.iter_mut().zip(&g) {
        *dstart += g;
    }
    energy
}

pub(crate) fn run(suite: &mut Suite) {
    let (side, steps) = (64, 100);
    let size = side * side;
    suite.line(
        Subject {
            program: "heat, linear",
            size: format!("{side} × {side}, {steps} steps"),
            input: (numbers(size, 9), 0.2, side, steps),
            shadow: vec![0.0; size],
        },
        |(u, kappa, side, steps)| heat(u, *kappa, *side, *steps),
        |(u, kappa, side, steps), du| heat::adjoint(u, *kappa, *side, *steps, 1.0, du),
        |(u, kappa, side, steps)| heat::value_and_grad(u, *kappa, *side, *steps),
        |(u, kappa, side, steps), du| heat_by_hand(u, *kappa, *side, *steps, 1.0, du),
    );
    suite.line(
        Subject {
            program: "heat, with its coefficient",
            size: format!("{side} × {side}, {steps} steps"),
            input: (numbers(size, 9), 0.2, side, steps),
            shadow: (vec![0.0; size], 0.0),
        },
        |(u, kappa, side, steps)| heat_coefficient(u, *kappa, *side, *steps),
        |(u, kappa, side, steps), (du, dk)| {
            heat_coefficient::adjoint(u, *kappa, *side, *steps, 1.0, du, dk)
        },
        |(u, kappa, side, steps)| heat_coefficient::value_and_grad(u, *kappa, *side, *steps),
        |(u, kappa, side, steps), (du, dk)| {
            heat_coefficient_by_hand(u, *kappa, *side, *steps, 1.0, du, dk)
        },
    );
}
