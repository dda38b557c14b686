//! The story `gradient_descent`; see the module of that name.

fn main() {
    differentiate_examples::gradient_descent::run();
}
