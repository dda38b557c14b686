use differentiate::differentiate;

#[differentiate]
fn area(width: f64, height: f64) -> f64 {
    width * height
}

fn main() {
    let matrix = area::hessian(1.0, 2.0);
    println!("{}", matrix[(0, 1)]);
}
