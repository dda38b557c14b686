use differentiate::Differentiable;

#[derive(Clone, Differentiable)]
#[differentiable(name = Gradient)]
struct Params {
    weight: f64,
}

fn main() {
    println!("{}", Params { weight: 1.0 }.weight);
}
