//! Factorisations, and what is solved with them.
