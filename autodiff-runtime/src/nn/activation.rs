//! Activation functions of a single number; for a vector or a matrix use `x.map(sigmoid)`, or faster
//! [`elementwise::sigmoid(&x)`](fn@super::elementwise::sigmoid).
//!
//! Where a function has a kink, its slope there is the one of smallest size between the slopes of both sides, as
//! `docs/edge-cases.md` has it. All of them stay finite where their mathematical value does, and keep the relative
//! accuracy of their tails.

mod gaussian;
mod logistic;
mod rectifier;

pub use gaussian::{gelu, gelu_pullback, gelu_tanh, gelu_tanh_pullback};
pub use logistic::{
    log_sigmoid, log_sigmoid_pullback, sigmoid, sigmoid_pullback, silu, silu_pullback, softplus,
    softplus_pullback, tanh, tanh_pullback,
};
pub use rectifier::{
    elu, elu_pullback, hardswish, hardswish_pullback, hardtanh, hardtanh_pullback, leaky_relu,
    leaky_relu_pullback, relu, relu_pullback, relu6, relu6_pullback,
};
