use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut best = Some(x * x);
    let taken = best.take();
    taken.unwrap()
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
