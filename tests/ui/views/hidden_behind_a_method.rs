use differentiate::differentiate;

struct Cursor<'a> {
    data: &'a mut [f64],
    at: usize,
}

impl Cursor<'_> {
    fn put(&mut self, value: f64) {
        self.data[self.at] = value;
        self.at += 1;
    }
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut data = vec![0.0; 2];
    let mut cursor = Cursor { data: &mut data, at: 0 };
    cursor.put(x * x);
    data[0]
}

fn main() {
    println!("{}", f::grad(1.0));
}
