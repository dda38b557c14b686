use differentiate::differentiate;

#[differentiate]
fn store(#[no_diff] out: &mut f64, x: f64) -> f64 {
    *out = 1.0;
    x
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut out = x * x;
    let y = store(&mut out, x);
    out * y
}

fn main() {
    println!("{}", f::grad(2.0));
}
