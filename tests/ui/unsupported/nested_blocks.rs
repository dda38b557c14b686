#![allow(unused_braces)]
use differentiate::differentiate;

macro_rules! deep {
    ($x:ident [$($e:tt)*]) => {
        #[differentiate]
        fn deep($x: f64) -> f64 {
            $($e)*
        }
    };
    ($x:ident [$($e:tt)*] 4 $($more:tt)*) => { deep!($x [{{{{ $($e)* }}}}] $($more)*); };
}

deep!(x [x] 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4 4);

fn main() {
    println!("{:?}", deep::grad(1.0));
}
