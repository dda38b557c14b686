//! The table of names: the only place where operator and method names mean something to the compiler.
//!
//! A line of this table may *remove* storage (this rule needs only its result) or say that a result carries no
//! derivative (which the generated code then states as a checked claim where a type could disagree); it never chooses
//! a rule. Rules are chosen by the trait system.

/// Which values a method rule reads in the reverse half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Receiver and arguments.
    Input,
    /// The result alone.
    Output,
    /// Receiver, arguments and result.
    All,
}

/// What the compiler knows about a method name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MethodFact {
    pub(crate) keeps: Keeps,
    /// On a scalar receiver the result is a scalar of the same type.
    pub(crate) scalar: bool,
    /// The result borrows from the receiver.
    pub(crate) view: bool,
    /// The method takes its receiver by value, also where the receiver is not `Copy`.
    pub(crate) consumes: bool,
}

const fn fact(keeps: Keeps, scalar: bool) -> MethodFact {
    MethodFact {
        keeps,
        scalar,
        view: false,
        consumes: false,
    }
}

const fn view() -> MethodFact {
    MethodFact {
        keeps: Keeps::Input,
        scalar: false,
        view: true,
        consumes: false,
    }
}

const fn consumer(keeps: Keeps) -> MethodFact {
    MethodFact {
        keeps,
        scalar: false,
        view: false,
        consumes: true,
    }
}

/// Methods that hand out a view of their receiver as a value, and have a form that is written through.
pub(crate) fn is_view_to_write(name: &str) -> bool {
    matches!(
        name,
        "first"
            | "last"
            | "get"
            | "row"
            | "column"
            | "rows"
            | "columns"
            | "view"
            | "fixed_rows"
            | "fixed_columns"
            | "fixed_view"
    )
}

/// The fact about a method that has a rule in the runtime; `None` for a name that only the user can know.
pub(crate) fn method(name: &str) -> Option<MethodFact> {
    use Keeps::{All, Input, Output};
    Some(match plain(name) {
        // elementary functions of a real number
        "sin" | "cos" | "ln" | "ln_1p" | "log" | "log2" | "log10" | "asin" | "acos" | "atan"
        | "atan2" | "sinh" | "cosh" | "asinh" | "acosh" | "atanh" | "abs" | "powi" | "max"
        | "min" | "clamp" | "mul_add" | "copysign" | "rem_euclid" | "to_radians" | "to_degrees"
        | "fract" => fact(Input, true),
        "tanh" | "sqrt" | "recip" | "cbrt" | "exp2" | "exp_m1" | "tan" => fact(Output, true),
        "exp" | "powf" | "hypot" => fact(All, true),
        "sin_cos" => fact(All, false),
        // matrices and vectors
        "transpose" | "dot" | "norm_squared" | "sum" | "mean" | "trace" | "component_mul"
        | "component_div" | "scale" | "unscale" | "add_scalar" | "row_sum" | "row_mean"
        | "column_sum" | "column_mean" | "diagonal" | "tr_mul" | "cross" | "lerp"
        | "clone_owned" | "amax" | "amin" | "xy" | "xz" | "yz" | "yx" | "zx" | "zy" | "xyz"
        | "pow" | "clone" | "to_vec" | "to_owned" => fact(Input, false),
        "select_rows" | "select_columns" => fact(Input, false),
        "norm" | "normalize" => fact(All, false),
        "tr_dot" | "dotc" | "ad_mul" | "perp" | "kronecker" | "cross_matrix" | "adjoint"
        | "conjugate" | "variance" | "row_variance" | "row_variance_tr" | "column_variance"
        | "row_sum_tr" | "row_mean_tr" | "product" | "one_norm" | "magnitude_squared" | "angle"
        | "cap_magnitude" | "camax" | "camin" | "sup" | "inf" | "upper_triangle"
        | "lower_triangle" | "symmetric_part" | "hermitian_part" => fact(Input, false),
        "magnitude" | "metric_distance" | "lp_norm" | "try_normalize" | "to_homogeneous" => {
            fact(All, false)
        }
        "insert_row"
        | "insert_column"
        | "insert_rows"
        | "insert_columns"
        | "remove_row"
        | "remove_column"
        | "remove_rows"
        | "remove_columns"
        | "resize_vertically"
        | "resize_horizontally"
        // Of a matrix; on a vector that may be written they change it in place.
        | "push"
        | "resize" => consumer(Input),
        // factorisations, and what is had from them
        "l" | "u" | "ln_determinant" => fact(Input, false),
        "solve"
        | "inverse"
        | "determinant"
        | "q"
        | "r"
        | "singular_values"
        | "singular_values_unordered"
        | "symmetric_eigenvalues"
        | "solve_lower_triangular"
        | "solve_upper_triangular"
        | "solve_lower_triangular_unchecked"
        | "solve_upper_triangular_unchecked"
        | "tr_solve_lower_triangular"
        | "tr_solve_upper_triangular"
        | "tr_solve_lower_triangular_unchecked"
        | "tr_solve_upper_triangular_unchecked"
        | "ad_solve_lower_triangular"
        | "ad_solve_upper_triangular" => fact(All, false),
        "axpy" | "ger" | "gemm" | "gemv" => fact(Input, false),
        "l_dirty" => view(),
        "cholesky" | "lu" | "qr" => consumer(Input),
        "svd" | "svd_unordered" | "symmetric_eigen" | "try_inverse" | "pseudo_inverse"
        | "recompose" | "unpack" => consumer(All),
        // points, rotations and poses
        "transform_point"
        | "transform_vector"
        | "inverse_transform_point"
        | "inverse_transform_vector"
        | "angle_to"
        | "rotation_to"
        | "slerp"
        | "inv_mul"
        | "scaling"
        | "prepend_scaling"
        | "append_scaling"
        | "to_matrix"
        | "to_rotation_matrix" => fact(Input, false),
        "scaled_axis" | "euler_angles" | "axis_angle" | "axis" | "nlerp" => fact(All, false),
        "matrix" | "quaternion" => view(),
        "into_inner" => consumer(Input),
        "insert_fixed_rows"
        | "insert_fixed_columns"
        | "remove_fixed_rows"
        | "remove_fixed_columns"
        | "fixed_resize"
        | "cast" => consumer(All),
        "row" | "column" | "rows" | "columns" | "view" | "first" | "last" | "get" | "as_slice"
        | "as_ref" => view(),
        "fixed_rows" | "fixed_columns" | "fixed_view" => MethodFact {
            keeps: All,
            ..view()
        },
        "into_owned" | "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "copied"
        | "cloned" | "ok" | "ok_or" => consumer(Input),
        _ => return None,
    })
}

/// Methods of the standard library that change their receiver or lend it to be changed, beside those that are followed.
pub(crate) fn changes(name: &str) -> bool {
    name.ends_with("_mut")
        || matches!(
            name,
            "next"
                | "next_back"
                | "by_ref"
                | "get_or_insert"
                | "get_or_insert_with"
                | "insert"
                | "entry"
                | "pop_if"
                | "take_if"
                | "resize_with"
                | "dedup_by"
                | "dedup_by_key"
                | "extract_if"
                | "splice"
                | "set"
        )
}

/// How many arguments a method of a type of the user's own has in forward mode, if its name is one that a rule has; the
/// runtime has the same list.
pub(crate) fn of_own(name: &str) -> Option<usize> {
    Some(match name {
        "sin" | "cos" | "ln" | "ln_1p" | "log2" | "log10" | "asin" | "acos" | "atan" | "sinh"
        | "cosh" | "asinh" | "acosh" | "atanh" | "abs" | "to_radians" | "to_degrees" | "fract"
        | "exp" | "sin_cos" | "transpose" | "norm_squared" | "sum" | "mean" | "trace"
        | "row_sum" | "row_mean" | "column_sum" | "column_mean" | "diagonal" | "amax" | "amin"
        | "xy" | "xz" | "yz" | "yx" | "zx" | "zy" | "xyz" | "norm" | "normalize"
        | "cross_matrix" | "adjoint" | "conjugate" | "variance" | "row_variance"
        | "column_variance" | "product" | "one_norm" | "magnitude_squared" | "camax" | "camin"
        | "upper_triangle" | "lower_triangle" | "symmetric_part" | "hermitian_part"
        | "magnitude" | "to_homogeneous" | "l" | "u" | "ln_determinant" | "inverse"
        | "determinant" | "q" | "r" | "to_matrix" | "to_rotation_matrix" | "scaled_axis"
        | "euler_angles" | "axis_angle" | "axis" => 0,
        "log"
        | "atan2"
        | "powi"
        | "max"
        | "min"
        | "copysign"
        | "rem_euclid"
        | "powf"
        | "hypot"
        | "dot"
        | "component_mul"
        | "component_div"
        | "scale"
        | "unscale"
        | "add_scalar"
        | "tr_mul"
        | "cross"
        | "tr_dot"
        | "dotc"
        | "perp"
        | "kronecker"
        | "angle"
        | "cap_magnitude"
        | "sup"
        | "inf"
        | "metric_distance"
        | "lp_norm"
        | "try_normalize"
        | "solve"
        | "transform_point"
        | "transform_vector"
        | "inverse_transform_point"
        | "inverse_transform_vector"
        | "angle_to"
        | "rotation_to"
        | "inv_mul"
        | "prepend_scaling"
        | "append_scaling"
        | "pow" => 1,
        "clamp" | "mul_add" | "lerp" | "slerp" | "nlerp" => 2,
        _ => return None,
    })
}

/// The method of the rule of a name. nalgebra has methods of its own called `ad_solve_..`.
pub(crate) fn rule(name: &str) -> String {
    let name = plain(name.trim_start_matches("r#"));
    if name.starts_with("solve_lower_triangular") || name.starts_with("solve_upper_triangular") {
        format!("ad_rule_{name}")
    } else {
        format!("ad_{name}")
    }
}

/// Is this a trait that a number may have without carrying a derivative?
pub(crate) fn bound_of_any_number(name: &str) -> bool {
    matches!(
        name,
        "RealField"
            | "ComplexField"
            | "Float"
            | "Num"
            | "Scalar"
            | "Copy"
            | "Clone"
            | "Default"
            | "Debug"
            | "Display"
            | "PartialEq"
            | "PartialOrd"
            | "Sized"
            | "Send"
            | "Sync"
            | "Add"
            | "Sub"
            | "Mul"
            | "Div"
            | "Neg"
            | "AddAssign"
            | "MulAssign"
    )
}

/// Is this a type of the standard library that never carries a derivative?
pub(crate) fn collection(name: &str) -> bool {
    matches!(
        name,
        "HashMap"
            | "HashSet"
            | "BTreeMap"
            | "BTreeSet"
            | "BinaryHeap"
            | "VecDeque"
            | "LinkedList"
            | "Rc"
            | "Arc"
            | "Cell"
            | "RefCell"
            | "Mutex"
            | "RwLock"
    )
}

/// Is this a method that updates its receiver by a formula in which the old receiver stands? In the IR it is an
/// assignment to the receiver.
pub(crate) fn updates(name: &str) -> bool {
    matches!(name, "axpy" | "ger" | "gemm" | "gemv")
}

/// `Type::name(args)` whose rule takes the result as its receiver.
pub(crate) fn constructor(name: &str) -> bool {
    matches!(
        name,
        "from_element"
            | "from_vec"
            | "from_row_slice"
            | "from_column_slice"
            | "from_diagonal"
            | "from_diagonal_element"
            | "repeat"
            | "from_columns"
            | "from_rows"
            | "new"
            | "new_normalize"
            | "new_unchecked"
            | "from_scaled_axis"
            | "from_axis_angle"
            | "from_euler_angles"
            | "from_angle"
            | "from_quaternion"
            | "from_rotation_matrix"
            | "from_matrix_unchecked"
            | "from_parts"
            | "from_isometry"
            | "from_scaling"
            | "face_towards"
            | "look_at_rh"
            | "look_at_lh"
            | "rotation_between"
    )
}

/// What generated code states of a method whose result is taken to be inactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The type of the result carries no derivative: sizes and predicates.
    Result,
    /// The receiver is a real number: step functions, whose derivative is zero wherever it exists.
    Receiver,
}

/// The claim behind a method that is taken to be inactive; `None` for every other.
pub(crate) fn claim(name: &str, arguments: usize) -> Option<Claim> {
    match (name, arguments) {
        ("floor" | "ceil" | "round" | "trunc" | "signum" | "round_ties_even", 0)
        | ("div_euclid", 1) => Some(Claim::Receiver),
        _ if size_or_predicate(name) => Some(Claim::Result),
        _ => None,
    }
}

/// Is the result of this method taken to be inactive?
pub(crate) fn inactive_method(name: &str, arguments: usize) -> bool {
    claim(name, arguments).is_some()
}

fn size_or_predicate(name: &str) -> bool {
    matches!(
        name,
        "len"
            | "is_empty"
            | "nrows"
            | "ncols"
            | "shape"
            | "is_nan"
            | "is_finite"
            | "is_infinite"
            | "is_normal"
            | "is_sign_negative"
            | "is_sign_positive"
            | "is_some"
            | "is_none"
            | "is_ok"
            | "is_err"
            | "is_some_and"
            | "is_none_or"
            | "imax"
            | "imin"
            | "icamax"
            | "iamax"
            | "argmax"
            | "argmin"
            | "any"
            | "all"
            | "position"
            | "count"
            | "total_cmp"
            | "partial_cmp"
            | "cmp"
            | "to_string"
            | "is_square"
            | "is_invertible"
            | "is_identity"
            | "is_orthogonal"
            | "is_special_orthogonal"
            | "rank"
            | "icamax_full"
            | "iamax_full"
            | "contains"
            | "binary_search_by"
    )
}

/// Methods that are cheap, pure and read nothing but their receiver and arguments: an inactive expression made of
/// them may be evaluated again in the reverse sweep.
pub(crate) fn cheap_method(name: &str) -> bool {
    matches!(
        name,
        "len"
            | "is_empty"
            | "nrows"
            | "ncols"
            | "min"
            | "max"
            | "abs"
            | "abs_diff"
            | "floor"
            | "clone"
    )
}

/// Methods that do not change their receiver.
pub(crate) fn reads_only(name: &str, arguments: usize) -> bool {
    method(name).is_some()
        || claim(name, arguments).is_some()
        || cheap_method(name)
        || matches!(
            name,
            "iter"
                | "into_iter"
                | "map"
                | "zip_map"
                | "fold"
                | "map_or"
                | "map_or_else"
                | "and_then"
                | "or_else"
                | "unwrap_or_else"
                | "ok_or_else"
                | "chars"
                | "bytes"
                | "chunks"
                | "chunks_exact"
                | "windows"
                | "split_at"
                | "column_iter"
                | "row_iter"
                | "as_str"
                | "capacity"
                | "is_sorted"
                | "starts_with"
                | "ends_with"
                | "to_bits"
                | "pow"
                | "rem_euclid"
                | "wrapping_add"
                | "wrapping_mul"
                | "wrapping_sub"
                | "saturating_sub"
                | "saturating_add"
                | "checked_sub"
                | "checked_add"
                | "div_ceil"
                | "is_multiple_of"
                | "count_ones"
                | "trailing_zeros"
        )
}

/// Macros that only look at their arguments.
pub(crate) fn observer_macro(name: &str) -> bool {
    matches!(
        name,
        "assert"
            | "assert_eq"
            | "assert_ne"
            | "debug_assert"
            | "debug_assert_eq"
            | "debug_assert_ne"
            | "print"
            | "println"
            | "eprint"
            | "eprintln"
            | "format"
            | "write"
            | "writeln"
            | "matches"
    )
}

/// Macros that are known not to leave a loop around them.
pub(crate) fn staying_macro(name: &str) -> bool {
    observer_macro(name) || diverging_macro(name)
}

/// Macros that do not return.
pub(crate) fn diverging_macro(name: &str) -> bool {
    matches!(name, "panic" | "unreachable" | "todo" | "unimplemented")
}

/// What the names of nalgebra's types contain.
const NALGEBRA_FAMILIES: [&str; 18] = [
    "Vector",
    "Matrix",
    "Point",
    "Rotation",
    "Quaternion",
    "Isometry",
    "Similarity",
    "Translation",
    "Unit",
    "Complex",
    "Cholesky",
    "LU",
    "QR",
    "SVD",
    "SymmetricEigen",
    "Affine",
    "Projective",
    "Perspective",
];

/// Is this one of them, by itself?
pub(crate) fn nalgebra_family(name: &str) -> bool {
    NALGEBRA_FAMILIES.contains(&name)
}

/// Is this the name of a type of the user's own, and neither of the standard library nor of nalgebra?
pub(crate) fn own_type(name: &str) -> bool {
    let known = matches!(
        name,
        "f32"
            | "f64"
            | "Vec"
            | "VecDeque"
            | "Option"
            | "Result"
            | "Box"
            | "Rc"
            | "Arc"
            | "HashMap"
            | "BTreeMap"
            | "Range"
            | "Cow"
    );
    // A single capital is a type parameter.
    name.len() > 1
        && !known
        && !inactive_type(name)
        && !NALGEBRA_FAMILIES.iter().any(|stem| name.contains(stem))
}

/// Types that never carry a derivative, as they are written.
pub(crate) fn inactive_type(name: &str) -> bool {
    matches!(
        name,
        "u8" | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "bool"
            | "char"
            | "str"
            | "String"
    )
}

/// What stands before the name of an operation that dual numbers do in another way than by running it over themselves.
const LIFTED: &str = "ad_lifted_";

/// The name of an operation over dual numbers.
pub(crate) fn lifted(name: &str) -> String {
    match name {
        "determinant"
        | "try_inverse"
        | "cholesky"
        | "symmetric_eigen"
        | "symmetric_eigenvalues"
        | "scaled_axis"
        | "svd"
        | "svd_unordered"
        | "singular_values"
        | "singular_values_unordered"
        | "pseudo_inverse"
        | "powf" => format!("{LIFTED}{name}"),
        _ => name.to_owned(),
    }
}

/// The name of an operation over dual numbers as the user knows it.
pub(crate) fn plain(name: &str) -> &str {
    name.strip_prefix(LIFTED).unwrap_or(name)
}

/// Methods that make a copy.
pub(crate) fn copies(name: &str) -> bool {
    matches!(
        name,
        "clone" | "to_vec" | "to_owned" | "clone_owned" | "copied" | "cloned"
    )
}

/// Methods that mean on a tangent what they mean on the value.
pub(crate) fn structural(name: &str) -> bool {
    matches!(
        name,
        "clone"
            | "to_vec"
            | "to_owned"
            | "clone_owned"
            | "into_owned"
            | "unwrap"
            | "expect"
            | "copied"
            | "cloned"
            | "unwrap_or_default"
    )
}
