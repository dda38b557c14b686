use differentiate::differentiate;

#[differentiate(argmin)]
fn rest(x: f64, load: f64) -> [f64; 2] {
    [x - load, x]
}

fn main() {
    println!("{:?}", rest::argmin(0.0, 1.0));
}
