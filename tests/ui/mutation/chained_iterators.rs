use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let (mut a, mut b) = ([1.0], [2.0]);
    for v in a.iter_mut().chain(b.iter_mut()).rev() {
        *v *= x;
    }
    a[0] * b[0]
}

fn main() {
    println!("{}", f::grad(1.0));
}
