//! Whole programs, in the style in which people write them.

mod bundle_adjustment;
mod factorisations;
mod filter;
mod gaussian_mixture;
mod heat;
mod insertion_sort;
mod integrator;
mod library;
mod n_body;
mod network;
mod tridiagonal;
