//! The story `gradients_in_theory`; see the module of that name.

fn main() {
    differentiate_examples::gradients_in_theory::run();
}
