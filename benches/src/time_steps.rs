//! Time stepping: many steps of a small system, and bodies that attract each other.

use differentiate::{Workspace, differentiate};

use crate::suite::{Subject, Suite, numbers};

/// The method and its equations in one module, whose functions know each other.
#[differentiate]
mod equations {
    use differentiate::differentiate;

    pub(super) const SIZE: usize = 10;
    pub(super) type State = [f64; SIZE];

    /// Lorenz's system of 1996, with a force so small that it comes to rest.
    pub(super) fn slope(x: &State, force: f64) -> State {
        let mut out = [0.0; SIZE];
        for i in 0..SIZE {
            let (after, before) = ((i + 1) % SIZE, (i + SIZE - 1) % SIZE);
            out[i] = (x[after] - x[(i + SIZE - 2) % SIZE]) * x[before] - x[i] + force;
        }
        out
    }

    pub(super) fn ahead(x: &State, h: f64, k: &State) -> State {
        let mut out = *x;
        for i in 0..SIZE {
            out[i] += h * k[i];
        }
        out
    }

    pub(super) fn runge_kutta(start: &State, force: f64, #[no_diff] h: f64, steps: usize) -> f64 {
        let mut x = *start;
        for _ in 0..steps {
            let k1 = slope(&x, force);
            let k2 = slope(&ahead(&x, 0.5 * h, &k1), force);
            let k3 = slope(&ahead(&x, 0.5 * h, &k2), force);
            let k4 = slope(&ahead(&x, h, &k3), force);
            for i in 0..SIZE {
                x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        let mut sum = 0.0;
        for v in x {
            sum += v * v;
        }
        sum
    }

    /// A step that is run again in the reverse sweep, as the adjoint by hand does it.
    #[differentiate(checkpoint)]
    pub(super) fn step(x: &State, force: f64, #[no_diff] h: f64) -> State {
        let mut x = *x;
        let k1 = slope(&x, force);
        let k2 = slope(&ahead(&x, 0.5 * h, &k1), force);
        let k3 = slope(&ahead(&x, 0.5 * h, &k2), force);
        let k4 = slope(&ahead(&x, h, &k3), force);
        for i in 0..SIZE {
            x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
        x
    }

    pub(super) fn runge_kutta_again(
        start: &State,
        force: f64,
        #[no_diff] h: f64,
        steps: usize,
    ) -> f64 {
        let mut x = *start;
        for _ in 0..steps {
            x = step(&x, force, h);
        }
        let mut sum = 0.0;
        for v in x {
            sum += v * v;
        }
        sum
    }

    #[differentiate(checkpoint)]
    pub(super) fn thousand(x: &State, force: f64, #[no_diff] h: f64) -> State {
        let mut x = *x;
        for _ in 0..1000 {
            x = step(&x, force, h);
        }
        x
    }

    /// The same with checkpoints at every thousandth step, too: the memory of n² steps is O(n).
    pub(super) fn runge_kutta_in_two_levels(
        start: &State,
        force: f64,
        #[no_diff] h: f64,
        steps: usize,
    ) -> f64 {
        let mut x = *start;
        for _ in 0..steps / 1000 {
            x = thousand(&x, force, h);
        }
        let mut sum = 0.0;
        for v in x {
            sum += v * v;
        }
        sum
    }

    /// The same with at most so many states at a time.
    #[differentiate(repeat)]
    fn once(x: &State, force: f64, #[no_diff] h: f64) -> State {
        step(x, force, h)
    }

    pub(super) fn runge_kutta_repeated(
        start: &State,
        force: f64,
        #[no_diff] h: f64,
        steps: usize,
        keep: usize,
    ) -> f64 {
        let x = once::repeat(start, force, h, steps, keep);
        let mut sum = 0.0;
        for v in x {
            sum += v * v;
        }
        sum
    }
}
use equations::{
    SIZE, State, ahead, runge_kutta, runge_kutta_again, runge_kutta_in_two_levels,
    runge_kutta_repeated, slope,
};

fn slope_back(x: &State, g: &State, dx: &mut State, dforce: &mut f64) {
    for i in 0..SIZE {
        let (after, before, two) = ((i + 1) % SIZE, (i + SIZE - 1) % SIZE, (i + SIZE - 2) % SIZE);
        dx[after] += g[i] * x[before];
        dx[two] -= g[i] * x[before];
        dx[before] += g[i] * (x[after] - x[two]);
        dx[i] -= g[i];
        *dforce += g[i];
    }
}

/// Keeps the state before each step, and computes the stages again.
fn runge_kutta_by_hand(
    start: &State,
    force: f64,
    h: f64,
    steps: usize,
    seed: f64,
    dstart: &mut State,
    dforce: &mut f64,
) -> f64 {
    let mut states = Vec::with_capacity(steps);
    let mut x = *start;
    let stages = |x: &State| {
        let k1 = slope(x, force);
        let x2 = ahead(x, 0.5 * h, &k1);
        let k2 = slope(&x2, force);
        let x3 = ahead(x, 0.5 * h, &k2);
        let k3 = slope(&x3, force);
        let x4 = ahead(x, h, &k3);
        (k1, k2, k3, x2, x3, x4)
    };
    for _ in 0..steps {
        states.push(x);
        let (k1, k2, k3, _, _, x4) = stages(&x);
        let k4 = slope(&x4, force);
        for i in 0..SIZE {
            x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
    }
    let mut sum = 0.0;
    let mut dx = [0.0; SIZE];
    for (dx, v) in dx.iter_mut().zip(x) {
        sum += v * v;
        *dx = 2.0 * seed * v;
    }
    let mut to_force = 0.0;
    for x in states.iter().rev() {
        let (_, _, _, x2, x3, x4) = stages(x);
        let (sixth, third) = (dx.map(|it| h / 6.0 * it), dx.map(|it| h / 3.0 * it));
        let mut stage = |x: &State, g: &State, dx: &mut State| {
            let mut to_x = [0.0; SIZE];
            slope_back(x, g, &mut to_x, &mut to_force);
            for (dx, to_x) in dx.iter_mut().zip(&to_x) {
                *dx += to_x;
            }
            to_x
        };
        let to_x4 = stage(&x4, &sixth, &mut dx);
        let to_x3 = stage(
            &x3,
            &std::array::from_fn(|i| third[i] + h * to_x4[i]),
            &mut dx,
        );
        let to_x2 = stage(
            &x2,
            &std::array::from_fn(|i| third[i] + 0.5 * h * to_x3[i]),
            &mut dx,
        );
        stage(
            x,
            &std::array::from_fn(|i| sixth[i] + 0.5 * h * to_x2[i]),
            &mut dx,
        );
    }
    for (dstart, dx) in dstart.iter_mut().zip(dx) {
        *dstart += dx;
    }
    *dforce += to_force;
    sum
}

type Vectors = Vec<[f64; 3]>;

/// The square of the distance below which the force softens.
const SOFTENING: f64 = 0.01;

/// Bodies that attract each other; the attribute is that of the function that makes the forces.
macro_rules! bodies {
    ($module:ident, $attribute:meta) => {
        mod $module {
            use super::SOFTENING;
            use differentiate::differentiate;

            #[$attribute]
            pub(super) fn accelerate(masses: &[f64], x: &[[f64; 3]], a: &mut [[f64; 3]]) {
                for a in a.iter_mut() {
                    *a = [0.0; 3];
                }
                for i in 0..x.len() {
                    for j in 0..i {
                        let mut apart = [0.0; 3];
                        let mut squared = SOFTENING;
                        for k in 0..3 {
                            apart[k] = x[j][k] - x[i][k];
                            squared += apart[k] * apart[k];
                        }
                        let scale = 1.0 / (squared * squared.sqrt());
                        for k in 0..3 {
                            a[i][k] += masses[j] * scale * apart[k];
                            a[j][k] -= masses[i] * scale * apart[k];
                        }
                    }
                }
            }

            #[differentiate]
            pub(super) fn add_scaled(x: &mut [[f64; 3]], dt: f64, v: &[[f64; 3]]) {
                for i in 0..x.len() {
                    for k in 0..3 {
                        x[i][k] += dt * v[i][k];
                    }
                }
            }

            #[differentiate]
            pub(super) fn leapfrog(
                masses: &[f64],
                start: &[[f64; 3]],
                speeds: &[[f64; 3]],
                #[no_diff] dt: f64,
                steps: usize,
            ) -> f64 {
                let mut x = start.to_vec();
                let mut v = speeds.to_vec();
                let mut a = vec![[0.0; 3]; x.len()];
                accelerate(masses, &x, &mut a);
                for _ in 0..steps {
                    add_scaled(&mut v, 0.5 * dt, &a);
                    add_scaled(&mut x, dt, &v);
                    accelerate(masses, &x, &mut a);
                    add_scaled(&mut v, 0.5 * dt, &a);
                }
                let mut sum = 0.0;
                for x in &x {
                    sum += x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
                }
                sum
            }
        }
    };
}
bodies!(kept, differentiate);
bodies!(again, differentiate(checkpoint));
use kept::{accelerate, add_scaled, leapfrog};

/// Takes the cotangents of the accelerations to those of positions and masses; all else is computed again.
fn accelerate_back(
    masses: &[f64],
    x: &[[f64; 3]],
    g: &[[f64; 3]],
    dx: &mut [[f64; 3]],
    dmasses: &mut [f64],
) {
    for i in 0..x.len() {
        let (xi, gi, mi) = (x[i], g[i], masses[i]);
        let (mut dxi, mut dmi) = ([0.0; 3], 0.0);
        let others = x[..i].iter().zip(&g[..i]).zip(&masses[..i]);
        let shadows = dx[..i].iter_mut().zip(&mut dmasses[..i]);
        for (((xj, gj), mj), (dxj, dmj)) in others.zip(shadows) {
            let apart: [f64; 3] = std::array::from_fn(|k| xj[k] - xi[k]);
            let squared =
                SOFTENING + apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2];
            let inverse = 1.0 / squared;
            let scale = inverse * inverse * squared.sqrt();
            let to_i = gi[0] * apart[0] + gi[1] * apart[1] + gi[2] * apart[2];
            let to_j = gj[0] * apart[0] + gj[1] * apart[1] + gj[2] * apart[2];
            *dmj += scale * to_i;
            dmi -= scale * to_j;
            let to_squared = -3.0 * scale * inverse * (mj * to_i - mi * to_j);
            for k in 0..3 {
                let to_apart = scale * (mj * gi[k] - mi * gj[k]) + to_squared * apart[k];
                dxj[k] += to_apart;
                dxi[k] -= to_apart;
            }
        }
        for k in 0..3 {
            dx[i][k] += dxi[k];
        }
        dmasses[i] += dmi;
    }
}

/// Keeps the positions of all steps.
#[expect(clippy::too_many_arguments, reason = "those of the function itself")]
fn leapfrog_by_hand(
    masses: &[f64],
    start: &[[f64; 3]],
    speeds: &[[f64; 3]],
    dt: f64,
    steps: usize,
    seed: f64,
    dmasses: &mut [f64],
    dstart: &mut [[f64; 3]],
    dspeeds: &mut [[f64; 3]],
) -> f64 {
    let n = start.len();
    let mut all = Vec::with_capacity(n * (steps + 1));
    let mut x = start.to_vec();
    let mut v = speeds.to_vec();
    let mut a = vec![[0.0; 3]; n];
    accelerate(masses, &x, &mut a);
    all.extend_from_slice(&x);
    for _ in 0..steps {
        add_scaled(&mut v, 0.5 * dt, &a);
        add_scaled(&mut x, dt, &v);
        accelerate(masses, &x, &mut a);
        add_scaled(&mut v, 0.5 * dt, &a);
        all.extend_from_slice(&x);
    }
    let mut sum = 0.0;
    let (mut dx, mut dv, mut da) = (x, v, a);
    for (dx, dv) in dx.iter_mut().zip(&mut dv) {
        sum += dx[0] * dx[0] + dx[1] * dx[1] + dx[2] * dx[2];
        *dx = dx.map(|it| 2.0 * seed * it);
        *dv = [0.0; 3];
    }
    da.fill([0.0; 3]);
    let mut states = all.chunks_exact(n).rev();
    for x in states.by_ref().take(steps) {
        add_scaled(&mut da, 0.5 * dt, &dv);
        accelerate_back(masses, x, &da, &mut dx, dmasses);
        add_scaled(&mut dv, dt, &dx);
        for (da, dv) in da.iter_mut().zip(&dv) {
            *da = dv.map(|it| 0.5 * dt * it);
        }
    }
    accelerate_back(masses, start, &da, &mut dx, dmasses);
    add_scaled(dstart, 1.0, &dx);
    add_scaled(dspeeds, 1.0, &dv);
    sum
}

pub(crate) fn run(suite: &mut Suite) {
    // The tapes of long loops are large.
    suite.workspace = Some(Workspace::new());
    let steps = 100_000;
    let start: State = std::array::from_fn(|i| numbers(SIZE, 40)[i]);
    suite.line(
        Subject {
            program: "Runge-Kutta of fourth order",
            size: format!("{SIZE} numbers, {steps} steps"),
            input: (start, 0.5, 1e-3, steps),
            shadow: ([0.0; SIZE], 0.0),
        },
        |&(x, f, h, steps)| runge_kutta(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| runge_kutta::adjoint(&x, f, h, steps, 1.0, dx, df),
        |&(x, f, h, steps)| runge_kutta::value_and_grad(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| runge_kutta_by_hand(&x, f, h, steps, 1.0, dx, df),
    );
    suite.line(
        Subject {
            program: "Runge-Kutta, each step run again",
            size: format!("{SIZE} numbers, {steps} steps"),
            input: (start, 0.5, 1e-3, steps),
            shadow: ([0.0; SIZE], 0.0),
        },
        |&(x, f, h, steps)| runge_kutta(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| runge_kutta_again::adjoint(&x, f, h, steps, 1.0, dx, df),
        |&(x, f, h, steps)| runge_kutta_again::value_and_grad(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| runge_kutta_by_hand(&x, f, h, steps, 1.0, dx, df),
    );
    suite.line(
        Subject {
            program: "Runge-Kutta, checkpoints in two levels",
            size: format!("{SIZE} numbers, {steps} steps"),
            input: (start, 0.5, 1e-3, steps),
            shadow: ([0.0; SIZE], 0.0),
        },
        |&(x, f, h, steps)| runge_kutta(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| {
            runge_kutta_in_two_levels::adjoint(&x, f, h, steps, 1.0, dx, df)
        },
        |&(x, f, h, steps)| runge_kutta_in_two_levels::value_and_grad(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| runge_kutta_by_hand(&x, f, h, steps, 1.0, dx, df),
    );
    let keep = 500;
    suite.line(
        Subject {
            program: "Runge-Kutta, repeated",
            size: format!("{SIZE} numbers, {steps} steps, {keep} states"),
            input: (start, 0.5, 1e-3, steps),
            shadow: ([0.0; SIZE], 0.0),
        },
        |&(x, f, h, steps)| runge_kutta(&x, f, h, steps),
        |&(x, f, h, steps), (dx, df)| {
            runge_kutta_repeated::adjoint(&x, f, h, steps, keep, 1.0, dx, df)
        },
        |&(x, f, h, steps)| runge_kutta_repeated::value_and_grad(&x, f, h, steps, keep),
        |&(x, f, h, steps), (dx, df)| runge_kutta_by_hand(&x, f, h, steps, 1.0, dx, df),
    );
    let (bodies, steps) = (50, 100);
    let vectors = |seed, by: f64| -> Vectors {
        numbers(3 * bodies, seed)
            .chunks(3)
            .map(|v| [by * v[0], by * v[1], by * v[2]])
            .collect()
    };
    let masses: Vec<f64> = numbers(bodies, 41)
        .iter()
        .map(|m| 0.02 * (m + 2.0))
        .collect();
    suite.line(
        Subject {
            program: "bodies by leapfrog",
            size: format!("{bodies} bodies, {steps} steps"),
            input: (
                masses.clone(),
                vectors(42, 2.0),
                vectors(43, 0.2),
                1e-3,
                steps,
            ),
            shadow: (
                vec![0.0; bodies],
                vec![[0.0; 3]; bodies],
                vec![[0.0; 3]; bodies],
            ),
        },
        |(m, x, v, dt, steps)| leapfrog(m, x, v, *dt, *steps),
        |(m, x, v, dt, steps), (dm, dx, dv)| {
            leapfrog::adjoint(m, x, v, *dt, *steps, 1.0, dm, dx, dv)
        },
        |(m, x, v, dt, steps)| leapfrog::value_and_grad(m, x, v, *dt, *steps),
        |(m, x, v, dt, steps), (dm, dx, dv)| {
            leapfrog_by_hand(m, x, v, *dt, *steps, 1.0, dm, dx, dv)
        },
    );
    suite.line(
        Subject {
            program: "bodies by leapfrog, forces made again",
            size: format!("{bodies} bodies, {steps} steps"),
            input: (masses, vectors(42, 2.0), vectors(43, 0.2), 1e-3, steps),
            shadow: (
                vec![0.0; bodies],
                vec![[0.0; 3]; bodies],
                vec![[0.0; 3]; bodies],
            ),
        },
        |(m, x, v, dt, steps)| leapfrog(m, x, v, *dt, *steps),
        |(m, x, v, dt, steps), (dm, dx, dv)| {
            again::leapfrog::adjoint(m, x, v, *dt, *steps, 1.0, dm, dx, dv)
        },
        |(m, x, v, dt, steps)| again::leapfrog::value_and_grad(m, x, v, *dt, *steps),
        |(m, x, v, dt, steps), (dm, dx, dv)| {
            leapfrog_by_hand(m, x, v, *dt, *steps, 1.0, dm, dx, dv)
        },
    );
    suite.workspace = None;
}
