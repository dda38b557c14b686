use differentiate::{detach, differentiate};

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = 1.0;
    *detach(&mut y) = x * x;
    y
}

fn main() {
    println!("{}", f::grad(1.0));
}
