use differentiate::differentiate;

#[differentiate(argmin)]
fn energy(x: f64, history: &mut Vec<f64>) -> f64 {
    history.push(x);
    x * x
}

fn main() {
    println!("{:?}", energy::argmin(1.0, &mut Vec::new()));
}
