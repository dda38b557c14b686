use differentiate::differentiate;

#[differentiate(pullback = scale_pullback)]
fn scale(v: &mut [f64], by: f64) {
    v[0] *= by;
}

fn scale_pullback(_v: &[f64], by: f64, g: &[f64]) -> (Vec<f64>, f64) {
    (vec![g[0] * by], g[0])
}

fn main() {
    println!("{:?}", scale_pullback(&[1.0], 1.0, &[1.0]));
    scale(&mut [1.0], 1.0);
}
