//! The story `newtons_method`; see the module of that name.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    differentiate_examples::newtons_method::run(Path::new("target/newtons_method"))?;
    Ok(())
}
