fn carried(x: f64, n: usize) -> f64 { let mut s = x; for _ in 0..n { let t = s.sin(); s = t * s; } s }
