//! No rule is without a line in the table of the rules, and no function of `nn` and `special` without a test.

#[path = "table/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a test compares by itself, because differences have no meaning there.
const BY_THEMSELVES: [(&str, &str); 1] = [
    // A unit vector that is taken from a vector as it is: the cotangent is handed on.
    ("new_unchecked", "linear_algebra/geometry.rs"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The sources below a directory.
fn sources(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory of sources");
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => {
                vec![fs::read_to_string(&path).expect("a source")]
            }
            _ => Vec::new(),
        })
        .collect()
}

/// The words of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// The rules that the sources declare: a name that ends in `Rule`, before the method `ad_name`.
fn declared() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for source in sources(&root().join("src/rules")) {
        for line in source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let words: Vec<&str> = words(line).collect();
            for pair in words.windows(2) {
                if let (true, Some(name)) = (pair[0].ends_with("Rule"), pair[1].strip_prefix("ad_"))
                {
                    all.insert(name.to_owned());
                }
            }
        }
    }
    let operators = ["add", "sub", "neg", "mul", "div", "rem"];
    all.extend(operators.map(str::to_owned));
    all
}

fn listed() -> BTreeSet<String> {
    let all = rules::RULES.iter().map(|(rule, ..)| *rule);
    all.chain(BY_THEMSELVES.map(|(rule, _)| rule))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_rule_is_in_the_table() {
    let (declared, listed) = (declared(), listed());
    assert!(
        declared.len() > 200,
        "the sources are not read: {declared:?}"
    );
    let missing: Vec<_> = declared.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&declared).collect();
    assert!(
        missing.is_empty(),
        "without a line in table/rules.rs: {missing:?}"
    );
    assert!(
        unknown.is_empty(),
        "in table/rules.rs, but no rule: {unknown:?}"
    );
    for (rule, file) in BY_THEMSELVES {
        let test = fs::read_to_string(root().join("tests").join(file)).expect("a test");
        assert!(
            test.contains(&format!("ad_{rule}(")),
            "{rule} is not in {file}"
        );
    }
}

/// Names that the compiler knows for another reason than a rule of the runtime.
const NO_RULES: [&str; 0] = [];

#[test]
fn every_name_that_the_compiler_knows_has_a_rule() {
    let names = root().join("../autodiff-macros/src/names.rs");
    // The crate may be tested without its neighbours.
    let Ok(names) = fs::read_to_string(names) else {
        return;
    };
    let declared = declared();
    for function in ["fn method(", "fn constructor("] {
        let start = names.find(function).expect("the table of names");
        let body = &names[start..];
        let body = &body[..body.find("\n}\n").expect("an end")];
        let quoted: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
        assert!(
            quoted.len() > 15,
            "the table of names is not read: {quoted:?}"
        );
        let missing: Vec<_> = quoted
            .iter()
            .map(|name| {
                // nalgebra has methods of its own called `ad_solve_..`.
                let reserved = name.starts_with("solve_lower") || name.starts_with("solve_upper");
                (
                    name,
                    if reserved {
                        format!("rule_{name}")
                    } else {
                        (*name).to_string()
                    },
                )
            })
            .filter(|(name, rule)| !declared.contains(rule) && !NO_RULES.contains(name))
            .collect();
        assert!(missing.is_empty(), "in names.rs, but no rule: {missing:?}");
    }
}

/// By number of arguments: the names of methods that types of the user's own may have in forward mode.
#[test]
fn the_compiler_and_the_runtime_have_the_same_methods_of_own_types() {
    let names = root().join("../autodiff-macros/src/names.rs");
    let Ok(names) = fs::read_to_string(names) else {
        return;
    };
    let start = names.find("fn of_own(").expect("the names");
    let body = &names[start..];
    let body = &body[..body.find("\n}\n").expect("an end")];
    let mut known: Vec<BTreeSet<&str>> = Vec::new();
    for arm in body.split("=>") {
        known.push(arm.split('"').skip(1).step_by(2).collect());
    }
    let own = fs::read_to_string(root().join("src/lift/own/methods.rs")).expect("a source");
    let lists = &own[own.rfind("methods! {").expect("the methods")..];
    for (arguments, known) in known.iter().take(3).enumerate() {
        let start = lists.find(&format!("{arguments}:\n")).expect("a list");
        let list = &lists[start + 3..];
        let list = &list[..list.find(';').expect("an end")];
        let had: BTreeSet<&str> = (list.lines())
            .filter_map(|line| words(line).next())
            .collect();
        assert!(had.len() > 4, "the source is not read: {had:?}");
        assert_eq!(*known, had, "with {arguments} arguments");
    }
}

#[test]
fn every_function_of_nn_and_special_is_tested() {
    let tests = sources(&root().join("tests/nn")).concat();
    let tested: BTreeSet<&str> = words(&tests).collect();
    for directory in ["src/nn", "src/special"] {
        for source in sources(&root().join(directory)) {
            for declaration in source.split("\npub fn ").skip(1) {
                let name = words(declaration).next().expect("a name");
                let name = name.strip_suffix("_pullback").unwrap_or(name);
                assert!(tested.contains(name), "{name} has no test");
            }
        }
    }
}
