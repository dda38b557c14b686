use differentiate::differentiate;

struct Window<'a> {
    data: &'a mut [f64],
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0, 2.0, 3.0];
    let window = Window { data: &mut a[..2] };
    window.data[0] = x * x;
    a[0] + a[1] + a[2]
}

fn main() {
    println!("{}", f::grad(1.0));
}
