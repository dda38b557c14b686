use differentiate::differentiate;

#[differentiate]
fn first(x: f64) -> f64 {
    let v = [x, x];
    v.iter().scan(1.0, |t, w| Some(*t * w)).sum()
}

#[differentiate]
fn second(x: f64) -> f64 {
    let mut v = vec![x];
    v.insert(0, x);
    v[1]
}

fn main() {
    println!("{} {}", first::grad(1.0), second::grad(1.0));
}
