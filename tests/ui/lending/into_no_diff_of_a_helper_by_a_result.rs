use differentiate::differentiate;

#[differentiate]
fn store(#[no_diff] log: &mut Vec<f64>, x: f64) -> f64 {
    log.push(x);
    x
}

fn main() {
    println!("{}", store::grad(&mut Vec::new(), 2.0));
}
