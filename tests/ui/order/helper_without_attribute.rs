use differentiate::differentiate;

fn helper(x: f64) -> f64 {
    x * x
}

#[differentiate(order = 2)]
fn f(x: f64) -> f64 {
    helper(x).sin() + helper(2.0 * x)
}

fn main() {
    println!("{} {:?}", f(1.0), f::hessian(1.0));
}
