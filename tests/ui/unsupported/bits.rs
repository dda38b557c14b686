use differentiate::differentiate;

#[differentiate]
fn fast_inverse_sqrt(x: f32) -> f32 {
    let y = f32::from_bits(0x5f37_59df - (x.to_bits() >> 1));
    y * (1.5 - 0.5 * x * y * y)
}

fn main() {
    println!("{:?}", fast_inverse_sqrt::grad(2.0));
}
