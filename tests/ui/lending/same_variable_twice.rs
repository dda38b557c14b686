use differentiate::differentiate;

#[differentiate]
fn add(a: &mut f64, b: &f64) {
    *a += b;
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = x;
    add(&mut y, &y);
    y
}

fn main() {
    println!("{:?}", f(1.0));
}
