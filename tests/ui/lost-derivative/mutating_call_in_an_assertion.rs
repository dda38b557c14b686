use differentiate::differentiate;

#[differentiate]
fn halve(state: &mut [f64], by: f64) -> f64 {
    state[0] *= by;
    state[0]
}

#[differentiate]
fn f(x: &[f64], by: f64) -> f64 {
    let mut state = x.to_vec();
    assert!(halve(&mut state, by) > 0.0);
    state[0]
}

fn main() {
    println!("{:?}", f::grad(&[2.0], 0.5));
}
