//! Rules of nalgebra matrices and vectors.
