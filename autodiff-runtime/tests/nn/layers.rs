//! Bias, normalisation, embedding, dropout, attention, recurrent cells.

use crate::harness::{assert_close, confirm, data, vector};
use autodiff_runtime::nalgebra::{DMatrix, DVector, Matrix2, dmatrix};
use autodiff_runtime::nn::{
    Convolution2d, Image, Pooling2d, add_bias, attention, average_pool2d, batch_norm,
    batch_statistics, causal_attention, convolution2d, dropout, embedding, gru_cell, layer_norm,
    lstm_cell, max_pool2d, rms_norm, sigmoid, softmax_rows,
};

#[test]
fn bias() {
    for (channels, entries, batch) in [(1, 1, 1), (3, 1, 2), (2, 3, 2), (1, 4, 3)] {
        confirm!(add_bias(x, b), at x = data(channels * entries, batch, 1), b = vector(channels, 2));
    }
}

#[test]
#[should_panic(expected = "a column of 3 entries does not fall into 2 channels")]
fn bias_of_another_length() {
    let _ = add_bias(&data(3, 1, 1), &vector(2, 1));
}

#[test]
fn normalization() {
    for (m, n) in [(2, 1), (4, 1), (3, 4), (5, 2)] {
        confirm!(layer_norm(x, gamma, beta, 1e-3), at x = data(m, n, 1), gamma = vector(m, 2), beta = vector(m, 3));
        confirm!(rms_norm(x, gamma, 1e-3), at x = data(m, n, 4), gamma = vector(m, 5));
    }
    for (channels, entries, batch) in [(1, 1, 3), (3, 1, 4), (2, 3, 2), (1, 4, 1)] {
        let x = data(channels * entries, batch, 1);
        confirm!(
            batch_norm(x, gamma, beta, 1e-3),
            at x = x.clone(), gamma = vector(channels, 2), beta = vector(channels, 3)
        );
    }
}

#[test]
fn normalized_is_normal() {
    let x = data(6, 5, 1) * 100.0;
    let (ones, zeros) = (DVector::from_element(6, 1.0), DVector::zeros(6));
    for column in layer_norm(&x, &ones, &zeros, 0.0).column_iter() {
        assert_close(
            "sample",
            &[column.mean(), column.variance()],
            &[0.0, 1.0],
            1e-14,
        );
    }
    let y = batch_norm(&x, &ones, &zeros, 0.0);
    let (means, variances) = batch_statistics(&y, 6);
    assert_close("means", &means, &zeros, 1e-14);
    assert_close("variances", &variances, &ones, 1e-14);
    // A channel of three rows is normalised as a whole.
    let y = batch_norm(&x, &DVector::from_element(2, 1.0), &DVector::zeros(2), 0.0);
    let channel = y.rows(3, 3).into_owned();
    assert_close(
        "channel",
        &[channel.mean(), channel.variance()],
        &[0.0, 1.0],
        1e-14,
    );
    for column in rms_norm(&x, &ones, 0.0).column_iter() {
        assert_close("sample", &[column.norm_squared() / 6.0], &[1.0], 1e-14);
    }
    // A constant sample is not divided by 0, and its gradient is finite.
    let constant: DMatrix<f64> = DMatrix::from_element(3, 1, 7.0);
    let (ones, zeros) = (DVector::from_element(3, 1.0), DVector::zeros(3));
    let (y, pull) = layer_norm::vjp(&constant, &ones, &zeros, 1e-5);
    assert_eq!(y, DMatrix::zeros(3, 1));
    assert!(
        pull(dmatrix![1.0; 0.0; 0.0])
            .0
            .iter()
            .all(|c: &f64| c.is_finite())
    );
}

#[test]
fn embeddings() {
    let indices: &[usize] = &[2, 0, 2, 1];
    confirm!(embedding(table, indices), at table = data(3, 4, 1));
    confirm!(embedding(table, &[0]), at table = data(1, 1, 1));
    let none: &[usize] = &[];
    assert_eq!(embedding(&data(3, 4, 1), none).shape(), (3, 0));
}

#[test]
#[should_panic(expected = "index 4 of sample 1 is not one of 4 columns")]
fn an_index_too_large() {
    let _ = embedding(&data(3, 4, 1), &[0, 4]);
}

#[test]
fn dropping_out() {
    let mask = &DMatrix::from_fn(3, 2, |i, j| (i + j) % 2 == 0);
    confirm!(dropout(x, mask, 0.25), at x = data(3, 2, 1));
    let all = Matrix2::new(true, true, true, true);
    let x = Matrix2::new(1.0, 2.0, 3.0, 4.0);
    assert_eq!(dropout(&x, &all, 0.0), x);
}

#[test]
#[should_panic(expected = "a rate of 1, which is not in 0..1")]
fn dropping_everything() {
    let _ = dropout(
        &Matrix2::zeros(),
        &Matrix2::new(false, false, false, false),
        1.0_f64,
    );
}

#[test]
fn attending() {
    for (d, e, queries, keys) in [(1, 1, 1, 1), (3, 2, 2, 4), (2, 3, 4, 2), (2, 1, 3, 3)] {
        let (q, k, v) = (data(d, queries, 1), data(d, keys, 2), data(e, keys, 3));
        confirm!(attention(q, k, v), at q = q.clone(), k = k.clone(), v = v.clone());
        confirm!(causal_attention(q, k, v), at q = q.clone(), k = k.clone(), v = v.clone());
        // In the notation with rows.
        let root = f64::from(u32::try_from(d).expect("small")).sqrt();
        let weights = softmax_rows(&(q.transpose() * &k / root));
        assert_close(
            "rows",
            &attention(&q, &k, &v),
            &(weights * v.transpose()).transpose(),
            1e-14,
        );
        // A query sees as much as if the later keys were not there.
        let causal = causal_attention(&q, &k, &v);
        for j in 0..queries {
            let seen = (j + 1).min(keys);
            let alone = attention(
                &q.columns(j, 1).into(),
                &k.columns(0, seen).into(),
                &v.columns(0, seen).into(),
            );
            assert_close("causal", &causal.column(j).into_owned(), &alone, 1e-14);
        }
    }
    // Products of nalgebra's fast kernel.
    let (q, k, v) = (data(8, 9, 1), data(8, 10, 2), data(7, 10, 3));
    let weights = softmax_rows(&(q.transpose() * &k / 8.0_f64.sqrt()));
    assert_close(
        "rows",
        &attention(&q, &k, &v),
        &(weights * v.transpose()).transpose(),
        1e-14,
    );
    let (y, pull) = attention::vjp(&q, &k, &v);
    let g = data(7, 9, 4);
    assert_close("values", &[pull(g.clone()).2.dot(&v)], &[g.dot(&y)], 1e-13);
}

#[test]
fn recurrent_cells() {
    for (inputs, states, batch) in [(1, 1, 1), (3, 2, 1), (2, 3, 2), (1, 2, 3)] {
        let (x, h) = (data(inputs, batch, 1), data(states, batch, 2));
        confirm!(
            lstm_cell(x, h, c, w, u, b),
            at x = x.clone(), h = h.clone(), c = data(states, batch, 3),
                w = data(4 * states, inputs, 4), u = data(4 * states, states, 5), b = vector(4 * states, 6)
        );
        confirm!(
            gru_cell(x, h, w, u, b, d),
            at x = x.clone(), h = h.clone(), w = data(3 * states, inputs, 4),
                u = data(3 * states, states, 5), b = vector(3 * states, 6), d = vector(3 * states, 7)
        );
    }
}

/// The order of the gates, with numbers that make each visible.
#[test]
fn gates() {
    let one = DMatrix::from_element(1, 1, 1.0);
    let zero = DMatrix::zeros(1, 1);
    let b = DVector::from_column_slice(&[0.1, 0.2, 0.3, 0.4]);
    let (h, c) = lstm_cell(
        &zero,
        &zero,
        &one,
        &DMatrix::zeros(4, 1),
        &DMatrix::zeros(4, 1),
        &b,
    );
    let memory = sigmoid(0.2) + sigmoid(0.1) * 0.3_f64.tanh();
    assert_close(
        "lstm",
        &[h[0], c[0]],
        &[sigmoid(0.4) * memory.tanh(), memory],
        1e-15,
    );

    let b = DVector::from_column_slice(&[0.1, 0.2, 0.3]);
    let d = DVector::from_column_slice(&[0.4, 0.5, 0.6]);
    let h = gru_cell(
        &zero,
        &one,
        &DMatrix::zeros(3, 1),
        &DMatrix::zeros(3, 1),
        &b,
        &d,
    );
    let (r, z): (f64, f64) = (sigmoid(0.5), sigmoid(0.7));
    let n = (0.3 + r * 0.6).tanh();
    assert_close("gru", &h, &[(1.0 - z) * n + z], 1e-15);
}

#[test]
#[should_panic(expected = "weights of another shape than 4 gates of these inputs and states have")]
fn weights_of_another_cell() {
    let x = data(2, 1, 1);
    let _ = lstm_cell(&x, &x, &x, &data(6, 2, 1), &data(6, 2, 2), &vector(6, 3));
}

/// A batch without samples goes through everything, and gives gradients of the shape of the arguments.
#[test]
fn no_samples() {
    let nothing = DMatrix::<f64>::zeros(4, 0);
    let (gamma, beta) = (vector(4, 1), vector(4, 2));
    for (y, pull) in [
        boxed(add_bias::vjp(&nothing, &gamma)),
        boxed(rms_norm::vjp(&nothing, &gamma, 1e-5)),
    ] {
        assert_eq!(y.shape(), (4, 0));
        assert_eq!(pull(y), (DMatrix::zeros(4, 0), DVector::zeros(4)));
    }
    for (y, pull) in [
        boxed(layer_norm::vjp(&nothing, &gamma, &beta, 1e-5)),
        boxed(batch_norm::vjp(&nothing, &gamma, &beta, 1e-5)),
    ] {
        assert_eq!(y.shape(), (4, 0));
        assert_eq!(
            pull(y),
            (DMatrix::zeros(4, 0), DVector::zeros(4), DVector::zeros(4))
        );
    }
    let shape = Convolution2d::new(Image::new(1, 2, 2), 3, [2, 1]);
    let w = data(3, 2, 3);
    let (y, pull) = convolution2d::vjp(&nothing, &w, shape);
    assert_eq!(y.shape(), (6, 0));
    assert_eq!(pull(y), (DMatrix::zeros(4, 0), DMatrix::zeros(3, 2)));
    let halves = Pooling2d::new(Image::new(1, 2, 2), [2, 2]);
    assert_eq!(
        max_pool2d::vjp(&nothing, halves).1(DMatrix::zeros(1, 0)).shape(),
        (4, 0)
    );
    assert_eq!(average_pool2d(&nothing, halves).shape(), (1, 0));
    // No queries, and no keys to find anything at.
    let some = data(4, 3, 4);
    let (y, pull) = attention::vjp(&nothing, &some, &some);
    assert_eq!((y.shape(), pull(y).1), ((4, 0), DMatrix::zeros(4, 3)));
    let (y, pull) = causal_attention::vjp(&some, &nothing, &nothing);
    assert_eq!(
        (&y, pull(y.clone()).0),
        (&DMatrix::zeros(4, 3), DMatrix::zeros(4, 3))
    );
    let (b, u) = (vector(16, 5), data(16, 4, 6));
    let (h, c) = lstm_cell(&nothing, &nothing, &nothing, &u, &u, &b);
    assert_eq!((h.shape(), c.shape()), ((4, 0), (4, 0)));
}

fn boxed<'a, Y, G, P: Fn(Y) -> G + 'a>((y, pull): (Y, P)) -> (Y, Box<dyn Fn(Y) -> G + 'a>) {
    (y, Box::new(pull))
}
