//! What carries no derivative: fields with `#[no_diff]`, parameters with it, and variables that are made of these.
//!
//! All of it is made of `f64` in both programs; the twin makes a constant of each number that it reads.
#![allow(
    clippy::unnecessary_wraps,
    reason = "all that make a statement have one type, for the table"
)]

use super::{Gen, Lock, Made, Ty, Var, other, statement};
use crate::tree::{Node, Sort, node};

/// A field without derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Rate,
    Steps,
    Up,
    Table,
    Gains,
    Bounds,
    Config,
}

/// The fields, and how likely each is.
pub(super) const FIELDS: [(Field, f64); 7] = [
    (Field::Rate, 0.4),
    (Field::Steps, 0.3),
    (Field::Up, 0.2),
    (Field::Table, 0.25),
    (Field::Gains, 0.25),
    (Field::Bounds, 0.2),
    (Field::Config, 0.2),
];

/// The type of a field that has fields of its own.
pub(super) const CONFIG: &str = "#[derive(Clone, Debug, PartialEq)]\npub struct Config {\npub scale: f64,\npub count: usize,\n}\n";

impl Field {
    pub(super) fn declaration(self) -> &'static str {
        match self {
            Field::Rate => "rate: f64",
            Field::Steps => "steps: usize",
            Field::Up => "up: bool",
            Field::Table => "table: Vec<f64>",
            Field::Gains => "gains: [f64; 3]",
            Field::Bounds => "bounds: (f64, f64)",
            Field::Config => "config: Config",
        }
    }

    /// The field and its value at the beginning of a program.
    pub(super) fn first(self) -> &'static str {
        match self {
            Field::Rate => "rate: 0.7",
            Field::Steps => "steps: 1",
            Field::Up => "up: true",
            Field::Table => "table: vec![0.4, -0.9, 0.6]",
            Field::Gains => "gains: [1.1, -0.3, 0.5]",
            Field::Bounds => "bounds: (-0.4, 0.8)",
            Field::Config => "config: Config { scale: 0.9, count: 2 }",
        }
    }

    pub(super) fn name(self) -> &'static str {
        self.declaration().split(':').next().unwrap_or_default()
    }
}

fn structure(ty: Ty) -> Option<usize> {
    match ty {
        Ty::St(k) | Ty::StRef(k) | Ty::StMut(k) => Some(k),
        _ => None,
    }
}

impl Gen {
    fn has(&self, var: &Var, accept: impl Fn(Field) -> bool) -> bool {
        structure(var.ty).is_some_and(|k| self.structs[k].underived.iter().any(|it| accept(*it)))
    }

    /// A variable that may be read, and a field of it.
    fn field(&mut self, accept: impl Fn(Field) -> bool) -> Option<(Var, Field)> {
        let all: Vec<Var> = (self.visible().into_iter())
            .filter(|var| self.has(var, &accept))
            .collect();
        self.one_of(&all, accept)
    }

    /// The same for a variable that may be written.
    fn field_mut(&mut self, accept: impl Fn(Field) -> bool) -> Option<(Var, Field)> {
        let all: Vec<Var> = (self.visible().into_iter())
            .filter(|var| var.mutable && self.locks.iter().all(|lock| lock.0 != var.id))
            .filter(|var| self.has(var, &accept))
            .collect();
        let found = self.one_of(&all, accept)?;
        self.written.push(found.0.id);
        Some(found)
    }

    fn one_of(&mut self, all: &[Var], accept: impl Fn(Field) -> bool) -> Option<(Var, Field)> {
        if all.is_empty() {
            return None;
        }
        let var = self.choose(all);
        self.used.push(var.id);
        let fields = &self.structs[structure(var.ty)?].underived;
        let fields: Vec<Field> = fields.iter().copied().filter(|it| accept(*it)).collect();
        let field = self.choose(&fields);
        Some((var, field))
    }

    /// A number, as `f64`.
    fn read(&mut self) -> Option<String> {
        if self.chance(0.4)
            && let Some(var) = self.pick(|v| matches!(v.ty, Ty::Num | Ty::NumRef | Ty::NumSl))
        {
            return Some(match var.ty {
                Ty::Num => var.name,
                Ty::NumRef => format!("(*{})", var.name),
                _ => format!("{0}[{1} % {0}.len()]", var.name, self.below(3)),
            });
        }
        let (var, field) = self.field(|it| it != Field::Up)?;
        self.tag("field without derivative");
        let name = var.name;
        Some(match field {
            Field::Rate => format!("{name}.rate"),
            Field::Steps => format!("({name}.steps as f64)"),
            Field::Table => match self.below(3) {
                0 => format!("{name}.table.iter().sum::<f64>()"),
                1 => format!("{name}.table[{name}.table.len() - 1]"),
                _ => format!("{name}.table[{} % {name}.table.len()]", self.index()),
            },
            Field::Gains => match self.below(3) {
                0 => format!("{name}.gains[{}]", self.below(3)),
                1 => format!("{name}.gains.iter().map(|g| g * g).sum::<f64>()"),
                _ => format!("{name}.gains[{} % 3]", self.index()),
            },
            Field::Bounds => format!("{name}.bounds.{}", self.below(2)),
            Field::Config => format!("{name}.config.scale"),
            Field::Up => unreachable!("no number"),
        })
    }

    /// A number without derivative where one of the scalar type is due.
    pub(super) fn constant(&mut self) -> Option<String> {
        Some(format!("⟦{}⟧", self.read()?))
    }

    /// An integer from such a field.
    pub(super) fn count(&mut self) -> Option<String> {
        let (var, field) = self.field(|it| matches!(it, Field::Steps | Field::Config))?;
        Some(match field {
            Field::Steps => format!("({}.steps + 1)", var.name),
            _ => format!("{}.config.count", var.name),
        })
    }

    /// A condition on what carries no derivative.
    pub(super) fn switch(&mut self) -> Option<String> {
        let (var, field) =
            self.field(|it| matches!(it, Field::Up | Field::Rate | Field::Table | Field::Steps))?;
        let name = var.name;
        Some(match field {
            Field::Up => format!("{name}.up"),
            Field::Rate => format!("{name}.rate > 0.5"),
            Field::Table => format!("{name}.table.len() > 3"),
            _ => format!("{name}.steps % 2 == 0"),
        })
    }

    /// A value of `f64` to be written, or given for a parameter without derivative.
    pub(super) fn number(&mut self) -> Node {
        match self.below(4) {
            0 => {
                // A loop must not make it large.
                let a = self.tame(1);
                node(Sort::Other, "⟪detach(¦(⟫$⟪)¦).value⟫", vec![a])
            }
            1 => match self.read() {
                // What is computed of such fields would be an active value for another one.
                Some(it) => other(format!("⟪detach(¦(⟫{it} * 0.5)")),
                None => other("0.6"),
            },
            _ => other(format!("{:?}", f64::from(self.rng.i32(-12..=12)) / 10.0)),
        }
    }

    /// The value of such a field in a literal.
    pub(super) fn field_value(&mut self, field: Field) -> Node {
        let name = field.name();
        if self.chance(0.3)
            && let Some((var, _)) = self.field(|it| it == field)
        {
            return match field {
                // A clone is computed, too.
                Field::Table | Field::Config => {
                    other(format!("⟪detach(&¦(⟫{}.{name}).clone()", var.name))
                }
                _ => other(format!("{}.{name}", var.name)),
            };
        }
        match field {
            Field::Rate => self.number(),
            Field::Steps => other(self.index()),
            Field::Up => self.condition(1),
            Field::Table => {
                let all = vec![self.number(), self.number()];
                node(Sort::Other, "vec![$, $]", all)
            }
            Field::Gains => {
                let all = vec![self.number(), self.number()];
                node(Sort::Other, "[$, 0.2, $]", all)
            }
            Field::Bounds => {
                let all = vec![self.number(), self.number()];
                node(Sort::Other, "($, $)", all)
            }
            Field::Config => {
                let (scale, count) = (self.number(), self.index());
                let template = format!("Config {{ scale: $, count: {count} }}");
                node(Sort::Other, &template, vec![scale])
            }
        }
    }

    pub(super) fn field_written(&mut self) -> Made {
        let (var, field) = self.field_mut(|_| true)?;
        self.locks.push((var.id, Lock::Write));
        let place = format!("{}.{}", var.name, field.name());
        // What is assigned must have a derivative, or be made of numbers.
        if field != Field::Config && self.chance(0.25) {
            let value = self.field_value(field);
            return Some(statement(&format!("{place} = $;\n"), vec![value]));
        }
        Some(match field {
            Field::Rate => {
                let value = self.number();
                let op = self.choose(&["=", "+=", "-="]);
                statement(&format!("{place} {op} $;\n"), vec![value])
            }
            Field::Steps => statement(&format!("{place} += 1;\n"), Vec::new()),
            Field::Up => statement(&format!("{place} = !{place};\n"), Vec::new()),
            Field::Table => {
                let value = self.number();
                match self.below(4) {
                    0 => statement(
                        &format!("if {place}.len() < 6 {{ {place}.push($); }}\n"),
                        vec![value],
                    ),
                    1 => statement(
                        &format!("if {place}.len() > 2 {{ {place}.pop(); }}\n"),
                        Vec::new(),
                    ),
                    2 => statement(&format!("{place}.reverse();\n"), Vec::new()),
                    _ => statement(&format!("{place}[1] = $;\n"), vec![value]),
                }
            }
            Field::Gains => {
                let value = self.number();
                match self.below(3) {
                    0 => statement(&format!("{place}.swap(0, 2);\n"), Vec::new()),
                    1 => statement(
                        &format!("for g in {place}.iter_mut() {{ *g *= 0.9; }}\n"),
                        Vec::new(),
                    ),
                    _ => {
                        let i = self.index();
                        statement(&format!("{place}[{i} % 3] = $;\n"), vec![value])
                    }
                }
            }
            Field::Bounds => {
                let value = self.number();
                statement(&format!("{place}.{} = $;\n", self.below(2)), vec![value])
            }
            Field::Config => match self.below(2) {
                0 => statement(&format!("{place}.count += 1;\n"), Vec::new()),
                _ => {
                    let value = self.number();
                    statement(&format!("{place}.scale = $;\n"), vec![value])
                }
            },
        })
    }

    /// Variables that are made of such fields.
    pub(super) fn field_let(&mut self) -> Made {
        let (var, field) = self.field(|it| it != Field::Up)?;
        let from = var.name;
        let names = [self.name(), self.name()];
        let name = &names[0];
        let mutable = self.chance(0.4);
        let keyword = if mutable { "mut " } else { "" };
        let value = match field {
            Field::Rate => format!("{from}.rate"),
            Field::Steps => format!("{from}.steps as f64"),
            Field::Table => format!("{from}.table[0]"),
            Field::Gains => format!("{from}.gains[{} % 3]", self.index()),
            Field::Config => format!("{from}.config.scale"),
            Field::Bounds if names[0] != names[1] => {
                for name in &names {
                    self.declare(name, Ty::Num, false, 0);
                }
                return Some(statement(
                    &format!("let ({}, {}) = {from}.bounds;\n", names[0], names[1]),
                    Vec::new(),
                ));
            }
            Field::Bounds | Field::Up => return None,
        };
        self.declare(name, Ty::Num, mutable, 0);
        let ty = self.choose(&["", ": f64"]);
        let text = format!("let {keyword}{name}{ty} = {value};\n");
        Some(statement(&text, Vec::new()))
    }

    pub(super) fn number_written(&mut self) -> Made {
        let var = self.pick_mut(|v| v.ty == Ty::Num)?;
        let value = self.number();
        let op = self.choose(&["=", "+=", "-="]);
        Some(statement(&format!("{} {op} $;\n", var.name), vec![value]))
    }

    /// A loop over a field without derivative.
    pub(super) fn for_field(&mut self) -> Made {
        if !self.nested() || self.loops.len() > 1 {
            return None;
        }
        let (text, label) = self.label();
        let (var, field) = self.field(|it| matches!(it, Field::Table | Field::Gains))?;
        self.locks.push((var.id, Lock::Write));
        let list = format!("{}.{}", var.name, field.name());
        Some(match self.below(3) {
            0 => {
                let body = self.looped(label, 3, &[("g", Ty::Num, false, 0)]);
                statement(&format!("{text}for &g in &{list} $\n"), vec![body])
            }
            1 => {
                let body = self.looped(label, 3, &[("g", Ty::NumRef, false, 0)]);
                statement(&format!("{text}for g in {list}.iter() $\n"), vec![body])
            }
            _ => {
                let vars = [("i", Ty::U, false, 0), ("g", Ty::NumRef, false, 0)];
                let body = self.looped(label, 3, &vars);
                let head = format!("{text}for (i, g) in {list}.iter().enumerate() $\n");
                statement(&head, vec![body])
            }
        })
    }

    /// A pattern that takes a struct apart, and binds fields with and without derivative.
    pub(super) fn field_pattern(&mut self) -> Made {
        if !self.nested() {
            return None;
        }
        let (var, field) =
            self.field(|it| matches!(it, Field::Rate | Field::Table | Field::Gains))?;
        let k = structure(var.ty)?;
        self.locks.push((var.id, Lock::Write));
        let reference = match var.ty {
            Ty::St(_) => "&",
            Ty::StMut(_) => "&*",
            _ => "",
        };
        let name = field.name();
        let ty = if field == Field::Rate {
            Ty::NumRef
        } else {
            Ty::NumSl
        };
        let head = format!(
            "let {} {{ pos, {name}, .. }} = {reference}{};\n",
            self.structs[k].name, var.name
        );
        let head = statement(&head, Vec::new());
        Some(self.group(head, &[("pos", Ty::Ref, false, 0), (name, ty, false, 0)]))
    }

    /// What is given for a parameter without derivative.
    pub(super) fn lent_numbers(&mut self) -> Node {
        if let Some((var, field)) = self.field(|it| matches!(it, Field::Table | Field::Gains)) {
            self.locks.push((var.id, Lock::Write));
            return other(format!("&{}.{}", var.name, field.name()));
        }
        match self.pick(|v| v.ty == Ty::NumSl) {
            Some(var) => other(var.name),
            None => other("&[0.5, -0.2]"),
        }
    }
}
