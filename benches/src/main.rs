//! What a gradient costs: the time of value and gradient as a multiple of the time of the function, beside the same
//! multiple of an adjoint that is written by hand.
//!
//! `cargo run --release -p differentiate-benches` prints the table and writes it into `docs/performance.md`, which says
//! how to read it. With names as arguments, only the programs whose name contains one of them are run, and nothing is
//! written; `--full` adds sizes that take long. Inputs are fixed.

mod convolutions;
mod geometry;
mod linear_algebra;
mod mixture;
mod mixture_matrices;
mod networks;
mod products;
mod reprojection;
mod scalars;
mod stencils;
mod suite;
mod time_steps;

use std::alloc::System;
use std::path::Path;
use std::{env, fs};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::suite::Suite;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let mut suite = Suite::default();
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--full" => suite.full = true,
            option if option.starts_with('-') => {
                panic!("`{option}` is no option; `--full` is, and names of programs are")
            }
            _ => suite.filters.push(argument),
        }
    }

    scalars::run(&mut suite);
    stencils::run(&mut suite);
    mixture::run(&mut suite);
    mixture_matrices::run(&mut suite);
    reprojection::run(&mut suite);
    time_steps::run(&mut suite);
    geometry::run(&mut suite);
    products::run(&mut suite);
    networks::run(&mut suite);
    linear_algebra::run(&mut suite);
    convolutions::run(&mut suite);

    let (all, within) = suite.within(1.15);
    println!("\n{within} of {all} gradients take at most 1.15 times the time of those by hand.");
    if suite.filters.is_empty() {
        write(&suite.table());
    }
}

/// Puts the table between the markers in `docs/performance.md`.
fn write(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = fs::read_to_string(&path).expect("the page can be read");
    let (before, rest) = page.split_once("<!-- table -->\n").expect("a marker");
    let (_, after) = rest.split_once("<!-- end of table -->").expect("a marker");
    let page = format!("{before}<!-- table -->\n{table}<!-- end of table -->{after}");
    fs::write(&path, page).expect("the page can be written");
}
