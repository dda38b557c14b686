use differentiate::differentiate;

#[differentiate(order = 2)]
fn cost(x: f64, load: f64) -> f64 {
    (x - load) * (x - load)
}

fn main() {
    println!("{:?}", cost::argmin(1.0, 2.0));
}
