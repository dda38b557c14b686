//! Every program and every row of the file is tested by some line of this test.

use crate::data::file;

/// The names that stand in the field `key` of a list.
fn names(list: &str, key: &str) -> Vec<&'static str> {
    let all = file()[list].as_array().expect("a list");
    all.iter()
        .map(|it| it[key].as_str().expect("a name"))
        .collect()
}

#[test]
fn every_case_is_tested() {
    let sources = [
        include_str!("closed_forms.rs"),
        include_str!("factorisations.rs"),
        include_str!("matrices.rs"),
        include_str!("networks.rs"),
        include_str!("scalar.rs"),
        include_str!("science.rs"),
        include_str!("vectors.rs"),
    ];
    let programs = names("cases", "id");
    assert_eq!(programs.len(), 58);
    for id in programs {
        let quoted = format!("\"{id}\": ");
        assert!(
            sources.iter().any(|it| it.contains(&quoted)),
            "{id} is not tested"
        );
    }
    let mut rows = names("elementary", "fn");
    rows.append(&mut names("elementary2", "fn"));
    assert_eq!(rows.len(), 125);
    for name in rows {
        let quoted = format!("\"{name}\" => ");
        assert!(
            include_str!("elementary.rs").contains(&quoted),
            "{name} is not tested"
        );
    }
}
