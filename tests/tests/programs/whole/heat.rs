//! Heat in two dimensions: a stencil on a flat grid, with two buffers that change places.

use crate::battery::{battery, in_place, lent};
use differentiate::{Differentiable, differentiate};

#[differentiate(order = 2)]
fn step(from: &[f64], to: &mut [f64], kappa: &[f64], nx: usize, ny: usize, dt: f64) {
    for j in 1..ny - 1 {
        for i in 1..nx - 1 {
            let at = j * nx + i;
            let sides = from[at - 1] + from[at + 1] + from[at - nx] + from[at + nx];
            to[at] = from[at] + dt * kappa[at] * (sides - 4.0 * from[at]);
        }
    }
}

#[differentiate(order = 2)]
fn boundary(u: &mut [f64], nx: usize, ny: usize, left: f64) {
    for j in 0..ny {
        let row = &mut u[j * nx..(j + 1) * nx];
        row[0] = left;
        row[nx - 1] = row[nx - 2];
    }
    for i in 0..nx {
        u[i] = u[nx + i];
        u[(ny - 1) * nx + i] *= 0.5;
    }
}

#[differentiate(order = 2)]
fn solve(start: &[f64], kappa: &[f64], left: f64, dt: f64, nx: usize, steps: usize) -> f64 {
    let ny = start.len() / nx;
    let mut now = start.to_vec();
    let mut next = now.clone();
    for _ in 0..steps {
        boundary(&mut now, nx, ny, left);
        step(&now, &mut next, kappa, nx, ny, dt);
        std::mem::swap(&mut now, &mut next);
    }
    let mut total = 0.0;
    for row in now.chunks_exact(nx) {
        for u in &row[1..nx - 1] {
            total += u * u;
        }
    }
    total
}

/// The same with rows of their own, and the buffers in the arguments.
#[differentiate(order = 2)]
fn relax(now: &mut Vec<Vec<f64>>, next: &mut Vec<Vec<f64>>, omega: f64, steps: usize) -> f64 {
    let mut change = 0.0;
    for _ in 0..steps {
        change = 0.0;
        for j in 1..now.len() - 1 {
            for i in 1..now[j].len() - 1 {
                let mean = 0.25 * (now[j][i - 1] + now[j][i + 1] + now[j - 1][i] + now[j + 1][i]);
                next[j][i] = now[j][i] + omega * (mean - now[j][i]);
                change += (mean - now[j][i]).powi(2);
            }
        }
        std::mem::swap(now, next);
        if change < 1e-12 {
            break;
        }
    }
    change
}

/// The same as a struct of grids.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Grid {
    now: Vec<f64>,
    next: Vec<f64>,
    #[no_diff]
    nx: usize,
}

impl Grid {
    #[differentiate(order = 2)]
    fn relax(&mut self, kappa: f64) {
        let nx = self.nx;
        for at in nx..self.now.len() - nx {
            if at % nx == 0 || at % nx == nx - 1 {
                self.next[at] = self.now[at];
                continue;
            }
            let sides = self.now[at - 1] + self.now[at + 1] + self.now[at - nx] + self.now[at + nx];
            self.next[at] = self.now[at] + kappa * (sides - 4.0 * self.now[at]);
        }
        std::mem::swap(&mut self.now, &mut self.next);
    }
}

#[differentiate(order = 2)]
fn relaxed(grid: &mut Grid, kappa: f64, steps: usize) -> f64 {
    for _ in 0..steps {
        grid.relax(kappa);
    }
    grid.now.iter().map(|u| u * u).sum()
}

#[test]
fn grids() {
    let u: Vec<f64> = (0..20).map(|i| f64::from(i * i % 7) * 0.2).collect();
    let kappa: Vec<f64> = (0..20).map(|i| 0.5 + 0.1 * f64::from(i).sin()).collect();
    in_place!(boundary(u, 5, 4, *left), at mut u = u.clone(), left = 0.3);
    for steps in [0, 1, 4] {
        battery!(
            solve(u, k, *left, *dt, 5, steps),
            at u = u.clone(), k = kappa.clone(), left = 0.7, dt = 0.2
        );
        let rows: Vec<Vec<f64>> = u.chunks(5).map(<[f64]>::to_vec).collect();
        lent!(relax(now, next, *omega, steps), at mut now = rows.clone(), mut next = rows, omega = 0.8);
        let grid = Grid {
            now: u.clone(),
            next: u.clone(),
            nx: 5,
        };
        lent!(relaxed(g, *k, steps), at mut g = grid, k = 0.15);
    }
}
