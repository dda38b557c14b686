use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let y = if x > 0.0 { Some(x.sqrt()) } else { None };
    y.filter(|y| *y > 1.0).unwrap_or(x)
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
