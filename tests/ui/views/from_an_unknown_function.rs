use differentiate::differentiate;

fn largest(a: &mut [f64]) -> &mut f64 {
    let at = usize::from(a[1] > a[0]);
    &mut a[at]
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    *largest(&mut a) = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
