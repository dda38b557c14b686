//! Convolution and pooling of batches: against sums over all taps, Jacobians, known values, messages.

use crate::harness::{assert_close, components, confirm, data};
use autodiff_runtime::nalgebra::{DMatrix, dmatrix};
use autodiff_runtime::nn::{
    Convolution1d, Convolution2d, Image, Pooling2d, Signal, average_pool2d, conv2d, convolution1d,
    convolution2d, max_pool2d, transposed_convolution1d, transposed_convolution2d,
};

/// The definition: `y_o(i,j) = Σ x_c(i s + p d - z, j s + q d - z) w_o(c,p,q)`.
fn by_definition(x: &DMatrix<f64>, w: &DMatrix<f64>, shape: Convolution2d) -> DMatrix<f64> {
    let Convolution2d {
        image,
        kernel,
        stride,
        padding,
        dilation,
        groups,
        ..
    } = shape;
    let result = shape.result();
    let (per_group, outputs) = (image.channels / groups, shape.outputs / groups);
    DMatrix::from_fn(result.entries(), x.ncols(), |at, sample| {
        let (o, i, j) = (
            at / (result.height * result.width),
            at / result.width % result.height,
            at % result.width,
        );
        let mut sum = 0.0;
        for c in 0..per_group {
            for p in 0..kernel[0] {
                for q in 0..kernel[1] {
                    let row = (i * stride[0] + p * dilation[0]).checked_sub(padding[0]);
                    let column = (j * stride[1] + q * dilation[1]).checked_sub(padding[1]);
                    let (Some(row), Some(column)) = (row, column) else {
                        continue;
                    };
                    if row < image.height && column < image.width {
                        let channel = o / outputs * per_group + c;
                        let from = (channel * image.height + row) * image.width + column;
                        sum += x[(from, sample)] * w[(o, (c * kernel[0] + p) * kernel[1] + q)];
                    }
                }
            }
        }
        sum
    })
}

const SHAPES: [Convolution2d; 14] = [
    Convolution2d::new(Image::new(1, 1, 1), 1, [1, 1]),
    Convolution2d::new(Image::new(1, 4, 3), 1, [2, 2]),
    Convolution2d::new(Image::new(2, 3, 4), 3, [2, 3]),
    Convolution2d::new(Image::new(3, 2, 3), 2, [1, 1]),
    Convolution2d::new(Image::new(3, 4, 4), 2, [1, 1]).with_stride([2, 2]),
    Convolution2d::new(Image::new(1, 5, 4), 2, [3, 2]).with_stride([2, 1]),
    Convolution2d::new(Image::new(1, 4, 5), 1, [3, 3]).with_padding([1, 1]),
    Convolution2d::new(Image::new(1, 5, 5), 2, [3, 3])
        .with_stride([2, 2])
        .with_padding([1, 1]),
    Convolution2d::new(Image::new(1, 6, 5), 1, [2, 3]).with_dilation([3, 2]),
    Convolution2d::new(Image::new(1, 3, 4), 1, [3, 3])
        .with_padding([2, 3])
        .with_dilation([2, 3])
        .with_stride([1, 2]),
    Convolution2d::new(Image::new(4, 3, 2), 2, [2, 2]).with_groups(2),
    Convolution2d::new(Image::new(3, 3, 3), 6, [2, 2])
        .with_groups(3)
        .with_padding([0, 1]),
    // Padding beyond what a window reaches, and a stride that leaves entries out.
    Convolution2d::new(Image::new(1, 2, 2), 1, [1, 1]).with_padding([2, 2]),
    Convolution2d::new(Image::new(1, 4, 5), 1, [1, 2]).with_stride([3, 3]),
];

#[test]
fn images() {
    for shape in SHAPES {
        for batch in [1, 2] {
            let (m, n) = shape.weights();
            let (x, w) = (data(shape.image.entries(), batch, 1), data(m, n, 2));
            let y = convolution2d(&x, &w, shape);
            assert_close(
                &format!("{shape:?}"),
                &y,
                &by_definition(&x, &w, shape),
                1e-14,
            );
            confirm!(convolution2d(x, w, shape), at x = x.clone(), w = w.clone());
            let small = data(shape.result().entries(), batch, 3);
            confirm!(transposed_convolution2d(x, w, shape), at x = small.clone(), w = w.clone());
            // ⟨T g, x⟩ = ⟨g, C x⟩.
            let pulled = transposed_convolution2d(&small, &w, shape);
            assert_close(
                &format!("{shape:?}"),
                &[pulled.dot(&x)],
                &[small.dot(&y)],
                1e-13,
            );
        }
    }
}

/// Sizes at which every product is one of nalgebra's fast kernel.
#[test]
fn larger_images() {
    let shape = Convolution2d::new(Image::new(8, 7, 9), 12, [3, 3])
        .with_padding([1, 1])
        .with_groups(2);
    let (m, n) = shape.weights();
    let (x, w) = (data(shape.image.entries(), 3, 1), data(m, n, 2));
    let y = convolution2d(&x, &w, shape);
    assert_close("value", &y, &by_definition(&x, &w, shape), 1e-14);
    let (y, pull) = convolution2d::vjp(&x, &w, shape);
    let g = data(y.nrows(), y.ncols(), 3);
    let (x_bar, w_bar) = pull(g.clone());
    // The map is linear in each argument, so the products are exact up to rounding.
    let expected = g.dot(&y);
    assert_close("image", &[x_bar.dot(&x)], &[expected], 1e-12);
    assert_close("weights", &[w_bar.dot(&w)], &[expected], 1e-12);
    let other = data(m, n, 4);
    let expected = g.dot(&convolution2d(&x, &other, shape));
    assert_close("weights", &[w_bar.dot(&other)], &[expected], 1e-12);
}

#[test]
fn signals() {
    let signal = Signal::new(2, 7);
    for shape in [
        Convolution1d::new(Signal::new(1, 1), 1, 1),
        Convolution1d::new(signal, 3, 3),
        Convolution1d::new(signal, 2, 3)
            .with_stride(2)
            .with_padding(2),
        Convolution1d::new(signal, 4, 2)
            .with_dilation(3)
            .with_groups(2),
    ] {
        let (m, n) = shape.weights();
        let (x, w) = (data(shape.signal.entries(), 2, 1), data(m, n, 2));
        let y = convolution1d(&x, &w, shape);
        assert_eq!(y.nrows(), shape.result().entries());
        let image = Image::new(shape.signal.channels, shape.signal.length, 1);
        // The same over images with one column instead of one row.
        let plane = Convolution2d::new(image, shape.outputs, [shape.kernel, 1])
            .with_stride([shape.stride, 1])
            .with_padding([shape.padding, 0])
            .with_dilation([shape.dilation, 1])
            .with_groups(shape.groups);
        assert_close("signals", &y, &by_definition(&x, &w, plane), 1e-14);
        confirm!(convolution1d(x, w, shape), at x = x.clone(), w = w.clone());
        let small = data(shape.result().entries(), 2, 3);
        confirm!(transposed_convolution1d(x, w, shape), at x = small.clone(), w = w.clone());
    }
}

/// The simple function of one image is the general one; there images lie column by column.
#[test]
fn one_image() {
    let (x, w) = (data(4, 5, 1), data(2, 3, 2));
    let shape = Convolution2d::new(Image::new(1, 4, 5), 1, [2, 3]);
    let column = DMatrix::from_column_slice(20, 1, x.transpose().as_slice());
    let weights = DMatrix::from_row_slice(1, 6, w.transpose().as_slice());
    let y = convolution2d(&column, &weights, shape);
    assert_close("one image", &y, &conv2d(&x, &w).transpose(), 1e-15);
}

#[test]
fn pooling() {
    for shape in [
        Pooling2d::new(Image::new(1, 1, 1), [1, 1]),
        Pooling2d::new(Image::new(2, 4, 4), [2, 2]),
        Pooling2d::new(Image::new(1, 5, 3), [2, 3]).with_stride([1, 1]),
        Pooling2d::new(Image::new(1, 5, 5), [3, 3])
            .with_stride([2, 2])
            .with_padding([1, 1]),
        Pooling2d::new(Image::new(1, 4, 6), [3, 2]).with_counted_padding([2, 1]),
        // Entries that no window covers.
        Pooling2d::new(Image::new(1, 5, 5), [2, 2]).with_stride([3, 3]),
    ] {
        for batch in [1, 2] {
            // Entries with distances, so that no maximum changes within a step.
            let count = shape.image.entries() * batch;
            let x = DMatrix::from_fn(shape.image.entries(), batch, |i, j| {
                let k = (i + j * shape.image.entries()) * 37 % count;
                f64::from(u32::try_from(k).expect("few")) * 0.125 - 1.0
            });
            confirm!(max_pool2d(x, shape), at x = x.clone());
            confirm!(average_pool2d(x, shape), at x = x.clone());
            let y = max_pool2d(&x, shape);
            assert_eq!(y.shape(), (shape.result().entries(), batch));
        }
    }
}

/// Each method sets what it is called for, and nothing else.
#[test]
fn shapes_by_methods() {
    let (image, signal) = (Image::new(2, 6, 7), Signal::new(2, 9));
    let pooling = Pooling2d {
        image,
        window: [3, 4],
        stride: [2, 1],
        padding: [1, 2],
        counts_padding: false,
    };
    let moved = Pooling2d::new(image, [3, 4]).with_stride([2, 1]);
    assert_eq!(moved.with_padding([1, 2]), pooling);
    let counted = Pooling2d {
        counts_padding: true,
        ..pooling
    };
    assert_eq!(moved.with_counted_padding([1, 2]), counted);
    let of_images = Convolution2d {
        image,
        outputs: 4,
        kernel: [3, 2],
        stride: [2, 3],
        padding: [1, 2],
        dilation: [1, 3],
        groups: 2,
    };
    let by_methods = Convolution2d::new(image, 4, [3, 2])
        .with_stride([2, 3])
        .with_padding([1, 2])
        .with_dilation([1, 3])
        .with_groups(2);
    assert_eq!(by_methods, of_images);
    let of_signals = Convolution1d {
        signal,
        outputs: 4,
        kernel: 3,
        stride: 2,
        padding: 1,
        dilation: 3,
        groups: 2,
    };
    let by_methods = Convolution1d::new(signal, 4, 3)
        .with_stride(2)
        .with_padding(1)
        .with_dilation(3)
        .with_groups(2);
    assert_eq!(by_methods, of_signals);
}

/// A corner of the image alone in each window, with three zeros that count or not.
#[test]
fn averages_over_padding() {
    let x = dmatrix![1.0, 2.0, 3.0, 4.0].transpose();
    let shape = Pooling2d::new(Image::new(1, 2, 2), [2, 2]);
    let without = average_pool2d(&x, shape.with_padding([1, 1]));
    assert_eq!(without, x);
    let (counted, pull) = average_pool2d::vjp(&x, shape.with_counted_padding([1, 1]));
    assert_eq!(counted, &x * 0.25);
    assert_eq!(components(&pull(x.clone())), [0.25, 0.5, 0.75, 1.0]);
}

/// The windows of each channel of each sample.
#[test]
fn pooling_of_channels() {
    let shape = Pooling2d::new(Image::new(3, 1, 2), [1, 2]);
    let x =
        dmatrix![1.0, 2.0, 3.0, 5.0, 7.0, 10.0; -1.0, -2.0, -3.0, -5.0, -7.0, -10.0].transpose();
    let largest = dmatrix![2.0, 5.0, 10.0; -1.0, -3.0, -7.0].transpose();
    assert_eq!(max_pool2d(&x, shape), largest);
    let averages = dmatrix![1.5, 4.0, 8.5; -1.5, -4.0, -8.5].transpose();
    assert_eq!(average_pool2d(&x, shape), averages);
}

#[test]
fn pooling_of_ties_and_nan() {
    let shape = Pooling2d::new(Image::new(1, 2, 3), [2, 2]).with_stride([1, 1]);
    let x = dmatrix![1.0, 1.0, 1.0, 1.0, 1.0, 1.0].transpose();
    let (_, pull) = max_pool2d::vjp(&x, shape);
    assert_eq!(
        components(&pull(dmatrix![1.0; 10.0])),
        [1.0, 10.0, 0.0, 0.0, 0.0, 0.0]
    );
    let x = dmatrix![1.0, 2.0, 0.0, f64::NAN, 3.0, 4.0].transpose();
    let (y, pull) = max_pool2d::vjp(&x, shape);
    assert!(y[0].is_nan() && y[1] == 4.0);
    assert_eq!(
        components(&pull(dmatrix![1.0; 10.0])),
        [0.0, 0.0, 0.0, 1.0, 0.0, 10.0]
    );
    let x = dmatrix![-3.0, -2.0, -1.0, -4.0, -5.0, -6.0].transpose();
    let padded = Pooling2d::new(Image::new(1, 2, 3), [3, 3])
        .with_stride([3, 3])
        .with_padding([1, 1]);
    assert_eq!(max_pool2d(&x, padded), dmatrix![-2.0]);
}

#[test]
#[should_panic(expected = "a column of 5 entries is not an image of 1×2×3")]
fn a_batch_of_another_size() {
    let shape = Convolution2d::new(Image::new(1, 2, 3), 1, [1, 1]);
    let _ = convolution2d(&data(5, 1, 1), &data(1, 1, 2), shape);
}

#[test]
#[should_panic(expected = "weights of another shape than the convolution has")]
fn weights_of_another_shape() {
    let shape = Convolution2d::new(Image::new(1, 2, 3), 1, [1, 1]);
    let _ = convolution2d(&data(6, 1, 1), &data(1, 2, 2), shape);
}

#[test]
#[should_panic(expected = "a window that does not fit into what it moves over")]
fn a_kernel_larger_than_the_image() {
    let shape = Convolution2d::new(Image::new(1, 2, 3), 1, [3, 1]);
    let _ = convolution2d(&data(6, 1, 1), &data(1, 3, 2), shape);
}

#[test]
#[should_panic(expected = "3 channels and 2 results do not fall into 2 groups")]
fn channels_without_a_group() {
    let shape = Convolution2d::new(Image::new(3, 2, 2), 2, [1, 1]).with_groups(2);
    let _ = convolution2d(&data(12, 1, 1), &data(2, 1, 2), shape);
}
