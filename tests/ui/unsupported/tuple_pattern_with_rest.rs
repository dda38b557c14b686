use differentiate::differentiate;

#[differentiate]
fn ends(t: (f64, f64, f64)) -> f64 {
    let (.., last) = t;
    last * last
}

fn main() {
    println!("{:?}", ends::grad((1.0, 2.0, 3.0)));
}
