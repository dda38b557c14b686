use differentiate::differentiate;

#[differentiate]
const GRAVITY: f64 = 9.81;

fn main() {
    println!("{GRAVITY}");
}
