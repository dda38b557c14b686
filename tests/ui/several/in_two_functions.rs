use differentiate::differentiate;

#[differentiate]
fn first(x: f64) -> f64 {
    let v = [x, x];
    v.windows(2).map(|w| w[0] * w[1]).sum()
}

#[differentiate]
fn second(x: f64) -> f64 {
    let mut v = vec![x];
    v.push(x);
    v[1]
}

fn main() {
    println!("{} {}", first::grad(1.0), second::grad(1.0));
}
