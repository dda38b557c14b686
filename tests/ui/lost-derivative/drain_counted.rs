use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut queue = x.to_vec();
    let gone = queue.drain(..1).count();
    queue[0] * gone as f64
}

fn main() {
    println!("{:?}", f::grad(&[2.0, 3.0]));
}
