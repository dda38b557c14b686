use differentiate::differentiate;

macro_rules! sum {
    ([$($term:tt)*]) => {
        #[differentiate]
        fn sum(x: f64) -> f64 {
            x $(+ $term)*
        }
    };
    ([$($term:tt)*] 2 $($rest:tt)*) => { sum!([$($term)* $($term)*] $($rest)*); };
}

sum!([1.0] 2 2 2 2 2 2 2 2 2 2 2 2);

fn main() {
    println!("{:?}", sum::grad(1.0));
}
