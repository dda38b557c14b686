use differentiate::differentiate;

#[differentiate]
fn f(x: f64, k: usize) -> f64 {
    #[cfg(test)]
    let x = x * x;
    match k {
        #[cfg(test)]
        0 => x * x * x,
        _ => x,
    }
}

fn main() {}
