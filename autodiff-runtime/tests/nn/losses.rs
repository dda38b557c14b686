//! Loss functions: Jacobians, relations between them, extremes.

use crate::harness::{assert_close, confirm, data, distributions};
use autodiff_runtime::nalgebra::{DMatrix, dmatrix, vector};
use autodiff_runtime::nn::{
    binary_cross_entropy_with_logits, cross_entropy, cross_entropy_with_labels,
    cross_entropy_with_logits, cross_entropy_with_smooth_labels, huber, kl_divergence, mae, mse,
    one_hot, softmax,
};

const SHAPES: [(usize, usize); 5] = [(1, 1), (4, 1), (1, 3), (3, 5), (5, 2)];

#[test]
fn of_numbers() {
    for (m, n) in SHAPES {
        confirm!(mse(p, t), at p = data(m, n, 1), t = data(m, n, 2));
        confirm!(mae(p, t), at p = data(m, n, 1), t = data(m, n, 2));
        confirm!(huber(p, t, 1.0), at p = data(m, n, 1), t = data(m, n, 2));
        confirm!(huber(p, t, 0.25), at p = data(m, n, 3), t = data(m, n, 4));
        confirm!(binary_cross_entropy_with_logits(p, t), at p = data(m, n, 5) * 3.0, t = data(m, n, 2).map(|t| t * 0.25 + 0.5));
    }
}

#[test]
fn of_distributions() {
    for (m, n) in SHAPES {
        confirm!(cross_entropy_with_logits(x, t), at x = data(m, n, 1), t = distributions(m, n, 2));
        confirm!(cross_entropy(p, t), at p = distributions(m, n, 3).map(|p| p + 0.25), t = distributions(m, n, 2));
        confirm!(kl_divergence(p, q), at p = distributions(m, n, 4).map(|p| p + 0.25), q = distributions(m, n, 5).map(|p| p + 0.25));
    }
}

#[test]
fn of_labels() {
    for (m, n) in SHAPES {
        let labels: Vec<usize> = (0..n).map(|j| (2 * j + 1) % m).collect();
        let labels = &labels[..];
        confirm!(cross_entropy_with_labels(x, labels), at x = data(m, n, 1));
        confirm!(cross_entropy_with_smooth_labels(x, labels, 0.125), at x = data(m, n, 2));

        let x = data(m, n, 3);
        let targets = one_hot(labels, m);
        let plain = cross_entropy_with_labels::value_and_grad(&x, labels);
        let (value, (gradient, _)) = cross_entropy_with_logits::value_and_grad(&x, &targets);
        assert_close("labels", &[plain.0], &[value], 1e-15);
        assert_close("labels", &plain.1, &gradient, 1e-15);
        assert_close(
            "probabilities",
            &[cross_entropy(&softmax(&x), &targets)],
            &[value],
            1e-14,
        );

        let share = 0.25 / f64::from(u32::try_from(m).expect("few classes"));
        let smooth = targets.map(|t| 0.75 * t + share);
        let (value, (gradient, _)) = cross_entropy_with_logits::value_and_grad(&x, &smooth);
        let plain = cross_entropy_with_smooth_labels::value_and_grad(&x, labels, 0.25);
        assert_close("smooth labels", &[plain.0], &[value], 1e-15);
        assert_close("smooth labels", &plain.1, &gradient, 1e-15);
    }
}

#[test]
fn known_values() {
    let (p, t) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![1.5, 2.0; 0.0, 8.0]);
    assert_eq!(mse(&p, &t), (0.25 + 9.0 + 16.0) / 4.0);
    assert_eq!(mae(&p, &t), 7.5 / 4.0);
    assert_eq!(huber(&p, &t, 2.0), (0.125 + 4.0 + 6.0) / 4.0);
    let halves = dmatrix![0.5, 0.25; 0.5, 0.75];
    let certain = one_hot(&[0, 1], 2);
    let expected = 0.5 * (2.0_f64.ln() + (4.0_f64 / 3.0).ln());
    assert_close(
        "cross entropy",
        &[cross_entropy(&halves, &certain)],
        &[expected],
        1e-15,
    );
    assert_close(
        "divergence",
        &[kl_divergence(&certain, &halves)],
        &[expected],
        1e-15,
    );
    assert_eq!(kl_divergence(&halves, &halves), 0.0);
    assert_eq!(kl_divergence(&halves, &certain), f64::INFINITY);
}

#[test]
fn extremes() {
    // The contributions of each entry to the loss and to its slope at large logits.
    for (x, t, value, slope) in [
        (1000.0, 0.0, 1000.0, 1.0),
        (1000.0, 1.0, 0.0, 0.0),
        (-1000.0, 1.0, 1000.0, -1.0),
        (-1000.0, 0.0, 0.0, 0.0),
        (1e300, 0.5, 5e299, 0.5),
    ] {
        let (loss, (gradient, _)) =
            binary_cross_entropy_with_logits::value_and_grad(&vector![x], &vector![t]);
        assert_eq!((loss, gradient[0]), (value, slope));
    }
    // Where the target is certain, the small loss and its slope keep their digits.
    let loss = binary_cross_entropy_with_logits(&vector![40.0], &vector![1.0]);
    assert_close("loss", &[loss / (-40.0_f64).exp()], &[1.0], 1e-14);
    let slope = binary_cross_entropy_with_logits::grad(&vector![40.0], &vector![1.0]).0;
    assert_close("slope", &[slope[0] / -(-40.0_f64).exp()], &[1.0], 1e-14);
    // What is masked in both distributions has no say.
    let (p, q) = (vector![0.0, 1.0], vector![0.0, 0.5]);
    assert_eq!(
        kl_divergence::grad(&p, &q),
        (vector![0.0, 1.0 + 2.0_f64.ln()], vector![0.0, -2.0])
    );
    assert_eq!(
        cross_entropy::grad(&q, &p),
        (vector![0.0, -2.0], vector![0.0, 2.0_f64.ln()])
    );
    // A logit of -∞ beside the label.
    let masked = dmatrix![0.0; f64::NEG_INFINITY; 0.0];
    let (loss, gradient) = cross_entropy_with_labels::value_and_grad(&masked, &[0]);
    assert_eq!((loss, gradient), (2.0_f64.ln(), dmatrix![-0.5; 0.0; 0.5]));
    assert_eq!(
        cross_entropy_with_smooth_labels(&masked, &[0], 0.0),
        2.0_f64.ln()
    );
    assert_eq!(
        mae::grad(&vector![1.0, 2.0], &vector![1.0, 1.0]).0,
        vector![0.0, 0.5]
    );
    // A mean of nothing.
    let nothing = DMatrix::<f64>::zeros(3, 0);
    assert_eq!(cross_entropy_with_labels(&nothing, &[]), 0.0);
    assert_eq!(
        mae(&nothing, &nothing)
            + huber(&nothing, &nothing, 1.0)
            + kl_divergence(&nothing, &nothing),
        0.0
    );
    assert_eq!(
        cross_entropy_with_labels::grad(&nothing, &[]).shape(),
        (3, 0)
    );
}

#[test]
#[should_panic(expected = "a batch has another number of labels than of samples")]
fn too_few_labels() {
    let _ = cross_entropy_with_labels(&data(2, 2, 1), &[0]);
}

#[test]
#[should_panic(expected = "label 2 of sample 1 is not one of 2 classes")]
fn a_label_too_large() {
    let _ = cross_entropy_with_labels(&data(2, 2, 1), &[0, 2]);
}
