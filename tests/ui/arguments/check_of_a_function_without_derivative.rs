use differentiate::check;

fn f(x: f64) -> f64 {
    x * x
}

fn main() {
    check!(f(2.0));
}
