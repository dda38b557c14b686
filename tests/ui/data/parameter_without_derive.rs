use differentiate::differentiate;

struct Params {
    weight: f64,
}

#[differentiate]
fn predict(params: &Params, x: f64) -> f64 {
    params.weight * x
}

fn main() {
    println!("{}", predict(&Params { weight: 1.0 }, 2.0));
}
