use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = 0.0;
    println!("y = {}", {
        y = x * x;
        y
    });
    y
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
