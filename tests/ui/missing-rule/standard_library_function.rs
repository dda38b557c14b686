use differentiate::differentiate;

#[differentiate]
fn f(x: f64, y: f64) -> f64 {
    std::hint::black_box(x * y)
}

fn main() {
    println!("{:?}", f::grad(1.0, 2.0));
}
