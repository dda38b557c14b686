use differentiate::{detach, differentiate};

fn clear(y: &mut f64) {
    *y = 0.0;
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = x * x;
    clear(detach(&mut y));
    y
}

fn main() {
    println!("{}", f::grad(1.0));
}
