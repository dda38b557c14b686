fn logged(n: usize, l: &[f64], x: &[f64], out: &mut [f64]) {
    let mut at = 0;
    for i in 0..n {
        for j in i + 1..n {
            out[j] += l[at] * x[i];
            at += 1;
        }
    }
}
