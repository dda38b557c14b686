use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let y = if x > 0.0 { Some(x.sqrt()) } else { None };
    y.unwrap_or_else(|| x * x)
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
