use differentiate::differentiate;

#[differentiate]
async fn price(spot: f64) -> f64 {
    spot * 1.05
}

fn main() {
    println!("{}", price::grad(100.0));
}
