use differentiate::differentiate;

struct Log {
    values: Vec<f64>,
}

#[differentiate]
fn f(log: &mut Log, x: f64) -> f64 {
    log.values.push(x);
    x * x
}

fn main() {
    println!("{:?}", f(&mut Log { values: Vec::new() }, 2.0));
}
