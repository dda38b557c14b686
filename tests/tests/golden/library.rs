//! The programs that have a shorter form with the functions of `nn` and `special`.

use crate::data::{case, golden, golden_rows};
use differentiate::nn::{
    Convolution1d, Convolution2d, Image, Pooling2d, Signal, add_bias, average_pool2d,
    binary_cross_entropy_with_logits, convolution1d, convolution2d, cross_entropy_with_labels,
    gelu, layer_norm, log_softmax, log_softmax_rows, logsumexp, lstm_cell, max_pool2d, silu,
    softmax, softplus, tanh,
};
use differentiate::special::erfc;
use differentiate::{Real, differentiate, nn};
use nalgebra::{DMatrix, DVector};

#[differentiate(order = 2)]
fn activations<T: Real>(x: &DVector<T>) -> T {
    x.map(|x| tanh(x) + silu(x) + softplus(x) + gelu(x)).sum()
}

#[differentiate(order = 2)]
fn softmax_weighted<T: Real>(x: &DVector<T>, w: &DVector<T>) -> T {
    softmax(x).dot(w)
}

#[differentiate(order = 2)]
fn standardize(x: &DMatrix<f64>, w: &DVector<f64>) -> f64 {
    layer_norm(x, w, &DVector::zeros(x.nrows()), 1e-5).sum()
}

#[differentiate(order = 2)]
fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[differentiate(order = 2)]
fn black_scholes(s: f64, k: f64, t: f64, r: f64, sigma: f64) -> f64 {
    let root = sigma * t.sqrt();
    let d1 = ((s / k).ln() + (r + 0.5 * sigma * sigma) * t) / root;
    s * normal_cdf(d1) - k * (-r * t).exp() * normal_cdf(d1 - root)
}

#[differentiate(order = 2)]
fn logistic_regression(
    w: &DVector<f64>,
    #[no_diff] x: &DMatrix<f64>,
    #[no_diff] y: &DVector<f64>,
) -> f64 {
    let mean = binary_cross_entropy_with_logits(&(x * w), y);
    mean * y.len() as f64 + 0.05 * w.norm_squared()
}

#[differentiate(order = 2)]
fn hmm(pi: &DVector<f64>, a: &DMatrix<f64>, b: &DMatrix<f64>, obs: &[usize]) -> f64 {
    let (a, b) = (log_softmax_rows(a), log_softmax_rows(b));
    let mut alpha = log_softmax(pi) + b.column(obs[0]);
    for &o in &obs[1..] {
        alpha = DVector::from_fn(alpha.len(), |j, _| {
            logsumexp(&(&alpha + a.column(j))) + b[(j, o)]
        });
    }
    logsumexp(&alpha)
}

#[test]
fn numbers() {
    golden!("v_activations": activations(x), x: DVector<f64>);
    golden!("v_activations": activations(x), x: DVector<f32>);
    golden!("v_softmax_weighted": softmax_weighted(x, w), x: DVector<f64>, w: DVector<f64>);
    golden!("v_softmax_weighted": softmax_weighted(x, w), x: DVector<f32>, w: DVector<f32>);
    golden!("v_standardize": standardize(x, w), x: DMatrix<f64>, w: DVector<f64>);
    golden!(
        "black_scholes_call": black_scholes(*s, *k, *t, *r, *sigma),
        s: f64, k: f64, t: f64, r: f64, sigma: f64
    );
    golden!("hmm_forward": hmm(pi, a, b, &[0, 1, 1, 0]), pi: DVector<f64>, a: DMatrix<f64>, b: DMatrix<f64>);
    let it = case("logistic_regression_nll");
    let y = DVector::from_vec(it.constant("y"));
    let x = DMatrix::from_row_slice(y.len(), 3, &it.constant("X"));
    golden!("logistic_regression_nll": logistic_regression(w, &x, &y), w: DVector<f64>);
}

#[differentiate(order = 2)]
fn energy(y: f64) -> f64 {
    y.sin() + 0.5 * y * y
}

#[differentiate(order = 2)]
fn convolution(
    x: &[f64],
    w: &[f64],
    b: &DVector<f64>,
    #[no_diff] layer: Convolution2d,
    samples: usize,
) -> f64 {
    let (outputs, taps) = layer.weights();
    let x = DMatrix::from_column_slice(layer.image.entries(), samples, x);
    let w = DMatrix::from_row_slice(outputs, taps, w);
    add_bias(&convolution2d(&x, &w, layer), b).map(energy).sum()
}

#[differentiate(order = 2)]
fn convolution_without_bias(x: &[f64], w: &[f64], #[no_diff] layer: Convolution2d) -> f64 {
    convolution(x, w, &DVector::zeros(layer.outputs), layer, 1)
}

const PLAIN: Convolution2d = Convolution2d::new(Image::new(1, 4, 4), 1, [3, 3]);
const DILATED: Convolution2d =
    Convolution2d::new(Image::new(1, 6, 6), 2, [3, 3]).with_dilation([2, 2]);
const DEPTHWISE: Convolution2d = Convolution2d::new(Image::new(3, 4, 4), 3, [2, 2]).with_groups(3);
const POINTWISE: Convolution2d = Convolution2d::new(Image::new(3, 2, 2), 2, [1, 1]);

#[differentiate(order = 2)]
fn signal(x: &[f64], k: &[f64]) -> DMatrix<f64> {
    let layer = Convolution1d::new(Signal::new(1, x.len()), 1, k.len());
    let x = DMatrix::from_column_slice(x.len(), 1, x);
    let k = DMatrix::from_row_slice(1, k.len(), k);
    convolution1d(&x, &k, layer)
}

#[test]
fn convolutions() {
    golden!("conv2d_basic": convolution_without_bias(x, w, PLAIN), x: Vec<f64>, w: Vec<f64>);
    golden!("conv2d_dilation2": convolution(x, w, b, DILATED, 1), x: Vec<f64>, w: Vec<f64>, b: DVector<f64>);
    golden!("conv2d_depthwise": convolution(x, w, b, DEPTHWISE, 2), x: Vec<f64>, w: Vec<f64>, b: DVector<f64>);
    golden!("conv2d_1x1": convolution(x, w, b, POINTWISE, 1), x: Vec<f64>, w: Vec<f64>, b: DVector<f64>);
    golden_rows!("j_conv1d": signal(x, k), x: Vec<f64>, k: Vec<f64>);
}

#[differentiate(order = 2)]
fn max_pool(x: &[f64], #[no_diff] layer: Pooling2d) -> f64 {
    let x = DMatrix::from_column_slice(layer.image.entries(), 1, x);
    max_pool2d(&x, layer).map(energy).sum()
}

#[differentiate(order = 2)]
fn average_pool(x: &[f64], #[no_diff] layer: Pooling2d) -> f64 {
    let x = DMatrix::from_column_slice(layer.image.entries(), 1, x);
    average_pool2d(&x, layer).map(energy).sum()
}

const HALF: Pooling2d = Pooling2d::new(Image::new(2, 4, 4), [2, 2]);
const PADDED: Pooling2d = Pooling2d::new(Image::new(1, 5, 5), [3, 3])
    .with_stride([2, 2])
    .with_padding([1, 1]);

#[test]
fn pooling() {
    golden!("maxpool_2x2": max_pool(x, HALF), x: Vec<f64>);
    golden!("avgpool_2x2": average_pool(x, HALF), x: Vec<f64>);
    golden!("avgpool_3x3_s2_p1_excl": average_pool(x, PADDED), x: Vec<f64>);
}

#[differentiate(order = 2)]
fn batch_norm(x: &DMatrix<f64>, g: &DVector<f64>, b: &DVector<f64>) -> f64 {
    nn::batch_norm(&x.transpose(), g, b, 1e-5).map(energy).sum()
}

#[differentiate(order = 2)]
fn perceptron(
    x: &DMatrix<f64>,
    w1: &DMatrix<f64>,
    b1: &DVector<f64>,
    w2: &DMatrix<f64>,
    b2: &DVector<f64>,
) -> f64 {
    let hidden = add_bias(&(w1 * x.transpose()), b1).map(nn::tanh);
    cross_entropy_with_labels(&add_bias(&(w2 * hidden), b2), &[2, 0, 1])
}

#[differentiate(order = 2)]
fn lstm(
    x: &DMatrix<f64>,
    h: &DMatrix<f64>,
    c: &DMatrix<f64>,
    w: &DMatrix<f64>,
    u: &DMatrix<f64>,
    b: &DVector<f64>,
) -> f64 {
    let (mut h, mut c) = (h.clone(), c.clone());
    for _ in 0..4 {
        (h, c) = lstm_cell(x, &h, &c, w, u, b);
    }
    h.norm_squared()
}

#[differentiate(order = 2)]
fn attention(x: &DMatrix<f64>, wq: &DMatrix<f64>, wk: &DMatrix<f64>, wv: &DMatrix<f64>) -> f64 {
    let (q, k, v) = (
        wq.tr_mul(&x.transpose()),
        (x * wk).transpose(),
        (x * wv).transpose(),
    );
    nn::attention(&q, &k, &v).map(energy).sum()
}

#[test]
fn layers() {
    golden!("batchnorm_train": batch_norm(x, g, b), x: DMatrix<f64>, g: DVector<f64>, b: DVector<f64>);
    golden!(
        "mlp_softmax_ce": perceptron(x, w1, b1, w2, b2),
        x: DMatrix<f64>, w1: DMatrix<f64>, b1: DVector<f64>, w2: DMatrix<f64>, b2: DVector<f64>
    );
    golden!(
        "lstm_unrolled4": lstm(x, h, c, w, u, b),
        x: DMatrix<f64>, h: DMatrix<f64>, c: DMatrix<f64>, w: DMatrix<f64>, u: DMatrix<f64>, b: DVector<f64>
    );
    golden!(
        "attention_head": attention(x, wq, wk, wv),
        x: DMatrix<f64>, wq: DMatrix<f64>, wk: DMatrix<f64>, wv: DMatrix<f64>
    );
}
