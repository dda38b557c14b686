use differentiate::differentiate;

#[differentiate]
fn pick(pair: (f64, f64), #[no_diff] swap: bool) -> f64 {
    match (pair, swap) {
        ((x, _), false) | ((_, x), true) => x * x,
    }
}

fn main() {
    println!("{:?}", pick::grad((1.0, 2.0), true));
}
