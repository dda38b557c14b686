fn branch(x: f64, c: bool) -> f64 { let y = if c { let t = x.sin(); t * t } else { 2.0 * x }; y * x }
