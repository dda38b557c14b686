//! Models made of the functions of `nn` and `special`, which are differentiated through their own pullbacks.

use crate::battery::{battery, pullback};
use differentiate::nn::{
    self, Convolution1d, Convolution2d, Image, Pooling2d, Signal, elementwise,
};
use differentiate::special;
use differentiate::{Real, differentiate, lit};
use nalgebra::{DMatrix, DVector, Vector3, dmatrix};

/// Unrelated entries in -1..1.
fn data(rows: usize, columns: usize, seed: u32) -> DMatrix<f64> {
    let mut state = seed;
    DMatrix::from_fn(rows, columns, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 23) - 1.0
    })
}

fn vector(length: usize, seed: u32) -> DVector<f64> {
    data(length, 1, seed).column(0).into_owned()
}

/// One block of a language model, with a given mask.
#[differentiate(order = 2)]
fn language_model(
    table: &DMatrix<f64>,
    wq: &DMatrix<f64>,
    wk: &DMatrix<f64>,
    wv: &DMatrix<f64>,
    gamma: &DVector<f64>,
    #[no_diff] mask: &DMatrix<bool>,
    words: &[usize],
) -> f64 {
    let x = nn::embedding(table, &words[..words.len() - 1]);
    let z = nn::rms_norm(&x, gamma, 1e-5);
    let seen = nn::causal_attention(&(wq * &z), &(wk * &z), &(wv * &z));
    let y = x + nn::dropout(&elementwise::gelu(&seen), mask, 0.25);
    nn::cross_entropy_with_smooth_labels(&table.tr_mul(&y), &words[1..], 0.1)
}

#[test]
fn a_block_of_a_language_model() {
    let mask = DMatrix::from_fn(3, 4, |i, j| (i + 2 * j) % 4 != 0);
    battery!(
        language_model(table, wq, wk, wv, gamma, &mask, &[0, 3, 1, 3, 2]),
        at table = data(3, 5, 1), wq = data(2, 3, 2), wk = data(2, 3, 3), wv = data(3, 3, 4), gamma = vector(3, 5)
    );
}

/// A sequence through a recurrent cell; the state is a running variable of the loop.
#[differentiate(order = 2)]
fn sequence(
    xs: &[DMatrix<f64>],
    w: &DMatrix<f64>,
    u: &DMatrix<f64>,
    b: &DVector<f64>,
    d: &DVector<f64>,
) -> f64 {
    let mut h = DMatrix::zeros(2, 2);
    let mut loss = 0.0;
    for x in xs {
        h = nn::gru_cell(x, &h, w, u, b, d);
        loss += nn::huber(&h, &DMatrix::zeros(2, 2), 0.5);
    }
    loss
}

#[test]
fn a_sequence() {
    battery!(
        sequence(xs, w, u, b, d),
        at xs = vec![data(1, 2, 1), data(1, 2, 2), data(1, 2, 3)],
            w = data(6, 1, 4), u = data(6, 2, 5), b = vector(6, 6), d = vector(6, 7)
    );
}

/// Only one of the two results is used, and the other one in the last step not at all.
#[differentiate(order = 2)]
fn memory(x: &DMatrix<f64>, w: &DMatrix<f64>, u: &DMatrix<f64>, b: &DVector<f64>) -> DMatrix<f64> {
    let zero = DMatrix::zeros(1, 1);
    let (h, c) = nn::lstm_cell(x, &zero, &zero, w, u, b);
    let (_, c) = nn::lstm_cell(x, &h, &c, w, u, b);
    let (h, _) = nn::lstm_cell(x, &h, &c, w, u, b);
    h
}

#[test]
fn parts_of_a_result() {
    pullback!(
        memory(x, w, u, b),
        at x = data(2, 1, 1), w = data(4, 2, 2), u = data(4, 1, 3), b = vector(4, 4)
    );
}

const DOWN: Convolution2d = Convolution2d::new(Image::new(1, 4, 4), 2, [3, 3])
    .with_stride([2, 2])
    .with_padding([1, 1]);
const POOL: Pooling2d = Pooling2d::new(DOWN.result(), [2, 2]).with_stride([1, 1]);

/// The convolution and its transpose with the same kernels.
#[differentiate(order = 2)]
fn autoencoder(x: &DMatrix<f64>, w: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let code = elementwise::leaky_relu(&nn::add_bias(&nn::convolution2d(x, w, DOWN), b), 0.1);
    let image = nn::transposed_convolution2d(&code, w, DOWN);
    let average = nn::average_pool2d(&code, POOL);
    nn::mse(&image, x) + average.norm_squared()
}

#[test]
fn an_autoencoder() {
    battery!(
        autoencoder(x, w, b),
        at x = data(16, 2, 1), w = data(2, 9, 2), b = vector(2, 3)
    );
}

/// Signals of different lengths through one kernel.
#[differentiate(order = 2)]
fn filters(signals: &[DMatrix<f64>], kernel: &DMatrix<f64>) -> f64 {
    let mut energy = 0.0;
    for signal in signals {
        let layer = Convolution1d::new(Signal::new(1, signal.nrows()), 1, kernel.ncols());
        let filtered = nn::convolution1d(signal, kernel, layer.with_padding(1));
        energy += elementwise::softplus(&filtered).mean();
    }
    energy
}

#[test]
fn signals_of_different_lengths() {
    battery!(
        filters(signals, kernel),
        at signals = vec![data(5, 1, 1), data(3, 2, 2)], kernel = data(1, 3, 3)
    );
}

/// The divergence of a distribution given by logits from another one, and its entropy by hand.
#[differentiate(order = 2)]
fn free_energy<T: Real>(x: &DMatrix<T>, y: &DMatrix<T>) -> T {
    let (p, q) = (nn::softmax(x), nn::softmax(y));
    nn::kl_divergence(&p, &q) - p.map(special::xlogx).sum() * lit(0.5)
        + nn::binary_cross_entropy_with_logits(x, &q)
}

#[test]
fn divergence() {
    battery!(free_energy(x, y), at x = data(3, 2, 1), y = data(3, 2, 2));
    battery!(
        free_energy(x, y),
        at x = data(3, 1, 3).cast::<f32>(), y = data(3, 1, 4).cast::<f32>()
    );
    // What is masked in both has no say.
    let masked = dmatrix![0.0; f64::NEG_INFINITY; 1.0];
    let (value, (dx, _)) = entropy::value_and_grad(&masked, &dmatrix![1.0; 0.0; 0.0]);
    assert!(value.is_finite() && dx.iter().all(|c| c.is_finite()) && dx[1] == 0.0);
}

#[differentiate(order = 2)]
fn entropy(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    let p = nn::softmax(x);
    nn::kl_divergence(&p, &nn::softmax(y)) - p.map(special::xlogx).sum()
}

/// The likelihood of a beta distribution, and other special functions of scalars.
#[differentiate(order = 2)]
fn likelihood(a: f64, b: f64, x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for x in x {
        sum += special::xlogy(a - 1.0, *x) + special::xlogy(b - 1.0, 1.0 - x);
    }
    let normal = special::beta(a, b).ln() + special::ln_gamma(a) - special::digamma(b);
    sum - x.len() as f64 * normal + special::bessel_j0(a) * special::erf(b) - special::sinc(a)
}

#[test]
fn special_functions() {
    battery!(likelihood(*a, *b, x), at a = 2.5, b = 1.75, x = vec![0.25, 0.5, 0.75]);
}

/// A function as a value of `map`, and in a closure with a captured parameter.
#[differentiate(order = 2)]
fn activations(v: Vector3<f64>, slope: f64) -> f64 {
    v.map(nn::silu).sum() + v.map(|x| nn::leaky_relu(x, slope)).norm_squared()
}

#[test]
fn in_map() {
    battery!(activations(*v, *slope), at v = Vector3::new(0.5, -1.5, 2.5), slope = 0.25);
}
