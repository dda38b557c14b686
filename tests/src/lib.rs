//! Integration tests of `differentiate`.
