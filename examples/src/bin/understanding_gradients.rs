fn main() {
    differentiate_examples::understanding_gradients::run();
}
