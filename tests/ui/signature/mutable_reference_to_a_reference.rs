use differentiate::differentiate;

#[differentiate]
fn f(x: &mut &[f64]) -> f64 {
    let first = x[0];
    *x = &x[1..];
    first
}

fn main() {
    println!("{}", f(&mut &[1.0, 2.0][..]));
}
