fn ranges(x: &[f64], k: f64, out: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        out[i + 1] = (x[i] * k).exp();
    }
    let mut at = 0;
    for i in 0..x.len() {
        out[at] += x[i] * x[0];
        at += 1;
    }
    for i in 0..x.len() {
        s = s * k + out[i];
    }
    s
}
