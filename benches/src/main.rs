//! Takes the times, with the allocator of the system.

fn main() {
    differentiate_benches::main();
}
