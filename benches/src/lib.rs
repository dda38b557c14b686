//! What a gradient costs: the time of value and gradient as a multiple of the time of the function, beside the same
//! multiple of an adjoint that is written by hand.
//!
//! `cargo run --release -p differentiate-benches` prints the table and writes it into `docs/performance.md`, which says
//! how to read it, and some lines of it into the README. With names as arguments, only the programs whose name contains
//! one of them are run, and nothing is written; `--full` adds sizes that take long; `--orders` measures tangents, Jacobians
//! and second derivatives, and nothing else; `--compile-time` measures what the
//! attribute costs where it is compiled, and nothing else. Inputs are fixed.
//!
//! Memory is counted by another program, `count`, which this one runs first: an allocator that counts would make each
//! allocation dearer here.

#![allow(
    clippy::needless_range_loop,
    reason = "the programs are written as people write such programs"
)]

mod compile_time;
mod convolutions;
mod geometry;
mod linear_algebra;
mod mixture;
mod mixture_matrices;
mod networks;
mod orders;
mod products;
mod reprojection;
mod scalars;
mod stencils;
mod suite;
mod time_steps;

use std::path::Path;
use std::{env, fs};

pub use crate::suite::{Count, Memory};
use crate::suite::{Mode, Suite};

/// The lines that the README quotes begin like this.
const QUOTED: [&str; 8] = [
    "dot",
    "logistic",
    "Gaussian mixture in place | d = 10,",
    "reprojection, 2 × 15 Jacobians on arrays",
    "Runge-Kutta",
    "arm",
    "perceptron, tanh, squared error | 256",
    "Gaussian process by Cholesky | n = 200",
];

/// Counts memory, and prints it for the program that takes the times.
pub fn count(count: Count) {
    let mut suite = Suite::new(Mode::Count(count));
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--full" => suite.full = true,
            _ => suite.filters.push(argument),
        }
    }
    programs(&mut suite);
}

/// Takes the times.
///
/// # Panics
///
/// If gradients do not agree, if an option is none, or if a page cannot be written.
pub fn main() {
    let mut suite = Suite::default();
    let mut orders = false;
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--full" => suite.full = true,
            "--compile-time" => {
                let table = compile_time::table();
                print!("{table}");
                write("docs/performance.md", "compile time", &table);
                return;
            }
            "--orders" => orders = true,
            option if option.starts_with('-') => {
                panic!("`{option}` is no option; `--full`, `--orders` and `--compile-time` are")
            }
            _ => suite.filters.push(argument),
        }
    }

    if orders {
        let table = orders::table(&suite);
        if suite.filters.is_empty() {
            write("docs/performance.md", "orders", &table);
        }
        return;
    }

    suite.mode = Mode::Time(suite::counted());
    programs(&mut suite);

    let (all, within) = suite.within(1.15);
    println!("\n{within} of {all} gradients take at most 1.15 times the time of those by hand.");
    if suite.filters.is_empty() {
        write("docs/performance.md", "table", &suite.table(|_| true));
        write(
            "README.md",
            "table",
            &suite.table(|it| QUOTED.iter().any(|quoted| it.starts_with(quoted))),
        );
    }
}

fn programs(suite: &mut Suite) {
    scalars::run(suite);
    stencils::run(suite);
    mixture::run(suite);
    mixture_matrices::run(suite);
    reprojection::run(suite);
    time_steps::run(suite);
    geometry::run(suite);
    products::run(suite);
    networks::run(suite);
    linear_algebra::run(suite);
    convolutions::run(suite);
}

/// Puts a table between its markers on a page.
fn write(page: &str, marker: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let text = fs::read_to_string(&path).expect("the page can be read");
    let [start, end] = [
        format!("<!-- {marker} -->\n"),
        format!("<!-- end of {marker} -->"),
    ];
    let (before, rest) = text.split_once(&start).expect("a marker");
    let (_, after) = rest.split_once(&end).expect("a marker");
    let text = format!("{before}{start}{table}{end}{after}");
    fs::write(&path, text).expect("the page can be written");
}
