use differentiate::{check, differentiate};

#[differentiate]
fn scale(v: &mut [f64], by: f64) {
    for a in v {
        *a *= by;
    }
}

fn main() {
    check!(scale(&mut [1.0, 2.0], 3.0));
}
