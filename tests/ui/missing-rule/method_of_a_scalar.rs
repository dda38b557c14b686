use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    x.gamma_like() + x.sin()
}

trait GammaLike {
    fn gamma_like(self) -> f64;
}

impl GammaLike for f64 {
    fn gamma_like(self) -> f64 {
        (self * self.ln() - self).exp()
    }
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
