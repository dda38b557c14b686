//! The story `poisson`; see the module of that name.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let error = differentiate_examples::poisson::run(Path::new("target/poisson"))?;
    assert!(error < 1e-3, "the network should have learnt more");
    Ok(())
}
