use differentiate::differentiate;

macro_rules! with_local {
    ($x:ident, $t:ident, $e:expr) => {
        #[differentiate]
        fn f($x: f64, $t: f64) -> f64 {
            let t = $x * $t;
            t * $e
        }
    };
}
with_local!(x, t, t);

fn main() {}
