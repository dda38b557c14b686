use differentiate::differentiate;

struct Params {
    weight: f64,
    bias: f64,
}

#[differentiate]
fn predict(params: &Params, x: f64) -> f64 {
    params.weight * x + params.bias
}

fn main() {
    let (_, dx) = predict::grad(&Params { weight: 1.0, bias: 0.0 }, 2.0);
    println!("{dx}");
}
