//! Neural.
