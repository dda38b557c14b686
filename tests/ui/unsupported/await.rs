use differentiate::differentiate;

#[differentiate]
fn price(spot: f64) -> f64 {
    let rate = async { 0.05 };
    spot * (1.0 + rate.await)
}

fn main() {
    println!("{}", price::grad(100.0));
}
