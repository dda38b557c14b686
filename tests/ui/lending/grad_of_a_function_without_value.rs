use differentiate::differentiate;

#[differentiate]
fn scale(v: &mut [f64], by: f64) {
    v[0] *= by;
}

fn main() {
    println!("{:?}", scale::grad(&mut [1.0], 2.0));
}
