//! Refuses tokens that would exhaust the stack, before syn sees them.
//!
//! Syn and the compiler walk trees by recursion, on the stack that rustc has, and an overflow ends rustc without a word
//! about the code. The depth of a tree shows in its tokens: it is bounded by the groups around, and by what nests without
//! a group, such as signs, methods and `else`.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

use crate::terms::PIECE;

/// How deeply groups may be nested.
const DEPTH: usize = 256;

/// How many operators that are not cut into pieces, method calls or `else` may follow each other.
const RUN: usize = 160;

/// How many terms and factors one expression may have. Long sums are cut into pieces.
const TERMS: usize = 4000;

/// How much of the stack may be taken, in units of 1024 bytes: rustc's own has 8192 of them.
const STACK: usize = 7000;

/// What a level of each kind takes at most, in an unoptimized build of the compiler.
mod takes {
    pub(super) const PARENTHESES: usize = 15;
    pub(super) const BLOCK: usize = 34;
    pub(super) const OPERATOR: usize = 12;
    pub(super) const SUFFIX: usize = 26;
    pub(super) const PREFIX: usize = 20;
    pub(super) const ELSE: usize = 31;
    pub(super) const TYPE: usize = 64;
}

/// Words that stand before an expression or a type, which may begin with such a word again.
const PREFIXES: [&str; 16] = [
    "return", "break", "match", "if", "while", "for", "in", "let", "async", "move", "unsafe",
    "yield", "mut", "const", "dyn", "impl",
];

/// The first thing that is nested too deeply or too long.
pub(crate) fn guard(tokens: &TokenStream) -> Result<(), syn::Error> {
    nested(tokens.clone(), 0, 0)
}

/// `depth`: how many groups are around; `stack`: what is taken by them, and by what nests in them.
fn nested(tokens: TokenStream, depth: usize, stack: usize) -> Result<(), syn::Error> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for statement in tokens.chunk_by(|one, next| !ends_statement(one, next)) {
        let stack = stack + over_commas(statement);
        for stretch in statement.chunk_by(|one, _| !is_punct(one, ',')) {
            let stack = stack + between_commas(stretch)?;
            if let (true, Some(first)) = (stack > STACK, stretch.first()) {
                return Err(too_deep(first.span()));
            }
            for token in stretch {
                if let TokenTree::Group(it) = token {
                    group(it, depth, stack)?;
                }
            }
        }
    }
    Ok(())
}

fn group(group: &Group, depth: usize, stack: usize) -> Result<(), syn::Error> {
    let stack = stack
        + match group.delimiter() {
            Delimiter::Brace => takes::BLOCK,
            Delimiter::Parenthesis | Delimiter::Bracket | Delimiter::None => takes::PARENTHESES,
        };
    if depth >= DEPTH {
        let message = format!(
            "groups are nested more than {DEPTH} deep; bind parts of this expression to variables"
        );
        return Err(syn::Error::new(group.span_open(), message));
    }
    if stack > STACK {
        return Err(too_deep(group.span_open()));
    }
    nested(group.stream(), depth + 1, stack)
}

fn too_deep(span: Span) -> syn::Error {
    let message = "groups, operators, methods and types are nested too deeply in each other; bind parts of this \
                   expression to variables, or give parts of this type a name";
    syn::Error::new(span, message)
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == wanted)
}

fn is_joint(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(it) if it.spacing() == Spacing::Joint)
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace)
}

/// A statement ends with a semicolon, or with a block: no operand follows an operand.
fn ends_statement(one: &TokenTree, next: &TokenTree) -> bool {
    let begins = match next {
        TokenTree::Ident(it) => it != "else" && it != "as",
        TokenTree::Literal(_) => true,
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    };
    is_punct(one, ';') || (is_block(one) && begins)
}

/// What closures and types take, which have commas themselves.
fn over_commas(statement: &[TokenTree]) -> usize {
    let mut taken = 0_usize;
    for pair in statement.windows(2) {
        // A comparison is no type, which has a capital or stands behind `::`.
        let names_type = match &pair[0] {
            TokenTree::Ident(it) => it.to_string().starts_with(char::is_uppercase),
            other => is_punct(other, ':') || is_punct(other, '<'),
        };
        if is_punct(&pair[1], '<') && names_type {
            taken += takes::TYPE;
        } else if is_punct(&pair[1], '>') && !is_joint(&pair[0]) {
            taken = taken.saturating_sub(takes::TYPE);
        } else if is_punct(&pair[1], '|') {
            taken += takes::OPERATOR;
        }
    }
    taken
}

/// What nests in this stretch without a group takes, if it is not too long.
fn between_commas(stretch: &[TokenTree]) -> Result<usize, syn::Error> {
    let (mut terms, mut branches) = (0, 0);
    // The present term, the one that takes most, and what is around the terms.
    let (mut term, mut longest, mut around) = (0, 0, 0);
    let (mut run, mut run_around) = (0, 0);
    for (at, token) in stretch.iter().enumerate() {
        let before = at.checked_sub(1).map(|it| &stretch[it]);
        let next = stretch.get(at + 1);
        match token {
            TokenTree::Group(_) => {
                // `f(x)(y)`, `x[0][1]`
                if before.is_some_and(|it| matches!(it, TokenTree::Group(_)) && !is_block(it)) {
                    (term, run) = (term + takes::SUFFIX, run + 1);
                }
            }
            TokenTree::Ident(word) if word == "else" => branches += 1,
            TokenTree::Ident(word) if word == "as" => {
                (term, run) = (term + takes::SUFFIX, run + 1);
            }
            TokenTree::Ident(word) => {
                let first = match before {
                    None => true,
                    Some(TokenTree::Ident(it)) => it == "else",
                    Some(_) => false,
                };
                if !first && PREFIXES.iter().any(|it| word == it) {
                    (around, run_around) = (around + takes::PREFIX, run_around + 1);
                }
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '-' if is_joint(token) && next.is_some_and(|it| is_punct(it, '>')) => {
                    (around, run_around) = (around + takes::TYPE, run_around + 1);
                }
                '+' | '-' | '*' | '/' | '%' if before.is_some_and(ends_operand) => {
                    terms += 1;
                    longest = longest.max(term);
                    (term, run) = (0, 0);
                }
                '-' | '*' | '!' | '&' if !before.is_some_and(ends_operand) => {
                    (term, run) = (term + takes::PREFIX, run + 1);
                }
                '.' | '?' => (term, run) = (term + takes::SUFFIX, run + 1),
                '&' | '|' | '^' => {
                    (around, run_around) = (around + takes::OPERATOR, run_around + 1);
                }
                '<' | '>' if is_joint(token) => {
                    (around, run_around) = (around + takes::OPERATOR, run_around + 1);
                }
                '=' if !is_joint(token) && !before.is_some_and(compares) => {
                    (around, run_around) = (around + takes::PREFIX, run_around + 1);
                }
                _ => {}
            },
            TokenTree::Literal(_) => {}
        }
        let message = if run + run_around > RUN {
            format!(
                "more than {RUN} operators and method calls in one expression; bind parts of it to variables"
            )
        } else if terms > TERMS {
            format!("more than {TERMS} terms in one expression; bind parts of it to variables")
        } else if branches > RUN {
            format!("more than {RUN} `else` in a row; write a `match` or a loop over a table")
        } else {
            continue;
        };
        return Err(syn::Error::new(token.span(), message));
    }
    let pieces = if terms > PIECE { takes::BLOCK } else { 0 };
    let chain = terms.min(PIECE) * takes::OPERATOR + pieces;
    Ok(chain + longest.max(term) + around + branches.saturating_sub(1) * takes::ELSE)
}

/// Is `=` behind this token the end of a comparison?
fn compares(token: &TokenTree) -> bool {
    is_joint(token) && ['=', '!', '<', '>'].iter().any(|it| is_punct(token, *it))
}

/// Is an operator behind this token one of two operands?
fn ends_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => !PREFIXES.iter().any(|it| word == it),
        TokenTree::Punct(it) => it.as_char() == '?',
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}
