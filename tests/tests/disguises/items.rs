//! Generics, visibility, attributes, and the places where a function can stand.

cases! {
    one_number_type: f::grad(2.0_f32) = 4.0_f32;
    two_number_types: f::grad(2.0_f32, 3.0_f64) = (4.0_f32, 0.0_f64);
    number_type_in_a_where_clause: f::grad(2.0) = 4.0;
    bounds_of_references: f::grad(2.0, &[3.0]) = (3.0, vec![2.0]);
    higher_ranked_bound: f::grad(2.0) = 6.0;
    associated_type_in_a_bound: f::grad(2.0) = 6.0;
    unsized_parameter: f::grad(2.0, "abc") = 6.0;
    const_length: f::grad([2.0, 3.0]) = [3.0, 2.0];
    const_and_type: f::grad(&[2.0, 3.0], 1.0) = ([1.0, 1.0], 5.0);
    explicit_const_argument: f::grad(2.0) = 8.0;
    turbofish: f::grad(2.0) = 4.0;
    one_lifetime: f::grad(&[2.0]) = vec![4.0];
    two_lifetimes: f::grad(&[2.0], &[3.0]) = (vec![3.0], vec![2.0]);
    underscore_lifetime: f::grad(&[2.0]) = vec![4.0];
    static_lifetime: f::grad(2.0, "ab") = 4.0;
    lifetimes_types_and_consts: f::grad(&[2.0, 3.0], 1.0) = ([1.0, 1.0], 5.0);
    generic_struct: f::grad(2.0, 3.0) = (3.0, 2.0);
    struct_with_a_default_type: f::grad(2.0, 3.0) = (3.0, 2.0);
    struct_with_a_const: f::grad(2.0, 3.0) = (3.0, 2.0);
    struct_with_a_where_clause: f::grad(2.0, 3.0) = (3.0, 2.0);
    generic_block: f::grad(2.0, 3.0) = (3.0, 2.0);
    block_with_associated_constant: f::grad(2.0) = 6.0;
    type_alias: f::grad(2.0, &[3.0]) = (3.0, vec![2.0]);
    generic_alias: f::grad(&[2.0, 3.0]) = vec![3.0, 2.0];
    type_in_parentheses: f::grad(2.0) = 4.0;
    trailing_commas: f::grad(2.0, 3.0) = (3.0, 2.0);
    visible_everywhere: f::grad(2.0) = 4.0;
    visible_in_the_parent: outer::grad(2.0) = 12.0;
    visible_in_a_path: inner::f::grad(2.0) = 4.0;
    private_and_called_from_a_child: inner::f::grad(2.0) = 12.0;
    exported_again: f::grad(2.0) = 4.0;
    imported_under_another_name: f::grad(2.0) = 12.0;
    imported_by_a_glob: f::grad(2.0) = 12.0;
    called_by_paths: f::grad(2.0) = 24.0;
    documented: f::grad(2.0) = 4.0;
    inlined: f::grad(2.0) = 4.0;
    must_be_used: f::grad(2.0) = 12.0;
    deprecated_function: f::grad(2.0) = 4.0;
    conditional: f::grad(2.0) = 4.0;
    conditional_items_of_a_module: f::grad(3.0) = 6.0;
    attributes_of_parameters: f::grad(2.0, 3.0) = (3.0, 2.0);
    attributes_of_statements: f::grad(2.0) = 4.0;
    inner_attributes: f::grad(2.0) = 4.0;
    attributes_after_ours: f::grad(2.0) = 4.0;
    expected_lint: f::grad(2.0) = 4.0;
    const_function: f::grad(2.0) = 4.0;
    tracked_caller: f::grad(2.0) = 4.0;
    mutable_parameters: f::grad(2.0, 3.0) = (12.0, 4.0);
    pattern_parameters: f::grad((2.0, 3.0), [4.0, 5.0]) = ((60.0, 40.0), [30.0, 24.0]);
    unused_parameters: f::grad(2.0, 3.0) = (0.0, 2.0);
    inside_a_function: outer(2.0) = 4.0;
    inside_a_differentiated_function: f::grad(2.0) = 12.0;
    inside_a_generic_function: outer(2.0_f64) = 4.0;
    inside_a_block: outer(2.0) = 4.0;
    inside_a_closure: outer(2.0) = 4.0;
    inside_a_constant: VALUE() = 4.0;
    inside_a_method: outer(2.0) = 4.0;
    items_inside_of_a_function: f::grad(2.0) = 12.0;
    in_a_file_of_its_own: f::grad(2.0) = 4.0;
    in_nested_modules: f::grad(2.0) = 12.0;
    in_an_inherent_block: f::grad(2.0, 3.0) = (3.0, 2.0);
    in_a_trait_block: f::grad(2.0, 3.0) = (3.0, 2.0);
    in_a_generic_trait_block: f::grad(2.0, 3.0) = (3.0, 2.0);
    in_two_trait_blocks: f::grad(2.0, 3.0) = (5.0, 2.0);
    with_associated_functions: f::grad(2.0) = 12.0;
    same_name_in_two_modules: f::grad(2.0) = 20.0;
    before_its_helpers: f::grad(2.0) = 12.0;
}

mod one_number_type {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<T: Real>(x: T) -> T {
        x * x
    }
}

mod two_number_types {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<A: Real, B: Real>(x: A, y: B) -> A {
        x * x
    }
}

mod number_type_in_a_where_clause {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<T>(x: T) -> T
    where
        T: Real,
        T: Copy + PartialOrd,
    {
        x * x
    }
}

mod bounds_of_references {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<'a, T>(x: T, v: &'a [T]) -> T
    where
        T: Real + 'a,
    {
        x * v[0]
    }
}

mod higher_ranked_bound {
    use differentiate::differentiate;
    fn three<F: Fn(u8) -> u8>(f: &F) -> f64 {
        f64::from(f(2))
    }
    #[differentiate]
    fn with<F>(x: f64, #[no_diff] count: F) -> f64
    where
        F: for<'a> Fn(&'a [u8]) -> usize,
        for<'a> &'a F: Copy,
    {
        x * count(&[1, 2, 3]) as f64
    }
    pub(crate) mod f {
        pub(crate) fn grad(x: f64) -> f64 {
            super::with::grad(x, |it| it.len() + 3)
        }
    }
}

mod associated_type_in_a_bound {
    use differentiate::differentiate;
    #[differentiate]
    fn with<I: IntoIterator<Item = u8> + Clone>(x: f64, #[no_diff] counts: I) -> f64 {
        let total: u8 = counts.into_iter().sum();
        x * f64::from(total)
    }
    pub(crate) mod f {
        pub(crate) fn grad(x: f64) -> f64 {
            super::with::grad(x, [1_u8, 2, 3])
        }
    }
}

mod unsized_parameter {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f<S: AsRef<str> + ?Sized>(x: f64, #[no_diff] name: &S) -> f64 {
        x * name.as_ref().len() as f64 * 2.0
    }
}

mod const_length {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f<const N: usize>(a: [f64; N]) -> f64 {
        let mut s = 1.0;
        for i in 0..N {
            s *= a[i];
        }
        s
    }
}

mod const_and_type {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<T: Real, const N: usize>(a: &[T; N], x: T) -> T {
        let mut s = T::zero();
        for i in 0..N {
            s += a[i] * x;
        }
        s
    }
}

mod explicit_const_argument {
    use differentiate::differentiate;
    #[differentiate]
    fn total<const N: usize>(a: [f64; N]) -> f64 {
        let mut s = 0.0;
        for a in a {
            s += a * a;
        }
        s
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        total::<{ 1 + 1 }>([x, x])
    }
}

mod turbofish {
    use differentiate::{Real, differentiate};
    #[differentiate]
    fn square<T: Real>(x: T) -> T {
        x * x
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        square::<f64>(x)
    }
}

mod one_lifetime {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f<'a>(v: &'a [f64]) -> f64 {
        let first: &'a f64 = &v[0];
        first * first
    }
}

mod two_lifetimes {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f<'a, 'b>(v: &'a [f64], w: &'b [f64]) -> f64 {
        v[0] * w[0]
    }
}

mod underscore_lifetime {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(v: &'_ [f64]) -> f64 {
        v[0] * v[0]
    }
}

mod static_lifetime {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, #[no_diff] name: &'static str) -> f64 {
        x * x * name.len() as f64 / 2.0
    }
}

mod lifetimes_types_and_consts {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<'a, T: Real + 'a, const N: usize>(a: &'a [T; N], x: T) -> T {
        let mut s = T::zero();
        for a in a {
            s += *a * x;
        }
        s
    }
}

mod generic_struct {
    use differentiate::{Differentiable, Real, differentiate};
    #[derive(Clone, Differentiable)]
    struct Pair<T: Real> {
        a: T,
        b: T,
    }
    #[differentiate]
    pub(crate) fn f<T: Real>(a: T, b: T) -> T {
        let pair = Pair { a, b };
        pair.a * pair.b
    }
}

mod struct_with_a_default_type {
    use differentiate::{Differentiable, Real, differentiate};
    #[derive(Clone, Differentiable)]
    struct Pair<T: Real = f64> {
        a: T,
        b: T,
    }
    #[differentiate]
    fn product(pair: &Pair) -> f64 {
        pair.a * pair.b
    }
    #[differentiate]
    pub(crate) fn f(a: f64, b: f64) -> f64 {
        product(&Pair { a, b })
    }
}

mod struct_with_a_const {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Row<const N: usize> {
        a: [f64; N],
    }
    #[differentiate]
    pub(crate) fn f(a: f64, b: f64) -> f64 {
        let row = Row { a: [a, b] };
        row.a[0] * row.a[1]
    }
}

mod struct_with_a_where_clause {
    use differentiate::{Differentiable, Real, differentiate};
    #[derive(Clone, Differentiable)]
    struct Pair<T>
    where
        T: Real,
    {
        a: T,
        b: T,
    }
    #[differentiate]
    pub(crate) fn f(a: f64, b: f64) -> f64 {
        let pair = Pair::<f64> { a, b };
        pair.a * pair.b
    }
}

mod generic_block {
    use differentiate::{Differentiable, Real, differentiate};
    #[derive(Clone, Differentiable)]
    struct Line<T: Real> {
        slope: T,
    }
    #[differentiate]
    impl<T: Real> Line<T> {
        fn at(&self, x: T) -> T {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.at(x)
    }
}

mod block_with_associated_constant {
    use differentiate::differentiate;
    struct Unit;
    impl Unit {
        const SCALE: f64 = 6.0;
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * Unit::SCALE
    }
}

mod type_alias {
    use differentiate::differentiate;
    type Number = f64;
    type Numbers = [Number];
    #[differentiate]
    pub(crate) fn f(x: Number, v: &Numbers) -> Number {
        x * v[0]
    }
}

mod generic_alias {
    use differentiate::differentiate;
    type List<T> = Vec<T>;
    #[differentiate]
    pub(crate) fn f(v: &[f64]) -> f64 {
        let list: List<f64> = v.iter().map(|a| a * 1.0).collect();
        list[0] * list[1]
    }
}

mod type_in_parentheses {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: (f64)) -> (f64) {
        (x) * (x)
    }
}

mod trailing_commas {
    use differentiate::{Real, differentiate};
    #[rustfmt::skip]
    #[differentiate]
    pub(crate) fn f<T: Real,>(x: T, y: T,) -> T where T: Copy, {
        x * y
    }
}

mod visible_everywhere {
    use differentiate::differentiate;
    #[differentiate]
    pub fn f(x: f64) -> f64 {
        x * x
    }
}

mod visible_in_the_parent {
    use differentiate::differentiate;
    mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub(super) fn f(x: f64) -> f64 {
            x * x
        }
    }
    #[differentiate]
    pub(crate) fn outer(x: f64) -> f64 {
        inner::f(x) * x
    }
}

mod visible_in_a_path {
    pub(crate) mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub(in crate::items) fn f(x: f64) -> f64 {
            x * x
        }
    }
}

mod private_and_called_from_a_child {
    use differentiate::differentiate;
    #[differentiate]
    fn helper(x: f64) -> f64 {
        x * x
    }
    pub(crate) mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub(crate) fn f(x: f64) -> f64 {
            super::helper(x) * x
        }
    }
}

mod exported_again {
    mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub fn f(x: f64) -> f64 {
            x * x
        }
    }
    pub use inner::f;
}

mod imported_under_another_name {
    use differentiate::differentiate;
    mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub fn square(x: f64) -> f64 {
            x * x
        }
    }
    use inner::square as power;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        power(x) * x
    }
}

mod imported_by_a_glob {
    use differentiate::differentiate;
    mod inner {
        use differentiate::differentiate;
        #[differentiate]
        pub fn square(x: f64) -> f64 {
            x * x
        }
    }
    use inner::*;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        square(x) * x
    }
}

mod called_by_paths {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn helper(x: f64) -> f64 {
        x * x
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        crate::items::called_by_paths::helper(x) * x
            + self::helper(x) * super::called_by_paths::helper(1.0) * x
    }
}

mod documented {
    use differentiate::differentiate;
    /// The square.
    ///
    /// ```text
    /// "quotes", `ticks`, \backslashes and {braces}
    /// ```
    #[doc = concat!("made ", "of parts")]
    #[doc(alias = "square")]
    #[differentiate]
    /** And a block. */
    pub(crate) fn f(
        // A comment.
        x: f64,
    ) -> f64 {
        // A comment; with a semicolon.
        /* And /* a nested */ one. */
        x * x
    }
}

mod inlined {
    use differentiate::differentiate;
    #[inline(always)]
    #[differentiate]
    #[cold]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod must_be_used {
    use differentiate::differentiate;
    #[must_use = "it is dear"]
    #[differentiate]
    fn square(x: f64) -> f64 {
        x * x
    }
    #[must_use]
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        square(x) * x
    }
}

mod deprecated_function {
    use differentiate::differentiate;
    #[deprecated(since = "0.1.0", note = "there is a better one")]
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod conditional {
    use differentiate::differentiate;
    #[cfg(any())]
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        nothing_of_this_is_there(x)
    }
    #[cfg(all())]
    #[differentiate]
    #[cfg_attr(all(), inline)]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod conditional_items_of_a_module {
    use differentiate::{Differentiable, differentiate};
    #[differentiate]
    mod unit {
        use super::Side;
        #[cfg(any())]
        pub(crate) fn side_of(x: Absent) -> f64 {
            x.side
        }
        #[cfg(any())]
        pub(crate) fn refused(x: f64) -> f64 {
            loop {}
        }
        #[cfg(all())]
        pub(crate) fn f(x: f64) -> f64 {
            Side(x).squared()
        }
        impl Side {
            #[cfg(any())]
            pub(crate) fn absent(&self) -> Absent {
                self.0
            }
            #[cfg(not(any()))]
            pub(crate) fn squared(&self) -> f64 {
                self.0 * self.0
            }
        }
    }
    #[derive(Clone, Debug, Differentiable)]
    pub(crate) struct Side(f64);
    pub(crate) use unit::f;
}

mod attributes_of_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(#[allow(unused_variables)] x: f64, #[allow(unused_mut)] mut y: f64) -> f64 {
        x * y
    }
}

mod attributes_of_statements {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        #[allow(unused_variables)]
        let unused = 3.0;
        #[allow(clippy::let_and_return)]
        let y = x * x;
        #[rustfmt::skip]
        let z = if x > 0.0 { y } else { x };
        z
    }
}

mod inner_attributes {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        #![allow(unused_variables)]
        let unused = 3.0;
        x * x
    }
}

mod attributes_after_ours {
    use differentiate::differentiate;
    #[differentiate]
    #[allow(unused_variables)]
    #[inline]
    #[doc(hidden)]
    pub(crate) fn f(x: f64) -> f64 {
        let unused = 3.0;
        x * x
    }
}

mod expected_lint {
    use differentiate::differentiate;
    #[expect(clippy::let_and_return, reason = "the expectation is of the primal")]
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let y = x * x;
        y
    }
}

mod const_function {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) const fn f(x: f64) -> f64 {
        x * x
    }
    const NINE: f64 = f(3.0);
}

mod tracked_caller {
    use differentiate::differentiate;
    #[track_caller]
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        assert!(x < 100.0, "too large");
        x * x
    }
}

mod mutable_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(mut x: f64, mut y: f64) -> f64 {
        y *= x;
        x *= y;
        x
    }
}

mod pattern_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f((a, b): (f64, f64), [c, d]: [f64; 2]) -> f64 {
        a * b * c * d
    }
}

mod unused_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(_: f64, y: f64) -> f64 {
        y * 2.0
    }
}

mod inside_a_function {
    pub(crate) fn outer(x: f64) -> f64 {
        use differentiate::differentiate;
        #[differentiate]
        fn f(x: f64) -> f64 {
            x * x
        }
        f::grad(x)
    }
}

mod inside_a_differentiated_function {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        #[differentiate]
        fn inner(x: f64) -> f64 {
            x * x
        }
        inner(x) * x
    }
}

mod inside_a_generic_function {
    pub(crate) fn outer<T: Into<f64>>(x: T) -> f64 {
        #[differentiate::differentiate]
        fn f(x: f64) -> f64 {
            x * x
        }
        f::grad(x.into())
    }
}

mod inside_a_block {
    pub(crate) fn outer(x: f64) -> f64 {
        let y = {
            #[differentiate::differentiate]
            fn f(x: f64) -> f64 {
                x * x
            }
            f::grad(x)
        };
        y
    }
}

mod inside_a_closure {
    pub(crate) fn outer(x: f64) -> f64 {
        let derivative = |x| {
            #[differentiate::differentiate]
            fn f(x: f64) -> f64 {
                x * x
            }
            f::grad(x)
        };
        derivative(x)
    }
}

mod inside_a_constant {
    pub(crate) const VALUE: fn() -> f64 = {
        #[differentiate::differentiate]
        fn f(x: f64) -> f64 {
            x * x
        }
        fn at_two() -> f64 {
            f::grad(2.0)
        }
        at_two
    };
}

mod inside_a_method {
    struct Unit;
    trait Gradient {
        fn of(&self, x: f64) -> f64 {
            #[differentiate::differentiate]
            fn f(x: f64) -> f64 {
                x * x
            }
            f::grad(x)
        }
    }
    impl Gradient for Unit {}
    pub(crate) fn outer(x: f64) -> f64 {
        Unit.of(x)
    }
}

mod items_inside_of_a_function {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        const THREE: f64 = 3.0;
        use std::f64::consts::PI;
        struct Local;
        impl Local {
            fn count() -> usize {
                2
            }
        }
        fn integer(n: usize) -> usize {
            n * 2
        }
        macro_rules! one {
            () => {
                1.0
            };
        }
        x * THREE * integer(Local::count()) as f64
    }
}

#[path = "one_function.rs"]
mod in_a_file_of_its_own;

mod in_nested_modules {
    pub(crate) mod a {
        pub(crate) mod b {
            pub(crate) mod c {
                #[::differentiate::differentiate]
                pub(in super::super::super) fn square(x: f64) -> f64 {
                    x * x
                }
            }
        }
    }
    #[differentiate::differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        a::b::c::square(x) * x
    }
}

mod in_an_inherent_block {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    impl Line {
        /// Documented.
        #[differentiate]
        #[must_use]
        pub(crate) fn at(&self, x: f64) -> f64 {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.at(x)
    }
}

mod in_a_trait_block {
    use differentiate::{Differentiable, differentiate};
    trait Shape {
        fn at(&self, x: f64) -> f64;
    }
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    #[differentiate]
    impl Shape for Line {
        fn at(&self, x: f64) -> f64 {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.at(x)
    }
}

mod in_a_generic_trait_block {
    use differentiate::{Differentiable, Real, differentiate};
    trait Shape<T> {
        fn at(&self, x: T) -> T;
    }
    #[derive(Clone, Differentiable)]
    struct Line<T: Real> {
        slope: T,
    }
    #[differentiate]
    impl<T: Real> Shape<T> for Line<T> {
        fn at(&self, x: T) -> T {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.at(x)
    }
}

mod in_two_trait_blocks {
    use differentiate::{Differentiable, differentiate};
    trait Shape {
        fn at(&self, x: f64) -> f64;
    }
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    #[derive(Clone, Differentiable)]
    struct Offset {
        by: f64,
    }
    #[differentiate]
    impl Shape for Line {
        fn at(&self, x: f64) -> f64 {
            self.slope * x
        }
    }
    #[differentiate]
    impl Shape for Offset {
        fn at(&self, x: f64) -> f64 {
            self.by + self.by + x * 0.0
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let (line, offset) = (Line { slope }, Offset { by: slope });
        line.at(x) + offset.at(x)
    }
}

mod with_associated_functions {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    #[differentiate]
    impl Line {
        fn through(slope: f64) -> Self {
            Self { slope }
        }
        fn at(&self, x: f64) -> f64 {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        Line::through(x * x).at(x)
    }
}

mod same_name_in_two_modules {
    mod a {
        #[differentiate::differentiate]
        pub(super) fn power(x: f64) -> f64 {
            x * x
        }
    }
    mod b {
        #[differentiate::differentiate]
        pub(super) fn power(x: f64) -> f64 {
            x * x * 4.0
        }
    }
    #[differentiate::differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        a::power(x) + b::power(x)
    }
}

mod before_its_helpers {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        last(middle(x)) * x
    }
    #[differentiate]
    fn middle(x: f64) -> f64 {
        last(x) * x
    }
    #[differentiate]
    fn last(x: f64) -> f64 {
        x * 1.0
    }
}
