//! Pairs of functions that mean the same: their values are equal bit by bit, their gradients to four units in the last
//! place.
//!
//! Every pair is a module with `one` and `other`, functions of a slice and a number. The points have no zeros, no equal
//! elements and no large cancellations, so that a sum in another order stays within those four units.

use differentiate::Tangent;

type Gradient = (Vec<f64>, f64);

const POINTS: [([f64; 5], f64); 4] = [
    ([0.5, 1.25, 0.75, 2.0, 0.3], 0.8),
    ([1.5, 0.25, 1.75, 0.6, 1.1], 1.3),
    ([0.9, -0.4, 0.35, 1.6, -0.7], 0.6),
    ([-0.2, 1.4, -1.1, 0.45, 0.85], 1.7),
];

/// How many numbers lie between two, if they have the same sign.
fn ulps(a: f64, b: f64) -> u64 {
    if a == b {
        return 0;
    }
    if a.is_sign_positive() != b.is_sign_positive() || a.is_nan() || b.is_nan() {
        return u64::MAX;
    }
    a.to_bits().abs_diff(b.to_bits())
}

fn compare(
    one: impl Fn(&[f64], f64) -> (f64, Gradient),
    other: impl Fn(&[f64], f64) -> (f64, Gradient),
    plain: impl Fn(&[f64], f64) -> f64,
) {
    let mut largest = 0.0_f64;
    for (v, x) in &POINTS {
        let (value, gradient) = one(v, *x);
        let (same_value, same_gradient) = other(v, *x);
        assert_eq!(value.to_bits(), plain(v, *x).to_bits(), "value and primal");
        assert_eq!(
            value.to_bits(),
            same_value.to_bits(),
            "{value} and {same_value}"
        );
        let (mut a, mut b) = (Vec::new(), Vec::new());
        gradient.ad_components(&mut |c| a.push(c));
        same_gradient.ad_components(&mut |c| b.push(c));
        assert_eq!(a.len(), b.len());
        assert!(
            a.iter().zip(&b).all(|(a, b)| ulps(*a, *b) <= 4),
            "{a:?} and {b:?}"
        );
        largest = a.iter().fold(largest, |m, c| m.max(c.abs()));
    }
    assert!(largest > 1e-3, "the gradients are not all zero");
}

macro_rules! pairs {
    ($($name:ident)+) => {
        mod run {
            $(
                #[test]
                fn $name() {
                    use super::$name::{one, other};
                    super::compare(one::value_and_grad, other::value_and_grad, other);
                }
            )+
        }
        pub(crate) const COUNT: usize = [$(stringify!($name)),+].len();
    };
}

pairs! {
    renamed shadowed_or_numbered dead_code dead_branch dead_loop for_or_while while_or_loop range_or_elements
    helper_inlined split_in_two split_in_a_loop match_or_if match_on_a_tuple in_place_or_rebuilt push_or_collect
    chain_or_loop fold_or_loop filter_or_if zip_or_indices windows_or_indices early_return_or_else continue_or_if
    break_or_flag labelled_or_flag option_or_sentinel question_or_match struct_or_variables rest_or_all_fields tuple_or_variables
    closure_or_function closure_or_text method_or_function recursion_or_loop const_generic_or_slice
    generic_or_concrete assignment_or_operator swap_or_temporary split_at_or_index lent_or_returned
    vector_or_slice array_or_vector borrowed_or_copied let_else_or_match unrolled unit_or_alone
    block_or_statements saved_or_computed_again temporary_or_nested
}

mod renamed {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut sum = x;
        for item in v {
            let product = item * sum;
            sum += product.sin();
        }
        sum
    }

    #[differentiate]
    pub(super) fn other(d_sum: &[f64], tape: f64) -> f64 {
        let mut seed = tape;
        for shadow in d_sum {
            let value = shadow * seed;
            seed += value.sin();
        }
        seed
    }
}

mod shadowed_or_numbered {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let x = x * v[0];
        let y = x.exp();
        let x = y * x + v[1];
        let y = x * y;
        let v = x * v[2];
        v * y * x
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let x1 = x * v[0];
        let y1 = x1.exp();
        let x2 = y1 * x1 + v[1];
        let y2 = x2 * y1;
        let v1 = x2 * v[2];
        v1 * y2 * x2
    }
}

mod dead_code {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for i in 0..v.len() {
            s = s * v[i] + x.cos();
        }
        s * s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let mut unused = v.to_vec();
        for i in 0..v.len() {
            let waste = s.exp() * v[i];
            unused[i] = waste * waste;
            s = s * v[i] + x.cos();
            unused.swap(0, i);
        }
        let _more = unused.iter().sum::<f64>().sqrt();
        s * s
    }
}

mod dead_branch {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = v[0] * x;
        s = s.tanh() * v[3];
        s + x
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = v[0] * x;
        if v.len() > 100 {
            s = v[1] / v[2];
            return s;
        }
        s = s.tanh() * v[3];
        match v.len() {
            77 => s *= x,
            78 => panic!("not here"),
            _ => {}
        }
        s + x
    }
}

mod dead_loop {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let s = x * v[1];
        let t = s.sin() * v[2];
        t * s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x * v[1];
        for i in 0..0 {
            s = s * v[i];
        }
        let mut n = 7;
        while n < 3 {
            s = s.exp();
            n += 1;
        }
        let t = s.sin() * v[2];
        let mut forgotten = s;
        loop {
            forgotten *= x;
            if n > 9 {
                break;
            }
            n += 1;
        }
        t * s
    }
}

mod for_or_while {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = 1.0;
        for i in 1..v.len() {
            s = s * v[i - 1].cos() + v[i] * x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = 1.0;
        let mut i = 1;
        while i < v.len() {
            s = s * v[i - 1].cos() + v[i] * x;
            i += 1;
        }
        s
    }
}

mod while_or_loop {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let mut n = 0;
        while s < 30.0 && n < 20 {
            s = s * 1.5 + v[n % v.len()] * x;
            n += 1;
        }
        s * v[0]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let mut n = 0;
        loop {
            if s >= 30.0 || n >= 20 {
                break;
            }
            s = s * 1.5 + v[n % v.len()] * x;
            n += 1;
        }
        s * v[0]
    }
}

mod range_or_elements {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for i in (0..v.len()).rev() {
            s = (s + v[i]) * x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v.iter().rev() {
            s = (s + a) * x;
        }
        s
    }
}

mod helper_inlined {
    use differentiate::differentiate;

    #[differentiate]
    fn helper(a: f64, b: f64) -> f64 {
        let c = a * b;
        c.exp() * a
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let y = helper(v[0], x);
        y * v[1]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let y = {
            let a = v[0];
            let b = x;
            let c = a * b;
            c.exp() * a
        };
        y * v[1]
    }
}

mod split_in_two {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = (s * a).sin() + x;
        }
        let mut t = s;
        for a in v {
            t = t * 0.5 + a * s;
        }
        t
    }

    #[differentiate]
    fn first(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = (s * a).sin() + x;
        }
        s
    }

    #[differentiate]
    fn second(v: &[f64], s: f64) -> f64 {
        let mut t = s;
        for a in v {
            t = t * 0.5 + a * s;
        }
        t
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        second(v, first(v, x))
    }
}

mod split_in_a_loop {
    use differentiate::differentiate;

    #[differentiate]
    fn step(s: (f64, f64), a: f64) -> (f64, f64) {
        (s.0 + s.1 * 0.1, s.1 - a * s.0.sin() * 0.1)
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = (x, 1.0);
        for a in v {
            s = step(s, *a);
        }
        s.0 * s.1
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = (x, 1.0);
        for a in v {
            s = (s.0 + s.1 * 0.1, s.1 - a * s.0.sin() * 0.1);
        }
        s.0 * s.1
    }
}

mod match_or_if {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for (i, a) in v.iter().enumerate() {
            s += match i % 3 {
                0 => a * x,
                1 if *a > 0.5 => a.exp(),
                1 => a * a,
                _ => x / 3.0,
            };
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for (i, a) in v.iter().enumerate() {
            s += if i % 3 == 0 {
                a * x
            } else if i % 3 == 1 && *a > 0.5 {
                a.exp()
            } else if i % 3 == 1 {
                a * a
            } else {
                x / 3.0
            };
        }
        s
    }
}

mod match_on_a_tuple {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let y = match (v[0] > 0.0, v[1] > 0.0) {
            (true, true) => x * v[0],
            (true, false) => x * v[1],
            (false, _) => x * v[2],
        };
        y * y.cos()
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let y;
        if v[0] > 0.0 {
            if v[1] > 0.0 {
                y = x * v[0];
            } else {
                y = x * v[1];
            }
        } else {
            y = x * v[2];
        }
        y * y.cos()
    }
}

mod in_place_or_rebuilt {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        for i in 1..w.len() {
            w[i] = w[i] * w[i - 1] + x;
        }
        w[2] * w[4]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        for i in 1..w.len() {
            w = (0..w.len())
                .map(|j| if j == i { w[i] * w[i - 1] + x } else { w[j] })
                .collect();
        }
        w[2] * w[4]
    }
}

mod push_or_collect {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = Vec::new();
        for a in v {
            w.push(a * a + x);
        }
        let mut s = 1.0;
        for (a, b) in w.iter().zip(v) {
            s = s * 0.5 + a * b;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let w: Vec<f64> = v.iter().map(|a| a * a + x).collect();
        let mut s = 1.0;
        for (a, b) in w.iter().zip(v) {
            s = s * 0.5 + a * b;
        }
        s
    }
}

mod chain_or_loop {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        v.iter()
            .enumerate()
            .skip(1)
            .map(|(i, a)| (a * x).sin() * i as f64)
            .sum::<f64>()
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        // The sum of an iterator starts with -0.
        let mut s = -0.0;
        for i in 1..v.len() {
            s += (v[i] * x).sin() * i as f64;
        }
        s
    }
}

mod fold_or_loop {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        v.iter().fold(x, |s, a| s * a.cos() + x)
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = s * a.cos() + x;
        }
        s
    }
}

mod filter_or_if {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v.iter().filter(|a| **a > 0.4) {
            s *= a.sqrt();
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            if *a > 0.4 {
                s *= a.sqrt();
            }
        }
        s
    }
}

mod zip_or_indices {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for (a, b) in v.iter().zip(v.iter().rev()) {
            s = s * 0.3 + a * b * x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let n = v.len();
        for i in 0..n {
            s = s * 0.3 + v[i] * v[n - 1 - i] * x;
        }
        s
    }
}

mod windows_or_indices {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = 0.5;
        for w in v.windows(2) {
            s = s * x + (w[1] - w[0]).powi(2);
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = 0.5;
        for i in 0..v.len() - 1 {
            s = s * x + (v[i + 1] - v[i]).powi(2);
        }
        s
    }
}

mod early_return_or_else {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        if v[0] < 0.0 {
            return x * v[1];
        }
        let y = x * v[2];
        if y > 1.0 {
            return y.ln();
        }
        y * y
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        if v[0] < 0.0 {
            x * v[1]
        } else {
            let y = x * v[2];
            if y > 1.0 { y.ln() } else { y * y }
        }
    }
}

mod continue_or_if {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s *= 1.5;
            if *a < 0.4 {
                continue;
            }
            s = s.sin() * a + x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s *= 1.5;
            if !(*a < 0.4) {
                s = s.sin() * a + x;
            }
        }
        s
    }
}

mod break_or_flag {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = s * a.exp();
            if s > 3.0 {
                break;
            }
            s += x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let mut done = false;
        let mut i = 0;
        while i < v.len() && !done {
            s = s * v[i].exp();
            done = s > 3.0;
            if !done {
                s += x;
            }
            i += 1;
        }
        s
    }
}

mod labelled_or_flag {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        'rows: for i in 0..3 {
            for a in v {
                if s * a > 2.0 {
                    s *= 0.25;
                    continue 'rows;
                }
                s = s + a * a * x;
            }
            s = s * v[i];
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for i in 0..3 {
            let mut left = false;
            for a in v {
                if !left {
                    if s * a > 2.0 {
                        s *= 0.25;
                        left = true;
                    } else {
                        s = s + a * a * x;
                    }
                }
            }
            if !left {
                s = s * v[i];
            }
        }
        s
    }
}

mod option_or_sentinel {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut found = None;
        for a in v {
            if found.is_none() && *a > 0.7 {
                found = Some(a * x);
            }
        }
        match found {
            Some(y) => y * y,
            None => x,
        }
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut is_found = false;
        let mut found = 0.0;
        for a in v {
            if !is_found && *a > 0.7 {
                found = a * x;
                is_found = true;
            }
        }
        if is_found { found * found } else { x }
    }
}

mod question_or_match {
    use differentiate::differentiate;

    #[differentiate]
    fn root(x: f64) -> Option<f64> {
        if x > 0.0 { Some(x.sqrt()) } else { None }
    }

    #[differentiate]
    fn with_question(v: &[f64], x: f64) -> Option<f64> {
        let a = root(v[0])?;
        let b = root(v[2])?;
        Some(a * b * x)
    }

    #[differentiate]
    fn with_match(v: &[f64], x: f64) -> Option<f64> {
        let a = match root(v[0]) {
            Some(a) => a,
            None => return None,
        };
        let b = match root(v[2]) {
            Some(b) => b,
            None => return None,
        };
        Some(a * b * x)
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        with_question(v, x).unwrap_or(x)
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        if let Some(y) = with_match(v, x) { y } else { x }
    }
}

mod struct_or_variables {
    use differentiate::{Differentiable, differentiate};

    #[derive(Clone, Differentiable)]
    struct Body {
        at: f64,
        speed: f64,
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut body = Body { at: x, speed: v[0] };
        for a in v {
            body.speed -= a * body.at;
            body.at += body.speed * 0.2;
        }
        body.at * body.speed
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut at = x;
        let mut speed = v[0];
        for a in v {
            speed -= a * at;
            at += speed * 0.2;
        }
        at * speed
    }
}

mod rest_or_all_fields {
    use differentiate::{Differentiable, differentiate};

    #[derive(Clone, Differentiable)]
    struct Body {
        at: f64,
        speed: f64,
        mass: f64,
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let first = Body {
            at: v[0] * x,
            speed: v[1].exp(),
            mass: x.sin(),
        };
        let next = Body {
            speed: v[2] * x,
            ..first.clone()
        };
        next.at * next.speed * next.mass + first.speed * v[3]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let first = Body {
            at: v[0] * x,
            speed: v[1].exp(),
            mass: x.sin(),
        };
        let next = Body {
            at: first.at,
            speed: v[2] * x,
            mass: first.mass,
        };
        next.at * next.speed * next.mass + first.speed * v[3]
    }
}

mod tuple_or_variables {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let (mut a, mut b) = (x, v[1]);
        for w in v {
            (a, b) = (b * w, a + b);
        }
        a * b
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut a = x;
        let mut b = v[1];
        for w in v {
            let next = b * w;
            b = a + b;
            a = next;
        }
        a * b
    }
}

mod closure_or_function {
    use differentiate::differentiate;

    #[differentiate]
    fn bump(x: f64, width: f64) -> f64 {
        (-x * x / width).exp()
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let bump = |a: f64| (-a * a / x).exp();
        bump(v[0]) * bump(v[1] * 0.5) + bump(v[3])
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        bump(v[0], x) * bump(v[1] * 0.5, x) + bump(v[3], x)
    }
}

mod closure_or_text {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        let mut add = |a: f64| {
            s += a * x;
            s = s.sin();
        };
        add(v[0]);
        add(v[1]);
        add(v[4]);
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        s += v[0] * x;
        s = s.sin();
        s += v[1] * x;
        s = s.sin();
        s += v[4] * x;
        s = s.sin();
        s
    }
}

mod method_or_function {
    use differentiate::{Differentiable, differentiate};

    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
        offset: f64,
    }

    #[differentiate]
    impl Line {
        fn at(&self, x: f64) -> f64 {
            self.slope * x + self.offset
        }
    }

    #[differentiate]
    fn at(line: &Line, x: f64) -> f64 {
        line.slope * x + line.offset
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let line = Line {
            slope: v[0],
            offset: v[1],
        };
        line.at(line.at(x))
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let line = Line {
            slope: v[0],
            offset: v[1],
        };
        at(&line, at(&line, x))
    }
}

mod recursion_or_loop {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        if v.is_empty() {
            return x;
        }
        one(&v[1..], x * v[0].cos() + 0.25)
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut x = x;
        for i in 0..v.len() {
            x = x * v[i].cos() + 0.25;
        }
        x
    }
}

mod const_generic_or_slice {
    use differentiate::differentiate;

    #[differentiate]
    fn total<const N: usize>(a: [f64; N], x: f64) -> f64 {
        let mut s = x;
        for i in 0..N {
            s = s * a[i] + x;
        }
        s
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        total([v[0], v[1], v[2], v[3], v[4]], x)
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for i in 0..5 {
            s = s * v[i] + x;
        }
        s
    }
}

mod generic_or_concrete {
    use differentiate::{Real, differentiate};

    #[differentiate]
    fn horner<T: Real>(v: &[T], x: T) -> T {
        let mut s = T::one();
        for a in v {
            s = s * x + *a;
        }
        s.tanh()
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        horner(v, x)
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = 1.0_f64;
        for a in v {
            s = s * x + *a;
        }
        s.tanh()
    }
}

mod assignment_or_operator {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s *= a;
            s -= x;
            s /= 1.5 + a * a;
            s += s;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = s * a;
            s = s - x;
            s = s / (1.5 + a * a);
            s = s + s;
        }
        s
    }
}

mod swap_or_temporary {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        w.swap(0, 3);
        w[1] = w[0] * x;
        w.swap(1, 2);
        w[1] * w[2] * w[3]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        let kept = w[0];
        w[0] = w[3];
        w[3] = kept;
        w[1] = w[0] * x;
        let kept = w[1];
        w[1] = w[2];
        w[2] = kept;
        w[1] * w[2] * w[3]
    }
}

mod split_at_or_index {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        let (left, right) = w.split_at_mut(2);
        for (l, r) in left.iter_mut().zip(right.iter()) {
            *l = *l * r + x;
        }
        right[0] *= left[1];
        w[0] * w[2]
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        for i in 0..2 {
            w[i] = w[i] * w[i + 2] + x;
        }
        w[2] *= w[1];
        w[0] * w[2]
    }
}

mod lent_or_returned {
    use differentiate::differentiate;

    #[differentiate]
    fn relax(w: &mut [f64], x: f64) {
        for i in 1..w.len() {
            w[i] += x * (w[i - 1] - w[i]);
        }
    }

    #[differentiate]
    fn relaxed(w: &[f64], x: f64) -> Vec<f64> {
        let mut w = w.to_vec();
        for i in 1..w.len() {
            w[i] += x * (w[i - 1] - w[i]);
        }
        w
    }

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = v.to_vec();
        relax(&mut w, x);
        relax(&mut w, x * 0.5);
        w[1] * w[4].exp()
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let w = relaxed(v, x);
        let w = relaxed(&w, x * 0.5);
        w[1] * w[4].exp()
    }
}

mod vector_or_slice {
    use differentiate::differentiate;
    use nalgebra::DVector;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let w = DVector::from_column_slice(v) * x;
        let mut s = 0.5;
        for i in 0..w.len() {
            s = s * 0.7 + w[i] * w[i];
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let w: Vec<f64> = v.iter().map(|a| a * x).collect();
        let mut s = 0.5;
        for i in 0..w.len() {
            s = s * 0.7 + w[i] * w[i];
        }
        s
    }
}

mod array_or_vector {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut w = [x; 3];
        for i in 0..3 {
            w[i] *= v[i];
        }
        w[0] * w[1] + w[2].sin()
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut w = vec![x; 3];
        for i in 0..3 {
            w[i] *= v[i];
        }
        w[0] * w[1] + w[2].sin()
    }
}

mod borrowed_or_copied {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let y = &x;
        let first = &v[0];
        let rest = &v[1..];
        let mut s = *y;
        for a in rest {
            s = s * first + a * y;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let y = x;
        let first = v[0];
        let rest = v[1..].to_vec();
        let mut s = y;
        for a in rest {
            s = s * first + a * y;
        }
        s
    }
}

mod let_else_or_match {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let Some(a) = v.first() else {
            return x;
        };
        let [b, c] = [a * x, a + x];
        b * c
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        match v.first() {
            None => x,
            Some(a) => {
                let b = a * x;
                let c = a + x;
                b * c
            }
        }
    }
}

mod unrolled {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        for a in v {
            s = s.sin() * a + x;
        }
        s
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = x;
        s = s.sin() * v[0] + x;
        s = s.sin() * v[1] + x;
        s = s.sin() * v[2] + x;
        s = s.sin() * v[3] + x;
        s = s.sin() * v[4] + x;
        s
    }
}

mod unit_or_alone {
    use differentiate::differentiate;

    #[differentiate]
    mod unit {
        fn shape(x: f64, width: f64) -> f64 {
            (x * width).tanh() * x
        }

        pub(crate) fn one(v: &[f64], x: f64) -> f64 {
            let mut s = 0.25;
            for a in v {
                s = s * 0.5 + shape(*a, x);
            }
            s
        }
    }
    pub(crate) use unit::one;

    #[differentiate]
    fn shape(x: f64, width: f64) -> f64 {
        (x * width).tanh() * x
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut s = 0.25;
        for a in v {
            s = s * 0.5 + shape(*a, x);
        }
        s
    }
}

mod block_or_statements {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let y = 'found: {
            let t = x * v[1];
            if t > 0.9 {
                break 'found t * t;
            }
            let u = t.exp();
            u * v[0]
        };
        y * { x + v[2] }
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let t = x * v[1];
        let mut y = 0.0;
        if t > 0.9 {
            y = t * t;
        } else {
            let u = t.exp();
            y = u * v[0];
        }
        let z = x + v[2];
        y * z
    }
}

mod saved_or_computed_again {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        let e = (x * v[0]).exp();
        let y = e * v[1];
        let z = e * v[3];
        y * z
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let mut e = (x * v[0]).exp();
        let y = e * v[1];
        let kept = e;
        e = 7.0;
        e = e * 2.0;
        e = kept;
        let z = e * v[3];
        y * z
    }
}

mod temporary_or_nested {
    use differentiate::differentiate;

    #[differentiate]
    pub(super) fn one(v: &[f64], x: f64) -> f64 {
        ((v[0] * x).sin() + (v[1] - x).cos()) * ((v[2] + 2.0 * x) / (1.0 + v[3] * v[3])).tanh()
    }

    #[differentiate]
    pub(super) fn other(v: &[f64], x: f64) -> f64 {
        let a = v[0] * x;
        let b = a.sin();
        let c = v[1] - x;
        let d = c.cos();
        let e = b + d;
        let f = 2.0 * x;
        let g = v[2] + f;
        let h = v[3] * v[3];
        let i = 1.0 + h;
        let j = g / i;
        let k = j.tanh();
        e * k
    }
}
