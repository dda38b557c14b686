use differentiate::Differentiable;

#[derive(Clone)]
struct Name(String);

#[derive(Clone, Differentiable)]
enum Node<T> {
    Leaf(T, Name),
    Pair(Box<Node<T>>, Box<Node<T>>),
}

fn main() {
    let leaf = Node::Leaf(1.0, Name("x".to_owned()));
    if let Node::Leaf(x, name) = Node::Pair(Box::new(leaf.clone()), Box::new(leaf)) {
        println!("{} {x}", name.0);
    }
}
