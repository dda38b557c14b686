//! Functions without loops and branches. `tests/assembly.rs` looks at what rustc makes of their derivatives, and
//! `docs/performance.md` shows it for the first.

use std::hint::black_box;

use differentiate::differentiate;

#[differentiate]
fn short(x: f64, y: f64, z: f64) -> f64 {
    x * y + y / z
}

#[inline(never)]
fn gradient_of_short(x: f64, y: f64, z: f64) -> (f64, f64, f64) {
    short::grad(x, y, z)
}

#[differentiate]
fn long(x: f64, y: f64, z: f64) -> f64 {
    let a = x * y + z;
    let b = a / z + y * y;
    a * b - x / y + (z - b) * (x + 3.0)
}

#[inline(never)]
fn gradient_of_long(x: f64, y: f64, z: f64) -> (f64, f64, f64) {
    long::grad(x, y, z)
}

#[inline(never)]
fn adjoint_of_long(x: f64, y: f64, z: f64, seed: f64, shadow: &mut [f64; 3]) -> f64 {
    let [dx, dy, dz] = shadow;
    long::adjoint(x, y, z, seed, dx, dy, dz)
}

fn main() {
    let [x, y, z, seed] = black_box([2.0, 3.0, 5.0, 7.0]);
    let mut shadow = [0.0; 3];
    println!("{:?}", gradient_of_short(x, y, z));
    println!("{:?}", gradient_of_long(x, y, z));
    println!(
        "{}, {shadow:?}",
        adjoint_of_long(x, y, z, seed, &mut shadow)
    );
}
