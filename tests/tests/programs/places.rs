//! Places and the names for them: writes through references, patterns, iterators and views, each a few lines long.

use differentiate::differentiate;

#[differentiate(order = 2)]
fn add(a: &mut f64, b: f64) {
    *a += b;
}

#[differentiate(order = 2)]
fn addv(a: &mut [f64], b: f64) -> f64 {
    let first = a[0];
    a[0] = a[0] * b;
    first
}

mod references {
    use super::add;
    use super::addv;
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn reborrow(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let r = &mut y;
        let q = &mut *r;
        q[0] = x[0] * x[1];
        r[1] *= x[0];
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn move_ref(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let r = &mut y;
        let q = r;
        q[0] = x[0] * x[1];
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn move_ref_call(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let r = &mut y;
        let q = r;
        addv(q, x[0]);
        y[0] * x[1]
    }

    #[differentiate(order = 2)]
    fn move_ref_match(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let r = &mut y;
        match r {
            q => {
                q[0] = x[0];
            }
        }
        y[0] * x[1]
    }

    #[differentiate(order = 2)]
    fn move_ref_typed(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let r = &mut y;
        let q: &mut [f64] = r;
        q[0] = x[0];
        y[0] * x[1]
    }

    #[differentiate(order = 2)]
    fn ref_of_struct_block(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        {
            let r = &mut y;
            r[0] = x[0] * x[1];
        }
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn chosen(x: &[f64]) -> f64 {
        let mut a = 1.0;
        let mut b = 2.0;
        let r = if x[0] > 1.0 { &mut a } else { &mut b };
        *r = x[0] * x[1];
        a * b
    }

    #[differentiate(order = 2)]
    fn write_via_array_ref(x: &[f64]) -> f64 {
        let mut y = [0.0; 2];
        let r: &mut [f64; 2] = &mut y;
        r[0] = x[0] * x[1];
        r[0] * y[1] + y[0]
    }

    #[differentiate(order = 2)]
    fn name_of_a_name(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let r = &mut a;
        let q = &mut r[0];
        *q *= 3.0;
        r[1] *= r[0];
        a[1]
    }

    #[differentiate(order = 2)]
    fn read_after(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let before = a[0];
        let r = &mut a[0];
        *r *= before;
        let after = *r;
        after * a[0] * before
    }

    #[differentiate(order = 2)]
    fn index_var(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let mut i = 0;
        let r = &mut a[i];
        i += 1;
        *r *= 2.0;
        a[0] * a[i]
    }

    #[differentiate(order = 2)]
    fn name_in_a_loop(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        for i in 0..2 {
            let r = &mut a[i];
            *r = *r * *r;
        }
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn shadowed_name(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let mut b = vec![1.0];
        let r = &mut b;
        {
            let r = &mut a;
            r[0] *= 2.0;
        }
        r[0] = x[1];
        a[0] * b[0]
    }

    #[differentiate(order = 2)]
    fn name_of_an_element(x: &[f64]) -> f64 {
        let mut m = vec![vec![1.0, 2.0], vec![3.0, 4.0]];
        let row = &mut m[1];
        let e = &mut row[0];
        *e *= x[0];
        row[1] *= x[1];
        m[1][0] * m[1][1]
    }

    #[differentiate(order = 2)]
    fn handed_on(x: &[f64]) -> f64 {
        let mut s = 1.0;
        let r = &mut s;
        add(r, x[0]);
        add(r, x[1]);
        *r *= 2.0;
        s * s
    }

    #[differentiate(order = 2)]
    fn handed_on_deref(x: &[f64]) -> f64 {
        let mut s = 1.0;
        let r = &mut s;
        add(&mut *r, x[0]);
        *r *= 2.0;
        s * s
    }

    #[differentiate(order = 2)]
    fn handed_from_closure_alias(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let r = &mut a;
        let mut f = |i: usize| r[i] *= 2.0;
        f(0);
        f(1);
        f(1);
        a[0] * a[1]
    }

    #[test]
    fn agree_with_differences() {
        battery!(reborrow(x), at x = vec![1.5, 0.5]);
        battery!(move_ref(x), at x = vec![1.5, 0.5]);
        battery!(move_ref_call(x), at x = vec![1.5, 0.5]);
        battery!(move_ref_match(x), at x = vec![1.5, 0.5]);
        battery!(move_ref_typed(x), at x = vec![1.5, 0.5]);
        battery!(ref_of_struct_block(x), at x = vec![1.5, 0.5]);
        battery!(chosen(x), at x = vec![1.5, 0.5]);
        battery!(write_via_array_ref(x), at x = vec![1.5, 0.5]);
        battery!(name_of_a_name(x), at x = vec![1.5, 0.5]);
        battery!(read_after(x), at x = vec![1.5, 0.5]);
        battery!(index_var(x), at x = vec![1.5, 0.5]);
        battery!(name_in_a_loop(x), at x = vec![1.5, 0.5]);
        battery!(shadowed_name(x), at x = vec![1.5, 0.5]);
        battery!(name_of_an_element(x), at x = vec![1.5, 0.5]);
        battery!(handed_on(x), at x = vec![1.5, 0.5]);
        battery!(handed_on_deref(x), at x = vec![1.5, 0.5]);
        battery!(handed_from_closure_alias(x), at x = vec![1.5, 0.5]);
    }
}

mod patterns {
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn pattern_of_mut(x: &[f64]) -> f64 {
        let mut y = (1.0, 2.0);
        let (a, b) = &mut y;
        *a = x[0] * x[1];
        *b *= x[0];
        y.0 * y.1
    }

    #[differentiate(order = 2)]
    fn match_mut_tuple(x: &[f64]) -> f64 {
        let mut y = (1.0, 2.0);
        match &mut y {
            (a, b) => {
                *a = x[0] * x[1];
                *b *= x[0];
            }
        }
        y.0 * y.1
    }

    #[differentiate(order = 2)]
    fn match_option_mut(x: &[f64]) -> f64 {
        let mut y = Some(1.0);
        if let Some(a) = &mut y {
            *a = x[0] * x[1];
        }
        y.unwrap()
    }

    #[differentiate(order = 2)]
    fn match_option_as_mut(x: &[f64]) -> f64 {
        let mut y = Some(1.0);
        if let Some(a) = y.as_mut() {
            *a = x[0] * x[1];
        }
        y.unwrap()
    }

    #[differentiate(order = 2)]
    fn get_mut_if_let(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        if let Some(a) = y.get_mut(0) {
            *a = x[0] * x[1];
        }
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn slice_pattern_mut(x: &[f64]) -> f64 {
        let mut y = [1.0, 2.0];
        let [a, b] = &mut y;
        *a = x[0] * x[1];
        *b += x[0];
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn slice_pattern_mut_rest(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        if let [a, rest @ ..] = &mut y[..] {
            *a = x[0] * x[1];
            rest[0] += x[0];
        }
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn split_at_mut(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let (a, b) = y.split_at_mut(1);
        a[0] = x[0] * x[1];
        b[0] = a[0] * x[0];
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn split_first_unwrap(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let (h, t) = a.split_first_mut().unwrap();
        *h *= t[0];
        t[0] *= *h;
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn param_slice_rest(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0, 3.0];
        let (a, rest) = y.split_first_mut().unwrap();
        let (b, c) = rest.split_first_mut().unwrap();
        *a = x[0];
        *b = *a * x[1];
        c[0] *= *b;
        y[0] * y[1] * y[2]
    }

    #[differentiate(order = 2)]
    fn if_let_get_mut(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        if let Some(v) = y.get_mut(1) {
            *v = x[0];
        }
        if let Some(v) = y.get_mut(7) {
            *v = x[1];
        }
        y[1] * x[1]
    }

    #[differentiate(order = 2)]
    fn if_let_last_mut_else(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        if let Some(v) = y.last_mut() {
            *v = x[0];
        } else {
            y.push(x[1]);
        }
        y[1] * x[1]
    }

    #[differentiate(order = 2)]
    fn if_let_last_mut_empty(x: &[f64]) -> f64 {
        let mut y: Vec<f64> = Vec::new();
        if let Some(v) = y.last_mut() {
            *v = x[0];
        } else {
            y.push(x[1]);
        }
        y[0] * x[1]
    }

    #[differentiate(order = 2)]
    fn while_let_last_mut(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let mut n = 0;
        while let Some(v) = y.last_mut() {
            *v *= x[0];
            n += 1;
            if n > 2 {
                break;
            }
        }
        y[1] * x[1]
    }

    #[differentiate(order = 2)]
    fn let_else_get_mut(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let Some(a) = y.last_mut() else { return 0.0 };
        *a = x[0] * x[1];
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn as_mut_option(x: &[f64]) -> f64 {
        let mut o = Some(1.0);
        if let Some(v) = o.as_mut() {
            *v *= x[0];
        }
        o.unwrap() * x[1]
    }

    #[differentiate(order = 2)]
    fn option_field(x: &[f64]) -> f64 {
        let mut p = (Some(1.0), 2.0);
        if let Some(v) = &mut p.0 {
            *v *= x[0];
        }
        p.0.unwrap() * p.1 * x[1]
    }

    #[differentiate(order = 2)]
    fn option_in_a_tuple(x: &[f64]) -> f64 {
        let mut p = (Some(x[1]), 2.0);
        if let (Some(v), w) = &mut p {
            *v *= x[0];
            *w = *v;
        }
        p.0.unwrap() * p.1 * x[1]
    }

    #[differentiate(order = 2)]
    fn match_guard(x: &[f64]) -> f64 {
        let mut a = Some(x[0]);
        match &mut a {
            Some(v) if *v > 1.0 => *v *= x[1],
            Some(v) => *v *= 3.0,
            None => {}
        }
        a.unwrap()
    }

    #[differentiate(order = 2)]
    fn while_let(x: &[f64]) -> f64 {
        let mut a = Some(x[0]);
        let mut k = 0;
        while let Some(v) = &mut a {
            *v *= x[1];
            k += 1;
            if k == 3 {
                break;
            }
        }
        a.unwrap()
    }

    #[differentiate(order = 2)]
    fn last_mut_unwrap(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        let l = y.last_mut().unwrap();
        *l = x[0];
        y[1] * x[1]
    }

    #[differentiate(order = 2)]
    fn get_mut_expect(x: &[f64]) -> f64 {
        let mut y = vec![1.0, 2.0];
        *y.get_mut(1).expect("x") = x[0];
        y[1] * x[1]
    }

    #[test]
    fn agree_with_differences() {
        battery!(pattern_of_mut(x), at x = vec![1.5, 0.5]);
        battery!(match_mut_tuple(x), at x = vec![1.5, 0.5]);
        battery!(match_option_mut(x), at x = vec![1.5, 0.5]);
        battery!(match_option_as_mut(x), at x = vec![1.5, 0.5]);
        battery!(get_mut_if_let(x), at x = vec![1.5, 0.5]);
        battery!(slice_pattern_mut(x), at x = vec![1.5, 0.5]);
        battery!(slice_pattern_mut_rest(x), at x = vec![1.5, 0.5]);
        battery!(split_at_mut(x), at x = vec![1.5, 0.5]);
        battery!(split_first_unwrap(x), at x = vec![1.5, 0.5]);
        battery!(param_slice_rest(x), at x = vec![1.5, 0.5]);
        battery!(if_let_get_mut(x), at x = vec![1.5, 0.5]);
        battery!(if_let_last_mut_else(x), at x = vec![1.5, 0.5]);
        battery!(if_let_last_mut_empty(x), at x = vec![1.5, 0.5]);
        battery!(while_let_last_mut(x), at x = vec![1.5, 0.5]);
        battery!(let_else_get_mut(x), at x = vec![1.5, 0.5]);
        battery!(as_mut_option(x), at x = vec![1.5, 0.5]);
        battery!(option_field(x), at x = vec![1.5, 0.5]);
        battery!(option_in_a_tuple(x), at x = vec![1.5, 0.5]);
        battery!(match_guard(x), at x = vec![1.5, 0.5]);
        battery!(while_let(x), at x = vec![1.5, 0.5]);
        battery!(last_mut_unwrap(x), at x = vec![1.5, 0.5]);
        battery!(get_mut_expect(x), at x = vec![1.5, 0.5]);
    }
}

mod iterators {
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn zip_iter_mut(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        for (p, q) in a.iter_mut().zip(x) {
            *p *= q;
        }
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn rev_iter_mut(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        let mut k = 1.0;
        for p in a.iter_mut().rev() {
            *p *= x[0] * k;
            k += x[1];
        }
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn filter_iter_mut(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        for p in a.iter_mut().filter(|v| **v > 1.5) {
            *p *= x[0];
        }
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn skip_iter_mut(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        a.iter_mut().skip(1).for_each(|p| *p *= x[0]);
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn map_iter_mut_sum(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        let s: f64 = a
            .iter_mut()
            .map(|p| {
                *p *= x[0];
                *p
            })
            .sum();
        s * a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn vec_of_vec_iter_mut(x: &[f64]) -> f64 {
        let mut a = vec![vec![1.0], vec![2.0]];
        for r in a.iter_mut() {
            r.push(x[0]);
            r[0] *= x[1];
        }
        a[0][0] * a[1][1]
    }

    #[differentiate(order = 2)]
    fn vec_of_vec_last_mut(x: &[f64]) -> f64 {
        let mut a = vec![vec![1.0]];
        a.last_mut().unwrap().push(x[0]);
        a[0][0] * a[0][1]
    }

    #[differentiate(order = 2)]
    fn chunks_mut_for(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0, 3.0];
        for c in a.chunks_mut(2) {
            c[0] *= x[0];
        }
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn range_mut(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        a[..].iter_mut().for_each(|v| *v = x[0]);
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn iter_enumerate(x: &[f64]) -> f64 {
        let mut a = vec![x[0], x[1]];
        for (i, v) in a.iter_mut().enumerate() {
            *v *= x[i] + i as f64;
        }
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn vec_vec(x: &[f64]) -> f64 {
        let mut a = vec![vec![0.0; 2]; 2];
        for (i, row) in a.iter_mut().enumerate() {
            for (j, v) in row.iter_mut().enumerate() {
                *v = x[i] * x[j];
            }
        }
        a[0][1] * a[1][1]
    }

    #[differentiate(order = 2)]
    fn for_each_push(x: &[f64]) -> f64 {
        let mut y = Vec::new();
        x.iter().for_each(|v| y.push(v * v));
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn map_push(x: &[f64]) -> f64 {
        let mut y = Vec::new();
        let s: f64 = x
            .iter()
            .map(|v| {
                y.push(v * v);
                v * 2.0
            })
            .sum();
        s * y[0]
    }

    #[test]
    fn agree_with_differences() {
        battery!(zip_iter_mut(x), at x = vec![1.5, 0.5]);
        battery!(rev_iter_mut(x), at x = vec![1.5, 0.5]);
        battery!(filter_iter_mut(x), at x = vec![1.5, 0.5]);
        battery!(skip_iter_mut(x), at x = vec![1.5, 0.5]);
        battery!(map_iter_mut_sum(x), at x = vec![1.5, 0.5]);
        battery!(vec_of_vec_iter_mut(x), at x = vec![1.5, 0.5]);
        battery!(vec_of_vec_last_mut(x), at x = vec![1.5, 0.5]);
        battery!(chunks_mut_for(x), at x = vec![1.5, 0.5]);
        battery!(range_mut(x), at x = vec![1.5, 0.5]);
        battery!(iter_enumerate(x), at x = vec![1.5, 0.5]);
        battery!(vec_vec(x), at x = vec![1.5, 0.5]);
        battery!(for_each_push(x), at x = vec![1.5, 0.5]);
        battery!(map_push(x), at x = vec![1.5, 0.5]);
    }
}

mod containers {
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn as_mut_slice(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0];
        a.as_mut_slice()[0] = x[0];
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn range_copy(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0, 3.0];
        a[1..].copy_from_slice(x);
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn range_fill(x: &[f64]) -> f64 {
        let mut a = vec![1.0, 2.0, 3.0];
        a[1..].fill(x[0]);
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn extend_map(x: &[f64]) -> f64 {
        let mut a = vec![1.0];
        a.extend(x.iter().map(|v| v * v));
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn extend_slice_self(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let b = a.clone();
        a.extend_from_slice(&b);
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn truncate_then_push(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let s = a[0] * a[1];
        a.truncate(1);
        a.push(s);
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn clear_reuse(x: &[f64]) -> f64 {
        let mut a = Vec::new();
        let mut s = 1.0;
        for v in x {
            a.clear();
            a.push(v * v);
            a.push(*v);
            s += a[0] * a[1];
        }
        s
    }

    #[differentiate(order = 2)]
    fn swap_elems(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a.swap(0, 1);
        a[0] = a[0] * a[1];
        a[0] * a[0] + a[1]
    }

    #[differentiate(order = 2)]
    fn mem_swap_elems(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let mut b = 2.0;
        std::mem::swap(&mut a[0], &mut b);
        a[0] * a[1] + b * b
    }

    #[differentiate(order = 2)]
    fn mem_swap_same_vec_rows(x: &[f64]) -> f64 {
        let mut a = vec![x.to_vec(), vec![3.0, 4.0]];
        a.swap(0, 1);
        a[0][0] * a[1][0] + a[1][1]
    }

    #[differentiate(order = 2)]
    fn reverse_sort(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a.sort_by(|p, q| q.total_cmp(p));
        a.reverse();
        a[0] * 1.0 + a[1] * 2.0 + a[2] * 3.0
    }

    #[differentiate(order = 2)]
    fn sort_unstable_partial(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a.sort_unstable_by(|p, q| p.partial_cmp(q).unwrap());
        a[0] * 1.0 + a[1] * 2.0 + a[2] * a[0]
    }

    #[differentiate(order = 2)]
    fn rotate(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a.rotate_left(1);
        a[0] * 1.0 + a[1] * 2.0 + a[2] * a[0]
    }

    #[differentiate(order = 2)]
    fn clone_from(x: &[f64]) -> f64 {
        let mut a = vec![0.0; 2];
        a.clone_from(&x.to_vec());
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn while_pop(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        let mut s = 0.0;
        while let Some(v) = y.pop() {
            s += v * v;
        }
        s
    }

    #[differentiate(order = 2)]
    fn match_pop(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        match y.pop() {
            Some(v) if v > 0.0 => v * y[0],
            _ => 0.0,
        }
    }

    #[differentiate(order = 2)]
    fn pop_ignored(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let s = v[0] * v[1];
        v.pop();
        s * v[0]
    }

    #[differentiate(order = 2)]
    fn pop_underscore(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let s = v[0] * v[1];
        let _ = v.pop();
        s * v[0]
    }

    #[differentiate(order = 2)]
    fn replace_ignored(x: &[f64]) -> f64 {
        let mut y = x[0] * x[1];
        std::mem::replace(&mut y, 2.0);
        y * x[0]
    }

    #[differentiate(order = 2)]
    fn box_write(x: &[f64]) -> f64 {
        let mut b = Box::new(1.0);
        *b = x[0] * x[1];
        *b * *b
    }

    #[test]
    fn agree_with_differences() {
        battery!(as_mut_slice(x), at x = vec![1.5, 0.5]);
        battery!(range_copy(x), at x = vec![1.5, 0.5]);
        battery!(range_fill(x), at x = vec![1.5, 0.5]);
        battery!(extend_map(x), at x = vec![1.5, 0.5]);
        battery!(extend_slice_self(x), at x = vec![1.5, 0.5]);
        battery!(truncate_then_push(x), at x = vec![1.5, 0.5]);
        battery!(clear_reuse(x), at x = vec![1.5, 0.5]);
        battery!(swap_elems(x), at x = vec![1.5, 0.5]);
        battery!(mem_swap_elems(x), at x = vec![1.5, 0.5]);
        battery!(mem_swap_same_vec_rows(x), at x = vec![1.5, 0.5]);
        battery!(reverse_sort(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(sort_unstable_partial(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(rotate(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(clone_from(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(while_pop(x), at x = vec![1.5, 0.5]);
        battery!(match_pop(x), at x = vec![1.5, 0.5]);
        battery!(pop_ignored(x), at x = vec![1.5, 0.5]);
        battery!(pop_underscore(x), at x = vec![1.5, 0.5]);
        battery!(replace_ignored(x), at x = vec![1.5, 0.5]);
        battery!(box_write(x), at x = vec![1.5, 0.5, 2.5]);
    }
}

mod order {
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn index_changed(x: &[f64]) -> f64 {
        let mut a = vec![0.0; 3];
        let mut i = 0;
        for v in x {
            a[i] = v * v;
            i += 1;
            a[i % 3] += v;
        }
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn index_var_written_after(x: &[f64]) -> f64 {
        let mut a = vec![0.0; 3];
        let mut idx = vec![0usize, 1, 2];
        for k in 0..3 {
            a[idx[k]] = x[k] * x[0];
            idx[k] = 0;
        }
        a[0] * a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn swap_index_mut(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let mut i = 0;
        let mut j = 2;
        while i < j {
            a.swap(i, j);
            i += 1;
            j -= 1;
        }
        a[0] * 1.0 + a[1] * 2.0 + a[2] * a[0]
    }

    #[differentiate(order = 2)]
    fn assigned_to_itself(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a[0] = a[0];
        a[1] = a[0] * a[1];
        a[1] = a[1] * a[1];
        a[1] * a[2]
    }

    #[differentiate(order = 2)]
    fn break_value_in_loop(x: &[f64]) -> f64 {
        let mut a = vec![0.0; 3];
        for (i, v) in x.iter().enumerate() {
            if *v > 2.0 {
                break;
            }
            a[i] = v * v;
        }
        a[0] * a[1] + a[2]
    }

    #[differentiate(order = 2)]
    fn early_return_after_write(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a[0] *= 2.0;
        if a[0] > 2.0 {
            return a[0] * a[1];
        }
        a[1] = 0.0;
        a[0]
    }

    #[differentiate(order = 2)]
    fn field_of_tuple_vec(x: &[f64]) -> f64 {
        let mut t = (x.to_vec(), 1.0);
        t.0[0] = t.0[1] * t.0[2];
        t.1 *= t.0[0];
        t.1 * t.0[1]
    }

    #[differentiate(order = 2)]
    fn compound_index_side(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let mut i = 0;
        a[{
            i += 1;
            i
        }] *= 2.0;
        a[i] * a[0]
    }

    #[differentiate(order = 2)]
    fn assign_order(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        a[0] = {
            a[1] = a[0] * 2.0;
            a[1] * a[2]
        };
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn inc_in_index(x: &[f64]) -> f64 {
        let mut i = 0;
        let mut v = vec![0.0; 3];
        for e in x {
            v[{
                i += 1;
                i
            }] = *e;
        }
        v[1] * v[2]
    }

    #[differentiate(order = 2)]
    fn aliased_copy_before(x: &[f64]) -> f64 {
        let mut a = [0.0; 2];
        let b = a;
        a[0] = x[0];
        a[0] + b[0]
    }

    #[differentiate(order = 2)]
    fn inactive_then_active_elem(x: &[f64]) -> f64 {
        let mut a = [0.0; 3];
        a[0] = 1.0;
        let b = a[0];
        a[1] = x[0];
        b * a[1] + a[0]
    }

    #[differentiate(order = 2)]
    fn return_in_the_middle(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        for i in 0..2 {
            a[i] *= 2.0;
            if a[i] > 2.9 {
                let r = &mut a[1];
                *r *= x[0];
                return a[0] * a[1];
            }
        }
        a[0]
    }

    #[differentiate(order = 2)]
    fn labeled_break_val(x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        let v = 'b: {
            if a[0] > 1.0 {
                a[0] *= 2.0;
                break 'b a[0] * a[1];
            }
            a[1]
        };
        v * a[0]
    }

    #[differentiate(order = 2)]
    fn constant_array(x: &[f64]) -> f64 {
        const K: [f64; 2] = [1.0, 2.0];
        let mut a = K;
        a[0] = x[0];
        a[0] * a[1] * K[1]
    }

    #[differentiate(order = 2)]
    fn swap_inactive_active(x: &[f64]) -> f64 {
        let mut a = x[0];
        let mut b = 1.0;
        std::mem::swap(&mut a, &mut b);
        a + b * b
    }

    #[test]
    fn agree_with_differences() {
        battery!(index_changed(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(index_var_written_after(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(swap_index_mut(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(assigned_to_itself(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(break_value_in_loop(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(early_return_after_write(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(field_of_tuple_vec(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(compound_index_side(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(assign_order(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(inc_in_index(x), at x = vec![1.5, 0.5]);
        battery!(aliased_copy_before(x), at x = vec![1.5, 0.5]);
        battery!(inactive_then_active_elem(x), at x = vec![1.5, 0.5]);
        battery!(return_in_the_middle(x), at x = vec![1.5, 0.5]);
        battery!(labeled_break_val(x), at x = vec![1.5, 0.5]);
        battery!(constant_array(x), at x = vec![1.5, 0.5]);
        battery!(swap_inactive_active(x), at x = vec![1.5, 0.5]);
    }
}

mod closures {
    use crate::battery::battery;
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    fn closure_var_push(x: &[f64]) -> f64 {
        let mut y = Vec::new();
        let mut add = |v: f64| y.push(v * v);
        add(x[0]);
        add(x[1]);
        y[0] * y[1]
    }

    #[differentiate(order = 2)]
    fn closure_var_clear(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        let mut clear = || y.clear();
        clear();
        y.push(3.0);
        y[0] * x[0]
    }

    #[differentiate(order = 2)]
    fn nested_closure_write(x: &[f64]) -> f64 {
        let mut a = vec![0.0; 2];
        let mut set = |i: usize, v: f64| a[i] = v;
        set(0, x[0] * x[1]);
        set(1, x[2]);
        a[0] * a[1]
    }

    #[differentiate(order = 2)]
    fn swap_in_closure(x: &[f64]) -> f64 {
        let mut a = x[0];
        let mut b = x[1];
        let mut sw = || std::mem::swap(&mut a, &mut b);
        sw();
        a * a * b
    }

    #[differentiate(order = 2)]
    fn array_map_write(x: &[f64]) -> f64 {
        let mut a = [1.0, 2.0];
        let b = [0, 1].map(|i| {
            a[i] = x[i];
            a[i] * 2.0
        });
        a[0] * b[1]
    }

    #[test]
    fn agree_with_differences() {
        battery!(closure_var_push(x), at x = vec![1.5, 0.5]);
        battery!(closure_var_clear(x), at x = vec![1.5, 0.5]);
        battery!(nested_closure_write(x), at x = vec![1.5, 0.5, 2.5]);
        battery!(swap_in_closure(x), at x = vec![1.5, 0.5]);
        battery!(array_map_write(x), at x = vec![1.5, 0.5]);
    }
}

mod matrices {
    use crate::battery::battery;
    use differentiate::differentiate;
    use nalgebra::{DMatrix, DVector, Matrix2, Matrix3, RowDVector, Vector2};

    #[differentiate(order = 2)]
    fn row_mut(x: &[f64]) -> f64 {
        let mut m = DMatrix::zeros(2, 2);
        m.row_mut(0).copy_from(&RowDVector::from_row_slice(x));
        m.row_mut(1).fill(x[0]);
        m[(0, 1)] * m[(1, 1)]
    }

    #[differentiate(order = 2)]
    fn iter_mut_matrix(x: &[f64]) -> f64 {
        let mut m = DMatrix::from_element(2, 2, 1.0);
        for (i, v) in m.iter_mut().enumerate() {
            *v *= x[i % 2];
        }
        m[(0, 0)] * m[(1, 1)]
    }

    #[differentiate(order = 2)]
    fn view_mut(x: &[f64]) -> f64 {
        let mut m = DMatrix::zeros(2, 2);
        m.view_mut((0, 0), (1, 2)).fill(x[0]);
        m[(0, 1)] += x[1];
        m.norm_squared()
    }

    #[differentiate(order = 2)]
    fn fixed_view(x: &[f64]) -> f64 {
        let mut m = Matrix3::<f64>::identity();
        m.fixed_view_mut::<2, 2>(0, 0).fill(x[0]);
        m[(2, 2)] = x[1];
        m.sum() * m[(0, 1)]
    }

    #[differentiate(order = 2)]
    fn set_column(x: &[f64]) -> f64 {
        let mut m = Matrix2::<f64>::identity();
        m.set_column(0, &Vector2::new(x[0], x[1]));
        m[(0, 0)] * m[(1, 0)]
    }

    #[differentiate(order = 2)]
    fn vec_fields(x: &[f64]) -> f64 {
        let mut v = Vector2::new(0.0, 1.0);
        v.x = x[0];
        v.y *= x[1];
        v.x * v.y
    }

    #[differentiate(order = 2)]
    fn applied(x: &[f64]) -> f64 {
        let mut v = DVector::from_column_slice(x);
        v.apply(|e| *e = *e * *e);
        v.sum()
    }

    #[differentiate(order = 2)]
    fn column_scaled(x: &[f64]) -> f64 {
        let mut m = DMatrix::from_row_slice(2, 2, &[x[0], 1.0, 2.0, x[1]]);
        let mut c = m.column_mut(1);
        c *= x[0];
        c[0] += 1.0;
        m[(0, 1)] * m[(1, 1)]
    }

    #[test]
    fn agree_with_differences() {
        battery!(row_mut(x), at x = vec![1.5, 0.5]);
        battery!(iter_mut_matrix(x), at x = vec![1.5, 0.5]);
        battery!(view_mut(x), at x = vec![1.5, 0.5]);
        battery!(fixed_view(x), at x = vec![1.5, 0.5]);
        battery!(set_column(x), at x = vec![1.5, 0.5]);
        battery!(vec_fields(x), at x = vec![1.5, 0.5]);
        battery!(applied(x), at x = vec![1.5, 0.5]);
        battery!(column_scaled(x), at x = vec![1.5, 0.5]);
    }
}
