//! Convolution, pooling, normalisation, networks.

use crate::data::golden;
use differentiate::differentiate;
use differentiate::nn::{conv2d, sigmoid, softmax};
use nalgebra::{DMatrix, DVector};

#[differentiate(order = 2)]
fn energy(y: f64) -> f64 {
    y.sin() + 0.5 * y * y
}

/// Sizes of images in the layout NCHW, of kernels in the layout OIHW.
#[derive(Clone, Copy)]
struct Shape {
    batch: usize,
    side: usize,
    outputs: usize,
    inputs: usize,
    kernel: usize,
    dilation: usize,
    groups: usize,
}

#[differentiate(order = 2)]
fn convolution(x: &[f64], w: &[f64], b: &[f64], #[no_diff] shape: Shape) -> f64 {
    let Shape {
        batch,
        side,
        outputs,
        inputs,
        kernel,
        dilation,
        groups,
    } = shape;
    let out_side = side - dilation * (kernel - 1);
    let mut loss = 0.0;
    for n in 0..batch {
        for o in 0..outputs {
            let group = o * groups / outputs;
            for i in 0..out_side {
                for j in 0..out_side {
                    let mut y = if b.is_empty() { 0.0 } else { b[o] };
                    for c in 0..inputs {
                        let plane = (n * inputs * groups + group * inputs + c) * side * side;
                        let taps = (o * inputs + c) * kernel * kernel;
                        for p in 0..kernel {
                            let row = plane + (i + p * dilation) * side + j;
                            for q in 0..kernel {
                                y += w[taps + p * kernel + q] * x[row + q * dilation];
                            }
                        }
                    }
                    loss += energy(y);
                }
            }
        }
    }
    loss
}

#[differentiate(order = 2)]
fn convolution_without_bias(x: &[f64], w: &[f64], #[no_diff] shape: Shape) -> f64 {
    convolution(x, w, &[], shape)
}

#[differentiate(order = 2)]
fn convolution_of_the_library(x: &[f64], w: &[f64]) -> f64 {
    let x = DMatrix::from_row_slice(4, 4, x);
    let w = DMatrix::from_row_slice(3, 3, w);
    conv2d(&x, &w).map(energy).sum()
}

const PLAIN: Shape = Shape {
    batch: 1,
    side: 4,
    outputs: 1,
    inputs: 1,
    kernel: 3,
    dilation: 1,
    groups: 1,
};
const DILATED: Shape = Shape {
    side: 6,
    outputs: 2,
    dilation: 2,
    ..PLAIN
};
const DEPTHWISE: Shape = Shape {
    batch: 2,
    outputs: 3,
    kernel: 2,
    groups: 3,
    ..PLAIN
};
const POINTWISE: Shape = Shape {
    side: 2,
    outputs: 2,
    inputs: 3,
    kernel: 1,
    ..PLAIN
};

#[test]
fn convolutions() {
    golden!("conv2d_basic": convolution_without_bias(x, w, PLAIN), x: Vec<f64>, w: Vec<f64>);
    golden!("conv2d_basic": convolution_of_the_library(x, w), x: Vec<f64>, w: Vec<f64>);
    golden!("conv2d_dilation2": convolution(x, w, b, DILATED), x: Vec<f64>, w: Vec<f64>, b: Vec<f64>);
    golden!("conv2d_depthwise": convolution(x, w, b, DEPTHWISE), x: Vec<f64>, w: Vec<f64>, b: Vec<f64>);
    golden!("conv2d_1x1": convolution(x, w, b, POINTWISE), x: Vec<f64>, w: Vec<f64>, b: Vec<f64>);
}

#[differentiate(order = 2)]
fn max_pool(x: &[f64]) -> f64 {
    let mut loss = 0.0;
    for plane in 0..2 {
        for (i, j) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let at = plane * 16 + i * 4 + j;
            let mut max = x[at];
            for k in [at + 1, at + 4, at + 5] {
                if x[k] > max {
                    max = x[k];
                }
            }
            loss += energy(max);
        }
    }
    loss
}

#[differentiate(order = 2)]
fn max_pool_by_method(x: &[f64]) -> f64 {
    let mut loss = 0.0;
    for plane in 0..2 {
        let m = DMatrix::from_row_slice(4, 4, &x[plane * 16..plane * 16 + 16]);
        for i in (0..4).step_by(2) {
            for j in (0..4).step_by(2) {
                loss += energy(m.view((i, j), (2, 2)).max());
            }
        }
    }
    loss
}

#[differentiate(order = 2)]
fn average_pool(x: &[f64]) -> f64 {
    let mut loss = 0.0;
    for plane in 0..2 {
        for i in (0..4).step_by(2) {
            for j in (0..4).step_by(2) {
                let at = plane * 16 + i * 4 + j;
                loss += energy((x[at] + x[at + 1] + x[at + 4] + x[at + 5]) / 4.0);
            }
        }
    }
    loss
}

#[differentiate(order = 2)]
fn average_pool_padded(x: &[f64]) -> f64 {
    let mut loss = 0.0;
    for i in 0..3_usize {
        for j in 0..3_usize {
            let (mut sum, mut count) = (0.0, 0);
            for p in (2 * i).saturating_sub(1)..(2 * i + 2).min(5) {
                for q in (2 * j).saturating_sub(1)..(2 * j + 2).min(5) {
                    sum += x[p * 5 + q];
                    count += 1;
                }
            }
            loss += energy(sum / f64::from(count));
        }
    }
    loss
}

#[test]
fn pooling() {
    golden!("maxpool_2x2": max_pool(x), x: Vec<f64>);
    golden!("maxpool_2x2": max_pool_by_method(x), x: Vec<f64>);
    golden!("avgpool_2x2": average_pool(x), x: Vec<f64>);
    golden!("avgpool_3x3_s2_p1_excl": average_pool_padded(x), x: Vec<f64>);
}

#[differentiate(order = 2)]
fn batch_norm(x: &DMatrix<f64>, g: &[f64], b: &[f64]) -> f64 {
    let mut loss = 0.0;
    for j in 0..x.ncols() {
        let column = x.column(j);
        let mean = column.mean();
        let centred = column.map(|a| a - mean);
        let scale = g[j] / (centred.norm_squared() / x.nrows() as f64 + 1e-5).sqrt();
        loss += centred.map(|a| energy(a * scale + b[j])).sum();
    }
    loss
}

#[differentiate(order = 2)]
fn perceptron(
    x: &DMatrix<f64>,
    w1: &DMatrix<f64>,
    b1: &DVector<f64>,
    w2: &DMatrix<f64>,
    b2: &DVector<f64>,
) -> f64 {
    let mut loss = 0.0;
    for (i, label) in [2, 0, 1].iter().enumerate() {
        let h = (w1 * x.row(i).transpose() + b1).map(|a| a.tanh());
        let logits = w2 * h + b2;
        let max = logits.max();
        let lse = logits.iter().map(|z| (z - max).exp()).sum::<f64>().ln() + max;
        loss += lse - logits[*label];
    }
    loss / 3.0
}

#[differentiate(order = 2)]
fn lstm(
    x: &DVector<f64>,
    h: &DVector<f64>,
    c: &DVector<f64>,
    w: &DMatrix<f64>,
    u: &DMatrix<f64>,
    b: &DVector<f64>,
) -> f64 {
    let mut h = h.clone();
    let mut c = c.clone();
    for _ in 0..4 {
        let z = w * x + u * &h + b;
        let (i, f) = (z.rows(0, 2).map(sigmoid), z.rows(2, 2).map(sigmoid));
        let (g, o) = (z.rows(4, 2).map(|a| a.tanh()), z.rows(6, 2).map(sigmoid));
        c = f.component_mul(&c) + i.component_mul(&g);
        h = o.component_mul(&c.map(|a| a.tanh()));
    }
    h.norm_squared()
}

#[differentiate(order = 2)]
fn attention(x: &DMatrix<f64>, wq: &DMatrix<f64>, wk: &DMatrix<f64>, wv: &DMatrix<f64>) -> f64 {
    let (q, k, v) = (x * wq, x * wk, x * wv);
    let scores = k * q.transpose() / 2.0_f64.sqrt();
    // A column is a sample of `softmax`, so the rows of the scores are its columns.
    let weights = softmax(&scores);
    (weights.transpose() * v).map(energy).sum()
}

#[test]
fn layers() {
    golden!("batchnorm_train": batch_norm(x, g, b), x: DMatrix<f64>, g: Vec<f64>, b: Vec<f64>);
    golden!(
        "mlp_softmax_ce": perceptron(x, w1, b1, w2, b2),
        x: DMatrix<f64>, w1: DMatrix<f64>, b1: DVector<f64>, w2: DMatrix<f64>, b2: DVector<f64>
    );
    golden!(
        "lstm_unrolled4": lstm(x, h, c, w, u, b),
        x: DVector<f64>, h: DVector<f64>, c: DVector<f64>, w: DMatrix<f64>, u: DMatrix<f64>, b: DVector<f64>
    );
    golden!(
        "attention_head": attention(x, wq, wk, wv),
        x: DMatrix<f64>, wq: DMatrix<f64>, wk: DMatrix<f64>, wv: DMatrix<f64>
    );
}
