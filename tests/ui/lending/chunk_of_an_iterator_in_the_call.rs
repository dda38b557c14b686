use differentiate::differentiate;

#[differentiate]
fn scale(v: &mut [f64], by: f64) {
    v[0] *= by;
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    scale(a.chunks_mut(1).next().unwrap(), x);
    a[0]
}

fn main() {
    println!("{:?}", f(1.0));
}
