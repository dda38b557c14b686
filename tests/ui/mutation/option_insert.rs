use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut best = None;
    best.insert(x * x);
    best.unwrap()
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
