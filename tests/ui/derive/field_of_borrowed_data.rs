use differentiate::Differentiable;

#[derive(Clone, Differentiable)]
struct Params {
    weights: &'static [f64],
    bias: f64,
}

fn main() {
    let params = Params { weights: &[1.0], bias: 2.0 };
    println!("{:?} {}", params.weights, params.bias);
}
