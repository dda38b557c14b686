//! Functions that are called with what a name for a part of a struct stands for, while the struct is lent to the name.

use std::fmt;

use differentiate::{Differentiable, differentiate};

use super::battery::{battery, lent};

#[derive(Clone, PartialEq, Differentiable)]
struct Body {
    at: f64,
    speed: f64,
    forces: Vec<f64>,
    #[no_diff]
    limit: f64,
}

/// The limit is written as an integer, since the numbers are what has a derivative.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Body"))
            .field("at", &self.at)
            .field("speed", &self.speed)
            .field("forces", &self.forces)
            .field("limit", &self.limit.to_bits())
            .finish()
    }
}

#[differentiate(order = 2)]
fn product(x: f64, y: f64) -> f64 {
    x.sin() * y
}

#[differentiate(order = 2)]
fn of_parts(xs: &[f64], y: f64) -> f64 {
    xs[0] * y + xs[xs.len() - 1] * xs[0]
}

#[differentiate(order = 2)]
fn scale(x: &mut f64, y: f64) {
    *x = *x * y + 0.25;
}

#[differentiate(order = 2)]
fn elements(x: f64, bodies: &mut [Body]) -> f64 {
    for body in bodies.iter_mut() {
        body.speed = product(body.speed, x);
        scale(&mut body.at, body.speed);
    }
    bodies[0].speed * bodies[1].at
}

#[differentiate(order = 2)]
fn one_element(x: f64, bodies: &mut [Body]) -> f64 {
    let body = &mut bodies[1];
    body.speed = product(body.speed, x);
    body.speed * body.at
}

#[differentiate(order = 2)]
fn one_field(x: f64, body: &mut Body) -> f64 {
    let speed = &mut body.speed;
    *speed = product(*speed, x);
    scale(speed, x);
    *speed * body.at
}

#[differentiate(order = 2)]
fn fields_of_a_pattern(x: f64, body: &mut Body) -> f64 {
    let Body {
        at,
        speed,
        forces,
        limit,
    } = body;
    *speed = product(*speed, x);
    forces[0] = of_parts(forces, *at);
    scale(at, *speed);
    scale(speed, *limit);
    *speed + forces[0] * *at
}

#[differentiate(order = 2)]
fn first_element(x: f64, bodies: &mut Vec<Body>) -> f64 {
    if let Some(body) = bodies.first_mut() {
        body.speed = product(body.speed, x);
        scale(&mut body.at, x);
    }
    bodies[0].speed * bodies[0].at
}

#[differentiate(order = 2)]
fn name_of_a_name(x: f64, body: &mut Body) -> f64 {
    let forces = &mut body.forces;
    let force = &mut forces[1];
    *force = product(*force, x);
    *force * x
}

#[differentiate(order = 2)]
fn elements_of_a_field(x: f64, body: &mut Body) -> f64 {
    for force in body.forces.iter_mut() {
        *force = product(*force, x);
    }
    for force in &mut body.forces {
        scale(force, x);
    }
    body.forces[0] * body.forces[2]
}

#[differentiate(order = 2)]
fn fields_of_an_arm(x: f64, body: &mut Body) -> f64 {
    match body {
        Body { speed, limit, .. } => {
            *speed = product(*speed, x) * product(*limit, x);
            *speed
        }
    }
}

#[differentiate(order = 2)]
fn without_derivative(x: f64, body: &mut Body) -> f64 {
    let limit = &mut body.limit;
    let before = product(*limit, x);
    *limit *= 2.0;
    before * product(*limit, before)
}

#[differentiate(order = 2)]
fn elements_of_a_pattern(x: f64, body: &mut Body) -> f64 {
    let forces = &mut body.forces;
    let [first, second, ..] = &mut forces[..] else {
        return x;
    };
    *first = product(*first, x);
    scale(second, *first);
    *first + *second
}

#[differentiate(order = 2)]
fn halves(x: f64, body: &mut Body) -> f64 {
    let (left, right) = body.forces.split_at_mut(1);
    left[0] = product(right[0], x);
    left[0] = of_parts(left, x);
    scale(&mut right[0], left[0]);
    left[0] * right[0]
}

#[differentiate(order = 2)]
fn halves_of_a_list(x: f64, list: &mut Vec<f64>) -> f64 {
    let (left, right) = list.split_at_mut(1);
    left[0] = of_parts(left, x);
    right[0] = of_parts(right, left[0]);
    left[0] * right[0]
}

#[differentiate(order = 2)]
fn lists_of_elements(x: f64, bodies: &mut [Body]) -> f64 {
    let mut total = 0.0;
    for body in bodies {
        let at = &mut body.at;
        *at = product(*at, x);
        scale(at, x);
        for force in &mut body.forces {
            *force = product(*force, *at);
        }
        let forces = &mut body.forces;
        total += of_parts(forces, x);
    }
    total
}

#[differentiate(order = 2)]
fn whole_field(x: f64, body: &mut Body) -> f64 {
    let forces = &mut body.forces;
    forces[0] = of_parts(forces, x);
    let part = &mut body.forces[1..];
    part[0] = of_parts(part, x);
    part[0] * body.forces[0]
}

/// The struct is a variable of the function.
#[differentiate(order = 2)]
fn local(x: f64, start: &Body, choose: bool) -> f64 {
    let mut body = if choose {
        start.clone()
    } else {
        Body {
            speed: x,
            ..start.clone()
        }
    };
    let speed = &mut body.speed;
    *speed = product(*speed, x);
    let mut other = start.clone();
    let at = &mut other.at;
    scale(at, *speed);
    *at * body.speed
}

#[test]
fn calls_with_views_of_fields() {
    let body = Body {
        at: 0.8,
        speed: -0.4,
        forces: vec![0.3, 0.7, -1.1],
        limit: 1.5,
    };
    let other = Body {
        at: -0.3,
        speed: 1.2,
        ..body.clone()
    };
    let bodies = vec![body.clone(), other];
    lent!(elements(*x, bodies), at x = 0.6, mut bodies = bodies.clone());
    lent!(one_element(*x, bodies), at x = 0.6, mut bodies = bodies.clone());
    lent!(one_field(*x, body), at x = 0.6, mut body = body.clone());
    lent!(fields_of_a_pattern(*x, body), at x = 0.6, mut body = body.clone());
    lent!(first_element(*x, bodies), at x = 0.6, mut bodies = bodies.clone());
    lent!(name_of_a_name(*x, body), at x = 0.6, mut body = body.clone());
    lent!(elements_of_a_field(*x, body), at x = 0.6, mut body = body.clone());
    lent!(fields_of_an_arm(*x, body), at x = 0.6, mut body = body.clone());
    lent!(without_derivative(*x, body), at x = 0.6, mut body = body.clone());
    lent!(elements_of_a_pattern(*x, body), at x = 0.6, mut body = body.clone());
    lent!(halves(*x, body), at x = 0.6, mut body = body.clone());
    lent!(halves_of_a_list(*x, list), at x = 0.6, mut list = vec![0.3, 0.7, -1.1]);
    lent!(lists_of_elements(*x, bodies), at x = 0.6, mut bodies = bodies.clone());
    lent!(whole_field(*x, body), at x = 0.6, mut body = body.clone());
    battery!(local(*x, start, true), at x = 0.6, start = body.clone());
    battery!(local(*x, start, false), at x = 0.6, start = body.clone());
}
