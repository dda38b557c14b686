//! Functions made by `macro_rules!`, with every kind of fragment, and the groups without delimiters that they leave.

cases! {
    from_an_ident: f::grad(2.0) = 4.0;
    from_a_type: f::grad(2.0_f32) = 4.0_f32;
    from_an_expr: f::grad(2.0) = 4.0;
    from_a_let_statement: f::grad(2.0) = 4.0;
    from_an_expr_with_a_lower_operator: f::grad(2.0) = 7.0;
    from_a_negated_expr: f::grad(2.0) = -1.0;
    from_an_expr_under_a_difference: f::grad(2.0) = 2.0;
    from_an_expr_under_a_quotient: f::grad(2.0) = 0.25;
    from_an_expr_in_an_expr: f::grad(2.0) = 33.0;
    from_a_closure: f::grad(2.0) = 32.0;
    from_a_literal: f::grad(2.0) = 3.0;
    from_a_negative_literal: f::grad(2.0) = -3.0;
    from_a_block: f::grad(2.0) = 8.0;
    from_a_statement: f::grad(2.0) = 4.0;
    from_statements: f::grad(2.0) = 12.0;
    from_a_pattern: f::grad((2.0, 3.0)) = (3.0, 2.0);
    from_a_pattern_with_alternatives: f::grad(2.0, 2) = 4.0;
    from_a_pattern_parameter: f::grad((2.0, 3.0)) = (3.0, 2.0);
    from_a_path: f::grad(2.0) = 12.0;
    from_a_path_of_a_type: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_tokens: f::grad(2.0) = 12.0;
    from_a_visibility: f::grad(2.0) = 4.0;
    from_no_visibility: outer(2.0) = 4.0;
    from_an_item: f::grad(2.0) = 4.0;
    from_items: f::grad(2.0) = 12.0;
    from_a_lifetime: f::grad(&[2.0]) = vec![4.0];
    from_a_label: f::grad(2.0) = 8.0;
    from_meta: f::grad(2.0) = 4.0;
    from_repetitions: f::grad(2.0, 3.0, 4.0) = (12.0, 8.0, 6.0);
    from_nested_repetitions: f::grad(&[2.0, 3.0]) = vec![1.0, 4.0];
    from_a_nested_macro: f::grad(2.0) = 12.0;
    from_a_struct: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_an_impl_block: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_a_module: unit::f::grad(2.0) = 12.0;
    from_a_signature: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_an_operator: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_an_index: f::grad(&[2.0, 3.0]) = vec![0.0, 6.0];
    from_a_field: f::grad(2.0, 3.0) = (3.0, 2.0);
    from_a_place: f::grad(2.0) = 12.0;
    from_arguments: f::grad(2.0) = 12.0;
    from_two_functions_of_one_text: f::grad(2.0) = 20.0;
}

macro_rules! named {
    ($name:ident) => {
        #[differentiate::differentiate]
        pub(crate) fn $name(x: f64) -> f64 {
            x * x
        }
    };
}

macro_rules! of {
    ($x:ident, $e:expr) => {
        #[differentiate::differentiate]
        pub(crate) fn f($x: f64) -> f64 {
            $e
        }
    };
}

mod from_an_ident {
    named!(f);
}

mod from_a_type {
    macro_rules! square {
        ($t:ty) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: $t) -> $t {
                x * x
            }
        };
    }
    square!(f32);
}

mod from_an_expr {
    of!(x, x * x);
}

mod from_an_expr_with_a_lower_operator {
    macro_rules! product {
        ($x:ident, $a:expr, $b:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                $a * $b
            }
        };
    }
    // (x + 1) (x + 2)
    product!(x, x + 1.0, x + 2.0);
}

mod from_a_negated_expr {
    macro_rules! negated {
        ($x:ident, $a:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                -$a + 0.0
            }
        };
    }
    // -(x x - 3 x)
    negated!(x, x * x - 3.0 * x);
}

mod from_an_expr_under_a_difference {
    macro_rules! difference {
        ($x:ident, $a:expr, $b:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                $a - $b
            }
        };
    }
    // 5 x - (x + 2 x)
    difference!(x, 5.0 * x, x + 2.0 * x);
}

mod from_an_expr_under_a_quotient {
    macro_rules! quotient {
        ($x:ident, $a:expr, $b:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                $a / $b
            }
        };
    }
    // x / (2 * 2)
    quotient!(x, x, 2.0 * 2.0);
}

mod from_an_expr_in_an_expr {
    macro_rules! outer {
        ($x:ident, $a:expr) => {
            of!($x, 2.0 * $a * $a + $x);
        };
    }
    // 2 (2 x) (2 x) + x
    outer!(x, x + x);
}

mod from_a_closure {
    macro_rules! applied {
        ($x:ident, $g:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                let g = $g;
                g(g($x))
            }
        };
    }
    applied!(x, |t| t * t);
}

mod from_a_literal {
    macro_rules! times {
        ($l:literal) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64) -> f64 {
                x * $l
            }
        };
    }
    times!(3.0);
}

mod from_a_negative_literal {
    macro_rules! times {
        ($l:literal) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64) -> f64 {
                $l * x
            }
        };
    }
    times!(-3.0);
}

mod from_a_block {
    macro_rules! body {
        ($x:ident, $b:block) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                let y = $b;
                y * 2.0
            }
        };
    }
    body!(x, {
        let t = x * x;
        t
    });
}

mod from_a_statement {
    macro_rules! after {
        ($x:ident, $y:ident, $s:stmt) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                let mut $y = $x;
                $s;
                $y
            }
        };
    }
    after!(x, y, y *= x);
}

mod from_statements {
    macro_rules! all {
        ($x:ident, $y:ident, $($s:stmt;)*) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                let mut $y = 1.0;
                $($s;)*
                $y
            }
        };
    }
    all!(x, y, y *= x; if x > 0.0 { y *= x }; y = y * x;);
}

mod from_a_pattern {
    macro_rules! taken {
        ($p:pat, $e:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: (f64, f64)) -> f64 {
                let $p = x;
                $e
            }
        };
    }
    taken!((a, b), a * b);
}

mod from_a_pattern_with_alternatives {
    macro_rules! matched {
        ($p:pat) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64, n: usize) -> f64 {
                match n {
                    $p => x * x,
                    _ => x,
                }
            }
        };
    }
    matched!(2 | 3);
}

mod from_a_pattern_parameter {
    macro_rules! taken {
        ($p:pat, $e:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($p: (f64, f64)) -> f64 {
                $e
            }
        };
    }
    taken!((a, b), a * b);
}

mod from_a_path {
    mod inner {
        named!(square);
    }
    macro_rules! calls {
        ($p:path) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64) -> f64 {
                $p(x) * x
            }
        };
    }
    calls!(inner::square);
}

mod from_a_path_of_a_type {
    use differentiate::Differentiable;
    #[derive(Clone, Differentiable)]
    enum Shape {
        Rectangle(f64, f64),
        Nothing,
    }
    macro_rules! builds {
        ($p:path) => {
            #[differentiate::differentiate]
            pub(crate) fn f(a: f64, b: f64) -> f64 {
                let shape = $p(a, b);
                match shape {
                    $p(a, b) => a * b,
                    _ => a,
                }
            }
        };
    }
    builds!(Shape::Rectangle);
}

mod from_tokens {
    macro_rules! raw {
        ($($t:tt)*) => {
            #[differentiate::differentiate]
            $($t)*
        };
    }
    raw! {
        pub(crate) fn f(x: f64) -> f64 {
            x * x * x
        }
    }
}

mod from_a_visibility {
    macro_rules! visible {
        ($v:vis) => {
            #[differentiate::differentiate]
            $v fn f(x: f64) -> f64 {
                x * x
            }
        };
    }
    visible!(pub(crate));
}

mod from_no_visibility {
    macro_rules! visible {
        ($v:vis,) => {
            #[differentiate::differentiate]
            $v fn f(x: f64) -> f64 {
                x * x
            }
        };
    }
    visible!(,);
    pub(crate) fn outer(x: f64) -> f64 {
        f::grad(x)
    }
}

mod from_an_item {
    macro_rules! item {
        ($i:item) => {
            #[differentiate::differentiate]
            $i
        };
    }
    item! {
        pub(crate) fn f(x: f64) -> f64 {
            x * x
        }
    }
}

mod from_items {
    macro_rules! items {
        ($($i:item)*) => {
            $(
                #[differentiate::differentiate]
                $i
            )*
        };
    }
    items! {
        fn square(x: f64) -> f64 {
            x * x
        }
        pub(crate) fn f(x: f64) -> f64 {
            square(x) * x
        }
    }
}

mod from_a_lifetime {
    macro_rules! borrowed {
        ($l:lifetime) => {
            #[differentiate::differentiate]
            pub(crate) fn f<$l>(v: &$l [f64]) -> f64 {
                let first: &$l f64 = &v[0];
                first * first
            }
        };
    }
    borrowed!('a);
}

mod from_a_label {
    macro_rules! labelled {
        ($l:lifetime) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64) -> f64 {
                let mut s = x;
                $l: loop {
                    loop {
                        s *= x;
                        break $l;
                    }
                }
                s * 2.0
            }
        };
    }
    labelled!('outer);
}

mod from_meta {
    macro_rules! with {
        ($(#[$m:meta])*) => {
            $(#[$m])*
            #[differentiate::differentiate]
            $(#[$m])*
            pub(crate) fn f(x: f64) -> f64 {
                x * x
            }
        };
    }
    with!(#[doc = "twice"] #[allow(unused_variables)]);
}

mod from_repetitions {
    macro_rules! product {
        ($($x:ident),*) => {
            #[differentiate::differentiate]
            pub(crate) fn f($($x: f64),*) -> f64 {
                1.0 $(* $x)*
            }
        };
    }
    product!(a, b, c);
}

mod from_nested_repetitions {
    macro_rules! polynomial {
        ($($i:literal: $($k:literal)+;)*) => {
            #[differentiate::differentiate]
            pub(crate) fn f(v: &[f64]) -> f64 {
                let mut s = 0.0;
                $($(s += v[$i] * $k;)+)*
                s
            }
        };
    }
    polynomial!(0: 0.5 0.5; 1: 1.0 3.0;);
}

mod from_a_nested_macro {
    macro_rules! outer {
        ($($t:tt)*) => {
            macro_rules! inner {
                () => {
                    #[differentiate::differentiate]
                    $($t)*
                };
            }
            inner!();
        };
    }
    outer! {
        pub(crate) fn f(x: f64) -> f64 {
            x * x * x
        }
    }
}

mod from_a_struct {
    macro_rules! pair {
        ($name:ident, $($field:ident),*) => {
            #[derive(Clone, differentiate::Differentiable)]
            struct $name {
                $($field: f64),*
            }
            #[differentiate::differentiate]
            pub(crate) fn f($($field: f64),*) -> f64 {
                let it = $name { $($field),* };
                1.0 $(* it.$field)*
            }
        };
    }
    pair!(Pair, a, b);
}

mod from_an_impl_block {
    use differentiate::Differentiable;
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    macro_rules! block {
        ($t:ty, $m:ident) => {
            #[differentiate::differentiate]
            impl $t {
                fn $m(&self, x: f64) -> f64 {
                    self.slope * x
                }
            }
        };
    }
    block!(Line, at);
    #[differentiate::differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.at(x)
    }
}

mod from_a_module {
    macro_rules! module {
        ($m:ident, $e:expr) => {
            #[differentiate::differentiate]
            pub(crate) mod $m {
                fn apply(g: impl Fn(f64) -> f64, x: f64) -> f64 {
                    g(x)
                }
                pub(crate) fn f(x: f64) -> f64 {
                    apply($e, x) * x
                }
            }
        };
    }
    module!(unit, |t| t * t);
}

mod from_a_signature {
    macro_rules! signature {
        ($name:ident($($p:pat_param => $t:ty),*) -> $r:ty $b:block) => {
            #[differentiate::differentiate]
            pub(crate) fn $name($($p: $t),*) -> $r $b
        };
    }
    signature!(f(x => f64, y => f64) -> f64 { x * y });
}

mod from_an_operator {
    macro_rules! operator {
        ($o:tt) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64, y: f64) -> f64 {
                x $o y
            }
        };
    }
    operator!(*);
}

mod from_an_index {
    macro_rules! index {
        ($i:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f(v: &[f64]) -> f64 {
                let mut w = v.to_vec();
                w[$i] *= v[$i];
                w[$i]
            }
        };
    }
    index!(2 - 1);
}

mod from_a_field {
    macro_rules! field {
        ($a:tt, $b:tt) => {
            #[differentiate::differentiate]
            pub(crate) fn f(x: f64, y: f64) -> f64 {
                let mut p = (1.0, y);
                p.$a = x;
                p.$a * p.$b
            }
        };
    }
    field!(0, 1);
}

mod from_a_place {
    macro_rules! place {
        ($x:ident, $w:ident, $p:expr) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                let mut $w = [$x, 1.0];
                $p *= $x;
                let r = &mut $p;
                *r *= $x;
                $p
            }
        };
    }
    place!(x, w, w[0]);
}

mod from_arguments {
    named!(square);
    macro_rules! call {
        ($x:ident, $($a:expr),*) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                square($($a),*) * $x
            }
        };
    }
    call!(x, x * 1.0);
}

mod from_two_functions_of_one_text {
    macro_rules! two {
        ($($name:ident: $k:literal),*) => {
            $(
                #[differentiate::differentiate]
                fn $name(x: f64) -> f64 {
                    let y = x * x;
                    y * $k
                }
            )*
        };
    }
    two!(one: 1.0, four: 4.0);
    #[differentiate::differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        one(x) + four(x)
    }
}

// The function itself stays what it is without the attribute.
macro_rules! of_two {
    ($f:ident, $g:ident, $x:ident, $a:expr, $b:expr) => {
        #[differentiate::differentiate]
        fn $f($x: f64) -> f64 {
            $a * $b
        }
        #[differentiate::differentiate]
        fn $g($x: f64) -> f64 {
            -$a - $b
        }
    };
}
of_two!(product_of_two, difference_of_two, x, x + 1.0, x + 2.0);

#[test]
fn precedence_in_the_function_itself() {
    assert_eq!(product_of_two(2.0), 12.0);
    assert_eq!(product_of_two::value_and_grad(2.0), (12.0, 7.0));
    assert_eq!(difference_of_two(2.0), -7.0);
    assert_eq!(difference_of_two::value_and_grad(2.0), (-7.0, -2.0));
}

mod from_a_let_statement {
    macro_rules! first {
        ($x:ident, $y:ident, $s:stmt) => {
            #[differentiate::differentiate]
            pub(crate) fn f($x: f64) -> f64 {
                $s;
                $y
            }
        };
    }
    first!(x, y, let y = x * x);
}
