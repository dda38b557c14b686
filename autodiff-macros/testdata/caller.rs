fn caller(x: f64, v: &[f64]) -> f64 { let a = helper(x, v); helper(a, &v[1..]) }
