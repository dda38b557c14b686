//! What a gradient costs: the time of value and gradient as a multiple of the time of the function, beside the same
//! multiple of a pullback that is written by hand.
//!
//! `cargo run --release -p differentiate-benches` prints the table; `docs/performance.md` says how to read it. Inputs are
//! fixed, each figure is the median of many runs.

mod convolutions;
mod linear_algebra;
mod products;
mod timing;

fn main() {
    println!(
        "| program | size | primal | gradient / primal | by hand / primal | gradient / by hand |"
    );
    println!("|---|---|---|---|---|---|");
    products::run();
    linear_algebra::run();
    convolutions::run();
}
