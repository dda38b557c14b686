fn chain(x: &[f64], y: &[f64]) -> f64 { x.iter().zip(y).filter(|(a, _)| **a > 0.0).map(|(a, b)| a * b).sum::<f64>() }
