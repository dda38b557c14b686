//! Jacobians and Hessians of which most entries are known to be zero.
//!
//! Columns that have no row in common do not meet in a product `J d`, so one tangent `d` can ask for all of them at once.
//! A [`Pattern`] says where entries may stand; columns are given colours such that two columns of one colour share no
//! row, and one sweep for each colour gives all entries. A tridiagonal Jacobian takes three sweeps, whatever its size.
//! Rows are coloured, too: without a tangent program, or where rows need fewer colours, a colour is one pull.
//!
//! ```
//! use differentiate::differentiate;
//! use differentiate::sparse::Pattern;
//!
//! /// What is left of `u'' = sin(u)` on a grid, between two walls at 0.
//! #[differentiate(forward)]
//! fn residual(u: &[f64], #[no_diff] h: f64) -> Vec<f64> {
//!     let n = u.len();
//!     let mut r = vec![0.0; n];
//!     for i in 0..n {
//!         let left = if i > 0 { u[i - 1] } else { 0.0 };
//!         let right = if i + 1 < n { u[i + 1] } else { 0.0 };
//!         r[i] = (left - 2.0 * u[i] + right) / (h * h) - u[i].sin();
//!     }
//!     r
//! }
//!
//! let pattern = Pattern::tridiagonal(1000);
//! assert_eq!(pattern.forward_sweeps(), 3);
//! let jacobian = residual::sparse_jacobian(&vec![0.0; 1000], 0.5, &pattern);
//! assert_eq!(jacobian.values().len(), 2998);
//! assert_eq!(jacobian.triplets().nth(2), Some((1, 0, 4.0)));
//! ```
//!
//! An entry outside of the pattern is not looked for: if it is not zero, it is lost, or added to another entry of its row
//! or column. Where a pattern is not known for sure, compare with `foo::jacobian` once.
//!
//! References: Curtis, Powell and Reid, *On the estimation of sparse Jacobian matrices*, 1974; Coleman and Moré,
//! *Estimation of sparse Jacobian matrices and graph coloring problems*, 1983.

use std::sync::Arc;

use nalgebra::DMatrix;

use crate::differentiable::{Gradient, Peel, zero_like};
use crate::products::count;
use crate::tangent::Tangent;

/// Where a matrix may have entries, and in which groups its columns and rows can be asked for.
///
/// A copy shares what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    rows: Lines,
    columns: Lines,
}

/// The rows of a pattern, or its columns.
#[derive(Debug, PartialEq, Eq)]
struct Lines {
    /// The entries of line `k` begin at `starts[k]`.
    starts: Vec<usize>,
    /// For each entry the line that crosses there, and its position among the entries row by row.
    entries: Vec<(usize, usize)>,
    /// Lines of one group cross no line together.
    groups: Vec<Vec<usize>>,
}

impl Lines {
    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    fn line(&self, k: usize) -> &[(usize, usize)] {
        &self.entries[self.starts[k]..self.starts[k + 1]]
    }

    /// From (line, crossing line, position), in order of lines.
    fn new(count: usize, entries: &[(usize, usize, usize)]) -> Self {
        let starts = (0..=count).map(|k| entries.partition_point(|it| it.0 < k));
        Lines {
            starts: starts.collect(),
            entries: entries.iter().map(|it| (it.1, it.2)).collect(),
            groups: Vec::new(),
        }
    }

    /// Each line in turn joins the first group in which it meets no other. For a band that is the best there is.
    fn coloured(&self, across: &Lines) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut group_of = vec![usize::MAX; self.count()];
        // The last line that met each group.
        let mut met: Vec<usize> = Vec::new();
        for k in 0..self.count() {
            for (crossing, _) in self.line(k) {
                for (other, _) in across.line(*crossing) {
                    if let Some(met) = met.get_mut(group_of[*other]) {
                        *met = k;
                    }
                }
            }
            // A line without entries is in no product.
            if self.line(k).is_empty() {
                continue;
            }
            let free = met.iter().position(|it| *it != k).unwrap_or(met.len());
            if free == met.len() {
                met.push(usize::MAX);
                groups.push(Vec::new());
            }
            group_of[k] = free;
            groups[free].push(k);
        }
        groups
    }
}

impl Pattern {
    /// The pattern with these entries, each a row and a column, in any order; an entry may be named several times.
    ///
    /// Cost: that of sorting them, and for each row and column the square of the number of its entries.
    ///
    /// ```
    /// use differentiate::sparse::Pattern;
    ///
    /// let arrow = Pattern::new(4, 4, (0..4).flat_map(|k| [(k, k), (0, k), (k, 0)]));
    /// assert_eq!(arrow.entries().count(), 10);
    /// assert_eq!(arrow.forward_sweeps(), 4);
    /// ```
    ///
    /// # Panics
    /// If an entry lies outside of the matrix.
    #[must_use]
    pub fn new(
        rows: usize,
        columns: usize,
        entries: impl IntoIterator<Item = (usize, usize)>,
    ) -> Self {
        let mut entries: Vec<(usize, usize)> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup();
        for (i, j) in &entries {
            assert!(
                *i < rows && *j < columns,
                "entry ({i}, {j}) of a pattern with {rows} rows and {columns} columns"
            );
        }
        let by_row: Vec<_> = (entries.iter().enumerate())
            .map(|(at, (i, j))| (*i, *j, at))
            .collect();
        let mut by_column: Vec<_> = by_row.iter().map(|(i, j, at)| (*j, *i, *at)).collect();
        by_column.sort_unstable();
        let mut rows = Lines::new(rows, &by_row);
        let mut columns = Lines::new(columns, &by_column);
        rows.groups = rows.coloured(&columns);
        columns.groups = columns.coloured(&rows);
        Pattern(Arc::new(Parts { rows, columns }))
    }

    /// The pattern of a square matrix with `below` diagonals below the main one and `above` above it: `below + 1 + above`
    /// sweeps.
    #[must_use]
    pub fn banded(size: usize, below: usize, above: usize) -> Self {
        let row = |i: usize| {
            let last = (i + above + 1).min(size);
            (i.saturating_sub(below)..last).map(move |j| (i, j))
        };
        Pattern::new(size, size, (0..size).flat_map(row))
    }

    /// The pattern of a square matrix with the main diagonal and those beside it: three sweeps.
    #[must_use]
    pub fn tridiagonal(size: usize) -> Self {
        Pattern::banded(size, 1, 1)
    }

    /// The pattern of the entries of a matrix that are not zero.
    ///
    /// The pattern of a Jacobian can be found from the Jacobian at a point without symmetries. Entries that are zero at
    /// that point and not everywhere, behind a branch that is not taken or where a derivative vanishes, are not seen: take
    /// the [union](Pattern::union) over several points, or write the pattern down.
    ///
    /// ```
    /// use differentiate::nalgebra::dmatrix;
    /// use differentiate::sparse::Pattern;
    ///
    /// let pattern = Pattern::of(&dmatrix![1.0, 2.0; 0.0, 3.0]).union(&Pattern::of(&dmatrix![0.0, 0.0; 0.0, 1.0]));
    /// assert_eq!(pattern.entries().collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 1)]);
    /// ```
    #[must_use]
    pub fn of(matrix: &DMatrix<f64>) -> Self {
        let entries = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| (i, j)));
        Pattern::new(
            matrix.nrows(),
            matrix.ncols(),
            entries.filter(|at| matrix[*at] != 0.0),
        )
    }

    /// The entries of both patterns.
    ///
    /// # Panics
    /// If they have not the same numbers of rows and columns.
    #[must_use]
    pub fn union(&self, other: &Pattern) -> Self {
        assert_eq!(
            (self.rows(), self.columns()),
            (other.rows(), other.columns()),
            "patterns of different shapes"
        );
        let both = self.entries().chain(other.entries());
        Pattern::new(self.rows(), self.columns(), both)
    }

    /// How many rows the matrix has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.rows.count()
    }

    /// How many columns the matrix has.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.0.columns.count()
    }

    /// The entries, each a row and a column, row by row.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> {
        let rows = &self.0.rows;
        (0..rows.count()).flat_map(|i| rows.line(i).iter().map(move |(j, _)| (i, *j)))
    }

    /// How many colours the columns have: with so many tangents all entries are known.
    #[must_use]
    pub fn forward_sweeps(&self) -> usize {
        self.0.columns.groups.len()
    }

    /// How many colours the rows have: with so many pulls all entries are known.
    #[must_use]
    pub fn reverse_sweeps(&self) -> usize {
        self.0.rows.groups.len()
    }
}

/// A matrix with entries where its pattern has them.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseMatrix {
    pattern: Pattern,
    values: Vec<f64>,
}

impl SparseMatrix {
    /// Where there are entries.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The values of the entries, row by row, in the order of [`Pattern::entries`].
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Row, column and value of each entry, row by row: what constructors of sparse matrices take.
    pub fn triplets(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let values = self.values.iter();
        (self.pattern.entries())
            .zip(values)
            .map(|((i, j), value)| (i, j, *value))
    }

    /// The matrix with its zeros.
    #[must_use]
    pub fn to_dense(&self) -> DMatrix<f64> {
        let mut dense = DMatrix::zeros(self.pattern.rows(), self.pattern.columns());
        for (i, j, value) in self.triplets() {
            dense[(i, j)] = value;
        }
        dense
    }
}

/// The matrix whose products with directions like this one are known: one product for each colour of columns.
///
/// # Panics
/// If the pattern has not a column for each component of a direction and a row for each component of a product.
#[must_use]
pub fn by_columns<D: Tangent, G: Tangent>(
    pattern: &Pattern,
    like: &D,
    product: impl Fn(D) -> G,
) -> SparseMatrix {
    let Parts { rows, columns } = &*pattern.0;
    SparseMatrix {
        pattern: pattern.clone(),
        values: compressed(columns, rows, like, product, ["column", "row"]),
    }
}

/// The Jacobian of a function with this value, by one pull for each colour of rows.
///
/// # Panics
/// If the pattern has not a row for each component of the value and a column for each component of what `pull` returns.
#[must_use]
pub fn by_rows<Y: Peel + ?Sized, G: Tangent>(
    pattern: &Pattern,
    value: &Y,
    pull: impl Fn(Gradient<Y>) -> G,
) -> SparseMatrix {
    let Parts { rows, columns } = &*pattern.0;
    SparseMatrix {
        pattern: pattern.clone(),
        values: compressed(rows, columns, &zero_like(value), pull, ["row", "column"]),
    }
}

fn compressed<D: Tangent, G: Tangent>(
    lines: &Lines,
    across: &Lines,
    like: &D,
    product: impl Fn(D) -> G,
    [line, crossing]: [&str; 2],
) -> Vec<f64> {
    assert_eq!(
        lines.count(),
        count(like),
        "the pattern has one {line} for each component"
    );
    let mut values = vec![0.0; lines.entries.len()];
    let mut direction = vec![0.0; lines.count()];
    let mut products = Vec::with_capacity(across.count());
    for group in &lines.groups {
        group.iter().for_each(|k| direction[*k] = 1.0);
        let (mut tangent, mut parts) = (like.clone(), direction.iter());
        tangent.ad_map_components(&mut |_| parts.next().copied().unwrap_or_default());
        products.clear();
        product(tangent).ad_components(&mut |c| products.push(c));
        assert_eq!(
            across.count(),
            products.len(),
            "the pattern has one {crossing} for each component"
        );
        for k in group {
            for (crossing, at) in lines.line(*k) {
                values[*at] = products[*crossing];
            }
            direction[*k] = 0.0;
        }
    }
    values
}
