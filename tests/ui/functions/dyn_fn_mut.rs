use differentiate::differentiate;

#[differentiate]
fn visit(#[no_diff] seen: &mut dyn FnMut(f64), x: f64) -> f64 {
    seen(x * x);
    x * x
}

fn main() {
    println!("{}", visit(&mut |_| {}, 1.0));
}
