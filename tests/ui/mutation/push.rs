use differentiate::differentiate;

#[differentiate]
fn trajectory(x0: f64) -> f64 {
    let mut states = vec![x0];
    for _ in 0..10 {
        let last = states[states.len() - 1];
        states.push(last * 0.9);
    }
    states.iter().sum()
}

fn main() {
    println!("{:?}", trajectory::grad(1.0));
}
