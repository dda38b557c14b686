use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let (mut a, mut b) = (1.0, 2.0);
    *(if x > 0.0 { &mut a } else { &mut b }) = x * x;
    a * b
}

fn main() {
    println!("{}", f::grad(1.0));
}
