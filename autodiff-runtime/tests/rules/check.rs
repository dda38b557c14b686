//! The gradient checker finds what is wrong and accepts what is right.

use core::cell::Cell;

use autodiff_runtime::check::{self, Along, Check};
use autodiff_runtime::nalgebra::{DMatrix, DVector, Matrix2, Vector2};

#[test]
fn finds_one_wrong_component() {
    let report = check::gradient(
        |x: &Vec<f64>| x.iter().map(|x| x.sin()).sum::<f64>(),
        |x| {
            let mut g: Vec<f64> = x.iter().map(|x| x.cos()).collect();
            g[3] *= 1.0 + 1e-6;
            g
        },
        &vec![0.1, 0.2, 0.3, 0.4, 0.5],
    );
    let wrong: Vec<Along> = report.failures().iter().map(|it| it.input).collect();
    assert!(wrong.contains(&Along::Component(3)), "{report}");
    assert!(!wrong.contains(&Along::Component(2)), "{report}");
    let worst = report.worst().expect("an entry");
    assert!((worst.error - 1e-6).abs() < 2e-7, "{report}");
    assert!(
        format!("{report}").contains("input component 3"),
        "{report}"
    );
}

#[test]
#[should_panic(expected = "gradient check failed")]
fn assert_panics_with_the_report() {
    check::gradient(|x| x * x, |x| *x, &1.0).assert();
}

#[test]
fn large_inputs_are_checked_along_random_directions() {
    let at = DVector::from_fn(500, |i, _| 0.01 * f64::from(u16::try_from(i).unwrap_or(0)));
    let square = |x: &DVector<f64>| x.dot(x);
    check::gradient(square, |x| x * 2.0, &at).assert();
    let wrong = |x: &DVector<f64>| {
        let mut g = x * 2.0;
        g[77] = 0.0;
        g
    };
    assert!(!check::gradient(square, wrong, &at).passed());
}

#[test]
fn matrices_tuples_and_integers() {
    let at = (
        Matrix2::new(1.0, -0.5, 0.25, 2.0),
        Vector2::new(0.3, 0.7),
        2_usize,
    );
    check::pullback(
        |(a, x, n)| a * x * (*n as f64),
        |(a, x, n)| {
            let n = *n as f64;
            (a * x * n, move |g: Vector2<f64>| {
                (g * x.transpose() * n, a.transpose() * g * n, ())
            })
        },
        &at,
    )
    .assert();
}

#[test]
fn large_outputs_are_checked_against_random_cotangents() {
    let at = DMatrix::from_fn(9, 9, |i, j| (i as f64 - 0.5 * j as f64).sin());
    let square = |a: &DMatrix<f64>| a * a;
    check::pullback(
        square,
        |a| {
            (a * a, move |g: DMatrix<f64>| {
                &g * a.transpose() + a.transpose() * &g
            })
        },
        &at,
    )
    .assert();
    let untransposed = check::pullback(
        square,
        |a| (a * a, move |g: DMatrix<f64>| &g * a + a * &g),
        &at,
    );
    assert!(!untransposed.passed());
}

#[test]
fn single_precision_has_a_tolerance_of_its_own() {
    let report = check::gradient(
        |(x, y): &(f32, f32)| (x * y).sin().exp(),
        |(x, y)| {
            let inner = x * y;
            let slope = inner.sin().exp() * inner.cos();
            (slope * y, slope * x)
        },
        &(0.8, 1.3),
    );
    report.assert();
    assert!(report.tolerance() > 1e-4);
    assert!(!check::gradient(|x: &f32| x * x, |x| 2.01 * x, &1.5).passed());
}

/// The steps shrink until they are small against what the function does.
#[test]
fn narrow_features() {
    let bump = |x: &f64| (-(x / 1e-3).powi(2)).exp();
    let slope = |x: &f64| -2.0e6 * x * (-(x / 1e-3).powi(2)).exp();
    check::gradient(bump, slope, &5e-4).assert();
    assert!(!check::gradient(bump, |_| 0.0, &5e-4).passed());
    // Most of the ring lies outside of the domain.
    check::gradient(|x: &f64| x.ln(), |x| x.recip(), &0.01).assert();
}

#[test]
fn large_arguments_need_larger_steps() {
    let check = Check::new().largest_step(1e5);
    check
        .gradient(|x: &f64| x.powi(3), |x| 3.0 * x * x, &2.5e9)
        .assert();
}

#[test]
fn a_gradient_of_zero() {
    check::gradient(|_: &(f64, f64)| 7.5e3, |_| (0.0, 0.0), &(1.0, 2.0)).assert();
    check::gradient(|x: &f64| (x - 1.0).powi(4), |_| 0.0, &1.0).assert();
    check::gradient(|x: &f64| (x - 1.0).powi(9), |_| 0.0, &1.0).assert();
    assert!(!check::gradient(|x: &f64| (x - 1.0).powi(9), |_| 1e-6, &1.0).passed());
}

#[test]
fn a_nan_is_not_a_gradient() {
    assert!(!check::gradient(|x: &f64| x * x, |_| f64::NAN, &1.0).passed());
    assert!(!check::gradient(|x: &f64| x * x, |_| f64::INFINITY, &1.0).passed());
    assert!(!check::gradient(|x: &f64| x.sqrt(), |_| 1.0, &-1.0).passed());
}

#[test]
fn results_must_be_repeatable() {
    let calls = Cell::new(0.0);
    let drifting = |x: &f64| {
        calls.set(calls.get() + 1e-12);
        2.0 * x + calls.get()
    };
    let report = check::gradient(|x: &f64| x * x, drifting, &1.0);
    assert!(report.problems()[0].contains("computed twice"), "{report}");

    let primal = |x: &f64| x * x + calls.get();
    let report = check::gradient(primal, drifting, &1.0);
    assert!(
        report
            .problems()
            .iter()
            .any(|it| it.contains("before and after")),
        "{report}"
    );
}

#[test]
fn the_value_must_be_that_of_the_function() {
    let report = check::pullback(
        |x: &f64| x * x,
        |x| (x * x + 1e-15, move |g: f64| 2.0 * g * x),
        &1.0,
    );
    assert!(
        report.problems()[0].contains("that of the function"),
        "{report}"
    );
}

#[test]
fn shapes_must_match() {
    let report = check::gradient(|x: &Vec<f64>| x[0], |_| vec![1.0], &vec![1.0, 2.0]);
    assert!(report.problems()[0].contains("1 components"), "{report}");
}

#[test]
fn a_seed_gives_the_same_report() {
    let at = vec![0.5; 100];
    let run = |seed| {
        let report = Check::new().seed(seed).gradient(
            |x: &Vec<f64>| x.iter().sum::<f64>(),
            |x| vec![1.0 + 1e-12; x.len()],
            &at,
        );
        format!("{report}")
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
