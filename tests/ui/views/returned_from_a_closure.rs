use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let slot = &mut a[0];
    let pick = move || slot;
    *pick() = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
