use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut best = None;
    *best.get_or_insert(x * x) += 1.0;
    best.unwrap()
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
