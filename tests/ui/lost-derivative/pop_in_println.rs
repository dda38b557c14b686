use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut stack = x.to_vec();
    println!("{:?}", stack.pop());
    stack[0] * stack[0]
}

fn main() {
    println!("{:?}", f::grad(&[2.0, 3.0]));
}
