use differentiate::differentiate;

#[allow(non_camel_case_types)]
struct loss {
    weight: f64,
}

#[differentiate]
fn loss(x: f64) -> f64 {
    x * x
}

fn main() {
    println!("{}", loss::grad(1.0) + loss { weight: 1.0 }.weight);
}
