use differentiate::differentiate;

#[differentiate(order = 2)]
fn square(x: f64) -> f64 {
    x * x;
}

#[differentiate]
fn scaled(x: f64, v: &mut [f64]) -> Vec<f64> {
    for a in v.iter_mut() {
        *a *= x;
    }
}

#[differentiate]
fn positive(x: f64) -> f64 {
    if x > 0.0 {
        return x * x;
    }
}

fn main() {}
