#[differentiate::differentiate]
mod pairs {
    fn larger<'a>(a: &'a mut f64, b: &'a mut f64) -> &'a mut f64 {
        if *a > *b { a } else { b }
    }

    fn square(x: &mut f64) {
        *x *= *x;
    }

    pub fn f(mut a: f64, mut b: f64) -> f64 {
        square(larger(&mut a, &mut b));
        a * b
    }
}

fn main() {
    pairs::f(1.0, 2.0);
}
