use differentiate::differentiate;

fn line(slope: f64) -> impl Fn(f64) -> f64 {
    move |t| slope * t
}

#[differentiate]
fn f(x: f64) -> f64 {
    let line = line(x);
    line(2.0)
}

fn main() {
    println!("{}", f::grad(1.0));
}
