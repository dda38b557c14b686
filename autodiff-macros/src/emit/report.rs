//! `#[differentiate(report)]`: what the forward half saves for the reverse half, how often, and why.
//!
//! The file is `target/differentiate/<package>-<function>.saved.txt`, or in the directory that the environment variable
//! `DIFFERENTIATE_REPORT` names, which also asks for the report of every function.

use std::fmt::Write as _;

use proc_macro2::Span;

use super::dump;
use crate::analysis::{Facts, Storage, StoredFor, declared};
use crate::ir::print::place_text;
use crate::ir::{
    Block, By, Fact, Func, LoopKind, Mutation, Op, Place, ScopeId, Stmt, StmtKind, VarId, VarKind,
};
use crate::options::Options;

const DIRECTORY: &str = "DIFFERENTIATE_REPORT";

/// Writes the file, if it is asked for.
pub(super) fn write(options: &Options, func: &Func, facts: &Facts) {
    if options.report.is_some() || std::env::var_os(DIRECTORY).is_some() {
        let name = format!("{}.saved.txt", func.name);
        dump::write_file(DIRECTORY, &name, &report(func, facts));
    }
}

/// The report of a function.
pub(super) fn report(func: &Func, facts: &Facts) -> String {
    let mut report = Report {
        func,
        facts,
        lines: lines(func),
        loops: Vec::new(),
        found: Vec::new(),
    };
    for param in &func.params {
        report.value(func.name.span(), param.var);
    }
    report.block(&func.body);
    let mut out = format!("What `{}` saves for its reverse half.\n", func.name);
    if report.found.is_empty() {
        out.push_str("\nNothing.\n");
    }
    let mut at = None;
    for entry in report.found {
        if at != Some(entry.line) {
            let _ = writeln!(out, "\nline {}: {}", entry.line, entry.source);
            at = Some(entry.line);
        }
        let _ = writeln!(out, "    {}, {}: {}", entry.what, entry.often, entry.why);
    }
    out
}

/// What is saved at one place in the source.
struct Entry {
    line: usize,
    source: String,
    what: String,
    often: String,
    why: String,
}

struct Report<'a> {
    func: &'a Func,
    facts: &'a Facts,
    /// By number of a statement: its line.
    lines: Vec<usize>,
    /// The loops around: their scopes, and their lines.
    loops: Vec<(ScopeId, usize)>,
    found: Vec<Entry>,
}

fn lines(func: &Func) -> Vec<usize> {
    let mut lines = Vec::new();
    func.body.walk(&mut |stmt| {
        let at = stmt.id as usize;
        if lines.len() <= at {
            lines.resize(at + 1, 0);
        }
        lines[at] = stmt.span.start().line;
    });
    lines
}

impl Report<'_> {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if self.facts.restores.contains(&stmt.id) {
            self.overwritten(stmt);
        }
        for var in declared(&stmt.kind) {
            self.value(stmt.span, var);
        }
        if let StmtKind::Let {
            op: Op::Call(_), ..
        }
        | StmtKind::Assign {
            op: Op::Call(_), ..
        } = &stmt.kind
        {
            let why = "a call keeps what its own reverse half needs".to_owned();
            self.add(stmt.span, "what the function called saves", why);
        }
        let scope = match &stmt.kind {
            StmtKind::Loop(it) => {
                self.trips(stmt, it);
                Some(it.scope)
            }
            StmtKind::Let {
                op: Op::Build(it), ..
            }
            | StmtKind::Assign {
                op: Op::Build(it), ..
            } => Some(it.scope),
            _ => None,
        };
        if let Some(scope) = scope {
            self.loops.push((scope, stmt.span.start().line));
        }
        if let StmtKind::Loop(it) = &stmt.kind {
            let owned = match &it.kind {
                LoopKind::Count { index, .. } => vec![*index],
                LoopKind::Iter { vars, .. } => vars.clone(),
                LoopKind::While(_) | LoopKind::Forever => Vec::new(),
            };
            for var in owned {
                self.value(stmt.span, var);
            }
        }
        for inner in stmt.kind.blocks() {
            self.block(inner);
        }
        if scope.is_some() {
            self.loops.pop();
        }
        if stmt.kind.exit().is_some() {
            let why = "what stands behind is not undone where it was taken".to_owned();
            self.add(stmt.span, "whether this exit was taken, a mark", why);
        }
    }

    fn trips(&mut self, stmt: &Stmt, it: &crate::ir::Loop) {
        let counted = it
            .trips
            .is_some_and(|trips| !self.facts.var(trips).needed.is_empty());
        if counted {
            let why = "the number of turns is not known from the bounds".to_owned();
            self.add(stmt.span, "how many turns the loop made", why);
        }
    }

    /// A variable of which the value is saved.
    fn value(&mut self, span: Span, var: VarId) {
        let (info, facts) = (self.func.var(var), self.facts.var(var));
        if facts.needed.is_empty() {
            return;
        }
        if matches!(info.kind, VarKind::Counter) {
            let why = "the reverse half goes the same way".to_owned();
            if info.ident.to_string().starts_with("taken") {
                self.add(span, "which branch was taken, a mark", why);
            }
            return;
        }
        let unless = match facts.storage {
            Storage::Save | Storage::SaveIfDefined => "",
            Storage::SaveOrEvaluate => " unless it turns out to be a number",
            Storage::Unneeded | Storage::ReadAgain | Storage::EvaluateAgain => return,
        };
        let because = match facts.stored_for {
            StoredFor::Given => "the caller gave it away",
            StoredFor::Assigned => "it is assigned, so that its operation does not tell its value",
            StoredFor::Bound => "it is taken out of something by a pattern",
            StoredFor::Dear => "its operation is dear, or reads what is gone by then",
            StoredFor::LeftEarly => "the loop may be left early",
            StoredFor::Cheap => "it is cheap to have again only if it is a number",
            StoredFor::Nobody | StoredFor::Standing => "",
        };
        let readers = self.readers(facts.needed.iter().map(|it| it.0));
        let what = format!("`{}`, {}{unless}", info.ident, kind(info.fact));
        self.add(span, &what, format!("{because}; read for {readers}"));
    }

    /// A value that a statement overwrites.
    fn overwritten(&mut self, stmt: &Stmt) {
        if let StmtKind::Mutate(it) = &stmt.kind {
            let what = match it.kind {
                // Undone as it is done.
                Mutation::Permute(_) | Mutation::Exchange | Mutation::Push => return,
                Mutation::Sort => "the order that was found",
                Mutation::Pop | Mutation::Truncate => "what is taken off the end",
                Mutation::Fill | Mutation::Copy => "",
            };
            if !what.is_empty() {
                let why = "the reverse half puts it back".to_owned();
                return self.add(stmt.span, what, why);
            }
        }
        let place: Option<&Place> = match &stmt.kind {
            StmtKind::Assign { place, .. } | StmtKind::Update { place, .. } => Some(place),
            StmtKind::Mutate(it) => Some(&it.place),
            _ => None,
        };
        let Some(place) = place else {
            let why = "it may change what is read before".to_owned();
            return self.add(
                stmt.span,
                "what stood in the variables that this changes",
                why,
            );
        };
        let root = crate::ir::root(&self.func.vars, place);
        let lent = matches!(self.func.var(root).kind, VarKind::Param { by: By::Mut });
        let needed = &self.facts.var(root).needed;
        let mut why = "it is overwritten here".to_owned();
        if !needed.is_empty() {
            let readers = self.readers(needed.iter().map(|it| it.0));
            let _ = write!(why, "; read for {readers}");
        }
        if lent {
            why.push_str("; the caller may read it");
        }
        let fact = crate::analysis::needs::place_fact(self.func, place);
        let logged = if self.facts.logs.contains_key(&stmt.id) {
            ", one by one until they are as many as the buffer has"
        } else {
            ""
        };
        let text = place_text(self.func, place);
        let what = format!("what stood in `{text}`, {}{logged}", kind(fact));
        self.add(stmt.span, &what, why);
    }

    /// The lines of these statements.
    fn readers(&self, stmts: impl Iterator<Item = u32>) -> String {
        let mut lines: Vec<usize> = stmts
            .filter_map(|it| self.lines.get(it as usize).copied())
            .collect();
        lines.sort_unstable();
        lines.dedup();
        listed("line", &lines)
    }

    fn add(&mut self, span: Span, what: &str, why: String) {
        let lines: Vec<usize> = self.loops.iter().map(|it| it.1).collect();
        let often = if lines.is_empty() {
            "once".to_owned()
        } else {
            let loops = if lines.len() == 1 { "loop" } else { "loops" };
            format!("in each turn of the {loops} in {}", listed("line", &lines))
        };
        self.found.push(Entry {
            line: span.start().line,
            source: source_line(span),
            what: what.to_owned(),
            often,
            why,
        });
    }
}

/// The line in which a span begins, or what of it is known.
fn source_line(span: Span) -> String {
    let whole = span
        .local_file()
        .and_then(|it| std::fs::read_to_string(it).ok())
        .and_then(|it| {
            let line = it.lines().nth(span.start().line.checked_sub(1)?)?;
            Some(line.trim().to_owned())
        });
    whole.unwrap_or_else(|| {
        let text = span.source_text().unwrap_or_default();
        text.lines().next().unwrap_or_default().trim().to_owned()
    })
}

/// What the tokens tell of a type.
fn kind(fact: Fact) -> &'static str {
    match fact {
        Fact::Scalar => "a number",
        Fact::Scalars => "numbers",
        Fact::Rows => "rows of numbers",
        Fact::Tuple => "a tuple of numbers",
        Fact::Unknown => "of a type that the tokens do not show",
    }
}

/// `line 3`, `lines 3, 5 and 7`.
fn listed(word: &str, numbers: &[usize]) -> String {
    let text: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match text.as_slice() {
        [] => "the value".to_owned(),
        [one] => format!("{word} {one}"),
        [first @ .., last] => format!("{word}s {} and {last}", first.join(", ")),
    }
}
