fn main() {
    differentiate_examples::automatic_gradient::run();
}
