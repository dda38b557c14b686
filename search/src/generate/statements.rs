//! Statements.
#![allow(
    clippy::unnecessary_wraps,
    reason = "all that make a statement have one type, for the table"
)]

use super::{Gen, Lock, Made, Ret, Ty, has_part, is_list, other, scalar, statement};
use crate::tree::{Node, Sort, list, node};

type Maker = fn(&mut Gen) -> Made;

const STATEMENTS: &[(usize, &str, Maker)] = &[
    (20, "let", Gen::let_scalar),
    (12, "assignment", Gen::assignment),
    (12, "compound assignment", Gen::compound),
    (4, "tuple let", Gen::tuple_let),
    (3, "tuple assignment", Gen::tuple_assignment),
    (4, "array let", Gen::array_let),
    (4, "vec let", Gen::vec_let),
    (2, "grid let", Gen::grid_let),
    (14, "element write", Gen::element_write),
    (8, "list edit", Gen::list_edit),
    (9, "if", Gen::if_statement),
    (4, "match", Gen::match_statement),
    (8, "for range", Gen::for_range),
    (6, "for iter", Gen::for_iter),
    (6, "for iter_mut", Gen::for_iter_mut),
    (5, "while", Gen::while_loop),
    (3, "while let pop", Gen::while_pop),
    (3, "loop with value", Gen::loop_value),
    (8, "exit", Gen::exit),
    (3, "let else", Gen::let_else),
    (4, "closure", Gen::closure),
    (4, "mutable closure", Gen::mutable_closure),
    (5, "mutable view", Gen::view),
    (3, "split_at_mut", Gen::split),
    (3, "chunks_exact_mut", Gen::chunks_mut),
    (4, "swap and replace", Gen::swap),
    (3, "struct let", Gen::struct_let),
    (4, "field without derivative written", Gen::field_written),
    (3, "let of a field without derivative", Gen::field_let),
    (2, "number without derivative written", Gen::number_written),
    (3, "for over a field without derivative", Gen::for_field),
    (
        2,
        "pattern with a field without derivative",
        Gen::field_pattern,
    ),
    (3, "struct pattern", Gen::struct_pattern),
    (4, "method with &mut self", Gen::method),
    (3, "enum let", Gen::enum_let),
    (4, "enum written", Gen::enum_written),
    (7, "call with &mut", Gen::call_statement),
    (4, "counter", Gen::counter),
    (3, "stack of usize", Gen::worklist),
    (3, "option let", Gen::option_let),
    (3, "option written", Gen::option_written),
    (2, "question mark", Gen::question),
    (4, "nalgebra let", Gen::matrix_let),
    (4, "nalgebra written", Gen::matrix_written),
    (3, "reference to a variable", Gen::reference),
    (2, "deferred let", Gen::deferred),
    (2, "array pattern", Gen::array_pattern),
    (2, "block", Gen::block),
    (2, "for_each", Gen::for_each),
    (3, "loop-local buffer", Gen::local_buffer),
    (2, "sort", Gen::sort),
];

/// The names of all constructs.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    STATEMENTS.iter().map(|k| k.1)
}

impl Gen {
    pub(super) fn statement(&mut self) -> Made {
        self.budget -= 1;
        let total: usize = STATEMENTS.iter().map(|k| k.0).sum();
        for _ in 0..30 {
            let mut at = self.below(total);
            let (_, tag, make) = STATEMENTS
                .iter()
                .find(|k| {
                    if at < k.0 {
                        return true;
                    }
                    at -= k.0;
                    false
                })
                .expect("a kind");
            if self.banned.contains(tag) {
                continue;
            }
            let count = self.locks.len();
            let made = make(self);
            self.locks.truncate(count);
            if let Some(made) = made {
                self.tag(tag);
                return Some(made);
            }
        }
        None
    }

    pub(super) fn nested(&mut self) -> bool {
        self.budget > 0 && self.nesting < 4
    }

    fn let_scalar(&mut self) -> Made {
        let value = if self.loops.is_empty() {
            self.scalar(0)
        } else {
            self.assigned()
        };
        let (name, mutable) = (self.name(), self.chance(0.6));
        let ty = if value.size() < 14 || self.chance(0.4) {
            ": §"
        } else {
            ""
        };
        self.declare(&name, Ty::F, mutable, 0);
        let keyword = if mutable { "mut " } else { "" };
        Some(statement(
            &format!("let {keyword}{name}{ty} = $;\n"),
            vec![value],
        ))
    }

    fn assignment(&mut self) -> Made {
        let var = self.pick_mut(|v| matches!(v.ty, Ty::F | Ty::MutRef))?;
        let value = if self.chance(0.12) {
            scalar(self.literal())
        } else {
            self.assigned()
        };
        let part = self.written_part(&var);
        Some(statement(&format!("{part} = $;\n"), vec![value]))
    }

    fn operate(&mut self, place: &str) -> Node {
        if self.chance(0.15) {
            let d = self.tame(1);
            return statement(
                &format!(
                    "⟪{place} /= 1.5 + (¦{{ let by = konst(1.5) + (⟫$⟪).powi(2)¦).powi(2); {place} /= by; }}⟫;\n"
                ),
                vec![d],
            );
        }
        let (op, value) = if self.loops.is_empty() {
            (self.choose(&["+=", "-=", "*="]), self.scalar(1))
        } else {
            (self.choose(&["+=", "-=", "*="]), self.tame(1))
        };
        statement(
            &format!("⟪{place} {op} ¦{{ let by = ⟫$⟪¦; {place} {op} by; }}⟫;\n"),
            vec![value],
        )
    }

    fn compound(&mut self) -> Made {
        let var = self.pick_mut(|v| matches!(v.ty, Ty::F | Ty::MutRef | Ty::Tup))?;
        let part = self.written_part(&var);
        Some(self.operate(&part))
    }

    fn tuple_let(&mut self) -> Made {
        let (a, b) = (self.scalar(1), self.scalar(1));
        let (n1, n2) = (self.name(), self.name());
        if n1 == n2 || self.chance(0.4) {
            let mutable = self.chance(0.6);
            self.declare(&n1, Ty::Tup, mutable, 0);
            let keyword = if mutable { "mut " } else { "" };
            return Some(statement(
                &format!("let {keyword}{n1}: (§, §) = ($, $);\n"),
                vec![a, b],
            ));
        }
        let (m1, m2) = (self.chance(0.5), self.chance(0.5));
        self.declare(&n1, Ty::F, m1, 0);
        self.declare(&n2, Ty::F, m2, 0);
        let keyword = |m| if m { "mut " } else { "" };
        Some(statement(
            &format!(
                "let ({}{n1}, {}{n2}): (§, §) = ($, $);\n",
                keyword(m1),
                keyword(m2)
            ),
            vec![a, b],
        ))
    }

    fn tuple_assignment(&mut self) -> Made {
        let a = self.place()?;
        let id = *self.written.last()?;
        self.locks.push((id, Lock::Write));
        let b = self.place()?;
        let (p, q) = (self.tame(1), self.assigned());
        Some(statement(&format!("({a}, {b}) = ($, $);\n"), vec![p, q]))
    }

    fn array_let(&mut self) -> Made {
        let value = self.array(1)?;
        let (name, mutable) = (self.name(), self.chance(0.75));
        self.declare(&name, Ty::Arr, mutable, 3);
        let keyword = if mutable { "mut " } else { "" };
        Some(statement(
            &format!("let {keyword}{name}: [§; 3] = $;\n"),
            vec![value],
        ))
    }

    fn vec_let(&mut self) -> Made {
        let value = self.vec(1)?;
        let (name, mutable) = (self.name(), self.chance(0.8));
        self.declare(&name, Ty::Vec, mutable, 2);
        let keyword = if mutable { "mut " } else { "" };
        Some(statement(
            &format!("let {keyword}{name}: Vec<§> = $;\n"),
            vec![value],
        ))
    }

    fn grid_let(&mut self) -> Made {
        let (a, b) = (self.scalar(1), self.scalar(1));
        let name = self.name();
        self.declare(&name, Ty::Grid, true, 0);
        Some(if self.chance(0.5) {
            statement(
                &format!("let mut {name}: [[§; 2]; 3] = [[$, $]; 3];\n"),
                vec![a, b],
            )
        } else {
            statement(
                &format!(
                    "let mut {name}: Vec<Vec<§>> = vec![vec![⟦0.0⟧, $], vec![$; 2], vec![⟦1.0⟧; 2]];\n"
                ),
                vec![a, b],
            )
        })
    }

    fn element_write(&mut self) -> Made {
        let var = self.pick_mut(|v| has_part(v) && v.ty != Ty::F)?;
        let part = self.written_part(&var);
        if self.chance(0.5) {
            return Some(self.operate(&part));
        }
        let value = self.assigned();
        Some(statement(&format!("{part} = $;\n"), vec![value]))
    }

    fn list_edit(&mut self) -> Made {
        if self.chance(0.4) {
            let var = self.pick_mut(|v| is_list(v.ty) && v.len >= 2)?;
            let name = var.name;
            let (i, j) = (self.index(), self.index());
            let text = match self.below(5) {
                0 if var.ty == Ty::Vec => format!("{name}.swap({i} % 2, {j} % 2);\n"),
                0 => format!("{name}.swap({i} % {}, {j} % {});\n", var.len, var.len),
                1 => format!("{name}.reverse();\n"),
                2 => format!("{name}.rotate_left(1);\n"),
                3 => {
                    self.locks.push((var.id, Lock::Use));
                    let a = self.atom();
                    return Some(statement(&format!("{name}.fill($);\n"), vec![a]));
                }
                _ => {
                    self.locks.push((var.id, Lock::Use));
                    let source = self.pick(|v| is_list(v.ty) && v.len >= 2)?;
                    format!("{name}[..2].copy_from_slice(&{}[..2]);\n", source.name)
                }
            };
            return Some(statement(&text, Vec::new()));
        }
        let var = self.pick_mut(|v| v.ty == Ty::Vec)?;
        let name = var.name;
        if self.chance(0.4) {
            // What is pushed may read the list, not write to it.
            self.locks.push((var.id, Lock::Write));
            let value = self.assigned();
            return Some(statement(&format!("{name}.push($);\n"), vec![value]));
        }
        let place = {
            let count = self.locks.len();
            self.locks.push((var.id, Lock::Use));
            let place = self.place();
            self.locks.truncate(count);
            place
        };
        Some(match self.below(6) {
            0 => statement(&format!("{name}.truncate(2);\n"), Vec::new()),
            1 => statement(
                &format!("if {name}.len() > 2 {{ {name}.pop(); }}\n"),
                Vec::new(),
            ),
            2 => statement(
                &format!(
                    "if {name}.len() > 2 && let Some(top) = {name}.pop() {{ {} += ⟦0.5⟧ * top; }}\n",
                    place?
                ),
                Vec::new(),
            ),
            3 => {
                self.locks.push((var.id, Lock::Use));
                let source = self.pick(|v| is_list(v.ty))?;
                statement(
                    &format!("{name}.extend_from_slice(&{}[..1]);\n", source.name),
                    Vec::new(),
                )
            }
            4 => {
                let value = self.vec(1)?;
                statement(&format!("{name} = $;\n"), vec![value])
            }
            _ => {
                let (a, b) = (self.atom(), self.atom());
                statement(
                    &format!("{name}.clear();\n{name}.push($);\n{name}.push($);\n"),
                    vec![other_atom(a, &name), other_atom(b, &name)],
                )
            }
        })
    }

    fn if_statement(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let c = self.condition(0);
        let a = self.body(3);
        if self.chance(0.5) {
            return Some(statement("if $ $\n", vec![c, a]));
        }
        let b = self.body(2);
        if self.chance(0.3) {
            let (c2, d) = (self.condition(0), self.body(2));
            return Some(statement(
                "if $ $ else if $ $$\n",
                vec![c, a, c2, d, node(Sort::Extra, " else $", vec![b])],
            ));
        }
        Some(statement(
            "if $ $$\n",
            vec![c, a, node(Sort::Extra, " else $", vec![b])],
        ))
    }

    fn match_statement(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let i = self.index();
        let guard = self.guard();
        let (a, b, c) = (self.body(2), self.body(2), self.body(2));
        Some(statement(
            &format!("match {i} % 4 {{\n0 => $\n1..=2 if $ => $\n_ => $\n}}\n"),
            vec![a, guard, b, c],
        ))
    }

    pub(super) fn label(&mut self) -> (String, Option<String>) {
        if self.chance(0.35) {
            let label = self.fresh("'l");
            (format!("{label}: "), Some(label))
        } else {
            (String::new(), None)
        }
    }

    pub(super) fn looped(
        &mut self,
        label: Option<String>,
        most: usize,
        vars: &[(&str, Ty, bool, usize)],
    ) -> Node {
        self.loops.push(label);
        let labelled = std::mem::take(&mut self.labelled);
        let body = self.body_with(most, vars);
        self.labelled = labelled;
        self.loops.pop();
        body
    }

    fn for_range(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let (text, label) = self.label();
        let i = self.choose(&["i", "j", "k"]);
        let range = self.choose(&[
            "0..3",
            "0..n",
            "1..=2",
            "(0..3).rev()",
            "(0..5).step_by(2)",
            "1..n.min(3)",
            "[2, 0, 1, 2]",
        ]);
        let body = self.looped(label, 4, &[(i, Ty::U, false, 0)]);
        Some(statement(
            &format!("{text}for {i} in {range} $\n"),
            vec![body],
        ))
    }

    fn for_iter(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let (text, label) = self.label();
        let var = self.pick(|v| is_list(v.ty))?;
        self.locks.push((var.id, Lock::Write));
        let (a, v) = (self.choose(&["a", "h", "item"]), var.name);
        Some(match self.below(6) {
            0 => {
                let body = self.looped(label, 3, &[(a, Ty::F, false, 0)]);
                let reference = match var.ty {
                    Ty::Sl => "",
                    Ty::SlMut => "&*",
                    _ => "&",
                };
                statement(&format!("{text}for &{a} in {reference}{v} $\n"), vec![body])
            }
            1 => {
                let body = self.looped(label, 3, &[(a, Ty::Ref, false, 0)]);
                statement(
                    &format!("{text}for {a} in {v}.iter().rev() $\n"),
                    vec![body],
                )
            }
            2 => {
                let body = self.looped(label, 3, &[("i", Ty::U, false, 0), (a, Ty::Ref, false, 0)]);
                statement(
                    &format!("{text}for (i, {a}) in {v}.iter().enumerate() $\n"),
                    vec![body],
                )
            }
            3 => {
                let w = self.pick(|v| is_list(v.ty))?;
                self.locks.push((w.id, Lock::Write));
                let body = self.looped(
                    label,
                    3,
                    &[(a, Ty::Ref, false, 0), ("o", Ty::Ref, false, 0)],
                );
                statement(
                    &format!(
                        "{text}for ({a}, o) in {v}.iter().zip({}.iter()) $\n",
                        w.name
                    ),
                    vec![body],
                )
            }
            4 => {
                let body = self.looped(label, 3, &[("win", Ty::Sl, false, 2)]);
                let way = self.choose(&["windows(2)", "chunks_exact(2)"]);
                statement(&format!("{text}for win in {v}.{way} $\n"), vec![body])
            }
            _ => {
                let body = self.looped(label, 3, &[(a, Ty::Ref, false, 0)]);
                let way = self.choose(&[
                    "iter()",
                    "iter().skip(1)",
                    "iter().step_by(2)",
                    "iter().take(2)",
                ]);
                statement(&format!("{text}for {a} in {v}.{way} $\n"), vec![body])
            }
        })
    }

    fn for_iter_mut(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let (text, label) = self.label();
        let var = self.pick_mut(|v| is_list(v.ty))?;
        self.locks.push((var.id, Lock::Use));
        let (a, v) = (self.choose(&["a", "h", "item"]), var.name);
        let item = (a, Ty::MutRef, true, 0);
        Some(match self.below(5) {
            0 if var.ty != Ty::SlMut => {
                let body = self.looped(label, 3, &[item]);
                statement(&format!("{text}for {a} in &mut {v} $\n"), vec![body])
            }
            1 => {
                let body = self.looped(label, 3, &[("i", Ty::U, false, 0), item]);
                statement(
                    &format!("{text}for (i, {a}) in {v}.iter_mut().enumerate() $\n"),
                    vec![body],
                )
            }
            2 => {
                let w = self.pick(|v| is_list(v.ty))?;
                self.locks.push((w.id, Lock::Write));
                let body = self.looped(label, 3, &[item, ("o", Ty::Ref, false, 0)]);
                statement(
                    &format!(
                        "{text}for ({a}, o) in {v}.iter_mut().zip({}.iter()) $\n",
                        w.name
                    ),
                    vec![body],
                )
            }
            3 => {
                let body = self.looped(label, 3, &[item]);
                statement(
                    &format!("{text}for {a} in {v}.iter_mut().rev() $\n"),
                    vec![body],
                )
            }
            _ => {
                let body = self.looped(label, 3, &[item]);
                statement(&format!("{text}for {a} in {v}.iter_mut() $\n"), vec![body])
            }
        })
    }

    fn for_each(&mut self) -> Made {
        let var = self.pick_mut(|v| is_list(v.ty))?;
        self.locks.push((var.id, Lock::Use));
        let value = self.in_closure(None, |g| {
            g.scoped(|g| {
                g.declare("a", Ty::MutRef, true, 0);
                g.tame(2)
            })
        });
        Some(statement(
            &format!("{}.iter_mut().for_each(|a| *a = $);\n", var.name),
            vec![value],
        ))
    }

    fn while_loop(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let (text, label) = self.label();
        let c = self.fresh("c");
        let most = 1 + self.below(4);
        let extra = if self.chance(0.5) {
            node(Sort::Extra, " && ($)", vec![self.condition(1)])
        } else {
            list(Sort::Other, Vec::new())
        };
        let statements = {
            self.loops.push(label);
            let out = self.scoped(|g| {
                g.declare(&c, Ty::U, false, 0);
                g.statements(3)
            });
            self.loops.pop();
            out
        };
        Some(statement(
            &format!("let mut {c} = 0_usize;\n{text}while {c} < {most}$ {{\n{c} += 1;\n$}}\n"),
            vec![extra, statements],
        ))
    }

    fn while_pop(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let source = self.vec(1)?;
        let stack = self.fresh("stack");
        let body = self.looped(None, 3, &[("top", Ty::F, true, 0)]);
        if self.chance(0.5) {
            let value = self.scoped(|g| {
                g.declare("top", Ty::F, false, 0);
                g.tame(1)
            });
            let c = self.fresh("c");
            return Some(statement(
                &format!(
                    "let mut {stack}: Vec<§> = $;\nlet mut {c} = 0_usize;\nwhile let Some(mut top) = {stack}.pop() {{\nif {c} < 2 {{ {c} += 1;\n{stack}.push($); }}\n$\n}}\n"
                ),
                vec![source, value, body],
            ));
        }
        Some(statement(
            &format!("let mut {stack}: Vec<§> = $;\nwhile let Some(mut top) = {stack}.pop() $\n"),
            vec![source, body],
        ))
    }

    fn loop_value(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let c = self.fresh("c");
        let most = 1 + self.below(3);
        let loops = std::mem::take(&mut self.loops);
        let made = self.scoped(|g| {
            g.declare(&c, Ty::U, false, 0);
            // Plain `break` would have no value: only `return` leaves from within.
            let statements = g.statements(3);
            let (condition, early, late) = (g.condition(1), g.scalar(1), g.atom());
            vec![statements, condition, early, late]
        });
        self.loops = loops;
        let (name, mutable) = (self.name(), self.chance(0.5));
        self.declare(&name, Ty::F, mutable, 0);
        let keyword = if mutable { "mut " } else { "" };
        Some(statement(
            &format!(
                "let mut {c} = 0_usize;\nlet {keyword}{name}: § = loop {{\n{c} += 1;\n$if $ {{ break $; }}\nif {c} > {most} {{ break ⟦0.3⟧ * $; }}\n}};\n"
            ),
            made,
        ))
    }

    fn exit(&mut self) -> Made {
        let condition = self.condition(0);
        let exit = if !self.loops.is_empty() && self.chance(0.65) {
            let label = self.choose(&self.loops.clone());
            let word = self.choose(&["break", "continue"]);
            match label {
                Some(label) => other(format!("{word} {label};")),
                None => other(format!("{word};")),
            }
        } else {
            let ret = self.ret?;
            let value = self.returned(ret, 1);
            node(Sort::Other, "return $;", vec![value])
        };
        if self.chance(0.3) && self.budget > 0 {
            let before = self.body(2);
            return Some(statement("if $ { $ $ }\n", vec![condition, before, exit]));
        }
        Some(statement("if $ { $ }\n", vec![condition, exit]))
    }

    fn let_else(&mut self) -> Made {
        let ret = self.ret?;
        let source = self.pick(|v| v.ty == Ty::Opt)?;
        let exit = if !self.loops.is_empty() && self.labelled == 0 && self.chance(0.5) {
            other(self.choose(&["break", "continue"]))
        } else {
            let value = self.returned(ret, 2);
            node(Sort::Other, "return $", vec![value])
        };
        let name = self.name();
        self.declare(&name, Ty::F, false, 0);
        Some(statement(
            &format!("let Some({name}) = {} else {{ $ }};\n", source.name),
            vec![exit],
        ))
    }

    fn question(&mut self) -> Made {
        if self.ret != Some(Ret::Opt) {
            return None;
        }
        let source = self.pick(|v| v.ty == Ty::Opt)?;
        let name = self.name();
        self.declare(&name, Ty::F, true, 0);
        Some(statement(
            &format!("let mut {name} = {}? * ⟦0.7⟧;\n", source.name),
            Vec::new(),
        ))
    }

    fn closure(&mut self) -> Made {
        if !self.nested() || self.ret.is_none() {
            return None;
        }
        let name = self.choose(&["f", "func"]);
        let argument = self.choose(&["h", "x", "t"]);
        let mark = self.used.len();
        // It is not `mut`, so it cannot call one that writes.
        let count = self.locks.len();
        let writing = self.visible().into_iter();
        let writing = writing.filter(|it| it.ty == Ty::Fun && it.mutable);
        self.locks.extend(writing.map(|it| (it.id, Lock::Use)));
        let body = self.in_closure(Some(Ret::F), |g| {
            g.scoped(|g| {
                g.declare(argument, Ty::F, false, 0);
                if g.chance(0.6) {
                    let statements = g.statements(2);
                    let value = g.scalar(1);
                    node(Sort::Other, "{\n$$\n}", vec![statements, value])
                } else {
                    g.scalar(1)
                }
            })
        });
        self.locks.truncate(count);
        let used: Vec<usize> = self.used[mark..].to_vec();
        self.locks
            .extend(used.into_iter().map(|id| (id, Lock::Write)));
        let result = if body.sort == Sort::Other {
            " -> §"
        } else {
            ""
        };
        let head = statement(
            &format!("let {name} = |{argument}: §|{result} $;\n"),
            vec![body],
        );
        Some(self.group(head, &[(name, Ty::Fun, false, 0)]))
    }

    fn mutable_closure(&mut self) -> Made {
        if !self.nested() || self.ret.is_none() {
            return None;
        }
        let name = self.choose(&["f", "update"]);
        let argument = self.choose(&["h", "k", "by"]);
        // One variable is written, the others are read.
        let target = self.pick_mut(|v| matches!(v.ty, Ty::F | Ty::Arr | Ty::Vec | Ty::Tup))?;
        let mark = self.used.len();
        let count = self.locks.len();
        let part = self.written_part(&target);
        let (first, last) = self.in_closure(Some(Ret::F), |g| {
            g.scoped(|g| {
                g.declare(argument, Ty::F, false, 0);
                let first = g.tame(1);
                let last = g.scalar(1);
                (first, last)
            })
        });
        self.locks.truncate(count);
        let used: Vec<usize> = self.used[mark..].to_vec();
        self.locks
            .extend(used.into_iter().map(|id| (id, Lock::Write)));
        self.locks.push((target.id, Lock::Use));
        let head = statement(
            &format!("let mut {name} = |{argument}: §| -> § {{\n$$\n}};\n"),
            vec![statement(&format!("{part} = $;\n"), vec![first]), last],
        );
        Some(self.group(head, &[(name, Ty::Fun, true, 0)]))
    }

    /// Statements that see some variables, which end with them.
    pub(super) fn group(&mut self, head: Node, vars: &[(&str, Ty, bool, usize)]) -> Node {
        let ids: Vec<usize> = vars
            .iter()
            .map(|(name, ty, mutable, len)| self.declare(name, *ty, *mutable, *len))
            .collect();
        let count = 1 + self.below(3);
        let mut all = vec![head];
        self.nesting += 1;
        for _ in 0..count {
            all.extend(self.statement());
        }
        self.nesting -= 1;
        for id in ids {
            self.forget(id);
        }
        list(Sort::Other, all)
    }

    fn view(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let var = self.pick_mut(|v| is_list(v.ty) && v.len >= 2)?;
        let i = self.index();
        let (range, len) = match self.below(4) {
            0 => ("1..".to_string(), var.len - 1),
            1 => ("..2".to_string(), 2),
            2 => (format!("{i} % 2..2"), 1),
            _ => ("..".to_string(), var.len),
        };
        self.locks.push((var.id, Lock::Use));
        let name = self.choose(&["part", "view", "w"]);
        let head = statement(
            &format!("let {name} = &mut {}[{range}];\n", var.name),
            Vec::new(),
        );
        Some(self.group(head, &[(name, Ty::SlMut, true, len)]))
    }

    fn split(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let var = self.pick_mut(|v| is_list(v.ty) && v.len >= 2)?;
        self.locks.push((var.id, Lock::Use));
        let head = statement(
            &format!("let (left, right) = {}.split_at_mut(1);\n", var.name),
            Vec::new(),
        );
        Some(self.group(
            head,
            &[
                ("left", Ty::SlMut, true, 1),
                ("right", Ty::SlMut, true, var.len - 1),
            ],
        ))
    }

    fn chunks_mut(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let var = self.pick_mut(|v| is_list(v.ty) && v.len >= 2)?;
        self.locks.push((var.id, Lock::Use));
        let (text, label) = self.label();
        if self.chance(0.3) {
            let body = self.looped(
                label,
                3,
                &[("i", Ty::U, false, 0), ("row", Ty::SlMut, true, 2)],
            );
            return Some(statement(
                &format!(
                    "{text}for (i, row) in {}.chunks_exact_mut(2).enumerate() $\n",
                    var.name
                ),
                vec![body],
            ));
        }
        let body = self.looped(label, 3, &[("row", Ty::SlMut, true, 2)]);
        Some(statement(
            &format!("{text}for row in {}.chunks_exact_mut(2) $\n", var.name),
            vec![body],
        ))
    }

    fn swap(&mut self) -> Made {
        let kind = self.choose(&[Ty::F, Ty::Arr, Ty::Vec, Ty::Tup, Ty::V3]);
        let a = self.pick_mut(|v| v.ty == kind)?;
        self.locks.push((a.id, Lock::Use));
        if kind == Ty::Vec && self.chance(0.3) {
            let new = self.vec(1)?;
            let name = self.name();
            self.declare(&name, Ty::Vec, true, 2);
            return Some(statement(
                &format!(
                    "let mut {name}: Vec<§> = std::mem::replace(&mut {}, $);\n",
                    a.name
                ),
                vec![new],
            ));
        }
        if kind == Ty::F && self.chance(0.5) {
            let new = self.assigned();
            let name = self.name();
            let head = format!("std::mem::replace(&mut {}, $)", a.name);
            self.declare(&name, Ty::F, false, 0);
            return Some(statement(&format!("let {name} = {head};\n"), vec![new]));
        }
        if let Some(b) = self.pick_mut(|v| v.ty == kind) {
            return Some(statement(
                &format!("std::mem::swap(&mut {}, &mut {});\n", a.name, b.name),
                Vec::new(),
            ));
        }
        None
    }

    fn struct_let(&mut self) -> Made {
        if self.structs.is_empty() {
            return None;
        }
        let k = self.below(self.structs.len());
        let def = self.structs[k].clone();
        let mutable = self.chance(0.8);
        let name = self.name();
        let mut children = Vec::new();
        let mut fields = Vec::new();
        for (field, ty) in &def.fields {
            let child = match ty {
                Ty::F => self.scalar(1),
                Ty::Arr => self.array(2)?,
                _ => self.vec(2)?,
            };
            children.push(child);
            fields.push(format!("{field}: $"));
        }
        for field in def.underived {
            children.push(self.field_value(field));
            fields.push(format!("{}: $", field.name()));
        }
        self.declare(&name, Ty::St(k), mutable, 0);
        let keyword = if mutable { "mut " } else { "" };
        Some(statement(
            &format!(
                "let {keyword}{name} = {} {{ {} }};\n",
                def.name,
                fields.join(", ")
            ),
            children,
        ))
    }

    fn struct_pattern(&mut self) -> Made {
        let var = self.pick_mut(|v| matches!(v.ty, Ty::St(_)))?;
        let Ty::St(k) = var.ty else { return None };
        let def = self.structs[k].clone();
        let &(field, ty) = def.fields.first()?;
        self.locks.push((var.id, Lock::Use));
        let head = statement(
            &format!("let {} {{ {field}, .. }} = &mut {};\n", def.name, var.name),
            Vec::new(),
        );
        let ty = match ty {
            Ty::F => Ty::MutRef,
            _ => Ty::SlMut,
        };
        if ty == Ty::SlMut {
            return None;
        }
        Some(self.group(head, &[(field, ty, true, 0)]))
    }

    fn method(&mut self) -> Made {
        let sigs: Vec<_> = self
            .sigs
            .iter()
            .filter(|s| matches!(s.params.first(), Some(Ty::StMut(_))))
            .cloned()
            .collect();
        if sigs.is_empty() {
            return None;
        }
        let sig = self.choose(&sigs);
        self.call_bound(&sig)
    }

    fn call_statement(&mut self) -> Made {
        if self.sigs.is_empty() {
            return None;
        }
        let sig = self.choose(&self.sigs.clone());
        self.call_bound(&sig)
    }

    fn call_bound(&mut self, sig: &super::Sig) -> Made {
        let call = self.call(sig, 1)?;
        let name = self.name();
        let (ty, len) = match sig.ret {
            Ret::Unit => return Some(statement("$;\n", vec![call])),
            Ret::F => (Ty::F, 0),
            Ret::Tup => (Ty::Tup, 0),
            Ret::Arr => (Ty::Arr, 3),
            Ret::Vec => (Ty::Vec, 2),
            Ret::Opt => {
                if self.ret == Some(Ret::Opt) && self.chance(0.5) {
                    self.tag("question mark");
                    self.declare(&name, Ty::F, true, 0);
                    return Some(statement(&format!("let mut {name} = $?;\n"), vec![call]));
                }
                (Ty::Opt, 0)
            }
        };
        self.declare(&name, ty, true, len);
        Some(statement(&format!("let mut {name} = $;\n"), vec![call]))
    }

    fn enum_let(&mut self) -> Made {
        if self.enums.is_empty() {
            return None;
        }
        let k = self.below(self.enums.len());
        let name = self.name();
        let value = self.enum_value(k);
        self.declare(&name, Ty::En(k), true, 0);
        Some(statement(&format!("let mut {name} = $;\n"), vec![value]))
    }

    fn enum_value(&mut self, k: usize) -> Node {
        let (def, a, b, c) = (
            self.enums[k].clone(),
            self.scalar(1),
            self.scalar(1),
            self.atom(),
        );
        let i = self.index();
        match self.below(5) {
            0 => node(Sort::Other, &format!("{def}::One($)"), vec![a]),
            1 => node(
                Sort::Other,
                &format!("{def}::Two {{ l: $, m: $ }}"),
                vec![a, b],
            ),
            2 => node(
                Sort::Other,
                &format!("if {i} % 2 == 0 {{ {def}::One($) }} else {{ {def}::None }}"),
                vec![a],
            ),
            3 => node(
                Sort::Other,
                &format!(
                    "match {i} % 3 {{ 0 => {def}::None, 1 => {def}::One($), _ => {def}::Two {{ l: $, m: $ }} }}"
                ),
                vec![a.clone(), b, a],
            ),
            _ => node(
                Sort::Other,
                &format!(
                    "if $ > ⟦0.4⟧ {{ {def}::One($) }} else {{ {def}::Two {{ l: ⟦0.1⟧, m: $ }} }}"
                ),
                vec![c, a, b],
            ),
        }
    }

    fn enum_written(&mut self) -> Made {
        let var = self.pick_mut(|v| matches!(v.ty, Ty::En(_)))?;
        let Ty::En(k) = var.ty else { return None };
        let (def, name) = (self.enums[k].clone(), var.name.clone());
        if self.chance(0.4) || !self.nested() {
            let value = self.enum_value(k);
            return Some(statement(&format!("{name} = $;\n"), vec![value]));
        }
        self.locks.push((var.id, Lock::Use));
        if self.chance(0.4) {
            let body = self.body_with(2, &[("h", Ty::MutRef, true, 0)]);
            return Some(statement(
                &format!("if let {def}::One(h) = &mut {name} $\n"),
                vec![body],
            ));
        }
        let a = self.body_with(2, &[("h", Ty::MutRef, true, 0)]);
        let b = self.body_with(2, &[("l", Ty::MutRef, true, 0), ("m", Ty::MutRef, true, 0)]);
        Some(statement(
            &format!(
                "match &mut {name} {{\n{def}::One(h) => $\n{def}::Two {{ l, m }} => $\n{def}::None => {{}}\n}}\n"
            ),
            vec![a, b],
        ))
    }

    fn counter(&mut self) -> Made {
        if let Some(var) = self.pick_mut(|v| v.ty == Ty::U)
            && self.chance(0.6)
        {
            let i = self.index();
            return Some(statement(
                &match self.below(3) {
                    0 => format!("{} += 1;\n", var.name),
                    1 => format!("{} = {i} % 5;\n", var.name),
                    _ => format!("{0} = ({0} * 2 + 1) % 7;\n", var.name),
                },
                Vec::new(),
            ));
        }
        let name = self.fresh("at");
        let i = self.index();
        self.declare(&name, Ty::U, true, 0);
        Some(statement(
            &format!("let mut {name}: usize = {i} % 6;\n"),
            Vec::new(),
        ))
    }

    fn worklist(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let stack = self.fresh("todo");
        let body = self.looped(None, 3, &[("next", Ty::U, false, 0)]);
        Some(statement(
            &format!(
                "let mut {stack} = vec![1_usize, 2];\nwhile let Some(next) = {stack}.pop() {{\nif next < 4 && next % 2 == 1 {{ {stack}.push(next + 2); }}\n$\n}}\n"
            ),
            vec![body],
        ))
    }

    fn option_let(&mut self) -> Made {
        let name = self.name();
        let value = self.option();
        self.declare(&name, Ty::Opt, true, 0);
        Some(statement(
            &format!("let mut {name}: Option<§> = $;\n"),
            vec![value],
        ))
    }

    fn option(&mut self) -> Node {
        let (c, a) = (self.condition(1), self.scalar(1));
        match self.below(4) {
            0 => node(Sort::Other, "Some($)", vec![a]),
            1 => other("None"),
            2 => {
                if let Some(var) = self.pick(|v| is_list(v.ty)) {
                    return other(format!("{}.first().copied()", var.name));
                }
                node(Sort::Other, "Some($)", vec![a])
            }
            _ => node(Sort::Other, "if $ { Some($) } else { None }", vec![c, a]),
        }
    }

    fn option_written(&mut self) -> Made {
        let var = self.pick_mut(|v| v.ty == Ty::Opt)?;
        let name = var.name;
        if self.chance(0.4) || !self.nested() {
            let value = self.option();
            return Some(statement(&format!("{name} = $;\n"), vec![value]));
        }
        self.locks.push((var.id, Lock::Use));
        match self.below(3) {
            0 => {
                let body = self.body_with(2, &[("h", Ty::MutRef, true, 0)]);
                Some(statement(
                    &format!("if let Some(h) = &mut {name} $\n"),
                    vec![body],
                ))
            }
            1 => {
                let new = self.name();
                self.declare(&new, Ty::Opt, false, 0);
                Some(statement(
                    &format!("let {new} = {name}.take();\n"),
                    Vec::new(),
                ))
            }
            _ => {
                let body = self.body_with(2, &[("h", Ty::MutRef, true, 0)]);
                Some(statement(
                    &format!("if let Some(h) = {name}.as_mut() $\n"),
                    vec![body],
                ))
            }
        }
    }

    fn matrix_let(&mut self) -> Made {
        let name = self.name();
        let mutable = self.chance(0.7);
        let keyword = if mutable { "mut " } else { "" };
        if self.chance(0.5) {
            let value = self.dvector(1)?;
            self.declare(&name, Ty::Dv, mutable, 3);
            return Some(statement(
                &format!("let {keyword}{name}: DVector<§> = $;\n"),
                vec![value],
            ));
        }
        let value = self.vector3(1)?;
        self.declare(&name, Ty::V3, mutable, 3);
        Some(statement(
            &format!("let {keyword}{name}: Vector3<§> = $;\n"),
            vec![value],
        ))
    }

    fn matrix_written(&mut self) -> Made {
        let var = self.pick_mut(|v| matches!(v.ty, Ty::V3 | Ty::Dv))?;
        let name = var.name.clone();
        match self.below(3) {
            0 => {
                let k = self.tame(1);
                Some(statement(&format!("{name} *= $;\n"), vec![k]))
            }
            1 => {
                self.locks.push((var.id, Lock::Use));
                let value = if var.ty == Ty::V3 {
                    self.vector3(1)?
                } else {
                    self.dvector(1)?
                };
                let op = self.choose(&["+=", "-="]);
                Some(statement(
                    &format!("{name} {op} ($) * ⟦0.5⟧;\n"),
                    vec![value],
                ))
            }
            _ => {
                let value = if var.ty == Ty::V3 {
                    self.vector3(1)?
                } else {
                    self.dvector(1)?
                };
                Some(statement(&format!("{name} = ($) * ⟦0.8⟧;\n"), vec![value]))
            }
        }
    }

    fn reference(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let var = self.pick_mut(has_part)?;
        let part = self.written_part(&var);
        self.locks.push((var.id, Lock::Use));
        let name = self.choose(&["r", "slot", "here"]);
        let head = statement(&format!("let {name} = &mut {part};\n"), Vec::new());
        Some(self.group(head, &[(name, Ty::MutRef, true, 0)]))
    }

    fn deferred(&mut self) -> Made {
        let name = self.fresh("late");
        let (c, a, b) = (self.condition(1), self.scalar(1), self.scalar(1));
        self.declare(&name, Ty::F, false, 0);
        Some(statement(
            &format!("let {name}: §;\nif $ {{\n{name} = $;\n}} else {{\n{name} = $;\n}}\n"),
            vec![c, a, b],
        ))
    }

    fn array_pattern(&mut self) -> Made {
        let var = self.pick(|v| v.ty == Ty::Arr)?;
        let names = [self.name(), self.name()];
        if names[0] == names[1] {
            return None;
        }
        for name in &names {
            self.declare(name, Ty::F, true, 0);
        }
        Some(statement(
            &format!(
                "let [mut {}, _, mut {}] = {};\n",
                names[0], names[1], var.name
            ),
            Vec::new(),
        ))
    }

    fn block(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let body = self.body(3);
        Some(statement("$\n", vec![body]))
    }

    fn local_buffer(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let i = self.choose(&["i", "j", "k"]);
        let name = self.choose(&["buf", "work", "row"]);
        self.pick_mut(|v| matches!(v.ty, Ty::F | Ty::MutRef))?;
        let (first, inner, value) = (self.atom(), self.chance(0.5), self.chance(0.5));
        self.loops.push(None);
        let (statements, fill, total) = self.scoped(|g| {
            g.declare(i, Ty::U, false, 0);
            g.declare(name, if inner { Ty::Arr } else { Ty::Vec }, true, 2);
            let statements = g.statements(3);
            let fill = if value { Some(g.tame(1)) } else { None };
            let total = g
                .pick_mut(|v| matches!(v.ty, Ty::F | Ty::MutRef))
                .map(|v| g.written_part(&v));
            (statements, fill, total)
        });
        self.loops.pop();
        let part = total?;
        // With its type: a method may be called on an element of literals.
        let new = if inner {
            "[§; 3] = [$; 3]"
        } else {
            "Vec<§> = vec![$; 3]"
        };
        let fill = match fill {
            Some(fill) => statement(&format!("{name}[{i} % 2] = $;\n"), vec![fill]),
            None => list(Sort::Other, Vec::new()),
        };
        Some(statement(
            &format!(
                "for {i} in 0..3 {{\nlet mut {name}: {new};\n$$⟪{part} += {name}.iter().sum::<f64>() * 0.3¦{{ let by = {name}.iter().sum::<Dual>() * konst(0.3); {part} += by; }}⟫;\n}}\n"
            ),
            vec![first, statements, fill],
        ))
    }

    fn sort(&mut self) -> Made {
        let var = self.pick_mut(|v| is_list(v.ty))?;
        Some(statement(
            &format!("{}.sort_by(|a, b| a.partial_cmp(b).unwrap());\n", var.name),
            Vec::new(),
        ))
    }
}

/// An atom that does not read the list that has just been cleared.
fn other_atom(atom: Node, list: &str) -> Node {
    if atom.contains(list) {
        scalar("⟦0.6⟧")
    } else {
        atom
    }
}
