//! Programs as trees of text: enough structure to print them over two number types and to shrink them.
//!
//! In the text, `§` is the scalar type, `⟦e⟧` a constant of it, and `⟪p¦d⟫` is `p` in the program and `d` in its twin.

use std::fmt::Write as _;

/// What a node is, which decides how it may be made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A statement, which may be left out.
    Statement,
    /// An item, which may be left out.
    Item,
    /// An expression of the scalar type.
    Scalar,
    /// A condition.
    Condition,
    /// Anything that may be left out, such as `else`.
    Extra,
    /// Anything else.
    Other,
}

/// A piece of a program.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub sort: Sort,
    /// Text, of which the pieces before and between the children are one more than the children.
    pub text: Vec<String>,
    /// The parts.
    pub children: Vec<Node>,
}

/// Which of the two programs is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// `f64`, with the attribute.
    Floats,
    /// `f64`, without the attribute.
    Plain,
    /// Dual numbers.
    Duals,
}

/// A node from a template, in which `$` stands for the children in order.
///
/// # Panics
///
/// If the number of children is not the number of holes.
#[must_use]
pub fn node(sort: Sort, template: &str, children: Vec<Node>) -> Node {
    let text: Vec<String> = template.split('$').map(str::to_string).collect();
    assert_eq!(text.len(), children.len() + 1, "holes of {template}");
    Node {
        sort,
        text,
        children,
    }
}

/// A list of nodes, printed one after the other.
#[must_use]
pub fn list(sort: Sort, children: Vec<Node>) -> Node {
    Node {
        sort,
        text: vec![String::new(); children.len() + 1],
        children,
    }
}

impl Node {
    fn raw(&self, out: &mut String) {
        for (text, child) in self.text.iter().zip(&self.children) {
            out.push_str(text);
            child.raw(out);
        }
        out.push_str(self.text.last().map_or("", String::as_str));
    }

    /// The source.
    #[must_use]
    pub fn print(&self, over: Over) -> String {
        let mut raw = String::new();
        self.raw(&mut raw);
        let mut out = String::new();
        let (scalar, duals) = match over {
            Over::Floats | Over::Plain => ("f64", false),
            Over::Duals => ("Dual", true),
        };
        let mut keep = true;
        for c in raw.chars() {
            match c {
                '⟪' => keep = !duals,
                '¦' => keep = duals,
                '⟫' => keep = true,
                _ if !keep => {}
                '§' => out.push_str(scalar),
                '⟦' if duals => out.push_str("konst("),
                '⟧' if duals => out.push(')'),
                '⟦' | '⟧' => {}
                c => out.push(c),
            }
        }
        if over == Over::Plain {
            out = out
                .replace("#[differentiate]", "")
                .replace("#[no_diff]", "")
                .replace(", Differentiable)", ")");
        }
        out
    }

    /// How many nodes there are, and how much text.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.iter().map(String::len).sum::<usize>()
            + self.children.iter().map(|c| 4 + c.size()).sum::<usize>()
    }

    /// Does this text occur?
    #[must_use]
    pub fn contains(&self, needle: &str) -> bool {
        self.print(Over::Floats).contains(needle)
    }

    /// All trees that are one step smaller by steps of this rank: parts left out, parts in place of the whole, and
    /// expressions replaced by simple ones.
    #[must_use]
    pub fn smaller(&self, rank: usize) -> Vec<Node> {
        let mut out = Vec::new();
        for (k, child) in self.children.iter().enumerate() {
            let mut with = |new: Node| {
                let mut all = self.clone();
                all.children[k] = new;
                out.push(all);
            };
            let expression = matches!(child.sort, Sort::Scalar | Sort::Condition);
            match rank {
                0 if matches!(child.sort, Sort::Statement | Sort::Item | Sort::Extra)
                    && child.size() > 0 =>
                {
                    with(list(Sort::Other, Vec::new()));
                }
                1 if child.sort == Sort::Statement => {
                    let mut lists = Vec::new();
                    child.lists(&mut lists);
                    for part in lists.into_iter().chain(child.descendants(child.sort)) {
                        with(part.clone());
                    }
                }
                2 if expression => {
                    let simple: &[&str] = if child.sort == Sort::Scalar {
                        &["x", "⟦0.5⟧", "y", "x.sin()"]
                    } else {
                        &["true", "n > 1", "x > ⟦0.3⟧"]
                    };
                    for text in simple {
                        if child.size() > text.len() {
                            with(node(child.sort, text, Vec::new()));
                        }
                    }
                    for part in child.descendants(child.sort) {
                        with(part.clone());
                    }
                }
                _ => {}
            }
            for new in child.smaller(rank) {
                with(new);
            }
        }
        out
    }

    /// The outermost nodes of this sort inside.
    fn descendants(&self, sort: Sort) -> Vec<&Node> {
        let mut out = Vec::new();
        if matches!(sort, Sort::Statement | Sort::Scalar | Sort::Condition) {
            for child in &self.children {
                if child.sort == sort {
                    out.push(child);
                } else {
                    out.extend(child.descendants(sort));
                }
            }
        }
        out
    }

    /// The bodies inside, lists of several statements.
    fn lists<'a>(&'a self, out: &mut Vec<&'a Node>) {
        for child in &self.children {
            if child
                .children
                .iter()
                .filter(|c| c.sort == Sort::Statement)
                .count()
                > 1
            {
                out.push(child);
            } else {
                child.lists(out);
            }
        }
    }
}

/// Indents the lines of a source by its braces.
#[must_use]
pub fn indent(source: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    for line in source.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let closing = line
            .chars()
            .take_while(|c| matches!(c, '}' | ')' | ';' | ','))
            .filter(|c| *c == '}')
            .count();
        let open = line.matches('{').count();
        let close = line.matches('}').count();
        let here = depth.saturating_sub(closing);
        let _ = writeln!(out, "{:width$}{line}", "", width = 4 * here);
        depth = (depth + open).saturating_sub(close);
    }
    out
}
