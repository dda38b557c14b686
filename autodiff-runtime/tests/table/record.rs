//! What the checks of this thread have seen: at how many points each rule was tested, in which precision, on which
//! shapes. The names of the rules are read off the calls.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Of one rule.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Points in double and in single precision, of the operand with the most.
    points: [BTreeMap<String, usize>; 2],
    /// The shapes of operands, as they are printed.
    pub(crate) shapes: BTreeSet<String>,
}

impl Seen {
    /// The number of points in double and in single precision.
    pub(crate) fn points(&self) -> [usize; 2] {
        [0, 1].map(|k| self.points[k].values().copied().max().unwrap_or(0))
    }

    /// Were there static dimensions, and dynamic ones?
    pub(crate) fn kinds(&self) -> (bool, bool) {
        let any = |kind| self.shapes.iter().any(|it| it.contains(kind));
        (any("Const"), any("Dyn"))
    }
}

thread_local! {
    static SEEN: RefCell<BTreeMap<String, Seen>> = const { RefCell::new(BTreeMap::new()) };
}

/// The rules that a call names: methods `ad_name`, and operators.
fn rules(call: &str) -> impl Iterator<Item = &str> {
    let words = call.split(|c: char| !c.is_alphanumeric() && c != '_');
    let operators = ["add", "sub", "neg", "mul", "div", "rem", "cast"];
    words.filter_map(move |word| match word.strip_prefix("ad_") {
        Some(name) => Some(name),
        None => operators.contains(&word).then_some(word),
    })
}

/// Notes a point at which all entries of a Jacobian are compared.
pub(crate) fn record(call: &str, what: &str, shape: &str, single: bool) {
    SEEN.with_borrow_mut(|all| {
        for rule in rules(call) {
            let seen = all.entry(rule.to_owned()).or_default();
            // The operands of a call are points of their own.
            let operand = what.split(" of ").next().unwrap_or_default().to_owned();
            *seen.points[usize::from(single)].entry(operand).or_default() += 1;
            seen.shapes.insert(shape.to_owned());
        }
    });
}

/// What was seen since the last call.
pub(crate) fn take() -> BTreeMap<String, Seen> {
    SEEN.take()
}
