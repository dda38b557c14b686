use differentiate::differentiate;

#[differentiate]
fn total(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let mut it = a.iter_mut();
    while let Some(v) = it.next() {
        *v *= x;
    }
    a[0] + a[1]
}

fn main() {
    println!("{:?}", total::grad(1.0));
}
