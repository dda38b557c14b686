use std::collections::HashMap;

use differentiate::Differentiable;

#[derive(Clone, Differentiable)]
struct Params {
    weight: f64,
    table: HashMap<String, f64>,
    bias: f64,
}

fn main() {
    let params = Params { weight: 1.0, table: HashMap::new(), bias: 2.0 };
    let Params { weight, table, bias } = params.ad_owned();
    println!("{weight} {} {bias}", table.len());
}
