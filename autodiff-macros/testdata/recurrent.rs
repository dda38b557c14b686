fn recurrent(w: &DMatrix<f64>, h: &DVector<f64>, n: usize) -> f64 { let mut h = h.clone(); for _ in 0..n { h = (w * &h).map(|v| v.tanh()); } h.dot(&h) }
