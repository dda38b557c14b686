//! The story `hamiltonian`; see the module of that name.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    differentiate_examples::hamiltonian::run(Path::new("target/hamiltonian"))?;
    Ok(())
}
