fn question(x: Option<f64>) -> Option<f64> { let a = x?; match a { v if v > 1.0 => Some(v * v), _ => None } }
