use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Layer {
    weight: f64,
    #[no_diff]
    rate: f64,
}

#[differentiate]
fn f(x: f64) -> f64 {
    let layer = Layer { weight: x, rate: x * x };
    layer.weight * layer.rate
}

fn main() {
    println!("{}", f::grad(2.0));
}
