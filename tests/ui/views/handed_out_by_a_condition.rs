#[differentiate::differentiate]
mod pairs {
    fn larger<'a>(a: &'a mut f64, b: &'a mut f64) -> &'a mut f64 {
        if *a > *b { a } else { b }
    }

    fn scale(by: f64, x: &mut f64) {
        *x *= by;
    }

    pub fn f(mut a: f64, mut b: f64) -> f64 {
        let mut k = 1.0;
        scale({ k += 1.0; k }, larger(&mut a, &mut b));
        a * b
    }
}

fn main() {
    pairs::f(1.0, 2.0);
}
