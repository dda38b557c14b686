fn exits(x: f64, v: &[f64]) -> f64 { let mut s = x; for a in v { let t = s * a; if t > 10.0 { return t; } if t < 0.0 { continue; } s = s + t.sqrt(); } s }
