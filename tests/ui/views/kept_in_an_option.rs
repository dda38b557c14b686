use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let (mut a, mut b) = (1.0, 2.0);
    let chosen = if x > 0.0 { Some(&mut a) } else { None };
    if let Some(v) = chosen {
        *v = x * x;
    }
    b += a;
    b
}

fn main() {
    println!("{}", f::grad(1.0));
}
