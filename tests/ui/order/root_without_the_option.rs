use differentiate::differentiate;

#[differentiate]
fn balance(x: f64, load: f64) -> f64 {
    x * x - load
}

#[differentiate]
fn settled(load: f64) -> f64 {
    balance::root(1.0, load).unwrap_or(0.0)
}

fn main() {
    println!("{}", settled(2.0));
}
