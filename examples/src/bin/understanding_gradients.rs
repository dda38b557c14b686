//! The story `understanding_gradients`; see the module of that name.

fn main() {
    differentiate_examples::understanding_gradients::run();
}
