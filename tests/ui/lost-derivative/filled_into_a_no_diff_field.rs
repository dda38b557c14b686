// An active value fills a field without derivative.
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Filter {
    gain: f64,
    #[no_diff]
    taps: Vec<f64>,
}

#[differentiate]
fn filtered(filter: &Filter, x: f64) -> f64 {
    let mut filter = filter.clone();
    filter.taps.fill(x * x);
    filter.gain * filter.taps[0]
}

fn main() {}
