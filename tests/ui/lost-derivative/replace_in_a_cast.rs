use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = x * x;
    let before = std::mem::replace(&mut y, 3.0) as usize;
    y * before as f64
}

fn main() {
    println!("{:?}", f::grad(2.0));
}
