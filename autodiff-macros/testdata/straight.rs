fn straight(x: f64, y: f64) -> f64 { let a = x * y; let b = a.exp() + y; a * b }
