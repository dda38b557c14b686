fn main() {
    differentiate_examples::gradient_descent::run();
}
