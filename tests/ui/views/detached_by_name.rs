use differentiate::{detach, differentiate};

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = x;
    let slot = detach(&mut y);
    *slot = 2.0;
    y * y
}

fn main() {
    println!("{}", f::grad(1.0));
}
