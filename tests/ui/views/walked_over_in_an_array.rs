use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let (mut a, mut b) = (1.0, 2.0);
    for v in [&mut a, &mut b] {
        *v *= x;
    }
    a * b
}

fn main() {
    println!("{}", f::grad(1.0));
}
