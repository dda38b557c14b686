//! Where the attribute stands. A function in an `impl` block that is not seen has no place for some of its derivatives,
//! which rustc would say of each of them. The tokens do not tell, so the source file is asked, for the sake of one error;
//! where it cannot be read nothing is said here.

use std::fs;

/// An `impl` block around the attribute.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Around {
    /// `impl Trait for Type`, as it is written.
    pub(crate) header: String,
    /// Is it that of a trait?
    pub(crate) of_trait: bool,
}

/// The block in which the attribute that is expanded stands, if it is one.
pub(crate) fn around() -> Option<Around> {
    if !proc_macro::is_available() {
        return None;
    }
    let span = proc_macro::Span::call_site();
    // What begins its line is not in a block that begins before it.
    if span.column() <= 1 {
        return None;
    }
    let text = fs::read_to_string(span.local_file()?).ok()?;
    around_in(&text, span.line(), span.column())
}

/// The same for a position, from one, in a text.
fn around_in(text: &str, line: usize, column: usize) -> Option<Around> {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
    let rest = text.get(before..)?;
    let inside: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
    header(text.get(..before + inside)?)
}

/// The item whose braces are open at the end of a text, if it is an `impl` block.
fn header(text: &str) -> Option<Around> {
    // For each group that is open, the text of the item that is being read, without comments and literals.
    let mut open: Vec<(char, String)> = vec![('{', String::new())];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = blank(rest);
        if taken > 0 {
            open.last_mut()?.1.push(' ');
            rest = rest.get(taken..)?;
            continue;
        }
        rest = &rest[first.len_utf8()..];
        match first {
            '{' | '(' | '[' => open.push((first, String::new())),
            '}' | ')' | ']' => {
                let (opened, text) = open.pop()?;
                let (kind, item) = open.last_mut()?;
                match (first, *kind) {
                    ('}', '{') => item.clear(),
                    ('}', _) => {}
                    // An attribute is no part of the item.
                    (']', _) if item.trim_end().ends_with('#') => item.clear(),
                    _ => item.extend([opened.to_string(), text, first.to_string()]),
                }
            }
            ';' if open.last()?.0 == '{' => open.last_mut()?.1.clear(),
            _ => open.last_mut()?.1.push(first),
        }
    }
    let item = &open.len().checked_sub(2).map(|at| &open[at].1)?;
    (open.last()?.0 == '{').then_some(())?;
    let words: Vec<&str> = item.split_whitespace().collect();
    let words = words.iter().copied();
    let words: Vec<&str> = words
        .skip_while(|it| matches!(*it, "unsafe" | "default"))
        .take_while(|it| *it != "where")
        .collect();
    let begins = words.first()?.strip_prefix("impl")?;
    if !begins.is_empty() && !begins.starts_with('<') {
        return None;
    }
    let of_trait = (words.iter().enumerate())
        .any(|(at, it)| *it == "for" && !words.get(at + 1).is_some_and(|it| it.starts_with('<')));
    Some(Around {
        header: words.join(" "),
        of_trait,
    })
}

/// How many bytes of a comment or a literal a text begins with.
fn blank(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(rest) = text.get(at..).filter(|it| !it.is_empty()) {
            if rest.starts_with("/*") {
                (depth, at) = (depth + 1, at + 2);
            } else if rest.starts_with("*/") {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        return text.len();
    }
    if let Some(inside) = text.strip_prefix('"') {
        return 1 + until(inside, '"');
    }
    if let Some(inside) = text.strip_prefix('\'') {
        let mut chars = inside.chars();
        return match (chars.next(), chars.next()) {
            (Some('\\'), _) => 1 + until(inside, '\''),
            (Some(one), Some('\'')) => 2 + one.len_utf8(),
            // A lifetime.
            _ => 0,
        };
    }
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        if raw[hashes..].starts_with('"') {
            let inside = &raw[hashes + 1..];
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            return 2 + hashes + length;
        }
    }
    // A word as a whole, so that the `r` at its end is not that of a raw string, is taken one by one: a string behind a
    // word without a space is one of a prefix, `b"..."`.
    0
}

/// How many bytes until a character that is not escaped, and with it.
fn until(text: &str, end: char) -> usize {
    let mut escaped = false;
    for (at, it) in text.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            it if it == end => return at + it.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::around_in;

    /// The position of `@`.
    fn found(text: &str) -> Option<(String, bool)> {
        let before = text.split('@').next()?;
        let line = before.matches('\n').count() + 1;
        let column = before.lines().last().map_or(0, |it| it.chars().count()) + 1;
        around_in(text, line, column).map(|it| (it.header, it.of_trait))
    }

    #[test]
    fn the_block_around_the_attribute_is_found() {
        let cases = [
            ("impl A for B {\n    @", Some(("impl A for B", true))),
            ("impl B { @", Some(("impl B", false))),
            ("impl B {} @", None),
            ("fn f() { @", None),
            ("impl B { fn f() { @", None),
            (
                "mod m { impl<'a> A<'a> for B<'a> where B<'a>: C { const D: char = '{'; @",
                Some(("impl<'a> A<'a> for B<'a>", true)),
            ),
            (
                "impl A for [f64; 3] { fn f(&self) -> [f64; 3] { [0.0; 3] } @",
                Some(("impl A for [f64; 3]", true)),
            ),
            (
                "struct S; /* impl A for B { */ // {\n#[doc = \"{\"] #[cfg(any())] unsafe impl A for B { @",
                Some(("impl A for B", true)),
            ),
            (
                "impl<F: for <'a> Fn(&'a f64)> B<F> { @",
                Some(("impl<F: for <'a> Fn(&'a f64)> B<F>", false)),
            ),
            (
                "const R: &str = r#\"impl A for B { \"#; m! { impl A for B { @",
                Some(("impl A for B", true)),
            ),
            (
                "const E: char = '\\''; const S: &[u8] = b\"\\\"{\"; impl B { @",
                Some(("impl B", false)),
            ),
            ("implement! { @", None),
            ("impls(B { @", None),
            ("trait A { @", None),
            ("} impl A for B { @", None),
        ];
        for (text, due) in cases {
            let due = due.map(|(header, of_trait)| (header.to_owned(), of_trait));
            assert_eq!(found(text), due, "{text}");
        }
    }
}
