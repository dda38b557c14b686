//! A network of two layers as a struct of structs, and a step of training.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Dense {
    weights: Vec<Vec<f64>>,
    bias: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Activation {
    Tanh,
    Softplus,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Network {
    hidden: Dense,
    output: Dense,
    temperature: f64,
    #[no_diff]
    activation: Activation,
}

impl Dense {
    #[differentiate(order = 2)]
    fn apply_to(&self, x: &[f64], out: &mut [f64]) {
        for (i, row) in self.weights.iter().enumerate() {
            let mut sum = self.bias[i];
            for (w, x) in row.iter().zip(x) {
                sum += w * x;
            }
            out[i] = sum;
        }
    }

    #[differentiate(order = 2)]
    fn squares(&self) -> f64 {
        let mut total = 0.0;
        for row in &self.weights {
            total += row.iter().map(|w| w * w).sum::<f64>();
        }
        total
    }
}

impl Network {
    #[differentiate(order = 2)]
    fn forward(&self, x: &[f64], hidden: &mut [f64], logits: &mut [f64]) {
        self.hidden.apply_to(x, hidden);
        for h in hidden.iter_mut() {
            *h = match self.activation {
                Activation::Tanh => h.tanh(),
                Activation::Softplus => h.exp().ln_1p(),
            };
        }
        self.output.apply_to(hidden, logits);
        for z in logits.iter_mut() {
            *z /= self.temperature;
        }
    }
}

#[differentiate(order = 2)]
fn cross_entropy(logits: &mut [f64], label: usize) -> f64 {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for z in logits.iter_mut() {
        *z -= max;
        total += z.exp();
    }
    total.ln() - logits[label]
}

#[differentiate(order = 2)]
fn loss(net: &Network, #[no_diff] xs: &[Vec<f64>], #[no_diff] labels: &[usize], decay: f64) -> f64 {
    let mut hidden = vec![0.0; net.hidden.bias.len()];
    let mut logits = vec![0.0; net.output.bias.len()];
    let mut total = 0.0;
    for (x, &label) in xs.iter().zip(labels) {
        net.forward(x, &mut hidden, &mut logits);
        total += cross_entropy(&mut logits, label);
    }
    total / xs.len() as f64 + decay * (net.hidden.squares() + net.output.squares())
}

/// Moves the parameters of a layer against a gradient of the same shape.
#[differentiate(order = 2)]
fn descend(layer: &mut Dense, gradient: &Dense, rate: f64) -> f64 {
    let mut moved = 0.0;
    for (row, d_row) in layer.weights.iter_mut().zip(&gradient.weights) {
        for (w, d) in row.iter_mut().zip(d_row) {
            *w -= rate * d;
            moved += d * d;
        }
    }
    for (b, d) in layer.bias.iter_mut().zip(&gradient.bias) {
        *b -= rate * d;
    }
    rate * moved.sqrt()
}

fn dense(inputs: usize, outputs: usize, phase: f64) -> Dense {
    let wave = |k: usize| (k as f64 * 0.7 + phase).sin();
    let row = |i: usize| (0..inputs).map(|j| wave(i * inputs + j)).collect();
    Dense {
        weights: (0..outputs).map(row).collect(),
        bias: (0..outputs).map(wave).collect(),
    }
}

#[test]
fn training() {
    let network = |activation| Network {
        hidden: dense(2, 3, 0.1),
        output: dense(3, 2, 0.6),
        temperature: 1.3,
        activation,
    };
    let xs = [vec![0.5, -0.2], vec![1.0, 0.3], vec![-0.7, 0.9]];
    for activation in [Activation::Tanh, Activation::Softplus] {
        battery!(
            loss(net, &xs, &[0, 1, 1], *decay), at net = network(activation), decay = 0.01
        );
    }
    lent!(descend(l, g, *rate), at mut l = dense(2, 2, 0.3), g = dense(2, 2, 1.1), rate = 0.1);
    let mut net = network(Activation::Tanh);
    let mut last = f64::INFINITY;
    for _ in 0..20 {
        let (value, (gradient, _)) = loss::value_and_grad(&net, &xs, &[0, 1, 1], 0.001);
        assert!(value < last);
        last = value;
        net = differentiate::step(&net, &gradient, -0.1);
    }
}
