use differentiate::differentiate;

#[differentiate]
fn polar(p: [f64; 2]) -> [f64; 2] {
    [p[0] * p[1].cos(), p[0] * p[1].sin()]
}

#[differentiate]
fn area(p: [f64; 2]) -> f64 {
    let j = polar::jacobian(p);
    j[(0, 0)] * j[(1, 1)] - j[(0, 1)] * j[(1, 0)]
}

fn main() {
    println!("{:?}", area::grad([1.0, 2.0]));
}
