//! The digits, read from the compressed table.

use flate2::read::GzDecoder;
use nalgebra::DMatrix;

/// An image has this many pixels on each side.
pub(super) const SIDE: usize = 8;
/// The value of a pixel that is all ink.
const INK: f64 = 16.0;

/// Images with their labels.
pub(super) struct Digits {
    /// One column per image, row after row of it, from 0 for paper to 1 for ink.
    pub(super) images: DMatrix<f64>,
    pub(super) labels: Vec<usize>,
}

impl Digits {
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn select(&self, samples: &[usize]) -> Digits {
        Digits {
            images: self.images.select_columns(samples),
            labels: samples.iter().map(|&k| self.labels[k]).collect(),
        }
    }
}

/// All the digits; the table is part of the program.
pub(super) fn load() -> csv::Result<Digits> {
    let table = GzDecoder::new(include_bytes!("../../data/digits.csv.gz").as_slice());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table);
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for row in reader.deserialize() {
        let (image, label): ([[f64; SIDE]; SIDE], usize) = row?;
        pixels.extend(image.iter().flatten().map(|pixel| pixel / INK));
        labels.push(label);
    }
    Ok(Digits {
        images: DMatrix::from_vec(SIDE * SIDE, labels.len(), pixels),
        labels,
    })
}
