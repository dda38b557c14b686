use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let mut at = 0;
    let slot = loop {
        if a[at] > 1.5 {
            break &mut a[at];
        }
        at += 1;
    };
    *slot = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
