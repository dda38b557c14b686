use differentiate::differentiate;

#[differentiate]
fn integrate(mut f: impl FnMut(f64) -> f64, x: f64) -> f64 {
    f(x) + f(2.0 * x)
}

fn main() {
    println!("{}", integrate(|x| x, 1.0));
}
