use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let mut slots = a.iter_mut();
    *slots.next().unwrap() = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
