//! The story `automatic_gradient`; see the module of that name.

fn main() {
    differentiate_examples::automatic_gradient::run();
}
