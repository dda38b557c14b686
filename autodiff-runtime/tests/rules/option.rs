//! `Option` and `Result`: the cotangent goes to what the result is made of.

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{Acc, Fresh, Lit, Skip, Val, peel};

type Outcome = Result<f64, String>;

fn failure() -> Outcome {
    Err("no value".to_owned())
}

#[test]
fn unwrapping() {
    let present = Some(vec![1.0, 2.0]);
    let g = vec![3.0, 4.0];
    let (fresh, ()) = peel(&present).ad_unwrap((), (), &g, Fresh, ());
    assert_eq!(fresh, Some(g.clone()));
    let mut shadow = Some(vec![1.0, 1.0]);
    peel(&present).ad_unwrap((), (), &g, Acc(&mut shadow), ());
    assert_eq!(shadow, Some(vec![4.0, 5.0]));
    let mut absent = None;
    peel(&present).ad_expect((Lit("a value"),), (), &g, Acc(&mut absent), (Skip,));
    assert_eq!(absent, Some(g));

    let outcome: Outcome = Ok(1.0);
    assert_eq!(
        peel(&outcome).ad_unwrap((), (), &2.0, Fresh, ()).0,
        Some(2.0)
    );
    assert_eq!(
        peel(&outcome).ad_ok((), (), &Some(2.0), Fresh, ()).0,
        Some(2.0)
    );
}

#[test]
fn defaults() {
    let of = |x: Option<f32>| peel(&x).ad_unwrap_or((Lit(0.5),), (), &2.0, Fresh, (Fresh,));
    assert_eq!(of(Some(1.0)), (Some(2.0), (0.0,)));
    assert_eq!(of(None), (None, (2.0,)));

    let of = |x: Outcome| peel(&x).ad_unwrap_or((Val(&0.5),), (), &2.0, Fresh, (Fresh,));
    assert_eq!(of(Ok(1.0)), (Some(2.0), (0.0,)));
    assert_eq!(of(failure()), (None, (2.0,)));

    let of = |x: Option<f64>| peel(&x).ad_unwrap_or_default((), (), &2.0, Fresh, ()).0;
    assert_eq!([of(Some(1.0)), of(None)], [Some(2.0), None]);

    let other = vec![1.0, 2.0];
    let (to_x, (to_other,)) =
        peel(&Some(vec![3.0])).ad_unwrap_or((Val(&other),), (), &vec![1.0], Fresh, (Fresh,));
    assert_eq!((to_x, to_other), (Some(vec![1.0]), vec![0.0, 0.0]));
}

#[test]
fn passing_on() {
    let borrowed = Some(&1.5);
    let g = Some(2.0);
    assert_eq!(peel(&borrowed).ad_copied((), (), &g, Fresh, ()).0, g);
    assert_eq!(peel(&borrowed).ad_cloned((), (), &g, Fresh, ()).0, g);
    assert_eq!(peel(&Some(1.5)).ad_as_ref((), (), &g, Fresh, ()).0, g);
    assert_eq!(
        peel(&Some(1.5))
            .ad_ok_or((Lit("none"),), (), &g, Fresh, (Skip,))
            .0,
        g
    );
}
