//! Names of the user that are also names in generated code, of the standard library or of `differentiate`.

cases! {
    cotangents_as_parameters: f::grad(2.0, 3.0, 5.0) = (15.0, 10.0, 6.0);
    cotangents_as_variables: f::grad(2.0, 3.0) = (12.0, 4.0);
    cotangent_of_a_cotangent: f::grad(3.0) = 108.0;
    cotangents_in_a_loop: f::grad(2.0, &[1.0, 3.0]) = (12.0, vec![12.0, 4.0]);
    kept_values: f::grad(2.0, &[3.0, 0.5, 1.0]) = (3.0, vec![2.0, 0.0, 0.0]);
    zeros: f::grad(&[2.0, 3.0]) = vec![9.0, 12.0];
    old_values: f::grad(2.0) = 32.0;
    pulls_and_residuals: f::grad(2.0, 3.0) = (36.0, 24.0);
    waiting_contributions: f::grad(2.0, 3.0) = (6.0, 4.0);
    exits_and_records: f::grad(2.0, &[1.0, 3.0]) = (3.0, vec![6.0, 2.0]);
    underscored_parameters: f::grad(2.0, 3.0, 4.0, 5.0) = (60.0, 40.0, 30.0, 24.0);
    underscored_variables: f::grad(2.0) = 80.0;
    underscored_loop_variables: f::grad(&[2.0, 3.0]) = vec![6.0, 6.0];
    underscored_place_names: f::grad(&[2.0, 3.0]) = vec![12.0, 4.0];
    marks_as_a_parameter: f::grad(2.0, 3.0) = (3.0, 2.0);
    type_parameters_of_generated_code: f::grad(2.0, 3.0, 4.0, 5.0) = (3.0, 2.0, 0.0, 0.0);
    type_parameters_with_one_letter: f::grad(2.0, 3.0) = (12.0, 4.0);
    associated_type_like_names: f::grad(2.0) = 4.0;
    functions_with_the_names_of_siblings: f::grad(1.0) = 9.0;
    function_called_grad: grad::grad(2.0) = 4.0;
    function_called_value_and_grad: value_and_grad::value_and_grad(2.0) = (4.0, 4.0);
    function_called_like_its_parameter: x::grad(2.0) = 4.0;
    function_called_like_its_variable: y::grad(2.0) = 4.0;
    function_called_differentiate: differentiate::grad(2.0) = 4.0;
    function_called_main: main::grad(2.0) = 4.0;
    module_called_differentiate: f::grad(2.0) = 4.0;
    module_called_private: f::grad(2.0) = 4.0;
    function_called_forward: __fwd1::grad(2.0) = 8.0;
    function_with_a_number: f_2::grad(2.0) = 8.0;
    variables_with_numbers: f::grad(2.0) = 42.0;
    constants_and_statics: f::grad(2.0) = 21.0;
    unit_struct_with_a_plain_name: f::grad(2.0) = 4.0;
    labels: f::grad(2.0, &[1.0, 3.0]) = (3.0, vec![6.0, 2.0]);
    methods_with_the_names_of_siblings: f::grad(2.0, 3.0) = (6.0, 4.0);
    fields_called_like_generated_ones: f::grad(2.0, 3.0) = (3.0, 2.0);
    struct_called_tangent: f::grad(2.0) = 4.0;
    struct_called_tape: f::grad(2.0) = 4.0;
    module_core: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    module_std: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    module_alloc: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    all_three_modules: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_vec: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_box: f::grad(2.0, 3) = 32.0;
    own_option: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_some: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_result: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_number: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_usize_and_bool: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_clone: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_marker_traits: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_functions_traits: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_iterator_traits: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_conversions: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_drop: f::grad(2.0) = 4.0;
    own_real: f::grad(2.0, 3.0) = (3.0, 2.0);
    own_trait_with_rule_methods: f::grad(2.0, 3.0) = (3.0, 2.0);
    own_blanket_clone: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_blanket_conversions: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    own_macros: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    no_prelude: f::grad(2.0, 3.0) = (12.0, 4.0);
    no_prelude_with_a_loop: f::grad(2.0, &[1.0, 3.0]) = (3.0, vec![6.0, 2.0]);
    no_prelude_with_an_option: f::grad(2.0, 3.0) = (12.0, 4.0);
    no_prelude_with_recursion: f::grad(2.0, 3) = 32.0;
    no_prelude_with_a_struct: f::grad(2.0, 3.0) = (6.0, 4.0);
    no_prelude_with_a_unit: outer::grad(2.0) = 32.0;
    no_prelude_with_in_place_parameters: f::grad(2.0, 3.0) = (27.0, 54.0);
    no_prelude_with_an_enum: f::grad(2.0) = 4.0;
    attribute_by_path: f::grad(2.0) = 4.0;
    attribute_by_absolute_path: f::grad(2.0) = 4.0;
    attribute_renamed: f::grad(2.0) = 4.0;
    crate_renamed: f::grad(2.0, &[1.0, 3.0]) = (36.0, vec![24.0, 8.0]);
    derive_renamed: f::grad(2.0, 3.0) = (3.0, 2.0);
    raw_parameter: f::grad(2.0, 3.0) = (12.0, 4.0);
    raw_without_need: f::grad(2.0, 3.0) = (12.0, 4.0);
    raw_function: r#match::grad(2.0) = 4.0;
    raw_inlined: unit::both::grad(2.0) = 40.0;
    raw_callee: f::grad(2.0) = 12.0;
    raw_variables: f::grad(2.0, &[1.0, 3.0]) = (3.0, vec![6.0, 2.0]);
    raw_fields: f::grad(2.0, 3.0) = (6.0, 4.0);
    raw_module: f::grad(2.0) = 12.0;
    raw_type: f::grad(2.0, 3.0) = (3.0, 2.0);
    raw_variant: f::grad(2.0) = 4.0;
    raw_method: f::grad(2.0, 3.0) = (3.0, 2.0);
    raw_lifetime: f::grad(2.0, &[3.0]) = (3.0, vec![2.0]);
    raw_namespace: r#dyn::grad(2.0) = 4.0;
    names_in_other_scripts: f::grad(2.0, 3.0) = (12.0, 4.0);
}

/// A body with a loop that saves and may end early, with a vector, a closure and a call, for surroundings in which other
/// names mean something else. At `(2, [1, 3])` its gradient is `(36, [24, 8])`.
macro_rules! ordinary {
    ($number:ty) => {
        #[differentiate]
        fn helper(x: $number, y: $number) -> $number {
            x * y
        }

        #[differentiate]
        pub(crate) fn f(x: $number, v: &[$number]) -> $number {
            let mut s = x;
            for a in v {
                if *a < -100.0 {
                    return s;
                }
                s = helper(s, *a);
                if *a > 100.0 {
                    break;
                }
                s = s * x;
            }
            let mut w = [s, x];
            w[1] = w[0] * 1.0;
            let same = |y| y * 1.0;
            same(w[1])
        }
    };
}

mod cotangents_as_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, d_x: f64, d_d_x: f64) -> f64 {
        x * d_x * d_d_x
    }
}

mod cotangents_as_variables {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let d_x = x * y;
        let d_y = d_x * x;
        d_y
    }
}

mod cotangent_of_a_cotangent {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(d_x: f64) -> f64 {
        let x = d_x * d_x;
        let d_d_x = x * d_x;
        let d_d_d_x = d_d_x * d_x;
        d_d_d_x
    }
}

mod cotangents_in_a_loop {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, v: &[f64]) -> f64 {
        let mut d_x = x;
        let d_v = v.len();
        for i in 0..d_v {
            let d_a = v[i];
            d_x = d_x * d_a;
        }
        d_x * x
    }
}

mod kept_values {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, v: &[f64]) -> f64 {
        let mut s = x;
        let mut kept_s = 1.0;
        for kept_a in v {
            if *kept_a < 1.0 {
                break;
            }
            let kept_kept_s = s * kept_a;
            kept_s = kept_kept_s * kept_s;
            s = kept_kept_s * 1.0;
        }
        kept_s
    }
}

mod zeros {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(v: &[f64]) -> f64 {
        let mut zero_v = v.to_vec();
        let zero_before_1 = zero_v[1];
        zero_v[0] = zero_before_1 * zero_v[1];
        let zero_after_2 = zero_v[0] * v[0];
        zero_v = vec![zero_after_2, zero_before_1];
        zero_v[0]
    }
}

mod old_values {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let mut old_1 = x;
        let mut old_2 = x;
        for old_0 in 0..2 {
            old_1 = old_1 * old_2;
            old_2 = old_1 * 1.0;
            let old_3 = old_0;
        }
        old_1 * 1.0
    }
}

mod pulls_and_residuals {
    use differentiate::differentiate;
    #[differentiate]
    fn back_1(x: f64) -> f64 {
        x * x
    }
    #[differentiate]
    pub(crate) fn f(pull_1: f64, pull_2: f64) -> f64 {
        let back_2 = back_1(pull_1);
        let back_3 = back_1(pull_2);
        let pull_3 = back_2 * back_3;
        pull_3
    }
}

mod waiting_contributions {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(g_1: f64, w_1_0: f64) -> f64 {
        let g_2 = g_1 * w_1_0;
        let w_2_0 = g_2 + g_2;
        let g_3 = if w_2_0 > 0.0 { w_2_0 } else { g_2 };
        g_3
    }
}

mod exits_and_records {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(exit_0: f64, record_0: &[f64]) -> f64 {
        let mut exit_1 = exit_0;
        for record_1 in record_0 {
            if exit_1 > 1000.0 {
                return exit_1;
            }
            exit_1 = exit_1 * record_1;
            if exit_1 < -1000.0 {
                break;
            }
        }
        exit_1
    }
}

mod underscored_parameters {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(__tape: f64, __shadow: f64, __seed: f64, __value: f64) -> f64 {
        let __back = __tape * __shadow;
        let __pull = __seed * __value;
        __back * __pull
    }
}

mod underscored_variables {
    use differentiate::differentiate;
    #[differentiate]
    fn __called(x: f64) -> f64 {
        x * x
    }
    #[differentiate]
    pub(crate) fn f(__this: f64) -> f64 {
        let __result = __called(__this);
        let __residual = __result * __this;
        let __early = Some(__residual * __this);
        let __kept = match __early {
            Some(__next) => __next * __this,
            None => __result,
        };
        __kept
    }
}

mod underscored_loop_variables {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(__turn: &[f64]) -> f64 {
        let __len = __turn.len();
        let __summed: f64 = __turn.iter().map(|__element| __element * 2.0).sum();
        let __pulled = __turn.iter().fold(1.0, |__out, __next| __out * __next);
        let mut __rest = __pulled;
        for __blocks in 0..__len {
            let __view = &__turn[__blocks..];
            __rest += __view.iter().sum::<f64>();
        }
        __rest + __summed
    }
}

mod underscored_place_names {
    use differentiate::differentiate;
    #[differentiate]
    fn scale(__assigned: &mut [f64], __copy: f64) {
        for __old_0 in __assigned.iter_mut() {
            *__old_0 *= __copy;
        }
    }
    #[differentiate]
    pub(crate) fn f(__whole_0: &[f64]) -> f64 {
        let mut __whole_1 = __whole_0.to_vec();
        let (__part_0_0, __part_0_1) = __whole_1.split_at_mut(1);
        scale(__part_0_0, __whole_0[0]);
        __part_0_1[0] *= __part_0_0[0];
        __whole_1[1]
    }
}

mod marks_as_a_parameter {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(__marks: f64, marks: f64) -> f64 {
        __marks * marks
    }
}

mod type_parameters_of_generated_code {
    use differentiate::{Real, differentiate};
    #[differentiate]
    pub(crate) fn f<T: Real, Mark: Real, Gradient: Real>(x: T, y: T, z: Mark, g: Gradient) -> T {
        x * y
    }
}

mod type_parameters_with_one_letter {
    use differentiate::{Real, differentiate};
    #[differentiate]
    fn g<M: Real, O: Real, F: Real>(x: M, y: O, z: F) -> M {
        x * x
    }
    #[differentiate]
    fn h<A0: Real, A1: Copy>(x: A0, y: A0, #[no_diff] k: A1) -> A0 {
        x * y
    }
    #[differentiate]
    pub(crate) fn f<R: Real>(x: R, y: R) -> R {
        h(g(x, y, x), y, 3)
    }
}

mod associated_type_like_names {
    use differentiate::{Real, differentiate};
    pub(crate) trait Tangent {
        type Gradient;
    }
    impl Tangent for u8 {
        type Gradient = f64;
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> <u8 as Tangent>::Gradient {
        x * x
    }
}

mod functions_with_the_names_of_siblings {
    use differentiate::differentiate;
    #[differentiate]
    fn grad(x: f64) -> f64 {
        x * x
    }
    #[differentiate]
    fn vjp(x: f64) -> f64 {
        x * 3.0
    }
    #[differentiate]
    fn adjoint(x: f64) -> f64 {
        x * 0.5
    }
    #[differentiate]
    fn value_and_grad(x: f64) -> f64 {
        x + 1.0
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        grad(vjp(adjoint(value_and_grad(x))))
    }
}

mod function_called_grad {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn grad(x: f64) -> f64 {
        x * x
    }
}

mod function_called_value_and_grad {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn value_and_grad(x: f64) -> f64 {
        x * x
    }
}

mod function_called_like_its_parameter {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn x(x: f64) -> f64 {
        x * x
    }
}

mod function_called_like_its_variable {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn y(x: f64) -> f64 {
        let y = x * x;
        y
    }
}

mod function_called_differentiate {
    use ::differentiate::differentiate;
    #[differentiate]
    pub(crate) fn differentiate(x: f64) -> f64 {
        x * x
    }
}

mod function_called_main {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn main(x: f64) -> f64 {
        x * x
    }
}

mod module_called_differentiate {
    use ::differentiate::differentiate as gradient;
    mod differentiate {}
    #[gradient]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod module_called_private {
    use differentiate::differentiate;
    mod __private {}
    mod rules {}
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod function_called_forward {
    use differentiate::differentiate;
    #[differentiate]
    fn __accepts1(x: f64) -> f64 {
        x * 2.0
    }
    #[differentiate]
    pub(crate) fn __fwd1(x: f64) -> f64 {
        __accepts1(x) * x
    }
}

mod function_with_a_number {
    use differentiate::differentiate;
    #[differentiate]
    fn f(x_2: f64) -> f64 {
        let x = x_2 * x_2;
        let x = x * 2.0;
        x
    }
    #[differentiate]
    pub(crate) fn f_2(x: f64) -> f64 {
        f(x)
    }
}

mod variables_with_numbers {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let x_2 = x * x;
        let x = x * x_2;
        let x_3 = x * 2.0;
        let x = x_3 + x_2;
        let x_2 = x * 0.5;
        x + x_2
    }
}

mod constants_and_statics {
    use differentiate::differentiate;
    const D_X: f64 = 3.0;
    static TAPE: f64 = 7.0;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * D_X * TAPE
    }
}

mod unit_struct_with_a_plain_name {
    use differentiate::differentiate;
    struct D;
    struct Seed;
    const SHADOW: Seed = Seed;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let _nothing = D;
        x * x
    }
}

mod labels {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, v: &[f64]) -> f64 {
        let mut s = x;
        'l: for i in 0..v.len() {
            'block: {
                if i > 100 {
                    break 'l;
                }
                if i > 50 {
                    break 'block;
                }
                s *= v[i];
                continue 'l;
            }
            s += 1.0;
        }
        's: loop {
            break 's;
        }
        s
    }
}

mod methods_with_the_names_of_siblings {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Model {
        k: f64,
    }
    #[differentiate]
    impl Model {
        fn grad(&self, x: f64) -> f64 {
            self.k * x
        }
        fn vjp(&self, x: f64) -> f64 {
            self.grad(x) * 2.0
        }
    }
    #[differentiate]
    pub(crate) fn f(k: f64, x: f64) -> f64 {
        let model = Model { k };
        model.vjp(x)
    }
}

mod fields_called_like_generated_ones {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct State {
        d_x: f64,
        __seed: f64,
        ad_zero: f64,
        tangent: f64,
    }
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let mut state = State {
            d_x: x,
            __seed: y,
            ad_zero: 0.0,
            tangent: 0.0,
        };
        state.ad_zero = state.d_x * state.__seed;
        state.tangent = state.ad_zero;
        state.tangent
    }
}

mod struct_called_tangent {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Tangent {
        x: f64,
    }
    #[derive(Clone, Differentiable)]
    struct Shadow {
        y: Tangent,
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let both = Shadow { y: Tangent { x } };
        both.y.x * x
    }
}

mod struct_called_tape {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Tape {
        x: f64,
    }
    #[derive(Clone, Differentiable)]
    enum Mark {
        Shadow(f64),
        Gradient,
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let tape = Tape { x };
        let mark = if x > 0.0 {
            Mark::Shadow(tape.x)
        } else {
            Mark::Gradient
        };
        match mark {
            Mark::Shadow(y) => y * x,
            Mark::Gradient => 0.0,
        }
    }
}

mod module_core {
    use differentiate::differentiate;
    mod core {}
    ordinary!(f64);
}

mod module_std {
    use differentiate::differentiate;
    mod std {}
    ordinary!(f64);
}

mod module_alloc {
    use differentiate::differentiate;
    mod alloc {}
    ordinary!(f64);
}

mod all_three_modules {
    use differentiate::differentiate;
    mod core {
        pub(crate) mod option {}
    }
    mod std {
        pub(crate) mod vec {}
    }
    mod alloc {}
    ordinary!(f64);
}

mod own_vec {
    use differentiate::differentiate;
    struct Vec;
    struct String;
    ordinary!(f64);
}

mod own_box {
    use differentiate::differentiate;
    struct Box;
    struct Rc;
    #[differentiate]
    pub(crate) fn f(x: f64, n: usize) -> f64 {
        if n == 0 {
            return x;
        }
        f(x, n - 1) * x
    }
}

mod own_option {
    use differentiate::differentiate;
    enum Option {
        Some,
        None,
    }
    ordinary!(f64);
}

mod own_some {
    use differentiate::differentiate;
    const Some: u8 = 1;
    struct None;
    ordinary!(f64);
}

mod own_result {
    use differentiate::differentiate;
    struct Result;
    fn Ok(x: u8) -> u8 {
        x
    }
    struct Err;
    ordinary!(f64);
}

mod own_number {
    use ::core::primitive::f64 as Number;
    use differentiate::differentiate;
    type f64 = Number;
    struct f32;
    ordinary!(Number);
}

mod own_usize_and_bool {
    use ::core::primitive::f64 as Number;
    use differentiate::differentiate;
    struct usize;
    struct bool;
    struct u32;
    struct u8;
    struct i32;
    ordinary!(Number);
}

mod own_clone {
    use differentiate::differentiate;
    trait Clone {}
    struct PhantomData;
    ordinary!(f64);
}

mod own_marker_traits {
    use differentiate::differentiate;
    trait Copy {}
    trait Sized {}
    trait Send {}
    trait Default {}
    ordinary!(f64);
}

mod own_functions_traits {
    use differentiate::differentiate;
    trait Fn {}
    trait FnMut {}
    trait FnOnce {}
    fn drop() {}
    ordinary!(f64);
}

mod own_iterator_traits {
    use differentiate::differentiate;
    trait Iterator {}
    trait IntoIterator {}
    trait Extend {}
    trait DoubleEndedIterator {}
    trait ExactSizeIterator {}
    ordinary!(f64);
}

mod own_conversions {
    use differentiate::differentiate;
    trait From {}
    trait Into {}
    trait AsRef {}
    trait AsMut {}
    trait ToOwned {}
    trait PartialEq {}
    ordinary!(f64);
}

mod own_drop {
    use differentiate::differentiate;
    struct Drop;
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let y = x * x;
        drop(Drop);
        y
    }
    fn drop(_: Drop) {}
}

mod own_real {
    use differentiate::differentiate;
    pub(crate) trait Real {}
    trait Differentiable {}
    impl Real for f64 {}
    #[differentiate]
    pub(crate) fn f<T: Real + differentiate::Real>(x: T, y: T) -> T {
        x * y
    }
}

mod own_trait_with_rule_methods {
    use differentiate::differentiate;
    trait Rules {
        fn put(&self) {}
        fn add(&self) {}
    }
    impl<T> Rules for T {}
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let z = x.sin() - x.sin();
        x * y + z
    }
}

mod own_blanket_clone {
    use differentiate::differentiate;
    trait Copies {
        fn clone(&self) -> u8 {
            1
        }
        fn to_owned(&self) -> u8 {
            1
        }
        fn borrow(&self) -> u8 {
            1
        }
        fn take(&mut self) -> u8 {
            1
        }
    }
    impl<T> Copies for T {}
    ordinary!(f64);
}

mod own_blanket_conversions {
    use differentiate::differentiate;
    trait Converts: Sized {
        fn into(self) -> u8 {
            1
        }
        fn as_ref(&self) -> u8 {
            1
        }
        fn unwrap(self) -> u8 {
            1
        }
        fn expect(self, _: &str) -> u8 {
            1
        }
        fn push(&self) {}
        fn pop(&self) {}
    }
    impl<T> Converts for T {}
    ordinary!(f64);
}

mod own_macros {
    use differentiate::differentiate;
    macro_rules! vec {
        () => {
            compile_error!("not this one");
        };
    }
    macro_rules! panic {
        () => {
            compile_error!("not this one");
        };
    }
    macro_rules! assert {
        () => {
            compile_error!("not this one");
        };
    }
    macro_rules! matches {
        () => {
            compile_error!("not this one");
        };
    }
    macro_rules! unreachable {
        () => {
            compile_error!("not this one");
        };
    }
    macro_rules! debug_assert {
        () => {
            compile_error!("not this one");
        };
    }
    ordinary!(f64);
}

#[no_implicit_prelude]
mod no_prelude {
    use ::differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        x * x * y
    }
}

#[no_implicit_prelude]
mod no_prelude_with_a_loop {
    use ::differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, v: &[f64]) -> f64 {
        let mut s = x;
        for a in v {
            if *a > 100.0 {
                break;
            }
            s = s * a;
        }
        let w = ::std::vec![s, x];
        w[0]
    }
}

#[no_implicit_prelude]
mod no_prelude_with_an_option {
    use ::core::option::Option;
    use ::differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let z = Option::Some(x * y);
        if let Option::Some(z) = z { z * x } else { x }
    }
}

#[no_implicit_prelude]
mod no_prelude_with_recursion {
    use ::differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(x: f64, n: usize) -> f64 {
        if n == 0 {
            return x;
        }
        f(x, n - 1) * x
    }
}

#[no_implicit_prelude]
mod no_prelude_with_a_struct {
    use ::core::clone::Clone;
    use ::differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
        #[no_diff]
        steps: usize,
    }
    #[differentiate]
    impl Line {
        fn at(&self, x: f64) -> f64 {
            self.slope * x * self.steps as f64
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope, steps: 2 };
        line.slope * x * line.steps as f64
    }
}

#[no_implicit_prelude]
mod no_prelude_with_a_unit {
    use ::differentiate::differentiate;
    #[differentiate]
    mod unit {
        fn twice(f: impl ::core::ops::Fn(f64) -> f64, x: f64) -> f64 {
            f(f(x))
        }
        pub(crate) fn outer(x: f64) -> f64 {
            twice(|t| t * t, x)
        }
    }
    pub(crate) use unit::outer;
}

#[no_implicit_prelude]
mod no_prelude_with_in_place_parameters {
    use ::differentiate::differentiate;
    #[differentiate]
    fn scale(v: &mut [f64], by: f64) {
        for a in v.iter_mut() {
            *a *= by;
        }
    }
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let mut v = [x, 1.0];
        scale(&mut v, y);
        scale(&mut v[..1], y);
        v[0] * v[1]
    }
}

#[no_implicit_prelude]
mod no_prelude_with_an_enum {
    use ::core::clone::Clone;
    use ::differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    enum Shape {
        Square(f64),
        Nothing,
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let shape = if x > 100.0 {
            Shape::Nothing
        } else {
            Shape::Square(x)
        };
        match shape {
            Shape::Square(a) => a * a,
            Shape::Nothing => 0.0,
        }
    }
}

mod attribute_by_path {
    #[differentiate::differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod attribute_by_absolute_path {
    #[::differentiate::differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod attribute_renamed {
    use differentiate::differentiate as gradient;
    #[gradient]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod crate_renamed {
    use differentiate::differentiate;
    pub(crate) mod reexported {
        pub(crate) use differentiate as autodiff;
    }
    #[differentiate(crate = crate::names::crate_renamed::reexported::autodiff)]
    pub(crate) fn f(x: f64, v: &[f64]) -> f64 {
        let mut s = x;
        for a in v {
            s = s * a * x;
        }
        s
    }
}

mod derive_renamed {
    use differentiate::Differentiable as Gradient;
    use differentiate::differentiate;
    #[derive(Clone, Gradient)]
    struct Pair {
        a: f64,
        b: f64,
    }
    #[differentiate]
    pub(crate) fn f(a: f64, b: f64) -> f64 {
        let pair = Pair { a, b };
        pair.a * pair.b
    }
}

mod raw_parameter {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(r#type: f64, r#fn: f64) -> f64 {
        r#type * r#type * r#fn
    }
}

mod raw_function {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn r#match(x: f64) -> f64 {
        x * x
    }
}

mod raw_callee {
    use differentiate::differentiate;
    #[differentiate]
    fn r#in(x: f64) -> f64 {
        x * x
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        r#in(x) * x
    }
}

mod raw_variables {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(r#let: f64, r#for: &[f64]) -> f64 {
        let mut r#loop = r#let;
        for r#while in r#for {
            if *r#while > 100.0 {
                break;
            }
            r#loop = r#loop * r#while;
        }
        let r#loop = r#loop * 1.0;
        r#loop
    }
}

mod raw_fields {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Pair {
        r#struct: f64,
        r#enum: f64,
    }
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let mut pair = Pair {
            r#struct: x,
            r#enum: y,
        };
        pair.r#struct *= 2.0;
        let Pair { r#struct, r#enum } = pair;
        r#struct * r#enum
    }
}

mod raw_module {
    use differentiate::differentiate;
    mod r#mod {
        #[::differentiate::differentiate]
        pub(super) fn square(x: f64) -> f64 {
            x * x
        }
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        r#mod::square(x) * x
    }
}

mod raw_type {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct r#impl {
        a: f64,
    }
    #[differentiate]
    pub(crate) fn f(x: f64, y: f64) -> f64 {
        let it = r#impl { a: x };
        it.a * y
    }
}

mod raw_variant {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    enum Kind {
        Plain(f64),
        r#Self_ { r#move: f64 },
    }
    #[differentiate]
    pub(crate) fn f(x: f64) -> f64 {
        let a = Kind::Plain(x);
        let b = Kind::r#Self_ { r#move: x * 0.5 };
        let a = match a {
            Kind::Plain(a) => a,
            Kind::r#Self_ { r#move } => r#move,
        };
        match b {
            Kind::Plain(b) => b,
            Kind::r#Self_ { r#move } => r#move * a + a + a,
        }
    }
}

mod raw_method {
    use differentiate::{Differentiable, differentiate};
    #[derive(Clone, Differentiable)]
    struct Line {
        slope: f64,
    }
    #[differentiate]
    impl Line {
        fn r#try(&self, x: f64) -> f64 {
            self.slope * x
        }
    }
    #[differentiate]
    pub(crate) fn f(slope: f64, x: f64) -> f64 {
        let line = Line { slope };
        line.r#try(x)
    }
}

mod raw_lifetime {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f<'r#fn>(x: f64, v: &'r#fn [f64]) -> f64 {
        x * v[0]
    }
}

mod raw_namespace {
    use differentiate::differentiate;
    #[differentiate(name = r#dyn)]
    pub(crate) fn f(x: f64) -> f64 {
        x * x
    }
}

mod names_in_other_scripts {
    use differentiate::differentiate;
    #[differentiate]
    pub(crate) fn f(größe: f64, λ: f64) -> f64 {
        let δ = größe * größe;
        δ * λ
    }
}

mod raw_without_need {
    // `x` and `r#x` are one name.
    #[differentiate::differentiate]
    pub(crate) fn f(r#x: f64, y: f64) -> f64 {
        x * r#x * r#y
    }
}

mod raw_inlined {
    #[differentiate::differentiate]
    pub(crate) mod unit {
        fn r#match(x: f64) -> f64 {
            if x > 1.0 {
                return x * x;
            }
            x
        }
        fn r#loop(x: f64, f: impl Fn(f64) -> f64) -> f64 {
            if x > 1.0 {
                return f(x) * x;
            }
            x
        }
        pub(crate) fn both(x: f64) -> f64 {
            r#match(x * x) + r#loop(x, |t| t * 2.0)
        }
    }
}
