use differentiate::differentiate;

fn thrice(mut f: impl FnMut(f64)) {
    (0..3).for_each(|i| f(f64::from(i)));
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut terms = Vec::new();
    thrice(|t| terms.push(t * x));
    terms.iter().sum()
}

fn main() {
    println!("{}", f::grad(1.0));
}
