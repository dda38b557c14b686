use differentiate::differentiate;

#[differentiate]
fn newton_step(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    x - f(x) / 2.0
}

fn main() {
    println!("{:?}", newton_step::grad(|x| x * x - 2.0, 1.0));
}
