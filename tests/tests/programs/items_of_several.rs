//! Iterators over several sequences, options that choose, the first item that fits.

use crate::battery::{battery, lent};
use differentiate::differentiate;

#[differentiate(order = 2)]
fn chained(x: &[f64], y: &[f64], k: f64) -> f64 {
    let a = x.iter().chain(y.iter()).map(|v| v * k).sum::<f64>();
    let b: f64 = x
        .iter()
        .chain(y)
        .copied()
        .filter(|v| *v > 0.35)
        .map(f64::sin)
        .product();
    let c = x.iter().chain(y).fold(k, |s, v| s * v + k);
    let all: Vec<f64> = x
        .iter()
        .chain(y.iter())
        .map(|v| v * v)
        .chain(std::iter::once(k))
        .collect();
    let mut d = 0.0;
    for (i, v) in all.iter().enumerate() {
        d += v * i as f64;
    }
    let mut e = 1.0;
    for v in x.iter().chain(y) {
        if *v > 0.75 {
            continue;
        }
        e *= v * k;
        if *v > 0.55 {
            break;
        }
        e += 1.0;
    }
    'o: for v in x.iter().chain(y.iter().chain(x)) {
        for w in y {
            if w > v {
                continue 'o;
            }
            if *w * 2.0 < *v {
                break 'o;
            }
            e += w * v;
        }
    }
    a + b * c + d * e
}
#[differentiate(order = 2)]
fn nested(m: &[Vec<f64>], k: f64) -> f64 {
    let a: f64 = m.iter().flatten().map(|v| v * v * k).sum();
    let b = m
        .iter()
        .flat_map(|r| r.iter().map(|v| v * k))
        .filter(|v| *v > 0.1)
        .sum::<f64>();
    let k2 = 3.0;
    let c: f64 = m
        .iter()
        .flat_map(|k2| {
            let s = k2[0];
            k2.iter().map(move |v| v * s)
        })
        .map(|v| v * k2)
        .sum();
    let mut d: f64 = 0.0;
    for v in m.iter().flatten() {
        d += v.sin() * d.cos();
        if d > 2.0 {
            break;
        }
    }
    let list: Vec<f64> = m.iter().flatten().copied().collect();
    let e = (0..2)
        .flat_map(|i| m[i].iter().zip(&m[1 - i]).map(|(a, b)| a * b))
        .sum::<f64>();
    let o = [Some(k), None, Some(k * k)];
    let f: f64 = o.iter().flatten().sum();
    let g: f64 = o.into_iter().flatten().map(|v| v * v).sum();
    a + b * c + d + e * list[1] + f * g
}
#[differentiate(order = 2)]
fn written(m: &mut [Vec<f64>], x: &mut [f64], k: f64) -> f64 {
    for v in m.iter_mut().flatten() {
        *v *= k;
    }
    for v in x.iter_mut().chain(m[0].iter_mut()) {
        *v = v.sin();
    }
    x[0] * m[0][0] + m[1][0]
}

#[differentiate(order = 2)]
fn found(x: &[f64], k: f64) -> f64 {
    let p = x.iter().find(|v| **v > 0.4).unwrap();
    let (i, q) = x.iter().enumerate().find(|(_, v)| **v * k > 0.3).unwrap();
    let m: f64 = x.iter().map(|v| v * k).find(|v| *v > 0.3).unwrap();
    *p * k + q * i as f64 + m * m
}
#[differentiate(order = 2)]
fn half(x: f64) -> Option<f64> {
    (x > 0.0).then_some(x / 2.0)
}
#[differentiate(order = 2)]
fn options(x: Option<f64>, k: f64) -> f64 {
    let a = x.map_or(0.0, |x| x * x * k);
    let b = x.map(|v| v * k).unwrap_or(1.0);
    let c = x
        .and_then(|v| if v > 0.0 { Some(v * k) } else { None })
        .unwrap_or(0.0);
    let d = x.unwrap_or_else(|| k);
    let e = x.map_or_else(
        || k * k,
        |v| {
            if v > 10.0 {
                return k;
            }
            v * v
        },
    );
    let f = x.or_else(|| Some(k)).unwrap();
    let g = x.map_or(k, f64::sin) + x.and_then(half).map_or(1.0, |h| h * k);
    let v = [k, k * k];
    let h = v.first().map_or(0.0, |f| f * k) + v.get(5).copied().unwrap_or_else(|| k * 0.5);
    let i = (k > 0.0).then(|| k * k).unwrap_or(k) + v.split_last().map_or(k, |(a, b)| a * b[0]);
    a + b * c + d + e * f + g * h + i
}

#[test]
fn agree_with_differences() {
    battery!(chained(a, b, *c), at a = vec![0.3, 0.8, 0.6], b = vec![0.5, 0.1, 0.9], c = 0.7);
    battery!(nested(a, *b), at a = vec![vec![0.3, 0.8], vec![0.5, 0.1]], b = 0.7);
    lent!(written(a, b, *c), at mut a = vec![vec![0.3, 0.8], vec![0.5, 0.1]], mut b = vec![0.4, 0.6], c = 0.7);
    battery!(found(a, *b), at a = vec![0.3, 0.8, 0.6], b = 0.7);
    for x in [Some(0.4), Some(-0.4), None] {
        battery!(options(*a, *b), at a = x, b = 0.3);
    }
}
