use differentiate::differentiate;

struct Table<'a> {
    values: &'a [f64],
}

#[differentiate]
impl<'a> Table<'a> {
    fn at(#[no_diff] &self, x: f64) -> f64 {
        self.values[0] * x
    }
}

fn main() {}
