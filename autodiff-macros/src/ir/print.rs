//! The text form of the IR, for tests and dumps.

use core::fmt::{self, Display, Write};

use quote::ToTokens;

use super::{
    Aggregate, Block, BuildKind, By, Callee, Exit, ExitKind, Func, LoopKind, Op, Operand, Place,
    Proj, Stmt, StmtKind, VarId, VarKind,
};

/// What is written after the line of a statement: nothing, or the facts about the variable that it declares.
type Note<'a> = &'a dyn Fn(VarId) -> String;

impl Display for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self, &|_| String::new()))
    }
}

/// The function as text, with a note for each variable.
pub(crate) fn print(func: &Func, note: Note<'_>) -> String {
    let mut printer = Printer {
        func,
        note,
        out: String::new(),
        indent: 0,
    };
    let params: Vec<String> = func
        .params
        .iter()
        .map(|it| {
            let by = match it.by {
                By::Value => "",
                By::Ref => "&",
                By::Mut => "&mut ",
            };
            let active = if it.active { "" } else { " inactive" };
            format!("{by}{}{active}", printer.var(it.var))
        })
        .collect();
    printer.line(&format!("func {}({}) {{", func.name, params.join(", ")));
    for param in &func.params {
        let note = note(param.var);
        if !note.is_empty() {
            printer.indent += 1;
            let text = format!("param {}{note}", printer.var(param.var));
            printer.line(&text);
            printer.indent -= 1;
        }
    }
    printer.block(&func.body);
    printer.line("}");
    printer.out
}

/// A place as text.
pub(crate) fn place_text(func: &Func, place: &Place) -> String {
    let printer = Printer {
        func,
        note: &|_| String::new(),
        out: String::new(),
        indent: 0,
    };
    printer.place(place)
}

struct Printer<'a> {
    func: &'a Func,
    note: Note<'a>,
    out: String,
    indent: usize,
}

/// Tokens with the spaces that a reader expects.
fn text(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace(" . ", ".")
        .replace("& ", "&")
        .replace(" (", "(")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace(" [", "[")
        .replace(" ,", ",")
        .replace(" :: ", "::")
        .replace(":: ", "::")
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn var(&self, id: VarId) -> String {
        self.func.var(id).ident.to_string()
    }

    fn place(&self, place: &Place) -> String {
        let mut out = self.var(place.root);
        for proj in &place.proj {
            // Writing to a string cannot fail.
            let _ = match proj {
                Proj::Field(member) | Proj::Part(member) => write!(out, ".{}", text(member)),
                Proj::Index(code) => write!(out, "[{}]", text(&code.expr)),
                Proj::Deref => write!(out, ".*"),
                Proj::Elem(var) => write!(out, "@{}", self.var(*var)),
                Proj::Payload => write!(out, "?"),
                Proj::Variant { path, member, .. } => {
                    write!(out, ".{}()", crate::lower::accessor(path, member))
                }
                Proj::Accessor { name, .. } => write!(out, ".{name}()"),
                Proj::View(view) => {
                    let args: Vec<String> = view.args.iter().map(|it| text(&it.expr)).collect();
                    write!(out, ".{}({})", view.name, args.join(", "))
                }
                Proj::Half { at, left } => {
                    let side = if *left { "left" } else { "right" };
                    write!(out, ".{side} of {}", text(&at.expr))
                }
                Proj::Array(_) => write!(out, ".array"),
            };
        }
        out
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Place(place) => self.place(place),
            Operand::Ref { place, mutable } => format!(
                "&{}{}",
                if *mutable { "mut " } else { "" },
                self.place(place)
            ),
            Operand::Lit(expr) => text(expr),
            Operand::Code(code) => format!("`{}`", text(&code.expr)),
            Operand::Never => "!".to_owned(),
            Operand::Unit => "()".to_owned(),
        }
    }

    fn operands(&self, operands: &[Operand]) -> String {
        operands
            .iter()
            .map(|it| self.operand(it))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn op(&self, op: &Op) -> String {
        match op {
            Op::Use(it) => self.operand(it),
            Op::Code(code) => format!("`{}`", text(&code.expr)),
            Op::Neg(it) => format!("-{}", self.operand(it)),
            Op::Binary(op, left, right) => {
                format!(
                    "{} {} {}",
                    self.operand(left),
                    op.to_token_stream(),
                    self.operand(right)
                )
            }
            Op::Cast(it, ty) => format!("{} as {}", self.operand(it), text(ty)),
            Op::Method {
                recv, name, args, ..
            } => {
                format!("{}.{name}({})", self.operand(recv), self.operands(args))
            }
            Op::Construct { path, args, .. } => format!("{}({})", text(path), self.operands(args)),
            Op::Call(call) => {
                let callee = match &call.callee {
                    Callee::Function(path) | Callee::Associated(path) => text(path),
                    Callee::Method(name, _) => format!("method {name}"),
                    Callee::Tangent(of) => format!("tangent of {of:?}"),
                };
                format!("call {callee}({})", self.operands(&call.args))
            }
            Op::Foreign { path, args, .. } => {
                format!("foreign {}({})", text(path), self.operands(args))
            }
            Op::Aggregate(kind, items) => {
                let kind = match kind {
                    Aggregate::Tuple => "tuple".to_owned(),
                    Aggregate::Array => "array".to_owned(),
                    Aggregate::Repeat(len) => format!("repeat {}", text(&len.expr)),
                    Aggregate::RepeatMacro(path, len) => {
                        format!("{}! repeat {}", text(path), text(&len.expr))
                    }
                    Aggregate::Payload(path)
                    | Aggregate::New(path)
                    | Aggregate::Boxed(path)
                    | Aggregate::TupleStruct(path) => text(path),
                    Aggregate::Struct {
                        path,
                        members,
                        base,
                        ..
                    } => {
                        let members: Vec<String> = members.iter().map(text).collect();
                        let base = if *base { " .." } else { "" };
                        format!("{} {{{}{base}}}", text(path), members.join(", "))
                    }
                    Aggregate::Macro(path) => format!("{}!", text(path)),
                    Aggregate::MatrixMacro(path, columns) => {
                        format!("{}! columns {columns}", text(path))
                    }
                    Aggregate::Stack(path, columns) => {
                        format!("{}! columns {columns}", text(path))
                    }
                    Aggregate::MatrixNew(path, columns) => {
                        format!("{} columns {columns}", text(path))
                    }
                };
                format!("{kind} [{}]", self.operands(items))
            }
            Op::SumStep(term) => format!("sum step {}", self.operand(term)),
            Op::SumStart => "sum start".to_owned(),
            Op::Build(build) => {
                let params: Vec<String> = build.params.iter().map(|it| self.var(*it)).collect();
                let kind = match &build.kind {
                    BuildKind::Map { recv } => format!("map {}", self.place(recv)),
                    BuildKind::ZipMap { recv, other } => {
                        format!("zip_map {}, {}", self.place(recv), self.operand(other))
                    }
                    BuildKind::FromFn { path, dims } => {
                        let dims: Vec<String> = dims.iter().map(|it| text(&it.expr)).collect();
                        format!("{}[{}]", text(path), dims.join(", "))
                    }
                    BuildKind::Collect { .. } => "collect".to_owned(),
                    BuildKind::FromIterator { path, dims } => {
                        let dims: Vec<String> = dims.iter().map(|it| text(&it.expr)).collect();
                        format!("{}[{}] of", text(path), dims.join(", "))
                    }
                };
                format!(
                    "build {kind} at {} of {} |{}|",
                    self.var(build.index),
                    self.var(build.count),
                    params.join(", ")
                )
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.indent += 1;
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &block.result {
            let result = self.operand(result);
            self.line(&format!("-> {result}"));
        }
        self.indent -= 1;
    }

    fn target(&self, result: Option<VarId>) -> String {
        result.map_or_else(String::new, |it| {
            format!(" into {}{}", self.var(it), (self.note)(it))
        })
    }

    fn exit(&self, exit: &Exit) -> String {
        let kind = match exit.kind {
            ExitKind::Break => "break",
            ExitKind::Continue => "continue",
        };
        let value = exit
            .value
            .as_ref()
            .map_or_else(String::new, |(var, value)| {
                format!(" with {} into {}", self.operand(value), self.var(*var))
            });
        let leaves: Vec<String> = exit.leaves.iter().map(|it| it.0.to_string()).collect();
        format!(
            "exit #{} {kind} '{} leaving {}{value}",
            exit.id,
            exit.label,
            leaves.join(" ")
        )
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => {
                let mutable = if self.func.var(*var).mutable {
                    "mut "
                } else {
                    ""
                };
                let line = format!(
                    "let {mutable}{} = {}{}",
                    self.var(*var),
                    self.op(op),
                    (self.note)(*var)
                );
                self.line(&line);
                if let Op::Build(build) = op {
                    self.block(&build.body);
                }
            }
            StmtKind::Declare { var, .. } => {
                let line = format!("declare {}{}", self.var(*var), (self.note)(*var));
                self.line(&line);
            }
            StmtKind::Alias { var } => {
                let VarKind::Alias {
                    place,
                    depth,
                    writes,
                } = &self.func.var(*var).kind
                else {
                    return;
                };
                let mutable = if *writes { "mut " } else { "" };
                let reference = "&".repeat(usize::from(*depth)) + mutable;
                let line = format!(
                    "alias {} = {reference}{}",
                    self.var(*var),
                    self.place(place)
                );
                self.line(&line);
            }
            StmtKind::Bind {
                pat,
                value,
                bindings,
                ..
            } => {
                let line = format!("bind {} = {}", text(pat), self.operand(value));
                self.line(&line);
                for binding in bindings {
                    if let Some(source) = &binding.source {
                        let line = format!(
                            "  {} from {}{}",
                            self.var(binding.var),
                            self.place(source),
                            (self.note)(binding.var)
                        );
                        self.line(&line);
                    }
                }
            }
            StmtKind::Assign { place, op } => {
                let line = format!("{} = {}", self.place(place), self.op(op));
                self.line(&line);
            }
            StmtKind::Update { op, place, value } => {
                let line = format!(
                    "{} {} {}",
                    self.place(place),
                    op.to_token_stream(),
                    self.operand(value)
                );
                self.line(&line);
            }
            StmtKind::Views {
                pat, init, vars, ..
            } => {
                self.line(&format!("views {} of `{}`", text(pat), text(&init.expr)));
                for var in vars {
                    if let VarKind::Alias { place, .. } = &self.func.var(*var).kind {
                        let line = format!("  {} = {}", self.var(*var), self.place(place));
                        self.line(&line);
                    }
                }
            }
            StmtKind::Mutate(it) => {
                let result = it.result.map_or_else(String::new, |it| {
                    format!(" into {}{}", self.var(it), (self.note)(it))
                });
                let line = format!(
                    "mutate {}.{}({}){result}",
                    self.place(&it.place),
                    it.name,
                    self.operands(&it.args)
                );
                self.line(&line);
            }
            StmtKind::Opaque {
                tokens, mutates, ..
            } => {
                let mutates: Vec<String> = mutates.iter().map(|it| self.var(*it)).collect();
                let mutates = if mutates.is_empty() {
                    String::new()
                } else {
                    format!(" writes {}", mutates.join(", "))
                };
                self.line(&format!("opaque `{}`{mutates}", text(tokens)));
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
                result,
                ..
            } => {
                let line = format!("if `{}`{}", text(&cond.expr), self.target(*result));
                self.line(&line);
                self.block(then);
                self.line("else");
                self.block(otherwise);
            }
            StmtKind::Match {
                scrutinee,
                arms,
                result,
                ..
            } => {
                let line = format!("match {}{}", self.operand(scrutinee), self.target(*result));
                self.line(&line);
                for arm in arms {
                    let guard = arm
                        .guard
                        .as_ref()
                        .map_or_else(String::new, |it| format!(" if `{}`", text(&it.expr)));
                    self.line(&format!("case {}{guard}", text(&arm.pat)));
                    self.block(&arm.body);
                }
            }
            StmtKind::Try { var, value, exit } => {
                let line = format!(
                    "let {} = {}? else {}{}",
                    self.var(*var),
                    self.operand(value),
                    self.exit(exit),
                    (self.note)(*var)
                );
                self.line(&line);
            }
            StmtKind::Loop(it) => {
                let kind = match &it.kind {
                    LoopKind::Count { index, count } => {
                        format!("for {} below {}", self.var(*index), self.var(*count))
                    }
                    LoopKind::Iter { pat, iter, .. } => {
                        format!("for {} in `{}`", text(pat), text(&iter.expr))
                    }
                    LoopKind::While(cond) => format!("while `{}`", text(&cond.expr)),
                    LoopKind::Forever => "loop".to_owned(),
                };
                let line = format!(
                    "'{} scope {}: {kind}{}",
                    it.label,
                    it.scope.0,
                    self.target(it.result)
                );
                self.line(&line);
                self.block(&it.body);
            }
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            } => {
                let line = format!("'{label} scope {}: block{}", scope.0, self.target(*result));
                self.line(&line);
                self.block(body);
            }
            StmtKind::Exit(exit) => {
                let line = self.exit(exit);
                self.line(&line);
            }
        }
    }
}
