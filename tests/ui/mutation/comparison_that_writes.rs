use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut smallest = 0.0;
    let mut y = x.to_vec();
    y.sort_by(|a, b| {
        smallest = *a;
        a.total_cmp(b)
    });
    y[0] * smallest
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
