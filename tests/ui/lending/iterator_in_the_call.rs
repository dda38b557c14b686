use differentiate::differentiate;

fn scale<'a>(v: impl Iterator<Item = &'a mut f64>, by: f64) {
    v.for_each(|it| *it *= by);
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    scale(a.iter_mut(), x);
    a[0]
}

fn main() {
    println!("{:?}", f(1.0));
}
