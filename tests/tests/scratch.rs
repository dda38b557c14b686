use differentiate::differentiate;

#[differentiate]
fn poly(x: f64, y: f64) -> f64 {
    let a = x * y + x.sin();
    a * a - y / x
}

#[differentiate]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * y[i];
    }
    s
}

#[differentiate]
fn control(a: f64) -> f64 {
    let mut b = 2.0 * a;
    while b.abs() < 1000.0 {
        b = 2.0 * b;
    }
    if b > 0.0 { b } else { 100.0 * b }
}

#[test]
fn basics() {
    let (v, (dx, dy)) = poly::value_and_grad(1.5, 0.7);
    let a: f64 = 1.5 * 0.7 + 1.5f64.sin();
    assert_eq!(v, poly(1.5, 0.7));
    assert!((dx - (2.0 * a * (0.7 + 1.5f64.cos()) + 0.7 / 2.25)).abs() < 1e-12);
    assert!((dy - (2.0 * a * 1.5 - 1.0 / 1.5)).abs() < 1e-12);
    let (dx, dy) = dot::grad(&[1.0, 2.0], &[3.0, 4.0]);
    assert_eq!(dx, [3.0, 4.0]);
    assert_eq!(dy, [1.0, 2.0]);
    for a in [0.3, -0.7, 5.0, 2000.0, -3000.0] {
        assert_eq!(control::grad(a), control(a) / a);
    }
}
