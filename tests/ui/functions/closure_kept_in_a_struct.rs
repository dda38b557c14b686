use differentiate::differentiate;

struct Model<F> {
    f: F,
}

#[differentiate]
fn f(x: f64) -> f64 {
    let model = Model { f: |t: f64| t * x };
    (model.f)(2.0)
}

fn main() {
    println!("{}", f::grad(1.0));
}
