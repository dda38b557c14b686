use differentiate::differentiate;

#[differentiate]
fn line(slope: f64) -> f64 {
    let f: Box<dyn Fn(f64) -> f64> = Box::new(|t| slope * t);
    f(2.0) + f(3.0)
}

fn main() {
    println!("{:?}", line::grad(1.0));
}
