use differentiate::differentiate;

#[differentiate]
fn decay(x: f64) -> f64 {
    let mut y = x;
    'outer: for _ in 0..10 {
        for _ in 0..10 {
            y *= 0.5;
            if y < 1e-3 {
                break 'outmost;
            }
        }
    }
    y
}

fn main() {
    println!("{:?}", decay::grad(1.0));
}
