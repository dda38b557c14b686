//! Negative controls: mistakes that are put into a copy of the project, each of which its tests must catch.
//!
//! A [`Control`] is a small edit of one source file. The command `cargo run -p differentiate-search --bin controls` makes
//! each in turn and runs the test programs of its [`Suite`]; a control that no test notices is a gap in the tests. The
//! edits are text, so that they die when the code that they change is rewritten: an ordinary test checks that each still
//! applies, and whoever changes the code finds another way to make the same mistake.

use std::path::Path;
use std::{fs, io};

/// The test programs that must notice a control, as arguments of `cargo test`, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Mistakes of the compiler.
    Compiler,
    /// Mistakes in rules of numbers.
    Numbers,
    /// Mistakes in rules of matrices.
    Matrices,
    /// Mistakes in `nn`.
    Networks,
    /// Mistakes in the checker itself.
    Checker,
}

impl Suite {
    /// All of them.
    pub const ALL: [Suite; 5] = [
        Suite::Compiler,
        Suite::Numbers,
        Suite::Matrices,
        Suite::Networks,
        Suite::Checker,
    ];

    /// Package and test program.
    #[must_use]
    pub fn programs(self) -> &'static [[&'static str; 2]] {
        match self {
            Suite::Compiler => &[
                ["differentiate-tests", "regression"],
                ["differentiate-tests", "disguises"],
                ["differentiate-tests", "poses"],
                ["differentiate-tests", "implicit"],
                ["differentiate-tests", "repeat"],
                ["differentiate-tests", "storage"],
                ["differentiate-tests", "everyday"],
                ["differentiate-tests", "programs"],
            ],
            Suite::Numbers => &[
                ["autodiff-runtime", "rules"],
                ["autodiff-runtime", "number_rules"],
            ],
            Suite::Matrices => &[
                ["autodiff-runtime", "matrix_rules"],
                ["autodiff-runtime", "linear_algebra"],
            ],
            Suite::Networks => &[["autodiff-runtime", "nn"]],
            Suite::Checker => &[["autodiff-runtime", "rules"]],
        }
    }
}

/// A mistake.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// What is wrong then.
    pub mistake: &'static str,
    /// The file, from the root of the project.
    pub file: &'static str,
    /// The text that is replaced, which stands once in the file.
    pub find: &'static str,
    /// What it is replaced by.
    pub replace: &'static str,
    /// The tests that must fail.
    pub suite: Suite,
}

impl Control {
    /// The text of its file with the mistake.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or the text to be replaced does not stand in it exactly once.
    pub fn apply(&self, root: &Path) -> io::Result<String> {
        let text = fs::read_to_string(root.join(self.file))?;
        match text.matches(self.find).count() {
            1 => Ok(text.replacen(self.find, self.replace, 1)),
            n => Err(io::Error::other(format!(
                "\"{}\": the text to be replaced stands {n} times in {}",
                self.mistake, self.file
            ))),
        }
    }
}

const REVERSE: &str = "autodiff-macros/src/emit/reverse.rs";
const FORWARD: &str = "autodiff-macros/src/emit/forward.rs";
const REVERSE_CALLS: &str = "autodiff-macros/src/emit/reverse/calls.rs";
const COTANGENTS: &str = "autodiff-macros/src/emit/reverse/cotangents.rs";
const REVERSE_LOOPS: &str = "autodiff-macros/src/emit/reverse/loops.rs";
const PULLBACKS: &str = "autodiff-macros/src/emit/reverse/operations.rs";
const FORWARD_LOOPS: &str = "autodiff-macros/src/emit/forward/loops.rs";
const TANGENT_OPERATIONS: &str = "autodiff-macros/src/forward/operations.rs";
const WALK: &str = "autodiff-macros/src/emit/walk.rs";
const RANGES: &str = "autodiff-macros/src/analysis/ranges.rs";
const CARRIED: &str = "autodiff-macros/src/lower/carried.rs";
const STORAGE: &str = "autodiff-macros/src/analysis/storage.rs";
const USEFUL: &str = "autodiff-macros/src/analysis/useful.rs";
const ARITHMETIC: &str = "autodiff-runtime/src/rules/arithmetic.rs";
const PRODUCTS: &str = "autodiff-runtime/src/rules/matrix/products.rs";
const MUTATION: &str = "autodiff-runtime/src/mutation.rs";

macro_rules! controls {
    ($($suite:ident $file:expr, $mistake:literal: $find:literal => $replace:literal;)*) => {
        /// All controls.
        pub const CONTROLS: &[Control] = &[$(
            Control {
                mistake: $mistake,
                file: $file,
                find: $find,
                replace: $replace,
                suite: Suite::$suite,
            }
        ),*];
    };
}

controls! {
    // Arguments of macros.
    Compiler "autodiff-macros/src/lower/seq.rs", "a return among the arguments of a macro is not seen":
        "fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}\n    visit_arguments!();"
        => "fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}";
    Compiler "autodiff-macros/src/lower/parts.rs", "a break among the arguments of a macro leaves one part of a chain":
        "visit_arguments_mut!();" => "";
    // Overwritten variables.
    Compiler COTANGENTS, "the cotangent of an overwritten number is not taken away":
        "quote!(let #g = ::core::mem::replace(&mut #d, 0.0);)" => "quote!(let #g = #d;)";
    Compiler COTANGENTS, "the cotangent of an overwritten vector is not taken away":
        "quote!(let #g = #rt::take_or(&mut #d, || #zero);)"
        => "quote!(let #g = #rt::take_or(&mut ::core::clone::Clone::clone(&#d), || #zero);)";
    Compiler COTANGENTS, "the cotangent of an overwritten element is not taken away":
        "quote!(let #g = ::core::mem::replace(&mut #shadow, #zero);)"
        => "quote!(let #g = ::core::clone::Clone::clone(&#shadow); let _ = #zero;)";
    Compiler FORWARD, "a variable of a pattern is kept as it was bound":
        "if info.mutable {\n                        after.extend(keep);" => "if false {\n                        after.extend(keep);";
    Compiler REVERSE, "what a pattern binds has the shape of what is assigned to it":
        "self.take_or(var, stmt, || self.cx.zero(var)) else" => "self.take(var, stmt) else";
    Compiler REVERSE, "an overwritten value is not restored":
        "quote!(let #result_name = ::core::mem::replace(&mut #target, #old);)"
        => "quote!(let _ = #old; let #result_name = ::core::clone::Clone::clone(&#target);)";
    Compiler REVERSE, "`+=` does not restore what it changed":
        "quote!(#target = #old;)\n            });" => "quote!(let _ = #old;)\n            });";
    Compiler REVERSE_CALLS, "what is pushed is looked for when the list has one more":
        "quote!(#popped #undone #put)" => "quote!(#popped #put #undone)";
    Compiler PULLBACKS, "an assignment of a constant leaves the cotangent":
        "if pullback.is_empty() && !overwrites {" => "if pullback.is_empty() {";
    Compiler STORAGE, "values read before they are overwritten are not restored":
        "if looked_at && (" => "if !looked_at && (";
    Compiler STORAGE, "elements that a loop leaves out count as assigned":
        "if self.counts(it, root) {" => "if self.counts(it, root) || root != VarId(u32::MAX) {";
    Compiler STORAGE, "what one turn reads is forgotten in the next":
        "            if *live == before {\n                break;\n            }" => "            break;";
    Compiler STORAGE, "a value is evaluated again from what was overwritten since":
        "*id > home.from && *id <= home.to" => "*id > home.to && *id <= home.to";
    Compiler STORAGE, "a variable that is assigned again is evaluated again":
        "if self.func.var(var).mutable || home.after_exit" => "if home.after_exit";
    Compiler STORAGE, "a value behind an exit is evaluated again":
        ".mutable || home.after_exit ||" => ".mutable ||";
    Compiler "autodiff-macros/src/lower/expr.rs", "an operand is found after a later one has moved its index":
        "*place = self.frozen(place.clone(), expr.span());" => "let _ = place;";
    // Exits and branches.
    Compiler REVERSE, "what an exit skipped is reversed all the same":
        "quote!(if #exit > #id { #tokens })" => "quote!(if #exit >= #id { #tokens })";
    Compiler REVERSE, "an exit takes the cotangent of another one":
        "quote!(if #name == #id { #before #put })" => "quote!(if #name < #id { #before #put })";
    Compiler REVERSE, "a branch is reversed where the other one was taken":
        "(false, true) => quote!(if #flag { #then })" => "(false, true) => quote!(if !#flag { #then })";
    Compiler REVERSE, "an `else` is reversed where it was not taken":
        "(true, false) => quote!(if !#flag { #otherwise })" => "(true, false) => quote!(if #flag { #otherwise })";
    Compiler REVERSE, "two branches change places":
        "quote!(if #flag { #then } else { #otherwise })" => "quote!(if #flag { #otherwise } else { #then })";
    Compiler STORAGE, "a loop that is left early counts as complete":
        "early |= exit.leaves.contains(&it.scope) && !own_continue;" => "early |= exit.leaves.is_empty();";
    // Loops.
    Compiler REVERSE_LOOPS, "the turns of a counted loop are not reversed":
        "quote!(for #index in ::core::iter::Iterator::rev(0..#count) { #pop #body })" => "quote!(for #index in 0..#count { #pop #body })";
    Compiler REVERSE_LOOPS, "the turns over elements are not reversed":
        "quote!(for #pat in ::core::iter::Iterator::rev(#iter) { #pop #body })" => "quote!(for #pat in #iter { #pop #body })";
    Compiler REVERSE_CALLS, "the elements of a container are reversed in the wrong order":
        "|| quote!(for #at in ::core::iter::Iterator::rev(0..#count) { #pop #body })"
        => "|| quote!(for #at in 0..#count { #pop #body })";
    Compiler "autodiff-macros/src/emit/cuts.rs", "the turns through a stretch are not reversed":
        "quote!(::core::iter::Iterator::rev(0..#turns))" => "quote!(0..#turns)";
    Compiler WALK, "turns that read what others have written are reversed from the first to the last":
        "&& names.written.iter().all(own)\n" => "\n";
    Compiler WALK, "turns that read a sum are reversed from the first to the last":
        "!names.read.contains(root) && !names.written.contains(root)" => "!names.written.contains(root)";
    Compiler WALK, "what is put back turn by turn is put back from the first turn to the last":
        "self.known &= !cx.restores(id) && !cx.facts.logs.contains_key(&id);" => "let _ = cx;";
    Compiler WALK, "an element behind the step of its index is the one before it":
        "is_some_and(|step| stmt < *step)" => "is_some()";
    Compiler RANGES, "a range that the reverse of its loop reads is put back behind it":
        "&& !read.contains(root)" => "";
    Compiler REVERSE_LOOPS, "two ranges are put back in the order in which they were saved":
        "ranges.iter().rev().map(|range| range.load(" => "ranges.iter().map(|range| range.load(";
    Compiler CARRIED, "a number that a turn assigns twice is what the turn has found":
        "(number && !twice.contains(&var) && !own.contains(&var))" => "(number && !own.contains(&var))";
    Compiler CARRIED, "what is read behind an assignment is what the turn has found":
        "for stmt in &mut body.stmts[..=at] {" => "for stmt in &mut body.stmts {";
    // Cotangents.
    Compiler REVERSE, "what an exit skipped counts as the first contribution":
        "if position != guard {\n                self.empty.clear();" => "if false {\n                self.empty.clear();";
    Compiler REVERSE, "each turn of a loop replaces the contribution of the turn before":
        "self.empty.clear();\n        for var in owned" => "for var in owned";
    Compiler "autodiff-macros/src/lower/inline.rs", "a parameter is a second name of a variable that is assigned":
        "(kept && !var.mutable && !var.borrows" => "(kept && !var.borrows";
    Compiler COTANGENTS, "a second use replaces the contribution of the first":
        "} else if scalar {\n            quote!(#d += #value;)" => "} else if scalar {\n            quote!(#d = #value;)";
    Compiler PULLBACKS, "the sign of a difference":
        "BinOp::Sub(_) => Some((quote!(#g), quote!(-#g)))" => "BinOp::Sub(_) => Some((quote!(#g), quote!(#g)))";
    Compiler PULLBACKS, "the factors of a product":
        "Some((quote!(#g * #b), quote!(#g * #a)))" => "Some((quote!(#g * #a), quote!(#g * #b)))";
    Compiler PULLBACKS, "the sign of `-=`":
        "if add { quote!(#d) } else { quote!(-#d) }" => "if add { quote!(#d) } else { quote!(#d) }";
    Compiler PULLBACKS, "the exponential forgets its value":
        "return self.contribute_scalar(recv, quote!(#g * #result));" => "let _ = result; return self.contribute_scalar(recv, quote!(#g));";
    Compiler PULLBACKS, "`0.0.max(x)` differentiates the literal":
        "matches!(text.as_str(), \"max\" | \"min\")\n            && matches!(recv" => "matches!(text.as_str(), \"mux\")\n            && matches!(recv";
    Compiler PULLBACKS, "the fields listed beside `..base` are taken from the base, too":
        "#(#clears)*\n                    #put" => "#put";
    Compiler REVERSE_CALLS, "a permutation is not undone on the cotangents":
        "tokens.extend(quote!(#shadow.#inverse(#(#args),*);));" => "let _ = (shadow, inverse);";
    Compiler REVERSE_CALLS, "an exchange is not undone on the values":
        "quote!(::core::mem::swap(&mut #target, &mut #other);)" => "{ let _ = other; TokenStream::new() }";
    Compiler REVERSE_CALLS, "the cotangent of what was pushed is dropped":
        "let put = self.contribute(arg, quote!(#g));\n                    // The argument was evaluated"
        => "let put = TokenStream::new();\n                    // The argument was evaluated";
    // The forward half.
    Compiler FORWARD, "an overwritten value is saved too late":
        "quote!(::core::mem::replace(&mut #target, #next));" => "quote!({ #target = #next; ::core::clone::Clone::clone(&#target) });";
    Compiler FORWARD, "a receiver is saved after the method that updates it":
        "quote!(#before #tokens; #after)\n    }" => "quote!(#tokens; #before #after)\n    }";
    Compiler FORWARD_LOOPS, "the turns of a loop are not counted":
        "count = quote!(#trips += 1;);" => "count = TokenStream::new();";
    Compiler FORWARD, "an exit is not noted":
        "tokens.extend(quote!(#name = #id;));" => "tokens.extend(quote!(let _ = (&#name, #id);));";
    Compiler FORWARD, "a turn that is left early pushes no record":
        "if ends && *scope != self.func().scope {" => "if !ends && *scope != self.func().scope {";
    Numbers "autodiff-macros/src/derive/items.rs", "the fields of two cotangents are not added":
        "quote!(#add(#place, &*#b);)" => "{ let _ = (add, place, b); quote!() }";
    // Usefulness.
    Compiler USEFUL, "what is added to a useful variable is useless":
        "StmtKind::Update { place, value, .. } => {\n                if self.is(cotangent_root(self.func, place)) {\n                    self.mark(value);"
        => "StmtKind::Update { place, .. } => {\n                if self.is(cotangent_root(self.func, place)) {\n                    self.mark_place(place);";
    Compiler USEFUL, "what a function leaves in a lent variable is useless":
        "if param.by == crate::ir::By::Mut && func.var" => "if param.by == crate::ir::By::Value && func.var";
    Compiler USEFUL, "what leaves a loop with `break` is useless":
        "if let Some((var, value)) = &exit.value\n                    && self.is(*var)" => "if let Some((var, value)) = &exit.value\n                    && !self.is(*var)";
    // What generated code calls.
    Compiler MUTATION, "what `fill` overwrites keeps its cotangent":
        "        T::ad_add(sum.ad_place(), item);\n        T::ad_clear(item.ad_place());" => "        T::ad_add(sum.ad_place(), item);";
    Compiler MUTATION, "a sort is undone by the permutation itself":
        "before[*at].clone_from(value);\n        }\n        self.clone_from_slice(&before);"
        => "let _ = (value, at);\n        }\n        for (k, at) in permutation.iter().enumerate() {\n            before[k].clone_from(&self[*at]);\n        }\n        self.clone_from_slice(&before);";
    Compiler MUTATION, "an overwritten view keeps its cotangent":
        "        self.fill(T::zero());\n        taken" => "        taken";
    // Rules of numbers.
    Numbers ARITHMETIC, "the sign of a difference that is accumulated":
        "sb.put(|| -*g, |d| *d -= *g))" => "sb.put(|| -*g, |d| *d += *g))";
    Numbers ARITHMETIC, "a product overwrites where it should accumulate":
        "|d| *d += *g * *self)" => "|d| *d = *g * *self)";
    Numbers ARITHMETIC, "the sign of the divisor":
        "-(quotient * (*self / *right))" => "(quotient * (*self / *right))";
    Numbers "autodiff-runtime/src/rules/elementary/trigonometric.rs", "the sine":
        "SinRule ad_sin |g, x| g * x.cos();" => "SinRule ad_sin |g, x| g * x.sin();";
    Numbers "autodiff-runtime/src/rules/elementary/trigonometric.rs", "the sign of the arc cosine":
        "guarded(g, -(g / one_minus_square(x).sqrt()))" => "guarded(g, g / one_minus_square(x).sqrt())";
    Numbers "autodiff-runtime/src/rules/elementary/trigonometric.rs", "the tangent from its value":
        "g * (T::one() + y * y)" => "g * (T::one() - y * y)";
    Numbers "autodiff-runtime/src/rules/elementary/power.rs", "a factor of two in the root":
        "guarded(g, g / (y.abs() + y.abs()))" => "guarded(g, g / y.abs())";
    Numbers "autodiff-runtime/src/rules/elementary/power.rs", "the exponent of a power":
        "T::ad_from_f64(f64::from(n)) * x.powi(less)" => "T::ad_from_f64(f64::from(n)) * x.powi(n)";
    Numbers "autodiff-runtime/src/rules/elementary/power.rs", "the addend of `mul_add` when it is accumulated":
        "dest_c.put(|| g, |d| *d += g)" => "dest_c.put(|| g, |d| *d -= g)";
    Numbers "autodiff-runtime/src/rules/elementary/ordering.rs", "the sides of a minimum":
        "larger(g, -a, -b, B::LITERAL),\n        larger(g, -b, -a, B::LITERAL)" => "larger(g, a, b, B::LITERAL),\n        larger(g, b, a, B::LITERAL)";
    // Rules of matrices.
    Matrices PRODUCTS, "a transposition that is missing on the right":
        "left[(l, i)] * right[(l, j)])" => "left[(i, l)] * right[(l, j)])";
    Matrices PRODUCTS, "a transposition that is missing on the left":
        "left[(i, l)] * right[(j, l)])" => "left[(i, l)] * right[(l, j)])";
    Matrices PRODUCTS, "a large product overwrites where it should accumulate":
        "return T::ad_put_product(sum, left, &right, true);" => "return T::ad_put_product(sum, left, &right, false);";
    Matrices "autodiff-runtime/src/rules/matrix/linear.rs", "the sign of a difference of matrices that takes the cotangent over":
        "sum_pull!(MatrixSubPull put_negated put_negated_owned);" => "sum_pull!(MatrixSubPull put_negated put_owned);";
    Matrices "autodiff-runtime/src/rules/matrix/norms.rs", "the sign of a distance at its second point":
        "(b[(i, j)] - a[(i, j)]) * factor" => "(a[(i, j)] - b[(i, j)]) * factor";
    Matrices "autodiff-runtime/src/rules/factorisation/cholesky.rs", "the diagonal of a factor counts twice":
        "m[(i, i)] *= T::ad_from_f64(0.5);" => "m[(i, i)] *= T::ad_from_f64(1.0);";
    // Networks.
    Networks "autodiff-runtime/src/nn/activation/logistic.rs", "the slope of the logistic function":
        "*g * (e / (sum * sum))" => "*g * (e / sum)";
    // The checker.
    // Forward mode and second order.
    Compiler TANGENT_OPERATIONS, "the tangent of a product forgets a factor":
        "terms.push(Op::Binary(mul, left.clone(), dot));" => "terms.push(Op::Use(dot));";
    Compiler TANGENT_OPERATIONS, "the sign of the tangent of a quotient":
        "let minus = BinOp::Sub(parse_quote!(-));\n                            Op::Binary(minus, dot, Operand::from(part))"
        => "let plus = BinOp::Add(parse_quote!(+));\n                            Op::Binary(plus, dot, Operand::from(part))";
    Compiler "autodiff-macros/src/emit/one_pass.rs", "a turn that reads what another has left is run back as it comes":
        "(buffers.is_empty() || made_anew(func, it, &buffers, &outside))" => "(buffers.is_empty() || made_anew(func, it, &buffers, &outside) || true)";
    Compiler "autodiff-macros/src/emit/one_pass.rs", "a turn that reads its sum is run back as it comes":
        "if !shared.sums.iter().all(alone) {" => "if !shared.sums.iter().all(alone) && false {";
    Compiler "autodiff-macros/src/emit/one_pass.rs", "what follows the sums need not be linear":
        "&& !numbers.any(needed)" => "&& (!numbers.any(needed) || true)";
    Compiler "autodiff-macros/src/emit/one_pass.rs", "a value that the sums are not in is read behind its reverse":
        "result.is_some_and(is_late)" => "(result.is_some_and(is_late) || true)";
    Compiler "autodiff-macros/src/emit/one_pass.rs", "what follows a loop may change what it reads":
        "&& !used(&names_of(&changed))" => "&& (!used(&names_of(&changed)) || true)";
    Compiler "autodiff-macros/src/emit/api.rs", "a cotangent that is given for a work buffer goes to the first turn":
        "if #(#scratch)&&* {" => "if #(#scratch)&&* || true {";
    Compiler "autodiff-macros/src/analysis/anew.rs", "what one branch makes has been made":
        "Some(all) => &all & &there," => "Some(all) => &all | &there,";
    Compiler "autodiff-macros/src/analysis/anew.rs", "the end of a range is the same in all turns":
        "let fixed = is_plain(end)" => "let fixed = true || is_plain(end)";
    Compiler "autodiff-macros/src/analysis/anew.rs", "elements behind those that a turn makes are made, too":
        "*made == Bound::All || writes.all(|it| it.as_ref() == Some(made))" => "*made == Bound::All || writes.all(|it| it.as_ref() == Some(made)) || true";
    Compiler "autodiff-macros/src/forward/operations.rs", "a tangent keeps its frame where its value turns":
        "let args = [value.clone(), along, of_value.clone(), tangent.clone()];" => "let args = [value.clone(), along, tangent.clone(), tangent.clone()];";
    Compiler "autodiff-macros/src/emit/second.rs", "a second derivative is seeded in the value":
        "quote!((#rt::zero_like(&#value.0), #rt::seed_of(&#value.0)))" => "quote!((#rt::seed_of(&#value.0), #rt::zero_like(&#value.0)))";
    Compiler "autodiff-macros/src/emit/reverse/loops.rs", "buffers saved as a whole are put back as they were saved":
        "after.reverse();" => "";
    Compiler "autodiff-macros/src/emit/own.rs", "the cotangents of a value of an own type and of its tangent are exchanged":
        "quote!(#rt::lift(&#of_tangent, &#of_value))" => "quote!(#rt::lift(&#of_value, &#of_tangent))";
    Compiler "autodiff-macros/src/emit/own.rs", "what an own operator returns is seeded in its tangent":
        "let (of_tangent, of_value) = #rt::split(&#cotangent);" => "let (of_value, of_tangent) = #rt::split(&#cotangent);";
    Compiler "autodiff-macros/src/emit/implicit.rs", "a second derivative of a root takes one step":
        "let steps = (0..order).filter(|_| others)" => "let steps = (0..order.min(1)).filter(|_| others)";
    Compiler "autodiff-runtime/src/implicit.rs", "a root is pulled back by its Jacobian as it is":
        "-factor.solved(cotangent, tr_solve)" => "-factor.solved(cotangent, |lu, right| {\n        lu.solve_mut(right);\n    })";
    Checker "autodiff-runtime/src/check/report.rs", "the checker lets entries pass that are twice as large":
        ".filter(|it| it.error > tolerance)" => ".filter(|it| it.error > 2.0 + tolerance)";
}

#[cfg(test)]
mod tests {
    use super::{CONTROLS, Suite};
    use crate::counts::counted;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_control_applies() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let failures: Vec<String> = CONTROLS
            .iter()
            .filter_map(|it| match it.apply(&root) {
                Ok(text) => syn::parse_file(&text)
                    .err()
                    .map(|error| format!("\"{}\": {error}", it.mistake)),
                Err(error) => Some(error.to_string()),
            })
            .collect();
        assert!(failures.is_empty(), "{failures:#?}");
        assert!(CONTROLS.iter().all(|it| it.find != it.replace));
        counted("negative controls", CONTROLS.len());
    }

    #[test]
    fn every_control_has_its_own_name() {
        let names: BTreeSet<&str> = CONTROLS.iter().map(|it| it.mistake).collect();
        assert_eq!(names.len(), CONTROLS.len());
        let suites = Suite::ALL.iter().all(|it| !it.programs().is_empty());
        assert!(suites);
    }
}
