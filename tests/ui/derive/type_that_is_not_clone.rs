use differentiate::Differentiable;

#[derive(Differentiable)]
struct Params {
    weight: f64,
}

fn main() {
    println!("{}", Params { weight: 1.0 }.weight);
}
