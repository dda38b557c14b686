use differentiate::differentiate;

#[differentiate]
fn scale(v: &mut [f64], by: f64) {
    v[0] *= by;
}

fn main() {
    let (mut dv, mut dby) = (vec![1.0], 0.0);
    scale::adjoint(&mut [1.0], 2.0, &mut dby, &mut dv);
}
