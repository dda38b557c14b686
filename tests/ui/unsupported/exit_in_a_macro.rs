use differentiate::differentiate;

#[differentiate]
fn product(x: f64, limits: &[Option<f64>]) -> Option<f64> {
    let mut product = x;
    for limit in limits {
        assert!((*limit)? < 10.0, "too large");
        println!("{}", if product > 1e6 { break } else { product });
        product *= x;
    }
    let small = matches!(limits.first()?, Some(it) if *it < 1.0);
    Some(if small { product } else { -product })
}

fn main() {
    product::vjp(2.0, &[]);
}
