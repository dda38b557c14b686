use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Layer {
    weight: f64,
    #[no_diff]
    last: f64,
}

#[differentiate]
fn f(layer: &mut Layer, x: f64) -> f64 {
    layer.last = layer.weight * x;
    layer.last * layer.last
}

fn main() {
    println!("{}", f::grad(&mut Layer { weight: 1.0, last: 0.0 }, 2.0));
}
