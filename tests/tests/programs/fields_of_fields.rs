//! Parts of `#[no_diff]` fields: fields of fields, fields of items, variants behind patterns; beside the same of fields
//! that have a derivative.

use differentiate::{Differentiable, detach, differentiate};

use super::battery::battery;

#[derive(Clone, Debug, PartialEq)]
struct Limits {
    low: f64,
    steps: Vec<f64>,
    pair: (f64, usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Off,
    Fast(f64),
    Blend { share: f64, at: usize },
}

#[derive(Clone, Debug, PartialEq)]
struct Config {
    rate: f64,
    rates: Vec<f64>,
    turns: usize,
    on: bool,
    limits: Limits,
    row: [f64; 3],
    cap: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    weights: Vec<f64>,
    bias: f64,
    tail: (f64, [f64; 2]),
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Model {
    gain: f64,
    #[no_diff]
    config: Config,
    #[no_diff]
    bounds: (f64, f64),
    #[no_diff]
    stages: Vec<Limits>,
    #[no_diff]
    mode: Mode,
    first: Layer,
    second: Layer,
    layers: Vec<Layer>,
}

fn layer(scale: f64) -> Layer {
    Layer {
        weights: vec![scale, scale * 0.5, 1.0],
        bias: 0.1 * scale,
        tail: (scale + 0.3, [0.2, scale]),
    }
}

fn model() -> Model {
    let limits = Limits {
        low: 0.25,
        steps: vec![0.5, 2.0],
        pair: (0.75, 2),
    };
    Model {
        gain: 1.2,
        config: Config {
            rate: 1.5,
            rates: vec![1.0, -0.5],
            turns: 2,
            on: true,
            limits: limits.clone(),
            row: [1.0, 2.0, 3.0],
            cap: Some(4.0),
        },
        bounds: (2.0, 1.0),
        stages: vec![limits.clone(), limits],
        mode: Mode::Fast(0.5),
        first: layer(1.0),
        second: layer(0.7),
        layers: vec![layer(0.3), layer(0.4)],
    }
}

fn of_mode(mode: Mode) -> Model {
    Model { mode, ..model() }
}

// === what is read ===

#[differentiate(order = 3)]
fn fields(p: &Model) -> f64 {
    p.gain * p.gain * p.config.rate * p.config.rates[1] + p.bounds.0 * p.gain.sin()
}

#[differentiate(order = 3)]
fn loops(p: &Model) -> f64 {
    let mut s = 0.0;
    for i in 0..p.config.turns {
        s += p.config.rates[i] * p.gain * p.config.limits.steps[i] * p.config.limits.pair.0;
    }
    for r in &p.config.rates {
        s += r * p.gain;
    }
    for r in p.config.rates.iter() {
        s += *r * p.gain * p.gain;
    }
    for stage in &p.stages {
        s += stage.low * p.gain.sin() * stage.pair.0;
        for v in &stage.steps {
            s += v * p.gain * p.gain;
        }
    }
    for stage in p.stages.iter() {
        s += stage.steps[stage.pair.1 - 1] * p.gain;
    }
    for i in 0..p.stages.len() {
        s *= p.stages[i].low + p.gain;
    }
    s
}

#[differentiate(order = 2)]
fn limited(p: &Model, x: f64) -> f64 {
    x.clamp(p.bounds.1, p.bounds.0) * p.config.rate.sqrt() + x.max(p.config.limits.low)
}

#[differentiate(order = 2)]
fn energy(p: &Model, x: &[f64]) -> f64 {
    let Config { rate, limits, .. } = &p.config;
    let c = &p.config;
    let (high, low) = p.bounds;
    let k = c.limits.low.max(low).min(high);
    let spring: f64 = x.iter().zip(&c.rates).map(|(x, r)| x * r * p.gain).sum();
    let cap = c.cap.unwrap_or(1.0);
    spring * rate + limits.low * k * p.gain * cap + x[0].powi(c.turns as i32) * p.gain
}

#[differentiate(order = 2)]
fn taken_apart(p: &Model) -> f64 {
    let Config {
        rate, turns, on, ..
    } = p.config;
    let (high, _) = p.bounds;
    if on {
        rate * p.gain.powi(turns as i32) * high
    } else {
        p.gain
    }
}

#[test]
fn read() {
    battery!(fields(p), at p = model());
    battery!(loops(p), at p = model());
    for x in [0.5, 1.7, 2.5] {
        battery!(limited(p, *x), at p = model(), x = x);
    }
    battery!(energy(p, x), at p = model(), x = vec![1.0, 2.0]);
    battery!(taken_apart(p), at p = model());
}

// === variants ===

#[differentiate(order = 2)]
fn by_mode(p: &Model) -> f64 {
    match p.mode {
        Mode::Off => p.gain * p.first.weights[0],
        Mode::Fast(k) => k * p.gain * p.gain,
        Mode::Blend { share, at } => share * p.first.weights[at] * p.gain,
    }
}

#[differentiate(order = 2)]
fn by_reference_to_mode(p: &Model) -> f64 {
    let scale = match &p.mode {
        Mode::Off => 1.0,
        Mode::Fast(k) => k * p.gain,
        Mode::Blend { share, at } => *share * p.first.weights[*at] * share,
    };
    if let Mode::Fast(k) = &p.mode {
        return scale * *k * p.gain;
    }
    scale * p.gain
}

#[differentiate(order = 2)]
fn in_turns(p: &Model, modes: &[f64]) -> f64 {
    let mut s = p.gain;
    for m in modes {
        if let Mode::Blend { share, .. } = p.mode {
            s = s * share + m;
        } else if let Mode::Fast(k) = p.mode {
            s += k * m * s;
        }
    }
    s
}

#[test]
fn variants() {
    for mode in [
        Mode::Off,
        Mode::Fast(0.7),
        Mode::Blend { share: 0.4, at: 1 },
    ] {
        battery!(by_mode(p), at p = of_mode(mode));
        battery!(by_reference_to_mode(p), at p = of_mode(mode));
        battery!(in_turns(p, m), at p = of_mode(mode), m = vec![1.0, 0.5]);
    }
}

// === what is given to other functions ===

#[differentiate(order = 2)]
fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[differentiate(order = 2)]
fn pushed(a: &mut [f64], b: &mut f64, c: &[f64]) {
    for i in 0..a.len() {
        a[i] += c[i] * *b;
    }
    *b *= a[0];
}

#[differentiate(order = 2)]
fn products(p: &Model) -> f64 {
    let two = product(&p.config.rates, &p.first.weights[..2]);
    let three = product(&p.second.weights, &p.config.row);
    let none = product(&p.stages[0].steps, &p.config.limits.steps);
    two * three * none + product(&p.first.weights, &p.second.weights)
}

#[differentiate(order = 2)]
fn pushes(p: &Model) -> f64 {
    let mut p = p.clone();
    pushed(&mut p.first.weights, &mut p.first.bias, &p.second.weights);
    pushed(&mut p.second.weights, &mut p.first.bias, &p.config.row);
    pushed(
        &mut p.layers[0].weights,
        &mut p.second.tail.0,
        &p.config.row,
    );
    pushed(&mut p.second.tail.1, &mut p.second.tail.0, &p.first.weights);
    product(&p.first.weights, &p.second.weights) * p.config.row[2]
        + p.first.bias * p.second.tail.1[1] * p.layers[0].weights[1]
        + p.layers[1].tail.1[0] * p.second.tail.0
}

#[differentiate(order = 2)]
fn scaled(#[no_diff] rate: f64, #[no_diff] steps: &[f64], x: f64) -> f64 {
    rate * x.powi(2) + steps[0] * x
}

#[differentiate(order = 2)]
fn curve(rate: f64, x: f64) -> f64 {
    (rate * x).sin() * rate
}

/// Some of what is given has a derivative, by value and by reference, some has none.
#[differentiate(order = 2)]
fn marked(p: &Model, x: f64) -> f64 {
    let a = scaled(p.config.rate, &p.config.rates, x * p.gain);
    let b = scaled(p.bounds.0, &p.stages[1].steps[1..], p.gain);
    let c = curve(p.config.limits.low, x) * curve(p.bounds.1, p.gain);
    let d = curve(p.first.bias, x) + curve(p.layers[1].tail.0, p.layers[0].weights[2]);
    let e = curve(p.config.row[2], p.second.tail.1[1]);
    a * b + c * d + e
}

struct Gain {
    #[allow(dead_code, reason = "it is there beside the other")]
    other: f64,
}

#[differentiate(order = 2)]
impl Gain {
    fn times(#[no_diff] k: f64, x: f64) -> f64 {
        k * x * x
    }
}

#[differentiate(order = 2)]
impl Model {
    fn weighed(&self, #[no_diff] by: &[f64], with: &[f64], x: f64) -> f64 {
        by[0] * x * self.gain + with[1] * x * x
    }

    /// The receiver, what it has without derivative and what it has with one.
    fn weighing(&self, x: f64) -> f64 {
        self.weighed(&self.config.row, &self.first.weights, x)
            + self.weighed(&self.config.rates[..1], &self.second.tail.1, self.gain)
            + self.weighed(&self.stages[0].steps, &self.config.limits.steps, x)
    }
}

#[differentiate(order = 2)]
fn of_the_receiver(p: &Model, x: f64) -> f64 {
    p.weighing(x) * p.gain
}

/// What is popped is not looked at.
#[differentiate(order = 2)]
fn shortened(p: &Model) -> f64 {
    let mut q = p.clone();
    if q.config.rates.len() > 1 {
        q.config.rates.pop();
    }
    q.first.weights.pop();
    q.config.rates.iter().sum::<f64>() * q.gain * q.first.weights.iter().product::<f64>()
}

#[differentiate(order = 2)]
fn associated(p: &Model) -> f64 {
    let mut q = p.clone();
    q.config.rate = 0.5;
    q.gain *= q.config.rate;
    Gain::times(q.config.rate, q.gain) + Gain::times(p.config.limits.pair.0, p.gain)
}

#[test]
fn given() {
    battery!(marked(p, *x), at p = model(), x = 0.7);
    battery!(associated(p), at p = model());
    battery!(of_the_receiver(p, *x), at p = model(), x = 0.7);
    battery!(shortened(p), at p = model());
    battery!(products(p), at p = model());
    battery!(pushes(p), at p = model());
}

// === literals ===

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    x: f64,
    trail: Vec<f64>,
    layer: Layer,
    #[no_diff]
    config: Config,
    #[no_diff]
    table: Vec<f64>,
    #[no_diff]
    turn: usize,
}

fn state() -> State {
    State {
        x: 0.7,
        trail: vec![0.1, -0.4],
        layer: layer(0.9),
        config: model().config,
        table: vec![0.5, 2.0],
        turn: 0,
    }
}

/// The next state takes over what has a derivative and what has none.
#[differentiate(order = 2)]
fn next(s: &State, k: f64) -> State {
    State {
        x: s.x * k + s.trail[0] * s.config.rate,
        trail: s.trail.clone(),
        layer: s.layer.clone(),
        config: s.config.clone(),
        table: s.table.clone(),
        turn: s.turn + 1,
    }
}

#[differentiate(order = 2)]
fn advanced(s: &State, k: f64) -> f64 {
    let mut s = s.clone();
    for _ in 0..3 {
        s = next(&s, k);
        s.trail[1] *= s.x;
    }
    s.x * s.trail[1] * s.table[1] + s.layer.bias * s.x * s.turn as f64
}

#[differentiate(order = 2)]
fn in_one(s: &State, k: f64) -> f64 {
    let t = State {
        trail: s.trail.clone(),
        table: s.table.clone(),
        x: k * s.x,
        ..s.clone()
    };
    let u = State {
        x: t.x * t.table[0] * t.trail[1],
        config: t.config.clone(),
        layer: Layer {
            weights: t.layer.weights.clone(),
            ..s.layer.clone()
        },
        ..t
    };
    u.x * u.layer.weights[0] * u.config.rates[1] + u.trail[0]
}

/// What does not vary stands in the place of what did: in fields with a derivative and in fields without.
#[differentiate(order = 2)]
fn constants_in_a_literal(s: &State, k: f64) -> f64 {
    let t = State {
        trail: vec![1.5, 0.25],
        table: vec![detach(k.ceil()), 3.0],
        turn: s.turn + 2,
        ..s.clone()
    };
    let u = State {
        x: k,
        table: detach(&s.table).clone(),
        ..t.clone()
    };
    u.x * t.x * t.table[0] * u.table[1] * t.trail[1] * k + u.trail[0] * u.layer.weights[0]
}

/// The lists of the literal are longer and shorter than those of its base.
#[differentiate(order = 2)]
fn resized_in_a_literal(s: &State, k: f64) -> f64 {
    let t = State {
        trail: vec![s.x, 1.5, k * s.x],
        table: detach(&s.table[..1]).to_vec(),
        ..s.clone()
    };
    let mut longer = t.clone();
    for i in 0..2 {
        longer = State {
            trail: longer.trail.iter().map(|v| v * k).chain([s.x]).collect(),
            table: vec![detach(k.ceil()); i + 3],
            x: longer.x * longer.trail[i],
            ..longer.clone()
        };
    }
    let u = State {
        trail: Vec::new(),
        ..longer.clone()
    };
    u.x * longer.trail.iter().sum::<f64>() * t.table[0] * longer.table[2] * s.trail[1]
}

#[differentiate(order = 2)]
fn constant_bounds(m: &Model, k: f64) -> f64 {
    let n = Model {
        bounds: (detach(if k > 0.0 { k.ceil() } else { 1.0 }), 2.0),
        gain: 3.0,
        first: Layer {
            bias: k * k,
            ..m.second.clone()
        },
        ..m.clone()
    };
    n.bounds.0 * n.gain * n.first.bias * m.gain + n.first.weights[1] * n.bounds.1 * k
}

#[test]
fn literals() {
    battery!(constants_in_a_literal(s, *k), at s = state(), k = 0.8);
    battery!(resized_in_a_literal(s, *k), at s = state(), k = 0.8);
    battery!(constant_bounds(m, *k), at m = model(), k = 0.8);
    battery!(advanced(s, *k), at s = state(), k = 0.8);
    battery!(in_one(s, *k), at s = state(), k = 0.8);
}

// === what is changed ===

#[differentiate(order = 3)]
fn changed(p: &Model, x: f64) -> f64 {
    let mut p = p.clone();
    p.config.rate = 1.5;
    p.config.rate *= 2.0;
    p.gain *= x * p.config.rate;
    p.config.rates[0] = p.config.rate;
    p.config.rates[0] += 1.0;
    p.bounds.0 += 1.0;
    p.config.limits.steps[1] = p.bounds.0;
    if p.config.on && p.config.rate > 2.0 {
        p.gain = p.gain * p.gain + p.config.rates[0] * x;
    }
    p.stages[1].low = 0.125;
    p.first.weights[1] *= p.stages[1].low * x;
    p.gain * p.config.limits.steps[1] + p.first.weights[1] * p.first.tail.1[1]
}

#[differentiate(order = 2)]
fn until_changed(p: &Model, x: f64) -> f64 {
    let mut p = p.clone();
    let mut s = 0.0;
    while p.config.rate > 0.2 {
        p.config.rate *= 0.5;
        p.stages[0].pair.1 += 1;
        p.first.bias += p.config.rate * x;
        s += p.first.bias * p.gain * p.stages[0].pair.1 as f64;
    }
    s
}

#[test]
fn changes() {
    battery!(changed(p, *x), at p = model(), x = 0.7);
    battery!(until_changed(p, *x), at p = model(), x = 0.7);
}
