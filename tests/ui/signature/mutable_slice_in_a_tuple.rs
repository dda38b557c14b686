use differentiate::differentiate;

#[differentiate]
fn scale(parts: (&mut [f64], f64)) -> f64 {
    parts.0[0] *= parts.1;
    parts.0[0]
}

fn main() {
    println!("{}", scale((&mut [1.0], 2.0)));
}
