use differentiate::differentiate;

#[differentiate]
fn f(bits: &mut u64, x: f64) -> f64 {
    *bits = x.to_bits();
    x
}

fn main() {
    println!("{}", f::grad(&mut 0, 2.0));
}
