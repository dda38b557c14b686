use differentiate::differentiate;

struct Params {
    weight: f64,
}

#[differentiate]
fn predict(#[no_diff] params: &Params, x: f64) -> f64 {
    params.weight * x
}

#[differentiate]
fn f(x: f64) -> f64 {
    predict(&Params { weight: x }, x)
}

fn main() {
    println!("{}", f::grad(1.0));
}
