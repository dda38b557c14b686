use differentiate::differentiate;

#[differentiate]
fn twice<F: Fn(f64) -> f64>(#[no_diff] f: F, x: f64) -> f64 {
    f(f(x))
}

fn main() {
    println!("{:?}", twice::grad(|x: f64| x.sin(), 1.0));
}
