use differentiate::differentiate;

#[differentiate]
fn width(center: f64, radius: f64) -> f64 {
    let interval = center - radius..center + radius;
    interval.end - interval.start
}

fn main() {
    println!("{:?}", width::grad(1.0, 2.0));
}
