use differentiate::differentiate;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[differentiate]
fn loss(x: &[f64], scale: f64) -> f64 {
    let mut y = vec![0.0; x.len()];
    for i in 0..x.len() {
        y[i] = scale * x[i];
    }
    y.push(square!(scale));
    y.windows(2).map(|w| w[0] * w[1]).sum()
}

fn main() {
    let (dx, dscale) = loss::grad(&[1.0, 2.0], 3.0);
    println!("{dx:?} {dscale}");
}
