#[differentiate::differentiate]
mod lists {
    fn positive(v: &mut [f64]) -> &mut f64 {
        for x in v.iter_mut() {
            if *x > 0.0 {
                return x;
            }
        }
        panic!("all are negative")
    }

    pub fn scaled(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        *positive(&mut v) *= 2.0;
        v[0]
    }
}

fn main() {
    lists::scaled(&[1.0]);
}
