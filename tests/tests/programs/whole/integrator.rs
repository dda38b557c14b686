//! Runge-Kutta over a struct of state, with an exit at an event.

use crate::battery::{battery, kink, lent};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    x: f64,
    y: f64,
    vx: f64,
    vy: f64,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Ball {
    drag: f64,
    gravity: f64,
    restitution: f64,
    #[no_diff]
    bounces: usize,
}

impl State {
    #[differentiate(order = 2)]
    fn add_scaled(&self, h: f64, d: &State) -> State {
        State {
            x: self.x + h * d.x,
            y: self.y + h * d.y,
            vx: self.vx + h * d.vx,
            vy: self.vy + h * d.vy,
        }
    }

    #[differentiate(order = 2)]
    fn advance(&mut self, h: f64, d: &State) {
        self.x += h * d.x;
        self.y += h * d.y;
        self.vx += h * d.vx;
        self.vy += h * d.vy;
    }

    #[differentiate(order = 2)]
    fn speed(&self) -> f64 {
        self.vx.hypot(self.vy)
    }
}

impl Ball {
    #[differentiate(order = 2)]
    fn derivative(&self, s: &State) -> State {
        let drag = self.drag * s.speed();
        State {
            x: s.vx,
            y: s.vy,
            vx: -drag * s.vx,
            vy: -self.gravity - drag * s.vy,
        }
    }

    #[differentiate(order = 2)]
    fn step(&self, s: &mut State, h: f64) {
        let k1 = self.derivative(s);
        let k2 = self.derivative(&s.add_scaled(0.5 * h, &k1));
        let k3 = self.derivative(&s.add_scaled(0.5 * h, &k2));
        let k4 = self.derivative(&s.add_scaled(h, &k3));
        s.advance(h / 6.0, &k1);
        s.advance(h / 3.0, &k2);
        s.advance(h / 3.0, &k3);
        s.advance(h / 6.0, &k4);
    }

    #[differentiate(order = 2)]
    fn bounce(&mut self, s: &mut State) -> bool {
        if s.y >= 0.0 {
            return false;
        }
        s.y = -self.restitution * s.y;
        s.vy = -self.restitution * s.vy;
        self.restitution *= 0.9;
        self.bounces += 1;
        true
    }
}

/// The place where the ball comes down for the second time, or where it is after all steps.
#[differentiate(order = 2)]
fn flight(ball: &Ball, start: State, h: f64, steps: usize) -> f64 {
    let mut ball = ball.clone();
    let mut s = start;
    for _ in 0..steps {
        let before = s.clone();
        ball.step(&mut s, h);
        if s.y < 0.0 && ball.bounces > 0 {
            let t = before.y / (before.y - s.y);
            return before.x + t * (s.x - before.x);
        }
        if ball.bounce(&mut s) {
            s.vx *= 0.95;
        }
    }
    s.x + s.y
}

#[differentiate(order = 2)]
fn one_step(ball: &Ball, s: &mut State, h: f64) -> f64 {
    ball.step(s, h);
    s.speed()
}

#[test]
fn flights() {
    let ball = || Ball {
        drag: 0.05,
        gravity: 9.81,
        restitution: 0.8,
        bounces: 0,
    };
    let start = || State {
        x: 0.0,
        y: 0.2,
        vx: 2.0,
        vy: 3.0,
    };
    lent!(one_step(ball, s, *h), at ball = ball(), mut s = start(), h = 0.05);
    for steps in [0, 5, 20] {
        battery!(flight(ball, s.clone(), *h, steps), at ball = ball(), s = start(), h = 0.05);
    }
    let exit = kink!(flight(ball, s.clone(), *h, 90), at ball = ball(), s = start(), h = 0.05);
    assert!(exit.gradient.1.vx > 0.0);
}
