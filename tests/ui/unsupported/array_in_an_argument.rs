use differentiate::differentiate;

#[differentiate]
fn area(sides: [f64; 2]) -> f64 {
    sides[0] * sides[1]
}

#[differentiate]
fn f(x: &[f64]) -> f64 {
    area(x[..2].try_into().unwrap())
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
