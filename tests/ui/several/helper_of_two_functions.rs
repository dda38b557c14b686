use differentiate::differentiate;

fn helper(x: f64) -> f64 {
    x * x
}

#[differentiate]
fn first(x: f64) -> f64 {
    helper(x).sin()
}

#[differentiate(forward)]
fn second(x: f64) -> f64 {
    helper(x) + first(x)
}

fn main() {
    println!("{} {}", first::grad(1.0), second::grad(1.0));
}
