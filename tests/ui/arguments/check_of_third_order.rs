use differentiate::{check, differentiate};

#[differentiate(order = 2)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {
    check!(f(2.0), order = 3);
}
