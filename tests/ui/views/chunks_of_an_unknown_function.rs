use differentiate::differentiate;

fn head(a: &mut Vec<f64>) -> &mut [f64] {
    &mut a[..1]
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0, 2.0];
    head(&mut a).fill(x * x);
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
