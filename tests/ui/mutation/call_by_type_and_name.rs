use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0];
    Vec::push(&mut a, x);
    a[1]
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
