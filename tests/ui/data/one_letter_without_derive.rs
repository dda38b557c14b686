use differentiate::differentiate;

struct P {
    x: f64,
}

#[differentiate]
fn square(p: &P) -> f64 {
    p.x * p.x
}

fn main() {
    println!("{}", square(&P { x: 1.0 }));
}
