use differentiate::differentiate;

struct Layer {
    activation: fn(f64) -> f64,
}

#[differentiate]
fn forward(#[no_diff] layer: &Layer, x: f64) -> f64 {
    (layer.activation)(x)
}

fn main() {
    let layer = Layer { activation: f64::tanh };
    println!("{:?}", forward::grad(&layer, 1.0));
}
