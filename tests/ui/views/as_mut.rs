use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0, 2.0];
    let slots: &mut [f64] = a.as_mut();
    slots[0] = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
