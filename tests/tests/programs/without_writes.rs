//! Acceptance programs about writes to elements, as one writes them without: values are rebuilt.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::{Vector3, vector};

// E1: sums before and after a test; the elements that have been read are then cleared.
#[differentiate(order = 2)]
fn e1(v: &[f64]) -> f64 {
    let mut r = 0.0;
    for a in v {
        let mut a = *a;
        r += a * a;
        if r > 30.0 {
            break;
        }
        r += a * a;
        a = 0.0;
        r += a;
    }
    r
}

// E11 and E13: squares in place; here into a new vector.
#[differentiate(order = 2)]
fn e11(a: Vec<f64>) -> Vec<f64> {
    let mut a = a;
    a = a.iter().map(|x| x * x).collect();
    a
}

#[differentiate(order = 2)]
fn e13(d: &[f64; 4]) -> [f64; 4] {
    let mut e = [0.0; 4];
    for o in [0, 1, 2, 3, 0, 1, 2, 3] {
        let square = d[o] * d[o];
        let [p, q, r, s] = e;
        e = match o {
            0 => [square, q, r, s],
            1 => [p, square, r, s],
            2 => [p, q, square, s],
            _ => [p, q, r, square],
        };
    }
    e
}

// C13: a list that is cut and grows.
#[differentiate(order = 2)]
fn c13(x: f64) -> f64 {
    let p = vec![x, x * x, x * x * x];
    let mut r = p.iter().sum::<f64>();
    let p: Vec<f64> = p.iter().take(1).copied().collect();
    r += p[0];
    let p = vec![p[0], x];
    r + p[1]
}

// S9: two pairs change places.
#[differentiate(order = 2)]
fn s9(x: f64) -> f64 {
    let (mut y, mut z) = ((x, x), (2.0 * x, 0.0));
    if x > 0.0 {
        let mut w = (x, x);
        (w, y) = (y, w);
        z = (z.0 - y.0, z.1 + y.0 + (w.0 - w.1));
    } else {
        z = (x, x);
    }
    y.0 + y.1 - z.0 + z.1
}

// J1: an array of which one element is scaled five times.
#[differentiate(order = 2)]
fn j1(x: f64) -> f64 {
    let mut t = [1.0, 0.0];
    for _ in 0..5 {
        t = [t[0] * x, t[1]];
    }
    t[0]
}

// J3: scratch that the function owns.
#[differentiate(order = 2)]
fn j3(x: f64, v: f64, k: f64) -> (f64, f64) {
    let b = [-k];
    let scratch = [b[0] * x];
    (v, scratch[0])
}

// T1: one element is replaced by a product of others.
#[differentiate(order = 2)]
fn t1(x: Vector3<f64>) -> f64 {
    let y = x.component_mul(&x);
    let x = vector![y[1] * y[2], x[1], x[2]];
    x.dot(&y)
}

// W3: one is added to each.
#[differentiate(order = 2)]
fn w3(a: &[f64]) -> f64 {
    a.iter().map(|a| a + 1.0).sum()
}

// M3: the first element becomes the sine of the second.
#[differentiate(order = 2)]
fn m3(x: [f64; 2]) -> f64 {
    let x = [x[1].sin(), x[1]];
    x[0]
}

// C17: two fields are scaled.
#[differentiate(order = 2)]
fn c17(x: f64) -> f64 {
    let s = (x, 2.0 * x);
    let s = (3.0 * s.0, 3.0 * s.1);
    s.0 * s.0 + s.1
}

#[test]
fn rebuilt_instead_of_written() {
    battery!(e1(v), at v = vec![1.0, 2.0, 3.0, 4.0, 5.0])
        .gradient_is(vec![4.0, 8.0, 12.0, 8.0, 0.0]);
    pullback!(e11(a.clone()), at a = vec![1.0, 2.0, 3.0]).maps(vec![1.0; 3], vec![2.0, 4.0, 6.0]);
    pullback!(e11(a.clone()), at a = vec![]).maps(vec![], vec![]);
    pullback!(e13(d), at d = [0.0, 1.0, 2.0, 3.0]).maps([1.0; 4], [0.0, 2.0, 4.0, 6.0]);
    battery!(c13(*x), at x = 2.0).gradient_is(19.0);
    battery!(s9(*x), at x = 1.5).is(3.0, 2.0);
    battery!(s9(*x), at x = -1.5).is(-3.0, 2.0);
    battery!(j1(*x), at x = 1.2).gradient_is(10.368);
    pullback!(j3(*x, *v, *k), at x = 1.0, v = 3.0, k = 1.0).maps((0.0, 1.0), (-1.0, 0.0, -1.0));
    battery!(t1(*x), at x = vector![1.0, 2.0, 3.0]).is(71.0, vector![72.0, 48.0, 51.0]);
    battery!(w3(a), at a = vec![0.5, 2.0]).is(4.5, vec![1.0, 1.0]);
    battery!(m3(*x), at x = [1.0, 2.0]).gradient_is([0.0, 2.0_f64.cos()]);
    battery!(c17(*x), at x = 1.0).is(15.0, 24.0);
}

// A1: the log-posterior of a mixture of Gaussians, with parameters as ADBench lays them out.
#[differentiate(order = 2)]
fn log_sum_exp(v: &[f64]) -> f64 {
    let max = v.iter().fold(f64::NEG_INFINITY, |m, a| m.max(*a));
    v.iter().map(|a| (a - max).exp()).sum::<f64>().ln() + max
}

#[differentiate(order = 2)]
fn a1(alphas: &[f64], means: &[[f64; 2]], icf: &[[f64; 3]], #[no_diff] xs: &[[f64; 2]]) -> f64 {
    let mut posterior = -(xs.len() as f64) * std::f64::consts::TAU.ln();
    for x in xs {
        let terms: Vec<f64> = (0..alphas.len())
            .map(|k| {
                let [q1, q2, l] = icf[k];
                let (u, v) = (x[0] - means[k][0], x[1] - means[k][1]);
                let (a, b) = (q1.exp() * u, l * u + q2.exp() * v);
                alphas[k] + q1 + q2 - 0.5 * (a * a + b * b)
            })
            .collect();
        posterior += log_sum_exp(&terms);
    }
    posterior -= xs.len() as f64 * log_sum_exp(alphas);
    posterior + wishart_prior(icf)
}

/// With gamma = 1, m = 0 and two dimensions.
#[differentiate(order = 2)]
fn wishart_prior(icf: &[[f64; 3]]) -> f64 {
    use std::f64::consts::{LN_2, PI};
    let constant = -2.0 * LN_2 - PI.ln();
    let mut prior = 0.0;
    for [q1, q2, l] in icf {
        prior += 0.5 * ((2.0 * q1).exp() + (2.0 * q2).exp() + l * l) - constant;
    }
    prior
}

#[test]
fn gaussian_mixture() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../data/gmm_test.json")).expect("the file is JSON");
    let read = |name: &str| -> Vec<f64> {
        let flat = golden[name].as_array().expect("a list").iter();
        flat.flat_map(|it| it.as_array().cloned().unwrap_or_else(|| vec![it.clone()]))
            .map(|it| it.as_f64().expect("a number"))
            .collect()
    };
    let pairs = |v: Vec<f64>| v.chunks(2).map(|c| [c[0], c[1]]).collect::<Vec<_>>();
    let triples = |v: Vec<f64>| v.chunks(3).map(|c| [c[0], c[1], c[2]]).collect::<Vec<_>>();
    let xs = pairs(read("x"));
    let g = read("gradient");
    let value = golden["value"].as_f64().expect("a number");
    battery!(
        a1(alphas, means, icf, &xs),
        at alphas = read("alphas"), means = pairs(read("means")), icf = triples(read("icf"))
    )
    .is(
        value,
        (
            g[..3].to_vec(),
            pairs(g[3..9].to_vec()),
            triples(g[9..].to_vec()),
        ),
    );
}
