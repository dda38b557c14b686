//! The cases that the language of the present compiler cannot express, in one place.

use std::collections::BTreeSet;

use crate::data::file;

const WRITES: &str = "writes to elements";
const FACTORISATION: &str = "rules of matrix factorisations";

/// Each with what it waits for.
const MISSING: [(&str, &str); 7] = [
    ("s_inplace_array", WRITES),
    ("m_inplace_elementwise", WRITES),
    ("m_solve", FACTORISATION),
    ("m_cholesky_param", FACTORISATION),
    ("m_eigvecs", FACTORISATION),
    ("m_svd_vectors", FACTORISATION),
    ("j_cholesky", FACTORISATION),
];

/// Rows of elementary functions without a counterpart in the standard library or in nalgebra.
const MISSING_FUNCTIONS: [&str; 2] = ["lgamma", "digamma"];

#[test]
fn every_case_is_tested_or_listed() {
    let sources = [
        include_str!("scalar.rs"),
        include_str!("vectors.rs"),
        include_str!("matrices.rs"),
        include_str!("networks.rs"),
        include_str!("science.rs"),
    ];
    let missing: BTreeSet<&str> = MISSING.iter().map(|(id, _)| *id).collect();
    for case in file()["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("a name");
        let quoted = format!("\"{id}\": ");
        let tested = sources.iter().any(|it| it.contains(&quoted));
        assert!(tested != missing.contains(id), "{id}: tested is {tested}");
    }
    for row in file()["elementary"].as_array().expect("rows") {
        let name = row["fn"].as_str().expect("a name");
        let tested = include_str!("elementary.rs").contains(&format!("\"{name}\" => "));
        assert!(
            tested != MISSING_FUNCTIONS.contains(&name),
            "{name}: tested is {tested}"
        );
    }
}
