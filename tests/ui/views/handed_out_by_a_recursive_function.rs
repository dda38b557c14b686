#[differentiate::differentiate]
mod lists {
    fn last(v: &mut [f64]) -> &mut f64 {
        if v.len() == 1 { &mut v[0] } else { last(&mut v[1..]) }
    }

    pub fn doubled(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let end = last(&mut v);
        *end *= 2.0;
        v[0]
    }
}

fn main() {
    lists::doubled(&[1.0]);
}
