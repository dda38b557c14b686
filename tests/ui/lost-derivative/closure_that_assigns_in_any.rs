use differentiate::differentiate;

#[differentiate]
fn until(x: f64) -> f64 {
    let mut sum = 0.0;
    let steps = [1.0, 2.0, 3.0];
    let reached = steps.iter().any(|step| {
        sum += step * x;
        sum > 2.0
    });
    if reached { sum } else { 0.0 }
}

fn main() {
    println!("{:?}", until::grad(1.0));
}
