use differentiate::differentiate;

struct Point {
    x: f64,
}

#[differentiate]
fn total(points: &[Point]) -> f64 {
    points.iter().map(|p| p.x * p.x).sum()
}

fn main() {
    println!("{}", total(&[Point { x: 1.0 }]));
}
