use std::ops::Mul;

use differentiate::differentiate;

#[differentiate]
fn square<T>(x: T) -> T
where
    T: Mul<Output = T> + Copy,
{
    x * x
}

fn main() {
    println!("{}", square::grad(2.0));
}
