use differentiate::differentiate;

#[differentiate(pullback = softplus_pullback)]
fn softplus(x: f64) -> f64 {
    x.exp().ln_1p()
}

fn softplus_pullback(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn main() {
    println!("{}", softplus::grad(1.5));
}
