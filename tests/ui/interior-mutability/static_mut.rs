use differentiate::differentiate;

static mut TOTAL: f64 = 0.0;

#[differentiate]
fn count(x: f64) -> f64 {
    unsafe {
        TOTAL += x;
        TOTAL * x
    }
}

fn main() {
    println!("{}", count::grad(1.0));
}
