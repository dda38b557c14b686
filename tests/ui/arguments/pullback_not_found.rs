use differentiate::differentiate;

#[differentiate(pullback = softplus_pullbak)]
fn softplus(x: f64) -> f64 {
    x.exp().ln_1p()
}

fn softplus_pullback(y_bar: f64, x: f64) -> f64 {
    y_bar / (1.0 + (-x).exp())
}

fn main() {
    println!("{} {}", softplus::grad(1.5), softplus_pullback(1.0, 1.5));
}
