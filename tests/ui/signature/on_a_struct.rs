use differentiate::differentiate;

#[differentiate]
struct Params {
    weight: f64,
    bias: f64,
}

fn main() {
    let params = Params { weight: 1.0, bias: 0.0 };
    println!("{} {}", params.weight, params.bias);
}
