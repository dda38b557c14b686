use differentiate::differentiate;

#[differentiate(test)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
