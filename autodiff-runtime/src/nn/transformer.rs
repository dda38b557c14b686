//! Attention.

use autodiff_macros::differentiate;
use nalgebra::DMatrix;

use super::logits::{softmax, softmax_pullback};
use super::product::{packed, product};
use crate::differentiable::Real;

/// Scaled dot-product attention: `V softmax(Kᵀ Q / √d)`, where each column of the scores, one query, is normalised.
///
/// The columns are the positions of one sequence: what a query finds is the mean of the values, weighted by how well
/// their keys agree with it. In the notation with rows it is `softmax(Q Kᵀ / √d) V`.
///
/// Shapes: `queries` d×q, `keys` d×k, `values` e×k, the result e×q; zeros without keys. Cost: (d + e) k q
/// multiplications; the k×q weights are not kept. Reverse: see [`attention_pullback`]. Reference: Vaswani et al. 2017,
/// arXiv:1706.03762, section 3.2.1.
///
/// # Panics
/// If the shapes do not fit; the message has them.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::attention;
///
/// // The first query agrees with the first key only, the second with both alike.
/// let queries = dmatrix![100.0, 0.0];
/// let y = attention(&queries, &dmatrix![100.0, 0.0], &dmatrix![1.0, 3.0]);
/// assert_eq!(y, dmatrix![1.0, 2.0]);
/// ```
#[doc(alias = "scaled_dot_product_attention")]
#[differentiate(order = 2, pullback = attention_pullback)]
#[must_use]
pub fn attention<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
) -> DMatrix<T> {
    mix(values, &weights(queries, keys, values, false))
}

/// Pullback of [`attention()`]: with the weights `P = softmax(S)`, `V̄ = G Pᵀ`, `P̄ = Vᵀ G`, `S̄` by the pullback of the
/// softmax, `Q̄ = K S̄ / √d` and `K̄ = Q S̄ᵀ / √d`.
///
/// Shapes: the results as the arguments. Cost: the weights are computed again; together two and a half times the
/// primal. Two matrices k×q are made.
#[must_use]
pub fn attention_pullback<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>, DMatrix<T>) {
    pull(queries, keys, values, g, false)
}

/// [`attention()`] in which a query sees the keys up to its own position only: query `j` the keys `0..=j`.
///
/// Shapes, cost, panics: as there. Reverse: see [`causal_attention_pullback`]. Reference: Vaswani et al. 2017,
/// arXiv:1706.03762, section 3.2.3.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::causal_attention;
///
/// let same = dmatrix![0.0, 0.0];
/// assert_eq!(causal_attention(&same, &same, &dmatrix![1.0, 3.0]), dmatrix![1.0, 2.0]);
/// ```
#[differentiate(order = 2, pullback = causal_attention_pullback)]
#[must_use]
pub fn causal_attention<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
) -> DMatrix<T> {
    mix(values, &weights(queries, keys, values, true))
}

/// Pullback of [`causal_attention()`]: as [`attention_pullback`], where the weights of later keys are 0.
///
/// Shapes, cost: as there.
#[must_use]
pub fn causal_attention_pullback<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>, DMatrix<T>) {
    pull(queries, keys, values, g, true)
}

/// `1 / √d`.
fn scale<T: Real>(dimension: usize) -> T {
    super::per(T::one(), dimension).sqrt()
}

/// The weights of the values for each query: keys × queries.
fn weights<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
    causal: bool,
) -> DMatrix<T> {
    assert_eq!(
        queries.nrows(),
        keys.nrows(),
        "queries and keys of different lengths"
    );
    assert_eq!(
        keys.ncols(),
        values.ncols(),
        "keys and values of different numbers"
    );
    let mut scores = product(packed(keys).transposed(), packed(queries));
    scores *= scale::<T>(keys.nrows());
    if causal {
        for (j, mut column) in scores.column_iter_mut().enumerate() {
            let later = (j + 1).min(keys.ncols());
            column.rows_range_mut(later..).fill(-T::one() / T::zero());
        }
    }
    softmax(&scores)
}

fn mix<T: Real>(values: &DMatrix<T>, weights: &DMatrix<T>) -> DMatrix<T> {
    product(packed(values), packed(weights))
}

fn pull<T: Real>(
    queries: &DMatrix<T>,
    keys: &DMatrix<T>,
    values: &DMatrix<T>,
    g: &DMatrix<T>,
    causal: bool,
) -> (DMatrix<T>, DMatrix<T>, DMatrix<T>) {
    let weights = weights(queries, keys, values, causal);
    let values_bar = product(packed(g), packed(&weights).transposed());
    let weights_bar = product(packed(values).transposed(), packed(g));
    let mut scores_bar = softmax_pullback(&weights, &weights, &weights_bar);
    scores_bar *= scale::<T>(keys.nrows());
    (
        product(packed(keys), packed(&scores_bar)),
        product(packed(queries), packed(&scores_bar).transposed()),
        values_bar,
    )
}
