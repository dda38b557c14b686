use differentiate::differentiate;

#[differentiate]
fn at_last(x: f64, y: f64, v: &[f64]) -> f64 {
    let mut last = y;
    let mut seen = |item: f64| {
        last = x;
        item
    };
    if v.iter().map(|item| seen(*item)).sum::<f64>() > 100.0 {
        return 0.0;
    }
    last
}

fn main() {
    println!("{:?}", at_last::grad(1.0, 2.0, &[3.0]));
}
