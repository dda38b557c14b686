//! The activation functions of matrices, entry by entry.
//!
//! They give what `x.map(relu)` gives, with one pass over the matrix in each direction, where a loop over entries keeps
//! something for each of them. The functions are those of [`activation`], and documented there.
//!
//! Shapes: the result as `x`. Cost: one pass, one allocation, in both directions.
//!
//! ```
//! use differentiate::differentiate;
//! use differentiate::nalgebra::{DMatrix, dmatrix};
//! use differentiate::nn::elementwise::{leaky_relu, relu};
//!
//! #[differentiate]
//! fn layer(w: &DMatrix<f64>, x: &DMatrix<f64>) -> f64 {
//!     relu(&(w * x)).sum()
//! }
//!
//! let (value, (dw, _)) = layer::value_and_grad(&dmatrix![1.0; -1.0], &dmatrix![2.0]);
//! assert_eq!((value, dw), (2.0, dmatrix![2.0; 0.0]));
//! assert_eq!(leaky_relu(&dmatrix![1.0, -1.0], 0.01), dmatrix![1.0, -0.01]);
//! ```

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::activation;
use crate::differentiable::Real;

/// Functions of one number: each line is `name pullback`.
macro_rules! of_one_number {
    ($($f:ident $pullback:ident;)*) => { $(
        #[doc = concat!("[`", stringify!($f), "`](fn@activation::", stringify!($f), ") of each entry.")]
        #[doc = concat!("Reverse: see [`", stringify!($pullback), "`].")]
        #[differentiate(order = 2, pullback = $pullback)]
        #[must_use]
        pub fn $f<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
            x: &Matrix<T, R, C, S>,
        ) -> OMatrix<T, R, C>
        where
            DefaultAllocator: Allocator<R, C>,
        {
            x.map(activation::$f)
        }

        #[doc = concat!("Pullback of [`", stringify!($f), "()`]: that of [`activation`], entry by entry.")]
        #[must_use]
        pub fn $pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
            x: &Matrix<T, R, C, S>,
            y: &OMatrix<T, R, C>,
            g: &OMatrix<T, R, C>,
        ) -> OMatrix<T, R, C>
        where
            DefaultAllocator: Allocator<R, C>,
        {
            x.zip_zip_map(y, g, |x, y, g| activation::$pullback(x, &y, &g))
        }
    )* };
}

/// Functions with a parameter, the same for all entries: each line is `name pullback parameter`.
macro_rules! with_a_parameter {
    ($($f:ident $pullback:ident $parameter:ident;)*) => { $(
        #[doc = concat!("[`", stringify!($f), "`](fn@activation::", stringify!($f), ") of each entry.")]
        #[doc = concat!("Reverse: see [`", stringify!($pullback), "`].")]
        #[differentiate(order = 2, pullback = $pullback)]
        #[must_use]
        pub fn $f<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
            x: &Matrix<T, R, C, S>,
            $parameter: T,
        ) -> OMatrix<T, R, C>
        where
            DefaultAllocator: Allocator<R, C>,
        {
            x.map(|x| activation::$f(x, $parameter))
        }

        #[doc = concat!("Pullback of [`", stringify!($f), "()`]: that of [`activation`], entry by entry; the")]
        /// cotangent of the parameter is the sum of those of all entries.
        #[must_use]
        pub fn $pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
            x: &Matrix<T, R, C, S>,
            $parameter: T,
            y: &OMatrix<T, R, C>,
            g: &OMatrix<T, R, C>,
        ) -> (OMatrix<T, R, C>, T)
        where
            DefaultAllocator: Allocator<R, C>,
        {
            let mut sum = T::zero();
            let x_bar = x.zip_zip_map(y, g, |x, y, g| {
                let (x_bar, term) = activation::$pullback(x, $parameter, &y, &g);
                sum += term;
                x_bar
            });
            (x_bar, sum)
        }
    )* };
}

of_one_number! {
    sigmoid sigmoid_pullback;
    log_sigmoid log_sigmoid_pullback;
    tanh tanh_pullback;
    relu relu_pullback;
    relu6 relu6_pullback;
    hardtanh hardtanh_pullback;
    hardswish hardswish_pullback;
    gelu gelu_pullback;
    gelu_tanh gelu_tanh_pullback;
    silu silu_pullback;
    softplus softplus_pullback;
}

with_a_parameter! {
    leaky_relu leaky_relu_pullback slope;
    elu elu_pullback alpha;
}
