use differentiate::differentiate;

#[differentiate]
fn log(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.ln()) } else { None }
}

fn main() {
    println!("{:?}", log::grad(2.0));
}
