use differentiate::differentiate;

struct Fit {
    slope: f64,
}

fn fit(slope: f64) -> Fit {
    Fit { slope }
}

#[differentiate]
fn line(slope: f64) -> Fit {
    fit(slope)
}

fn main() {
    println!("{}", line(1.0).slope);
}
