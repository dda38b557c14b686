use differentiate::differentiate;

fn set(at: *mut f64, value: f64) {
    unsafe { *at = value }
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = 0.0;
    set(&mut y as *mut f64, x * x);
    y
}

fn main() {
    println!("{}", f::grad(1.0));
}
