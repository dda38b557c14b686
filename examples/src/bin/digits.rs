//! The story `digits`, with enough epochs to read 96 % of the digits; see the module of that name.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let accuracy = differentiate_examples::digits::run(40, Path::new("target/digits"))?;
    assert!(accuracy >= 0.96, "the network should have learnt more");
    Ok(())
}
