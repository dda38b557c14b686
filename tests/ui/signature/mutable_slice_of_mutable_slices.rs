use differentiate::differentiate;

#[differentiate]
fn total(rows: &mut [&mut [f64]], x: f64) -> f64 {
    rows[0][0] = x;
    rows[0][0] * rows[0][1]
}

fn main() {
    println!("{}", total(&mut [&mut [1.0, 2.0]], 2.0));
}
