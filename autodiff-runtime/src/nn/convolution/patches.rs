//! The three linear maps that a convolution is made of, each on a whole batch.

use nalgebra::DMatrix;

use super::geometry::{Axis, Convolution2d, Image};
use crate::differentiable::Real;
use crate::nn::product::{Strided, multiply};

/// A convolution with all its sizes, checked.
pub(super) struct Plan {
    image: Image,
    result: Image,
    weights: (usize, usize),
    groups: usize,
    rows: Axis,
    columns: Axis,
}

impl Plan {
    pub(super) fn new(shape: Convolution2d) -> Self {
        let (channels, outputs, groups) = (shape.image.channels, shape.outputs, shape.groups);
        assert!(
            groups > 0 && channels.is_multiple_of(groups) && outputs.is_multiple_of(groups),
            "{channels} channels and {outputs} results do not fall into {groups} groups"
        );
        let [rows, columns] = shape.axes();
        Plan {
            image: shape.image,
            result: shape.result(),
            weights: shape.weights(),
            groups,
            rows,
            columns,
        }
    }

    fn positions(&self) -> usize {
        self.rows.positions * self.columns.positions
    }

    /// The entries of one group of channels of an image and of its result.
    fn group_entries(&self) -> (usize, usize) {
        (
            self.image.entries() / self.groups,
            self.result.entries() / self.groups,
        )
    }

    /// The results per group.
    fn outputs(&self) -> usize {
        self.weights.0 / self.groups
    }

    fn assert_weights<T>(&self, w: &DMatrix<T>) {
        let (expected, shape) = (self.weights, w.shape());
        assert_eq!(
            shape, expected,
            "weights of another shape than the convolution has"
        );
    }

    /// The weights of a group: results × taps.
    fn weights_of<'w, T: Real>(&self, group: usize, w: &'w DMatrix<T>) -> Strided<&'w [T]> {
        let outputs = self.outputs();
        let entries = &w.as_slice()[group * outputs..];
        Strided::new(entries, (outputs, self.weights.1), self.weights.0)
    }

    fn is_pointwise(&self) -> bool {
        self.rows.is_identity() && self.columns.is_identity()
    }

    /// Calls `f(at, from, length)` for each row of positions and tap: the row begins at `at` in the patches and at
    /// `from` in the channels of a group.
    fn for_each_run(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (height, width) = (self.image.height, self.image.width);
        let mut tap = 0;
        for channel in 0..self.image.channels / self.groups {
            for p in 0..self.rows.taps {
                let (rows, first_row) = self.rows.met(p);
                for q in 0..self.columns.taps {
                    let (columns, first_column) = self.columns.met(q);
                    let at = tap * self.positions() + columns.start;
                    for (k, row) in rows.clone().enumerate() {
                        let line = channel * height + first_row + k * self.rows.step();
                        f(
                            at + row * self.columns.positions,
                            line * width + first_column,
                            columns.len(),
                        );
                    }
                    tap += 1;
                }
            }
        }
    }

    /// The patches of a group of channels: positions × taps. What the padding hides stays as it is.
    fn gather<T: Real>(&self, channels: &[T], patches: &mut [T]) {
        let step = self.columns.step();
        self.for_each_run(|at, from, length| {
            let patches = &mut patches[at..at + length];
            if step == 1 {
                return patches.copy_from_slice(&channels[from..from + length]);
            }
            for (patch, x) in patches
                .iter_mut()
                .zip(channels[from..].iter().step_by(step))
            {
                *patch = *x;
            }
        });
    }

    /// Adds patches to the channels of a group that they came from.
    fn scatter<T: Real>(&self, patches: &[T], channels: &mut [T]) {
        let step = self.columns.step();
        self.for_each_run(|at, from, length| {
            let patches = &patches[at..at + length];
            if step == 1 {
                let channels = &mut channels[from..from + length];
                return channels
                    .iter_mut()
                    .zip(patches)
                    .for_each(|(x, patch)| *x += *patch);
            }
            let targets = channels[from..].iter_mut().step_by(step);
            for (x, patch) in targets.zip(patches) {
                *x += *patch;
            }
        });
    }

    /// A buffer for the patches of a group; empty where the channels themselves are the patches.
    fn buffer<T: Real>(&self) -> Vec<T> {
        let pointwise = self.is_pointwise();
        let length = if pointwise {
            0
        } else {
            self.positions() * self.weights.1
        };
        vec![T::zero(); length]
    }

    /// The patches of a group of channels as a matrix.
    fn patches<'p, T: Real>(&self, channels: &'p [T], buffer: &'p mut [T]) -> Strided<&'p [T]> {
        let shape = (self.positions(), self.weights.1);
        if self.is_pointwise() {
            return Strided::packed(channels, shape);
        }
        self.gather(channels, buffer);
        Strided::packed(buffer, shape)
    }

    /// The results of images: `yₒ = Σ patches wₒ`.
    pub(super) fn results<T: Real>(&self, images: &DMatrix<T>, w: &DMatrix<T>) -> DMatrix<T> {
        self.image.assert_batch("an image", images.nrows());
        self.assert_weights(w);
        let mut results = DMatrix::zeros(self.result.entries(), images.ncols());
        let (channels, outputs) = self.group_entries();
        let mut buffer = self.buffer();
        let groups = images.as_slice().chunks_exact(channels.max(1));
        let sums = results.as_mut_slice().chunks_exact_mut(outputs.max(1));
        for (k, (x, y)) in groups.zip(sums).enumerate() {
            let w = self.weights_of(k % self.groups, w).transposed();
            let y = Strided::packed(y, (self.positions(), self.outputs()));
            multiply(T::zero(), y, self.patches(x, &mut buffer), w);
        }
        results
    }

    /// The transpose of [`results`](Self::results) as a map of the images.
    pub(super) fn images<T: Real>(&self, results: &DMatrix<T>, w: &DMatrix<T>) -> DMatrix<T> {
        self.result.assert_batch("a result", results.nrows());
        self.assert_weights(w);
        let mut images = DMatrix::zeros(self.image.entries(), results.ncols());
        let (channels, outputs) = self.group_entries();
        let mut buffer = self.buffer();
        let groups = results.as_slice().chunks_exact(outputs.max(1));
        let sums = images.as_mut_slice().chunks_exact_mut(channels.max(1));
        for (k, (y, x)) in groups.zip(sums).enumerate() {
            let w = self.weights_of(k % self.groups, w);
            let y = Strided::packed(y, (self.positions(), self.outputs()));
            let shape = (self.positions(), self.weights.1);
            if self.is_pointwise() {
                multiply(T::zero(), Strided::packed(x, shape), y, w);
            } else {
                multiply(T::zero(), Strided::packed(&mut buffer, shape), y, w);
                self.scatter(&buffer, x);
            }
        }
        images
    }

    /// The transpose of [`results`](Self::results) as a map of the weights.
    pub(super) fn weights<T: Real>(&self, images: &DMatrix<T>, results: &DMatrix<T>) -> DMatrix<T> {
        self.image.assert_batch("an image", images.nrows());
        self.result.assert_batch("a result", results.nrows());
        assert_eq!(
            images.ncols(),
            results.ncols(),
            "a batch and its results with different numbers of samples"
        );
        let mut weights = DMatrix::zeros(self.weights.0, self.weights.1);
        let (channels, outputs) = self.group_entries();
        let mut buffer = self.buffer();
        let groups = images.as_slice().chunks_exact(channels.max(1));
        let results = results.as_slice().chunks_exact(outputs.max(1));
        for (k, (x, y)) in groups.zip(results).enumerate() {
            let at = k % self.groups * self.outputs();
            let entries = &mut weights.as_mut_slice()[at..];
            let sum = Strided::new(entries, (self.outputs(), self.weights.1), self.weights.0);
            let y = Strided::packed(y, (self.positions(), self.outputs()));
            multiply(T::one(), sum, y.transposed(), self.patches(x, &mut buffer));
        }
        weights
    }
}
