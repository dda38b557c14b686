use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let slot = {
        let at = usize::from(x > 0.0);
        &mut a[at]
    };
    *slot = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
