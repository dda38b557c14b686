use differentiate::differentiate;

struct Fit {
    slope: f64,
}

#[differentiate]
fn line(slope: f64) -> Fit {
    Fit { slope }
}

fn main() {
    println!("{}", line(1.0).slope);
}
