use differentiate::differentiate;

struct Buffer {
    data: Vec<f64>,
}

impl Buffer {
    fn slot(&mut self, at: usize) -> &mut f64 {
        &mut self.data[at]
    }
}

#[differentiate]
fn f(#[no_diff] n: usize, x: f64) -> f64 {
    let mut buffer = Buffer { data: vec![1.0; n] };
    *buffer.slot(0) = x * x;
    buffer.data[0]
}

fn main() {
    println!("{}", f::grad(1, 1.0));
}
