use differentiate::differentiate;

#[differentiate]
fn report(x: f64) {
    println!("{}", x * x);
}

fn main() {
    report::grad(1.0);
}
