//! Slices and arrays: an element's cotangent goes to its place.

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{Acc, Fresh, Lit, Skip, Val, peel};

#[test]
fn elements() {
    let x = vec![1.0, 2.0, 3.0];
    let g = Some(5.0);
    assert_eq!(peel(&x).ad_first((), (), &g, Fresh, ()).0, [5.0, 0.0, 0.0]);
    assert_eq!(peel(&x).ad_last((), (), &g, Fresh, ()).0, [0.0, 0.0, 5.0]);
    assert_eq!(
        peel(&x).ad_get((Lit(1),), (), &g, Fresh, (Skip,)).0,
        [0.0, 5.0, 0.0]
    );
    let mut shadow = vec![1.0; 3];
    peel(&x).ad_get((Val(&2_usize),), (), &g, Acc(&mut shadow[..]), (Skip,));
    peel(&x).ad_get((Val(&7_usize),), (), &None, Acc(&mut shadow[..]), (Skip,));
    assert_eq!(shadow, [1.0, 1.0, 6.0]);
    let empty: &[f64] = &[];
    assert_eq!(peel(&empty).ad_last((), (), &None, Fresh, ()).0, [0.0; 0]);
}

#[test]
fn elements_of_arrays_have_arrays_as_cotangents() {
    let x = [1.0, 2.0, 3.0];
    let g = Some(5.0);
    assert_eq!(peel(&x).ad_first((), (), &g, Fresh, ()).0, [5.0, 0.0, 0.0]);
    let mut shadow = [1.0; 3];
    peel(&x).ad_last((), (), &g, Acc(&mut shadow), ());
    assert_eq!(shadow, [1.0, 1.0, 6.0]);
    let g = vec![1.0, 2.0, 3.0];
    let to_x: [f64; 3] = peel(&x).ad_to_vec((), (), &g, Fresh, ()).0;
    assert_eq!(to_x, [1.0, 2.0, 3.0]);
    peel(&x).ad_as_slice((), (), &g, Acc(&mut shadow), ());
    assert_eq!(shadow, [2.0, 3.0, 9.0]);
}

#[test]
fn whole_slices() {
    let x = vec![vec![1.0], vec![2.0, 3.0]];
    let g = vec![vec![4.0], vec![5.0, 6.0]];
    assert_eq!(peel(&x).ad_clone((), (), &g, Fresh, ()).0, g);
    assert_eq!(peel(&x).ad_to_vec((), (), &g, Fresh, ()).0, g);
    let mut shadow = g.clone();
    peel(&x).ad_as_slice((), (), &g, Acc(&mut shadow[..]), ());
    assert_eq!(shadow, [vec![8.0], vec![10.0, 12.0]]);
}
