fn in_place(v: &mut [f64], x: f64) -> f64 {
    for i in 0..v.len() {
        v[i] *= x;
        if v[i] > 5.0 {
            return v[i] * x;
        }
        v[i] += x * x;
    }
    v[0]
}
