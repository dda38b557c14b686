use differentiate::differentiate;
use nalgebra::RealField;

#[differentiate]
fn square<T: RealField + Copy>(x: T) -> T {
    x * x
}

fn main() {
    println!("{}", square::grad(2.0));
}
