use differentiate::differentiate;

macro_rules! skip_if {
    ($skip:expr) => {
        if $skip {
            continue;
        }
    };
}

#[differentiate]
fn sum(x: f64, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        skip_if!(i == 2);
        sum += x * x;
    }
    sum
}

fn main() {
    sum::grad(2.0, 3);
}
