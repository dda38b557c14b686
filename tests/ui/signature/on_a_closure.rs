use differentiate::differentiate;

fn main() {
    #[differentiate]
    let square = |x: f64| x * x;
    println!("{}", square(2.0));
}
