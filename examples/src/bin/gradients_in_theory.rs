fn main() {
    differentiate_examples::gradients_in_theory::run();
}
