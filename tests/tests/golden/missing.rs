//! The cases that the language of the present compiler cannot express, in one place.

use std::collections::BTreeSet;

use crate::data::file;

const WRITES: &str = "writes to elements";

/// Each with what it waits for.
const MISSING: [(&str, &str); 2] = [
    ("s_inplace_array", WRITES),
    ("m_inplace_elementwise", WRITES),
];

#[test]
fn every_case_is_tested_or_listed() {
    let sources = [
        include_str!("closed_forms.rs"),
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
        assert!(tested, "{name} is not tested");
    }
}
