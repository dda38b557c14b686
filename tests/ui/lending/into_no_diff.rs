use differentiate::differentiate;

#[differentiate]
fn f(#[no_diff] out: &mut [f64], x: f64) -> f64 {
    out[0] = x * x;
    out[0]
}

fn main() {
    println!("{}", f::grad(&mut [0.0], 2.0));
}
