use std::cell::Cell;

use differentiate::differentiate;

#[differentiate]
fn squares(x: f64) -> f64 {
    let mut a = [1.0, 2.0];
    let cells = Cell::from_mut(&mut a[..]).as_slice_of_cells();
    cells[0].set(x * x);
    a[0] + a[1]
}

fn main() {
    println!("{}", squares::grad(3.0));
}
