use differentiate::differentiate;

#[differentiate]
fn saturate(x: f64) -> f64 {
    let checked: Result<f64, f64> = if x < 1.0 { Ok(x) } else { Err(x.sqrt()) };
    match checked {
        Ok(value) => value,
        Err(excess) => 1.0 + excess,
    }
}

fn main() {
    println!("{:?}", saturate::grad(2.0));
}
