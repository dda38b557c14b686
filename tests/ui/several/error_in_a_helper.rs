use differentiate::differentiate;

#[differentiate]
fn helper(x: f64) -> f64 {
    let mut v = vec![x, x];
    v.insert(0, 1.0);
    v[0] * v[1]
}

// Nothing is wrong here: only the helper is to be reported.
#[differentiate]
fn loss(x: f64) -> f64 {
    helper(x.sin()) + 1.0
}

fn main() {
    println!("{} {}", loss::grad(1.0), helper::grad(1.0));
}
