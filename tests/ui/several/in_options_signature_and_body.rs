use differentiate::differentiate;

#[differentiate(reverse, wrt(z))]
fn f(x: f64, y: &mut f64) -> f64 {
    *y = x;
    unsafe { x.sqrt().to_int_unchecked::<i32>() as f64 }
}

fn main() {
    println!("{}", f::grad(1.0, &mut 2.0));
}
