use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Params {
    weight: f64,
    bias: f64,
}

#[differentiate]
fn f(x: f64) -> f64 {
    let params = Params { weight: x };
    params.weight + params.bias
}

fn main() {
    println!("{}", f::grad(1.0));
}
