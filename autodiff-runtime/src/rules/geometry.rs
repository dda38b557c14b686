//! Rotations, poses and points.
