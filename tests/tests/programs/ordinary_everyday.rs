//! Ordinary Rust of many kinds, written as people write it.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::{Differentiable, differentiate};
use nalgebra::{Vector3, vector};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Stat {
    mean: f64,
    #[no_diff]
    count: usize,
    #[no_diff]
    tags: Vec<u32>,
    #[no_diff]
    log: Vec<f64>,
}
#[differentiate(order = 2)]
fn push_stat(s: &mut Stat, x: f64) {
    s.count += 1;
    s.tags.push(3);
    s.tags[0] = 7;
    s.mean += (x - s.mean) / s.count as f64;
}
#[differentiate(order = 2)]
fn reads(s: &Stat, x: f64) -> f64 {
    let mut t = 0.0;
    for i in 0..s.log.len() {
        t += s.log[i] * x;
    }
    t * s.mean + s.count as f64 * x
}
#[differentiate(order = 2)]
fn reads2(s: &Stat, x: f64) -> f64 {
    s.log.iter().map(|l| l * x).sum::<f64>() * s.mean
}
#[differentiate(order = 2)]
fn writes2(s: &mut Stat, x: f64) -> f64 {
    s.log[0] = 3.0;
    s.log.push(1.0);
    s.tags.swap(0, 1);
    s.log.truncate(1);
    s.tags.sort_by(|a, b| a.cmp(b));
    s.mean * x * s.log[0]
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Particle {
    pos: Vector3<f64>,
    vel: Vector3<f64>,
    mass: f64,
}
impl Particle {
    #[differentiate(order = 2)]
    fn kinetic(&self) -> f64 {
        0.5 * self.mass * self.vel.norm_squared()
    }
    #[differentiate(order = 2)]
    fn step(&mut self, force: &Vector3<f64>, dt: f64) {
        self.vel += force / self.mass * dt;
        self.pos += self.vel * dt;
    }
    #[differentiate(order = 2)]
    fn moved(mut self, by: &Vector3<f64>) -> Self {
        self.pos += by;
        self
    }
}
#[differentiate(order = 2)]
fn simulate(p: &[Particle], dt: f64, steps: usize) -> f64 {
    let mut ps = p.to_vec();
    for _ in 0..steps {
        for i in 0..ps.len() {
            let mut f = Vector3::zeros();
            for j in 0..ps.len() {
                if i == j {
                    continue;
                }
                let d = ps[j].pos - ps[i].pos;
                f += d * (ps[i].mass * ps[j].mass / (d.norm_squared() + 0.1).powf(1.5));
            }
            ps[i].step(&f, dt);
        }
    }
    ps.iter().map(|p| p.kinetic()).sum()
}
#[differentiate(order = 2)]
fn best(x: &[f64]) -> f64 {
    let mut best = &x[0];
    for v in x {
        if v > best {
            best = v;
        }
    }
    *best * 2.0
}
#[differentiate(order = 2)]
fn best_idx(x: &[f64]) -> f64 {
    let (i, m) = x
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.partial_cmp(b.1).unwrap())
        .unwrap();
    m * i as f64
}
#[differentiate(order = 2)]
fn boxed(w: Box<[f64]>, x: f64) -> f64 {
    w.iter().map(|w| w * x).sum()
}
#[differentiate(order = 2)]
fn longest<'a>(a: &'a [f64], b: &'a [f64]) -> f64 {
    let c = if a.len() > b.len() { a } else { b };
    c.iter().sum()
}
#[differentiate(order = 2)]
fn deque(x: f64, n: usize) -> f64 {
    let mut h = [0.0; 4];
    for i in 0..n {
        h.rotate_right(1);
        h[0] = x * (i as f64) + h[1];
    }
    h.iter().sum()
}
trait Model {
    fn energy(&self, x: f64) -> f64;
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    k: f64,
}
#[differentiate(order = 2)]
impl Model for Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * x * x
    }
}
#[differentiate(order = 2)]
fn use_model(s: &Spring, x: f64) -> f64 {
    s.energy(x) + 1.0
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle { r: f64 },
    Rect(f64, f64),
    Nothing,
}
#[differentiate(order = 2)]
fn area(s: &Shape) -> f64 {
    match s {
        Shape::Circle { r } => std::f64::consts::PI * r * r,
        Shape::Rect(a, b) => a * b,
        Shape::Nothing => 0.0,
    }
}
#[differentiate(order = 2)]
fn areas(s: &[Shape]) -> f64 {
    s.iter().map(area).sum()
}
#[differentiate(order = 2)]
fn areas2(s: &[Shape]) -> f64 {
    let mut t = 0.0;
    for sh in s {
        t += area(sh);
    }
    t
}
#[differentiate(order = 2)]
fn polyval(c: &[f64], x: f64) -> f64 {
    c.iter().rev().fold(0.0, |acc, &a| acc * x + a)
}
#[differentiate(order = 2)]
fn zipped(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b.iter())
        .map(|(x, y)| (x - y).powi(2))
        .sum::<f64>()
        .sqrt()
}
#[differentiate(order = 2)]
fn cumsum(a: &[f64]) -> Vec<f64> {
    let mut s = 0.0;
    a.iter()
        .map(|x| {
            s += x;
            s
        })
        .collect()
}
#[differentiate(order = 2)]
fn prod(a: &[f64]) -> f64 {
    a.iter().product()
}
#[differentiate(order = 2)]
fn minmax(a: &[f64]) -> f64 {
    a.iter().cloned().fold(f64::NEG_INFINITY, f64::max)
        - a.iter().copied().fold(f64::INFINITY, f64::min)
}
#[differentiate(order = 2)]
fn opt(x: Option<f64>, y: f64) -> f64 {
    x.map(|v| v * y).unwrap_or(y)
}
#[differentiate(order = 2)]
fn opt2(x: Option<f64>, y: f64) -> f64 {
    let Some(v) = x else {
        return y;
    };
    v * y
}
#[differentiate(order = 2)]
fn opt3(x: Option<f64>, y: f64) -> Option<f64> {
    let v = x?;
    if v > 0.0 { Some(v * y) } else { None }
}
#[differentiate(order = 2)]
fn res(x: f64) -> Result<f64, String> {
    if x < 0.0 {
        return Err("negative".to_string());
    }
    Ok(x.sqrt())
}
#[differentiate(order = 2)]
fn res2(x: f64, y: f64) -> Result<f64, String> {
    let a = res(x)?;
    let b = res(y)?;
    Ok(a * b)
}
#[differentiate(order = 2)]
fn res3(x: f64, y: f64) -> f64 {
    res2(x, y).unwrap_or(x)
}
#[differentiate(order = 2)]
fn grid(n: usize, k: f64) -> f64 {
    let mut g = vec![vec![0.0; n]; n];
    g[n / 2][n / 2] = k;
    for _ in 0..3 {
        let old = g.clone();
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                g[i][j] = 0.25 * (old[i - 1][j] + old[i + 1][j] + old[i][j - 1] + old[i][j + 1]);
            }
        }
    }
    g.iter().map(|r| r.iter().map(|v| v * v).sum::<f64>()).sum()
}
#[differentiate(order = 2)]
fn newton(a: f64) -> f64 {
    let mut x = a;
    loop {
        let next = 0.5 * (x + a / x);
        if (next - x).abs() < 1e-12 {
            break next;
        }
        x = next;
    }
}
#[differentiate(order = 2)]
fn bs(s: f64, k: f64, t: f64, r: f64, v: f64) -> f64 {
    let d1 = ((s / k).ln() + (r + v * v / 2.0) * t) / (v * t.sqrt());
    let d2 = d1 - v * t.sqrt();
    s * norm_cdf(d1) - k * (-r * t).exp() * norm_cdf(d2)
}
#[differentiate(order = 2)]
fn norm_cdf(x: f64) -> f64 {
    0.5 * (1.0 + differentiate::special::erf(x / std::f64::consts::SQRT_2))
}
#[differentiate(order = 2)]
fn mat(a: &[[f64; 3]; 3], b: [f64; 3]) -> [f64; 3] {
    let mut out = [0.0; 3];
    for (o, row) in out.iter_mut().zip(a) {
        *o = row.iter().zip(&b).map(|(x, y)| x * y).sum();
    }
    out
}
#[differentiate(order = 2)]
fn arrmap(b: [f64; 3]) -> f64 {
    let c = b.map(|x| x * x);
    c[0] + c[1] * c[2]
}
#[differentiate(order = 2)]
fn strmatch(kind: &str, x: f64) -> f64 {
    match kind {
        "sq" => x * x,
        "cube" => x.powi(3),
        _ => x,
    }
}
#[differentiate(order = 2)]
fn lut(x: f64, #[no_diff] table: &HashMap<String, f64>) -> f64 {
    x * table.get("a").copied().unwrap_or(1.0)
}
#[differentiate(order = 2)]
fn lut2(x: f64, #[no_diff] table: &BTreeMap<u32, Vec<f64>>) -> f64 {
    let mut s = 0.0;
    for (k, v) in table {
        s += x * v[0] * *k as f64;
    }
    s
}
#[differentiate(order = 2)]
fn shadows(x: f64) -> f64 {
    let x = x * x;
    let x = {
        let y = x;
        y + x
    };
    x
}
#[differentiate(order = 2)]
fn tup(p: (f64, f64)) -> (f64, f64) {
    let (a, b) = p;
    (a * b, a + b)
}
#[differentiate(order = 2)]
fn stack(x: &[f64]) -> f64 {
    let mut st = Vec::new();
    for v in x {
        st.push(v * 2.0);
    }
    let mut s = 0.0;
    while let Some(v) = st.pop() {
        s = s * 0.5 + v;
    }
    s
}
#[differentiate(order = 2)]
fn swaps(mut a: Vec<f64>) -> f64 {
    for i in 0..a.len() {
        for j in 0..a.len() - 1 - i {
            if a[j] > a[j + 1] {
                a.swap(j, j + 1);
            }
        }
    }
    a[0] * 3.0 + a[a.len() - 1]
}
#[differentiate(order = 2)]
fn assertive(x: f64) -> f64 {
    assert!(x > 0.0, "x must be positive, is {x}");
    debug_assert!(x.is_finite());
    x.ln()
}
#[differentiate(order = 2)]
fn generic<T: differentiate::Real>(x: T, y: T) -> T {
    x * y + x.sin()
}

fn stat() -> Stat {
    Stat {
        mean: 0.4,
        count: 3,
        tags: vec![5, 6],
        log: vec![0.5, 1.5, -0.25],
    }
}

fn particles() -> Vec<Particle> {
    let at = |k: f64| Particle {
        pos: vector![k, 0.3 * k * k, -0.2 * k],
        vel: vector![0.1, -0.2 * k, 0.3],
        mass: 1.0 + 0.5 * k,
    };
    vec![at(0.0), at(1.0), at(2.5)]
}

#[test]
fn fields_without_derivative() {
    in_place!(push_stat(s, *x), reverse at mut s = stat(), x = 1.3);
    battery!(reads(s, *x), at s = stat(), x = 1.3);
    battery!(reads2(s, *x), at s = stat(), x = 1.3);
    lent!(writes2(s, *x), reverse at mut s = stat(), x = 1.3);
}

#[test]
fn structs_and_enums() {
    battery!(simulate(p, *dt, 3), at p = particles(), dt = 0.1);
    battery!(use_model(s, *x), at s = Spring { k: 2.0 }, x = 0.7);
    let shapes = vec![
        Shape::Circle { r: 0.7 },
        Shape::Rect(1.2, 0.4),
        Shape::Nothing,
    ];
    battery!(areas(s), at s = shapes.clone());
    battery!(areas2(s), at s = shapes.clone());
}

#[test]
fn iterators() {
    let (a, b) = (vec![0.4, -1.3, 2.2, 0.9], vec![1.4, 0.3, -0.2, 0.1]);
    battery!(best(a), at a = a.clone());
    battery!(best_idx(a), at a = a.clone());
    battery!(boxed(a.clone(), *x), at a = a.clone().into_boxed_slice(), x = 0.8);
    battery!(longest(a, b), at a = a.clone(), b = vec![0.5, 1.5]);
    battery!(deque(*x, 6), at x = 0.8);
    battery!(polyval(a, *x), at a = a.clone(), x = 0.8);
    battery!(zipped(a, b), at a = a.clone(), b = b.clone());
    pullback!(cumsum(a), at a = a.clone());
    battery!(prod(a), at a = a.clone());
    battery!(minmax(a), at a = a.clone());
    battery!(stack(a), at a = a.clone());
    battery!(swaps(a.clone()), at a = a.clone());
    pullback!(mat(m, *c), at m = [[1.0, 2.0, 0.5], [0.3, -0.4, 1.1], [0.7, 0.2, -0.9]], c = [0.4, -1.3, 2.2]);
    battery!(arrmap(*c), at c = [0.4, -1.3, 2.2]);
}

#[test]
fn options_and_results() {
    battery!(opt(*o, *y), at o = Some(0.7), y = 1.2);
    battery!(opt(*o, *y), at o = None, y = 1.2);
    battery!(opt2(*o, *y), at o = Some(0.7), y = 1.2);
    pullback!(opt3(*o, *y), at o = Some(0.7), y = 1.2);
    pullback!(opt3(*o, *y), at o = Some(-0.7), y = 1.2);
    battery!(res3(*x, *y), at x = 0.7, y = 1.2);
    battery!(res3(*x, *y), at x = 0.7, y = -1.2);
}

#[test]
fn numbers() {
    battery!(grid(5, *k), at k = 1.7);
    battery!(newton(*a), at a = 2.3);
    battery!(bs(*s, *k, *t, *r, *v), at s = 100.0, k = 95.0, t = 0.8, r = 0.03, v = 0.25);
    battery!(strmatch("cube", *x), at x = 1.1);
    let named = HashMap::from([("a".to_owned(), 2.5)]);
    battery!(lut(*x, &named), at x = 1.1);
    let numbered = BTreeMap::from([(2, vec![0.5]), (5, vec![1.5])]);
    battery!(lut2(*x, &numbered), at x = 1.1);
    battery!(shadows(*x), at x = 1.1);
    pullback!(tup(*p), at p = (1.1, 0.4));
    battery!(assertive(*x), at x = 1.1);
    battery!(generic(*x, *y), at x = 1.1, y = 0.3);
}
