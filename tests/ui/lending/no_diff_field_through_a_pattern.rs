use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
enum Node {
    Leaf(f64, #[no_diff] f64),
    Empty,
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut node = Node::Leaf(x, 1.0);
    if let Node::Leaf(_, rate) = &mut node {
        *rate = x * x;
    }
    match node {
        Node::Leaf(a, rate) => a * rate,
        Node::Empty => 0.0,
    }
}

fn main() {
    println!("{}", f::grad(2.0));
}
