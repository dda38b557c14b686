use differentiate::differentiate;

#[differentiate]
fn f(g: Box<dyn Fn(f64) -> f64>, x: f64) -> f64 {
    g(x)
}

fn main() {
    println!("{}", f(Box::new(|x| x), 1.0));
}
