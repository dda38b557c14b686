use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0; 4];
    let mut rows: Vec<&mut [f64]> = a.chunks_mut(2).collect();
    rows[1][0] = x * x;
    a.iter().sum()
}

fn main() {
    println!("{}", f::grad(1.0));
}
