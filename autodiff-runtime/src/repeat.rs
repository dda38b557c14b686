//! A step that is repeated: `foo::repeat`, whose reverse sweep keeps as few states as you like.
//!
//! With the option `repeat`, a function `foo(x, p)` whose value is the next `x` has `foo::repeat(x, p, steps, keep)`: the
//! function applied `steps` times. Its derivative holds at most `keep` states at a time, the first one included, and makes
//! the others again from those: with `keep` at least `steps` each step is computed twice, with `keep` about `√(2 steps)`
//! about three times, and so on. The state is the first parameter behind `self`, by value or by `&`.
//!
//! ```
//! use differentiate::differentiate;
//!
//! /// A step of a pendulum with friction.
//! #[differentiate(repeat)]
//! fn step(state: &[f64; 2], friction: f64) -> [f64; 2] {
//!     let [angle, speed] = *state;
//!     let speed = speed - 0.01 * (angle.sin() + friction * speed);
//!     [angle + 0.01 * speed, speed]
//! }
//!
//! #[differentiate]
//! fn angle_at_the_end(friction: f64) -> f64 {
//!     step::repeat(&[1.0, 0.0], friction, 1_000, 45)[0]
//! }
//!
//! let plain = |friction| {
//!     let mut state = [1.0, 0.0];
//!     for _ in 0..1_000 {
//!         state = step(&state, friction);
//!     }
//!     state[0]
//! };
//! assert_eq!(angle_at_the_end(0.1), plain(0.1));
//! let slope = (plain(0.1 + 1e-6) - plain(0.1 - 1e-6)) / 2e-6;
//! assert!((angle_at_the_end::grad(0.1) - slope).abs() < 1e-6);
//! ```
//!
//! With the option `forward` beside it, `foo::repeat` has a tangent, which goes through the steps with the state and keeps
//! nothing; with `order = N` it has derivatives up to the order `N`. A second derivative holds pairs of a state and its tangent,
//! a third one pairs of such pairs, and so on, `keep` of them at a time.
//!
//! # Cost
//!
//! The states are chosen by the binomial schedule, which is optimal: with `s` states, `r` is the least number for which
//! `C(s + r, s)` is at least the number of steps, no step is computed more than `r` times before it is pulled back, and
//! there are `r · steps - C(s + r, s + 1)` such steps in all. So `keep` about `log₂ steps` costs about `log₂ steps`
//! sweeps, and memory and time may be weighed freely between that and one state for each step. (Griewank and Walther,
//! *Algorithm 799: Revolve*, ACM Transactions on Mathematical Software 26, 2000.)

use crate::differentiable::{Gradient, Peel};

/// The value of a step, which is the next state.
#[diagnostic::on_unimplemented(
    message = "`repeat` needs a function that returns the next state, `{S}`, this one returns `{Self}`",
    label = "the value takes the place of the first parameter",
    note = "return what the first parameter is, owned"
)]
pub trait Next<S>: Sized {
    /// The value as a state.
    fn ad_state(self) -> S;
    /// The cotangent of the state as that of the value.
    fn ad_cotangent(cotangent: Gradient<S>) -> Gradient<Self>
    where
        S: Peel,
        Self: Peel;
}

impl<S> Next<S> for S {
    #[inline(always)]
    fn ad_state(self) -> S {
        self
    }
    #[inline(always)]
    fn ad_cotangent(cotangent: Gradient<S>) -> Gradient<S>
    where
        S: Peel,
    {
        cotangent
    }
}

/// The function applied so many times.
pub fn iterated<S>(steps: usize, mut state: S, mut step: impl FnMut(&S) -> S) -> S {
    for _ in 0..steps {
        state = step(&state);
    }
    state
}

/// The cotangent of the first state: `pull` takes the state before a step and the cotangent behind it to the cotangent
/// before it.
pub fn iterated_pullback<S, G>(
    steps: usize,
    keep: usize,
    first: S,
    mut step: impl FnMut(&S) -> S,
    mut cotangent: G,
    mut pull: impl FnMut(&S, G) -> G,
) -> G {
    // Each with the number of steps before it.
    let keep = keep.min(steps);
    let mut kept = vec![(0, first)];
    let mut end = steps;
    while let (1.., Some((at, state))) = (end, kept.last()) {
        let left = end - at;
        let free = keep.saturating_sub(kept.len());
        if left == 1 {
            cotangent = pull(state, cotangent);
            end = *at;
            kept.pop();
        } else if free == 0 {
            let mut state = step(state);
            for _ in 2..left {
                state = step(&state);
            }
            cotangent = pull(&state, cotangent);
            end -= 1;
        } else {
            let ahead = split(left, free + 1);
            let mut state = step(state);
            for _ in 1..ahead {
                state = step(&state);
            }
            let at = at + ahead;
            kept.push((at, state));
        }
    }
    cotangent
}

/// How far the next state to be kept is ahead, for so many steps and with so many states in all, two at least.
fn split(steps: usize, states: usize) -> usize {
    let reach = |states: usize, times: usize| binomial(states + times, times.min(states));
    let mut times = 1;
    while reach(states, times) < steps {
        times += 1;
    }
    // Behind it there is one state less; either side must be within reach, in one time less before it.
    let before = reach(states, times - 1);
    before.min(steps - reach(states - 1, times - 1).min(steps - 1))
}

/// `C(n, k)` for `k` up to the half of `n`, or the greatest number if it is greater.
fn binomial(n: usize, k: usize) -> usize {
    (0..k).fold(1, |found: usize, at| {
        let wide = found as u128 * (n - at) as u128 / (at + 1) as u128;
        usize::try_from(wide).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::{binomial, iterated_pullback};

    /// The least number of steps that must be computed before they are pulled back, by trying all states.
    fn least(steps: usize, states: usize, known: &mut Vec<Vec<Option<usize>>>) -> usize {
        if steps <= 1 {
            return 0;
        }
        if states == 1 {
            return steps * (steps - 1) / 2;
        }
        if let Some(found) = known[steps][states] {
            return found;
        }
        let found = (1..steps)
            .map(|at| at + least(steps - at, states - 1, known) + least(at, states, known))
            .min()
            .expect("two steps at least");
        known[steps][states] = Some(found);
        found
    }

    #[test]
    fn no_schedule_computes_less() {
        let mut known = vec![vec![None; 9]; 81];
        for keep in 1..=8 {
            for steps in 0..=80 {
                let (mut computed, mut order) = (0, Vec::new());
                let pulled = iterated_pullback(
                    steps,
                    keep,
                    0_usize,
                    |at| {
                        computed += 1;
                        at + 1
                    },
                    0,
                    |at, pulled| {
                        order.push(*at);
                        pulled + 1
                    },
                );
                assert_eq!(pulled, steps);
                assert!(order.into_iter().eq((0..steps).rev()));
                assert_eq!(computed, least(steps, keep, &mut known), "{steps} {keep}");
            }
        }
    }

    #[test]
    fn the_formula_of_the_documentation() {
        for keep in 1..=6_usize {
            for steps in 2..=60_usize {
                let reach = |times| binomial(keep + times, keep);
                let times = (1..=steps)
                    .find(|it| reach(*it) >= steps)
                    .expect("it grows");
                let mut computed = 0;
                iterated_pullback(steps, keep, (), |()| computed += 1, (), |(), ()| ());
                let formula = times * steps - binomial(keep + times, keep + 1);
                assert_eq!(computed, formula, "{steps} {keep}");
            }
        }
    }

    #[test]
    fn many_states_and_many_steps() {
        for (steps, keep, sweeps) in [
            (1_000_000, 1_500, 2),
            (100_000, 17, 9),
            (3, usize::MAX, 1),
            (1_000, 1_000, 1),
        ] {
            let mut computed = 0;
            iterated_pullback(steps, keep, (), |()| computed += 1, (), |(), ()| ());
            assert!(computed <= sweeps * steps, "{computed} for {steps}, {keep}");
        }
    }
}
