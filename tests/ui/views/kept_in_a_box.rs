use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = 1.0;
    let mut slot = Box::new(&mut a);
    **slot = x * x;
    a
}

fn main() {
    println!("{}", f::grad(1.0));
}
