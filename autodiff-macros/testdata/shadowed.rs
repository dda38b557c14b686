fn shadowed(x: f64) -> f64 { let x = x * x; let x = x + 1.0; let f = |x: f64| x * x; f(x) }
