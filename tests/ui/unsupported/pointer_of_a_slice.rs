use differentiate::differentiate;

fn store(at: *mut f64, value: f64) {
    unsafe { *at = value }
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    store(a.as_mut_ptr(), x);
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
