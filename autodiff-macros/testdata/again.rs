fn again(x: &State, k: &State, h: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..4 {
        let y = x[i] + h * k[i];
        sum += y * y;
    }
    sum
}
