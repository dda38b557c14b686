use differentiate::differentiate;

#[differentiate]
fn loss(w: &[f64], x: f64) -> f64 {
    let mut scaled = vec![0.0; w.len()];
    for i in 0..w.len() {
        scaled[i] = w[i] * x;
    }
    scaled.iter().sum()
}

struct Model {
    w: Vec<f64>,
}

impl Model {
    #[differentiate]
    fn loss(#[no_diff] &self, x: f64) -> f64 {
        let mut last = vec![x];
        last.push(x);
        last[1] * self.w[0]
    }
}

// The function itself and every use of what the attribute promised: one error for each function, nothing below.
fn main() {
    let w = vec![1.0, 2.0];
    let value: f64 = loss(&w, 2.0);
    let (again, (dw, dx)) = loss::value_and_grad(&w, 2.0);
    let (dw2, _) = loss::grad(&w, 2.0);
    assert_eq!(value, again + dx);
    println!("{} {}", dw.iter().sum::<f64>(), dw2[0] + dx.sqrt());
    let (_, pullback) = loss::vjp(&w, 2.0);
    let (dw, dx) = pullback(1.0);
    println!("{dw:?} {dx}");
    let (mut dw, mut dx) = (vec![0.0; 2], 0.0);
    let value = loss::adjoint(&w, 2.0, 1.0, &mut dw, &mut dx);
    println!("{value} {dw:?} {dx}");
    let model = Model { w };
    let (value, dx) = model.loss_value_and_grad(2.0);
    println!("{} {} {}", model.loss(2.0), value + dx, model.loss_grad(2.0));
}
