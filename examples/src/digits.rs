//! A network that learns to read handwritten digits.
//!
//! The data are real: 1,797 digits of 8 by 8 pixels, see `data/README.md`. The network has one hidden layer; its loss
//! is an ordinary function with the attribute, and everything else is an ordinary program that calls its gradient.
//!
//! A batch is a matrix with one sample per column.

use std::error::Error;
use std::fs;
use std::path::Path;

use differentiate::differentiate;
use differentiate::nn::{cross_entropy_with_logits, one_hot};
use indicatif::{ProgressBar, ProgressStyle};
use nalgebra::{DMatrix, DVector};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

mod adam;
mod data;
mod pictures;

use adam::Adam;
use data::Digits;

const PIXELS: usize = data::SIDE * data::SIDE;
const HIDDEN: usize = 64;
const CLASSES: usize = 10;
/// Samples held back from training.
const HELD_BACK: usize = 360;
const BATCH: usize = 32;
const RATE: f64 = 2e-3;
const SEED: u64 = 1797;

/// Adds the bias `b` to every column of `z`.
#[differentiate]
pub fn add_bias(z: &DMatrix<f64>, b: &DVector<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(z.nrows(), z.ncols(), |i, j| z[(i, j)] + b[i])
}

/// The network: one column of logits per image.
#[differentiate]
pub fn logits(
    w1: &DMatrix<f64>,
    b1: &DVector<f64>,
    w2: &DMatrix<f64>,
    b2: &DVector<f64>,
    #[no_diff] images: &DMatrix<f64>,
) -> DMatrix<f64> {
    let hidden = add_bias(&(w1 * images), b1).map(f64::tanh);
    add_bias(&(w2 * hidden), b2)
}

/// The mean cross-entropy of what the network says about `images`, whose labels are the one-hot columns `targets`.
#[differentiate]
pub fn loss(
    w1: &DMatrix<f64>,
    b1: &DVector<f64>,
    w2: &DMatrix<f64>,
    b2: &DVector<f64>,
    #[no_diff] images: &DMatrix<f64>,
    #[no_diff] targets: &DMatrix<f64>,
) -> f64 {
    cross_entropy_with_logits(&logits(w1, b1, w2, b2, images), targets)
}

/// What is learnt.
struct Network {
    w1: DMatrix<f64>,
    b1: DVector<f64>,
    w2: DMatrix<f64>,
    b2: DVector<f64>,
}

impl Network {
    /// Weights uniform within ±√(6 / (inputs + outputs)), which keeps the variance of signals and of gradients about
    /// the same from layer to layer (Glorot and Bengio 2010).
    fn random(rng: &mut Pcg64) -> Self {
        let mut weights = |rows: usize, columns: usize| {
            let limit = (6.0 / (rows + columns) as f64).sqrt();
            DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-limit..limit))
        };
        Network {
            w1: weights(HIDDEN, PIXELS),
            b1: DVector::zeros(HIDDEN),
            w2: weights(CLASSES, HIDDEN),
            b2: DVector::zeros(CLASSES),
        }
    }

    fn loss(&self, digits: &Digits) -> f64 {
        let targets = one_hot(&digits.labels, CLASSES);
        loss(
            &self.w1,
            &self.b1,
            &self.w2,
            &self.b2,
            &digits.images,
            &targets,
        )
    }

    /// One step down the gradient; the value is the loss before it.
    fn learn(&mut self, batch: &Digits, adam: &mut Adam) -> f64 {
        let Network { w1, b1, w2, b2 } = self;
        let targets = one_hot(&batch.labels, CLASSES);
        let (value, (dw1, db1, dw2, db2)) =
            loss::value_and_grad(w1, b1, w2, b2, &batch.images, &targets);
        adam.step([
            (w1.as_mut_slice(), dw1.as_slice()),
            (b1.as_mut_slice(), db1.as_slice()),
            (w2.as_mut_slice(), dw2.as_slice()),
            (b2.as_mut_slice(), db2.as_slice()),
        ]);
        value
    }

    /// The class with the largest logit, for each image.
    fn read(&self, images: &DMatrix<f64>) -> Vec<usize> {
        let logits = logits(&self.w1, &self.b1, &self.w2, &self.b2, images);
        logits.column_iter().map(|column| column.imax()).collect()
    }
}

/// The loss on the way.
#[derive(Default)]
struct History {
    /// Of each batch, before the network has learnt from it.
    batches: Vec<f64>,
    /// Of the samples held back, after each epoch.
    held_back: Vec<f64>,
}

/// Trains for some epochs, draws the pictures into `folder`, and returns the share of the held-back digits that are
/// read correctly.
///
/// # Errors
/// If a picture cannot be written.
///
/// # Panics
/// If there is no epoch, and so nothing to draw.
pub fn run(epochs: usize, folder: &Path) -> Result<f64, Box<dyn Error>> {
    assert_ne!(epochs, 0, "nothing is learnt in no time");
    let mut rng = Pcg64::seed_from_u64(SEED);
    let digits = data::load()?;
    let mut order: Vec<usize> = (0..digits.len()).collect();
    order.shuffle(&mut rng);
    let (held_back, training) = order.split_at_mut(HELD_BACK);
    let test = digits.select(held_back);

    let mut network = Network::random(&mut rng);
    let mut adam = Adam::new(RATE);
    let mut history = History::default();
    let bar = ProgressBar::new(epochs as u64).with_style(ProgressStyle::with_template(
        "epoch {pos}/{len} {wide_bar} {msg} {elapsed}",
    )?);
    for _ in 0..epochs {
        training.shuffle(&mut rng);
        for batch in training.chunks(BATCH) {
            history
                .batches
                .push(network.learn(&digits.select(batch), &mut adam));
        }
        let held_back = network.loss(&test);
        history.held_back.push(held_back);
        bar.set_message(format!("held-back loss {held_back:.3}"));
        bar.inc(1);
    }
    bar.finish();

    let read = network.read(&test.images);
    let correct = read
        .iter()
        .zip(&test.labels)
        .filter(|(a, b)| a == b)
        .count();
    let accuracy = correct as f64 / test.len() as f64;
    println!(
        "{correct} of {} held-back digits read correctly: {:.1} %",
        test.len(),
        100.0 * accuracy
    );

    fs::create_dir_all(folder)?;
    for (name, picture) in [
        ("loss.svg", pictures::loss(&history)?),
        ("digits.svg", pictures::readings(&test, &read)?),
    ] {
        let path = folder.join(name);
        fs::write(&path, picture)?;
        println!("wrote {}", path.display());
    }
    Ok(accuracy)
}
