//! Expressions.
#![allow(
    clippy::unnecessary_wraps,
    reason = "all that make an expression have one type, for the table"
)]

use super::{Gen, Lock, Made, Ret, Sig, Ty, has_part, is_list, other, scalar};
use crate::tree::{Node, Sort, list, node};

type Maker = fn(&mut Gen, usize) -> Made;

const SCALARS: &[(usize, &str, Maker)] = &[
    (30, "arithmetic", Gen::arithmetic),
    (5, "division", Gen::division),
    (12, "elementary function", Gen::elementary),
    (5, "function of two numbers", Gen::binary_function),
    (5, "integer cast", Gen::cast),
    (4, "if expression", Gen::if_expression),
    (3, "match expression", Gen::match_expression),
    (8, "call of a closure", Gen::closure_call),
    (5, "call of a function", Gen::helper_call),
    (3, "iter map sum", Gen::map_sum),
    (2, "zip map sum", Gen::zip_sum),
    (2, "fold", Gen::fold),
    (2, "windows", Gen::windows),
    (2, "chunks_exact", Gen::chunks),
    (2, "range map sum", Gen::range_sum),
    (2, "enumerate filter sum", Gen::filter_sum),
    (4, "match on an enum", Gen::enum_match),
    (4, "match on an option", Gen::option_value),
    (2, "block expression", Gen::block_expression),
    (2, "labelled block", Gen::labelled_block),
    (1, "expression that leaves", Gen::leaving),
    (2, "float to index", Gen::float_index),
    (5, "nalgebra expression", Gen::matrix_scalar),
    (2, "match on a tuple", Gen::tuple_match),
    (2, "largest element", Gen::largest),
    (1, "sin_cos", Gen::sin_cos),
];

fn s(template: &str, children: Vec<Node>) -> Node {
    node(Sort::Scalar, template, children)
}

impl Gen {
    pub(super) fn scalar(&mut self, depth: usize) -> Node {
        if depth >= 3 || self.chance([0.1, 0.4, 0.6][depth]) {
            return self.atom();
        }
        let total: usize = SCALARS.iter().map(|k| k.0).sum();
        for _ in 0..20 {
            let mut at = self.below(total);
            let (_, tag, make) = SCALARS
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
            if let Some(made) = make(self, depth + 1) {
                self.tag(tag);
                return made;
            }
        }
        self.atom()
    }

    /// Without statements inside.
    pub(super) fn simple(&mut self, depth: usize) -> Node {
        let budget = std::mem::replace(&mut self.budget, 0);
        let out = self.scalar(depth);
        self.budget = budget;
        out
    }

    pub(super) fn atom(&mut self) -> Node {
        if self.chance(0.2)
            && let Some(constant) = self.constant()
        {
            return scalar(constant);
        }
        if self.chance(0.9)
            && let Some(var) = self.pick(has_part)
        {
            let part = self.part(&var);
            return scalar(if part.starts_with('*') {
                format!("({part})")
            } else {
                part
            });
        }
        scalar(self.literal())
    }

    /// Something on which methods can be called: not a literal.
    fn receiver(&mut self, depth: usize) -> Node {
        let inner = self.scalar(depth);
        if let Some(var) = self.pick(has_part) {
            let part = self.part(&var);
            let op = self.choose(&["+", "-", "*"]);
            return s(&format!("({part} {op} $)"), vec![inner]);
        }
        s("(⟪0.7_f64¦konst(0.7)⟫ + $)", vec![inner])
    }

    /// Bounded whatever is inside.
    pub(super) fn tame(&mut self, depth: usize) -> Node {
        match self.below(4) {
            0 => {
                let r = self.receiver(depth);
                s("$.tanh()", vec![r])
            }
            1 => {
                let r = self.receiver(depth);
                s("⟦0.5⟧ * $.sin()", vec![r])
            }
            2 => {
                let (a, b) = (self.atom(), self.receiver(depth));
                s("⟦0.3⟧ * $ + $.cos()", vec![a, b])
            }
            _ => {
                let a = self.atom();
                let b = self.receiver(depth);
                s("⟦0.4⟧ * ($ - $.atan())", vec![a, b])
            }
        }
    }

    /// Bounded inside of loops.
    pub(super) fn assigned(&mut self) -> Node {
        if self.loops.is_empty() && self.chance(0.7) {
            self.scalar(0)
        } else {
            self.tame(1)
        }
    }

    fn arithmetic(&mut self, depth: usize) -> Made {
        let op = self.choose(&["+", "-", "*", "*"]);
        if self.chance(0.1)
            && let Some(var) = self.pick(|v| v.ty == Ty::Ref)
        {
            let right = self.atom();
            return Some(s(&format!("({} {op} $)", var.name), vec![right]));
        }
        if self.chance(0.08) {
            return Some(s("(-$)", vec![self.scalar(depth)]));
        }
        let children = vec![self.scalar(depth), self.scalar(depth)];
        Some(s(&format!("($ {op} $)"), children))
    }

    fn division(&mut self, depth: usize) -> Made {
        let top = self.scalar(depth);
        Some(match self.below(3) {
            0 => s("($ / ⟦2.5⟧)", vec![top]),
            1 => {
                let r = self.receiver(depth + 1);
                s("($ / (⟦1.5⟧ + $.sin()))", vec![top, r])
            }
            _ => {
                let r = self.receiver(depth + 1);
                s("($ / (⟦1.0⟧ + $.powi(2)))", vec![top, r])
            }
        })
    }

    fn elementary(&mut self, depth: usize) -> Made {
        let r = self.receiver(depth);
        let name = self.choose(&[
            "sin",
            "cos",
            "tanh",
            "atan",
            "asinh",
            "abs",
            "tanh().exp",
            "sin().exp_m1",
            "cos().cosh",
            "powi(2).ln_1p",
            "sin().powi(3).cos",
            "floor",
            "signum",
            "round",
        ]);
        Some(match self.below(6) {
            0 => s("(⟦1.1⟧ + $.powi(2)).sqrt()", vec![r]),
            1 => s("(⟦1.2⟧ + $.sin()).ln()", vec![r]),
            2 => s("(⟦1.3⟧ + $.cos()).recip()", vec![r]),
            _ => s(&format!("$.{name}()"), vec![r]),
        })
    }

    fn binary_function(&mut self, depth: usize) -> Made {
        let r = self.receiver(depth);
        let other = self.scalar(depth);
        Some(match self.below(6) {
            0 => s("$.max($)", vec![r, other]),
            1 => s("$.min($)", vec![r, other]),
            2 => s("$.hypot($)", vec![r, other]),
            3 => {
                let third = self.atom();
                s("$.mul_add($, $)", vec![r, other, third])
            }
            4 => s("$.clamp(⟦-1.1⟧, ⟦0.9⟧)", vec![r]),
            _ => s("(⟦0.5⟧ + $.powi(2)).powf($)", vec![r, other]),
        })
    }

    fn cast(&mut self, _: usize) -> Made {
        let i = self.index();
        Some(scalar(match self.below(4) {
            0 => format!("⟪({i} as f64)¦konst({i} as f64)⟫"),
            1 => format!("⟪f64::from({i} as u32)¦konst({i} as f64)⟫"),
            2 => format!("⟪(({i} % 3) as f64 * 0.5)¦konst(({i} % 3) as f64 * 0.5)⟫"),
            _ => format!("⟪(({i} % 5) as i32 - 2) as f64¦konst((({i} % 5) as i32 - 2) as f64)⟫"),
        }))
        .map(|n| s("($)", vec![n]))
    }

    fn if_expression(&mut self, depth: usize) -> Made {
        let c = self.condition(1);
        let a = self.value_block(depth);
        if self.chance(0.3) {
            let c2 = self.condition(1);
            let (b, d) = (self.value_block(depth), self.value_block(depth));
            return Some(s("(if $ $ else if $ $ else $)", vec![c, a, c2, b, d]));
        }
        let b = self.value_block(depth);
        Some(s("(if $ $ else $)", vec![c, a, b]))
    }

    fn match_expression(&mut self, depth: usize) -> Made {
        let i = self.index();
        let (a, b, c) = (
            self.value_block(depth),
            self.value_block(depth),
            self.value_block(depth),
        );
        let guard = self.guard();
        Some(match self.below(3) {
            0 => s(
                &format!("(match {i} % 4 {{ 0 => $\n1 | 2 if $ => $\n_ => $\n}})"),
                vec![a, guard, b, c],
            ),
            1 => s(
                &format!("(match {i} % 5 {{ 0..=1 => $\nidx if idx > 3 => $\n_ => $\n}})"),
                vec![a, b, c],
            ),
            _ => {
                let r = self.receiver(depth);
                s(
                    "(match $ { big if big > ⟦0.4⟧ => big * ($),\nlow if low < ⟦-0.7⟧ => $\nany => ($) - any,\n})",
                    vec![r, a, b, c],
                )
            }
        })
    }

    fn tuple_match(&mut self, depth: usize) -> Made {
        let (p, q) = (self.receiver(depth), self.scalar(depth));
        let (a, b, c) = (self.atom(), self.atom(), self.atom());
        let i = self.index();
        Some(match self.below(2) {
            0 => s(
                "(match ($, $) { (big, low) if big > low => big * $,\n(one, two) => two - one * $,\n})",
                vec![p, q, a, b],
            ),
            _ => s(
                &format!(
                    "(match ($ > $, {i} % 3) {{ (true, 0) => $,\n(false, idx) if idx > 1 => $,\n_ => $,\n}})"
                ),
                vec![p, q, a, b, c],
            ),
        })
    }

    fn closure_call(&mut self, depth: usize) -> Made {
        let f = self.pick(|v| v.ty == Ty::Fun)?;
        let count = self.locks.len();
        self.locks.push((f.id, Lock::Use));
        let argument = self.scalar(depth);
        self.locks.truncate(count);
        Some(s(&format!("{}($)", f.name), vec![argument]))
    }

    fn helper_call(&mut self, depth: usize) -> Made {
        if self.calls <= 0 || self.sigs.is_empty() {
            return None;
        }
        let sig = self.choose(&self.sigs.clone());
        let call = self.call(&sig, depth)?;
        Some(match sig.ret {
            Ret::F => s("$", vec![call]),
            Ret::Tup => s("$.1", vec![call]),
            Ret::Arr => s("$[2]", vec![call]),
            Ret::Vec => s("$.iter().sum::<§>()", vec![call]),
            Ret::Opt => {
                let d = self.atom();
                s("$.unwrap_or($)", vec![call, d])
            }
            Ret::Unit => return None,
        })
    }

    /// A call of a function or a method.
    pub(super) fn call(&mut self, sig: &Sig, depth: usize) -> Made {
        if self.calls <= 0 {
            return None;
        }
        self.calls -= 1;
        let count = self.locks.len();
        let mut arguments = Vec::new();
        for (k, ty) in sig.params.iter().enumerate() {
            match self.argument(*ty, depth, sig.method && k == 0) {
                Some(made) => arguments.push(made),
                None => break,
            }
        }
        self.locks.truncate(count);
        if arguments.len() < sig.params.len() {
            self.calls += 1;
            return None;
        }
        if sig.method {
            let holes = vec!["$"; arguments.len() - 1].join(", ");
            return Some(node(
                Sort::Other,
                &format!("$.{}({holes})", sig.name),
                arguments,
            ));
        }
        let holes = vec!["$"; arguments.len()].join(", ");
        Some(node(
            Sort::Other,
            &format!("{}({holes})", sig.name),
            arguments,
        ))
    }

    fn argument(&mut self, ty: Ty, depth: usize, receiver: bool) -> Made {
        Some(match ty {
            Ty::F => self.scalar(depth),
            Ty::U => {
                let i = self.index();
                other(format!("{i} % 3"))
            }
            Ty::Ref => {
                let var = self.pick(has_part)?;
                self.locks.push((var.id, Lock::Write));
                let part = self.part(&var);
                other(format!("&{part}"))
            }
            Ty::MutRef => {
                let var = self.pick_mut(has_part)?;
                let part = self.written_part(&var);
                self.locks.push((var.id, Lock::Use));
                if var.ty == Ty::MutRef && self.chance(0.5) {
                    other(var.name)
                } else {
                    other(format!("&mut {part}"))
                }
            }
            Ty::Sl => {
                let var = self.pick(|v| is_list(v.ty) && v.len >= 2)?;
                self.locks.push((var.id, Lock::Write));
                if var.len > 2 && self.chance(0.3) {
                    other(format!("&{}[1..]", var.name))
                } else if var.ty == Ty::Sl {
                    other(var.name)
                } else {
                    other(format!("&{}", var.name))
                }
            }
            Ty::SlMut => {
                let var = self.pick_mut(|v| is_list(v.ty) && v.len >= 2)?;
                self.locks.push((var.id, Lock::Use));
                if var.len > 2 && self.chance(0.3) {
                    other(format!("&mut {}[1..]", var.name))
                } else if var.ty == Ty::SlMut {
                    other(var.name)
                } else {
                    other(format!("&mut {}", var.name))
                }
            }
            Ty::Num => self.number(),
            Ty::NumSl => self.lent_numbers(),
            Ty::Arr => self.array(depth)?,
            Ty::Vec => self.vec(depth)?,
            Ty::Tup => {
                let (a, b) = (self.scalar(depth), self.scalar(depth));
                node(Sort::Other, "($, $)", vec![a, b])
            }
            Ty::St(k) | Ty::StRef(k) => {
                let var = self
                    .pick(|v| matches!(v.ty, Ty::St(j) | Ty::StRef(j) | Ty::StMut(j) if j == k))?;
                self.locks.push((var.id, Lock::Write));
                if receiver {
                    other(var.name)
                } else if matches!(ty, Ty::St(_)) {
                    other(format!("{}.clone()", var.name))
                } else if matches!(var.ty, Ty::St(_)) {
                    other(format!("&{}", var.name))
                } else if matches!(var.ty, Ty::StMut(_)) {
                    other(format!("&*{}", var.name))
                } else {
                    other(var.name)
                }
            }
            Ty::StMut(k) => {
                let var = self.pick_mut(|v| matches!(v.ty, Ty::St(j) | Ty::StMut(j) if j == k))?;
                self.locks.push((var.id, Lock::Use));
                if receiver || matches!(var.ty, Ty::StMut(_)) {
                    other(var.name)
                } else {
                    other(format!("&mut {}", var.name))
                }
            }
            Ty::DvRef => {
                let var = self.pick(|v| matches!(v.ty, Ty::Dv | Ty::DvRef))?;
                self.locks.push((var.id, Lock::Write));
                if var.ty == Ty::Dv {
                    other(format!("&{}", var.name))
                } else {
                    other(var.name)
                }
            }
            _ => return None,
        })
    }

    /// A closure body over items.
    fn item_body(&mut self, vars: &[(&str, Ty)]) -> Node {
        let vars: Vec<_> = vars.iter().map(|(n, t)| (*n, *t, false, 2)).collect();
        self.in_closure(None, |g| {
            g.scoped(|g| {
                for (name, ty, mutable, len) in &vars {
                    g.declare(name, *ty, *mutable, *len);
                }
                if g.chance(0.15) && g.budget > 0 {
                    return g.value_block(2);
                }
                g.scalar(2)
            })
        })
    }

    fn list_name(&mut self, len: usize) -> Option<String> {
        let var = self.pick(|v| is_list(v.ty) && v.len >= len)?;
        self.locks.push((var.id, Lock::Write));
        Some(var.name)
    }

    fn map_sum(&mut self, _: usize) -> Made {
        let count = self.locks.len();
        let list = self.list_name(0)?;
        let body = self.item_body(&[("a", Ty::Ref)]);
        self.locks.truncate(count);
        Some(match self.below(3) {
            0 => s(
                &format!("{list}.iter().rev().map(|a| $).sum::<§>()"),
                vec![body],
            ),
            1 => s(
                &format!("{list}.iter().skip(1).map(|a| $).sum::<§>()"),
                vec![body],
            ),
            _ => s(&format!("{list}.iter().map(|a| $).sum::<§>()"), vec![body]),
        })
    }

    fn zip_sum(&mut self, _: usize) -> Made {
        let count = self.locks.len();
        let (l, r) = (self.list_name(0)?, self.list_name(0)?);
        let body = self.item_body(&[("a", Ty::Ref), ("b", Ty::Ref)]);
        self.locks.truncate(count);
        Some(s(
            &format!("{l}.iter().zip({r}.iter()).map(|(a, b)| $).sum::<§>()"),
            vec![body],
        ))
    }

    fn fold(&mut self, depth: usize) -> Made {
        let count = self.locks.len();
        let list = self.list_name(0)?;
        let start = self.atom();
        let body = self.in_closure(None, |g| {
            g.scoped(|g| {
                g.declare("acc", Ty::F, false, 0);
                g.declare("a", Ty::Ref, false, 0);
                g.tame(depth.max(2))
            })
        });
        self.locks.truncate(count);
        Some(s(
            &format!("{list}.iter().fold($, |acc: §, a| $)"),
            vec![start, body],
        ))
    }

    fn windows(&mut self, _: usize) -> Made {
        let count = self.locks.len();
        let list = self.list_name(2)?;
        let body = self.item_body(&[("w", Ty::Sl)]);
        self.locks.truncate(count);
        Some(s(
            &format!("{list}.windows(2).map(|w| $).sum::<§>()"),
            vec![body],
        ))
    }

    fn chunks(&mut self, _: usize) -> Made {
        let count = self.locks.len();
        let list = self.list_name(2)?;
        let body = self.item_body(&[("w", Ty::Sl)]);
        self.locks.truncate(count);
        Some(s(
            &format!("{list}.chunks_exact(2).map(|w| $).sum::<§>()"),
            vec![body],
        ))
    }

    fn range_sum(&mut self, _: usize) -> Made {
        let body = self.item_body(&[("i", Ty::U)]);
        let range = self.choose(&["0..3", "1..=2", "0..n", "(0..4).rev()", "(0..5).step_by(2)"]);
        Some(s(&format!("({range}).map(|i| $).sum::<§>()"), vec![body]))
    }

    fn filter_sum(&mut self, _: usize) -> Made {
        let count = self.locks.len();
        let list = self.list_name(0)?;
        let body = self.item_body(&[("i", Ty::U), ("a", Ty::Ref)]);
        self.locks.truncate(count);
        Some(match self.below(2) {
            0 => s(
                &format!(
                    "{list}.iter().enumerate().filter(|(i, _)| i % 2 == 0).map(|(i, a)| $).sum::<§>()"
                ),
                vec![body],
            ),
            _ => s(
                &format!(
                    "{list}.iter().enumerate().filter(|(_, a)| **a > ⟦0.1⟧).map(|(i, a)| $).sum::<§>()"
                ),
                vec![body],
            ),
        })
    }

    fn largest(&mut self, _: usize) -> Made {
        let var = self.pick(|v| is_list(v.ty))?;
        let name = var.name;
        Some(scalar(match self.below(3) {
            0 => format!(
                "{name}.iter().copied().fold(⟪f64::NEG_INFINITY¦konst(f64::NEG_INFINITY)⟫, ⟪f64::max¦Dual::max⟫)"
            ),
            1 => format!("{name}.iter().fold(⟦3.0⟧, |m, a| a.min(m))"),
            _ => format!("{name}.iter().product::<§>()"),
        }))
    }

    fn sin_cos(&mut self, depth: usize) -> Made {
        let r = self.receiver(depth);
        let k = self.below(2);
        Some(s(&format!("$.sin_cos().{k}"), vec![r]))
    }

    fn enum_match(&mut self, depth: usize) -> Made {
        let var = self.pick(|v| matches!(v.ty, Ty::En(_)))?;
        let Ty::En(k) = var.ty else { return None };
        let name = self.enums[k].clone();
        let count = self.locks.len();
        self.locks.push((var.id, Lock::Write));
        let a = self.scoped(|g| {
            g.declare("h", Ty::Ref, false, 0);
            g.value_block(depth)
        });
        let b = self.scoped(|g| {
            g.declare("l", Ty::Ref, false, 0);
            g.declare("m", Ty::Ref, false, 0);
            g.value_block(depth)
        });
        let c = self.value_block(depth);
        self.locks.truncate(count);
        Some(s(
            &format!(
                "(match &{} {{ {name}::One(h) => $\n{name}::Two {{ l, m }} => $\n{name}::None => $\n}})",
                var.name
            ),
            vec![a, b, c],
        ))
    }

    fn option_value(&mut self, depth: usize) -> Made {
        let var = self.pick(|v| v.ty == Ty::Opt)?;
        let name = var.name;
        let d = self.value_block(depth);
        let body = self.scoped(|g| {
            g.declare("o", Ty::F, false, 0);
            g.value_block(depth)
        });
        Some(match self.below(4) {
            0 => s(&format!("{name}.unwrap_or($)"), vec![d]),
            1 => s(
                &format!("(if let Some(o) = {name} $ else $)"),
                vec![body, d],
            ),
            2 => s(
                &format!("(match {name} {{ Some(o) if o > ⟦0.2⟧ => $\n_ => $\n}})"),
                vec![body, d],
            ),
            _ => s(
                &format!("(match {name} {{ None => $\nSome(o) => $\n}})"),
                vec![d, body],
            ),
        })
    }

    fn block_expression(&mut self, depth: usize) -> Made {
        if self.budget <= 0 {
            return None;
        }
        Some(s("($)", vec![self.value_block(depth)]))
    }

    fn labelled_block(&mut self, depth: usize) -> Made {
        if self.budget <= 0 {
            return None;
        }
        let label = self.fresh("'v");
        // `break` without a label is not allowed in it.
        let loops = self.loops.clone();
        self.loops.retain(Option::is_some);
        self.labelled += 1;
        let (c, early, late) = (
            self.condition(1),
            self.scalar(depth + 1),
            self.value_block(depth),
        );
        self.labelled -= 1;
        self.loops = loops;
        Some(s(
            &format!("({label}: {{ if $ {{ break {label} $; }} $ }})"),
            vec![c, early, late],
        ))
    }

    fn leaving(&mut self, depth: usize) -> Made {
        let ret = self.ret.filter(|_| self.budget > 0)?;
        let (c, value) = (self.condition(1), self.scalar(depth + 1));
        let exit = if !self.loops.is_empty() && self.labelled == 0 && self.chance(0.5) {
            other(self.choose(&["break", "continue"]))
        } else {
            let value = self.returned(ret, 2);
            node(Sort::Other, "return $", vec![value])
        };
        // A `loop` with a value has `break` with a value only.
        Some(s("(if $ { $ } else { $ })", vec![c, exit, value]))
    }

    fn float_index(&mut self, depth: usize) -> Made {
        let var = self.pick(|v| is_list(v.ty))?;
        let count = self.locks.len();
        self.locks.push((var.id, Lock::Write));
        let r = self.receiver(depth + 1);
        self.locks.truncate(count);
        let name = var.name;
        Some(s(
            &format!("{name}[($.abs() * ⟦3.0⟧)⟪¦.value⟫ as usize % {name}.len()]"),
            vec![r],
        ))
    }

    fn matrix_scalar(&mut self, _: usize) -> Made {
        let var = self.pick(|v| matches!(v.ty, Ty::V3 | Ty::Dv | Ty::DvRef))?;
        let same = var.ty == Ty::V3;
        let count = self.locks.len();
        self.locks.push((var.id, Lock::Write));
        let made = match self.below(4) {
            0 => scalar(format!("{}.sum()", var.name)),
            1 => {
                let other = self.pick(|v| {
                    if same {
                        v.ty == Ty::V3
                    } else {
                        matches!(v.ty, Ty::Dv | Ty::DvRef)
                    }
                })?;
                let by = if other.ty == Ty::DvRef { "" } else { "&" };
                scalar(format!("{}.dot({by}{})", var.name, other.name))
            }
            2 => {
                let body = self.item_body(&[("h", Ty::F)]);
                s(&format!("{}.map(|h| $).sum()", var.name), vec![body])
            }
            _ => {
                let body = self.item_body(&[("i", Ty::U)]);
                s(
                    &format!(
                        "{}.dot(&{}::from_fn({}|i, _| $))",
                        var.name,
                        if same { "Vector3" } else { "DVector" },
                        if same { "" } else { "3, " }
                    ),
                    vec![body],
                )
            }
        };
        self.locks.truncate(count);
        Some(made)
    }

    /// An array of three.
    pub(super) fn array(&mut self, depth: usize) -> Made {
        Some(match self.below(5) {
            0 => {
                let var = self.pick(|v| v.ty == Ty::Arr)?;
                other(var.name)
            }
            1 => {
                let a = self.scalar(depth);
                node(Sort::Other, "[$; 3]", vec![a])
            }
            2 => {
                let body = self.item_body(&[("i", Ty::U)]);
                node(Sort::Other, "std::array::from_fn(|i| $)", vec![body])
            }
            _ => {
                let all = (0..3).map(|_| self.scalar(depth)).collect();
                node(Sort::Other, "[$, $, $]", all)
            }
        })
    }

    /// A list of at least two.
    pub(super) fn vec(&mut self, depth: usize) -> Made {
        let count = self.locks.len();
        let made = match self.below(7) {
            0 => {
                let list = self.list_name(2)?;
                other(format!("{list}.to_vec()"))
            }
            1 => {
                let var = self.pick(|v| v.ty == Ty::Vec)?;
                other(format!("{}.clone()", var.name))
            }
            2 => {
                let list = self.list_name(2)?;
                let body = self.item_body(&[("a", Ty::Ref)]);
                node(
                    Sort::Other,
                    &format!("{list}.iter().map(|a| $).collect::<Vec<§>>()"),
                    vec![body],
                )
            }
            3 => {
                let body = self.item_body(&[("i", Ty::U)]);
                node(
                    Sort::Other,
                    "(0..4).map(|i| $).collect::<Vec<_>>()",
                    vec![body],
                )
            }
            4 => {
                let a = self.scalar(depth);
                node(Sort::Other, "vec![$; 3]", vec![a])
            }
            5 => {
                let list = self.list_name(2)?;
                let body = self.item_body(&[("i", Ty::U), ("a", Ty::Ref)]);
                node(
                    Sort::Other,
                    &format!("{list}.iter().enumerate().map(|(i, a)| $).collect::<Vec<§>>()"),
                    vec![body],
                )
            }
            _ => {
                let all = (0..3).map(|_| self.scalar(depth)).collect();
                node(Sort::Other, "vec![$, $, $]", all)
            }
        };
        self.locks.truncate(count);
        Some(made)
    }

    /// An owned `DVector` of three.
    pub(super) fn dvector(&mut self, depth: usize) -> Made {
        let count = self.locks.len();
        let reference = |v: &super::Var| {
            if v.ty == Ty::DvRef {
                v.name.clone()
            } else {
                format!("&{}", v.name)
            }
        };
        let any = |g: &mut Gen| g.pick(|v| matches!(v.ty, Ty::Dv | Ty::DvRef));
        let made = match self.below(6) {
            0 => {
                let body = self.item_body(&[("i", Ty::U)]);
                node(Sort::Other, "DVector::from_fn(3, |i, _| $)", vec![body])
            }
            1 => {
                let all = (0..3).map(|_| self.scalar(depth)).collect();
                node(Sort::Other, "DVector::from_vec(vec![$, $, $])", all)
            }
            2 => {
                let (a, b) = (any(self)?, any(self)?);
                let op = self.choose(&["+", "-"]);
                other(format!("({} {op} {})", reference(&a), reference(&b)))
            }
            3 => {
                let a = any(self)?;
                self.locks.push((a.id, Lock::Write));
                let k = self.scalar(depth);
                node(Sort::Other, &format!("({} * $)", reference(&a)), vec![k])
            }
            4 => {
                let a = any(self)?;
                let body = self.item_body(&[("h", Ty::F)]);
                node(Sort::Other, &format!("{}.map(|h| $)", a.name), vec![body])
            }
            _ => {
                let (a, b) = (any(self)?, any(self)?);
                other(format!("{}.component_mul({})", a.name, reference(&b)))
            }
        };
        self.locks.truncate(count);
        Some(made)
    }

    /// A `Vector3`.
    pub(super) fn vector3(&mut self, depth: usize) -> Made {
        Some(match self.below(5) {
            0 => {
                let (a, b) = (
                    self.pick(|v| v.ty == Ty::V3)?,
                    self.pick(|v| v.ty == Ty::V3)?,
                );
                let op = self.choose(&["+", "-"]);
                other(format!("{} {op} {}", a.name, b.name))
            }
            1 => {
                let a = self.pick(|v| v.ty == Ty::V3)?;
                let k = self.scalar(depth);
                node(Sort::Other, &format!("{} * $", a.name), vec![k])
            }
            2 => {
                let (a, b) = (
                    self.pick(|v| v.ty == Ty::V3)?,
                    self.pick(|v| v.ty == Ty::V3)?,
                );
                other(format!("{}.cross(&{})", a.name, b.name))
            }
            3 => {
                let a = self.pick(|v| v.ty == Ty::V3)?;
                let all = (0..3).map(|_| self.atom()).collect();
                node(
                    Sort::Other,
                    &format!(
                        "Matrix3::new($, ⟦0.5⟧, ⟦0.1⟧, $, ⟦1.0⟧, ⟦0.0⟧, ⟦0.2⟧, $, ⟦0.7⟧) * {}",
                        a.name
                    ),
                    all,
                )
            }
            _ => {
                let all = (0..3).map(|_| self.scalar(depth)).collect();
                node(Sort::Other, "Vector3::new($, $, $)", all)
            }
        })
    }

    /// The value of a function.
    pub(super) fn returned(&mut self, ret: Ret, depth: usize) -> Node {
        match ret {
            Ret::F => self.scalar(depth),
            Ret::Tup => {
                let (a, b) = (self.scalar(depth), self.scalar(depth));
                node(Sort::Other, "($, $)", vec![a, b])
            }
            Ret::Arr => {
                let all = (0..3).map(|_| self.scalar(depth)).collect();
                node(Sort::Other, "[$, $, $]", all)
            }
            Ret::Vec => {
                if let Some(made) = self.vec(depth) {
                    return made;
                }
                let a = self.scalar(depth);
                node(Sort::Other, "vec![$; 2]", vec![a])
            }
            Ret::Opt => {
                if self.chance(0.15) {
                    return other("None");
                }
                let a = self.scalar(depth);
                node(Sort::Other, "Some($)", vec![a])
            }
            Ret::Unit => list(Sort::Other, Vec::new()),
        }
    }
}
