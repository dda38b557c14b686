//! Random programs: well typed, free of borrow errors, bounded in size and time.

mod expressions;
mod functions;
mod statements;
mod underived;

use crate::tree::{Node, Sort, list, node};
use std::collections::BTreeSet;

pub use functions::{Generated, program};

/// The types that variables have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    /// The scalar type.
    F,
    /// `usize`.
    U,
    /// `&scalar`.
    Ref,
    /// `&mut scalar`.
    MutRef,
    /// `[scalar; 3]`.
    Arr,
    /// `[[scalar; 2]; 3]`.
    Grid,
    /// `Vec<scalar>`.
    Vec,
    /// `&[scalar]`.
    Sl,
    /// `&mut [scalar]`.
    SlMut,
    /// `(scalar, scalar)`.
    Tup,
    /// `Option<scalar>`.
    Opt,
    /// A struct.
    St(usize),
    /// A reference to a struct.
    StRef(usize),
    /// A mutable reference to a struct.
    StMut(usize),
    /// An enum.
    En(usize),
    /// `Vector3`.
    V3,
    /// `DVector`.
    Dv,
    /// `&DVector`.
    DvRef,
    /// `&[usize]`.
    Order,
    /// A closure from a scalar to a scalar.
    Fun,
    /// `f64` in both programs, as are the next two.
    Num,
    /// `&f64`.
    NumRef,
    /// `&[f64]`.
    NumSl,
    /// Something that must not be used any more.
    Gone,
}

#[derive(Clone, Debug)]
struct Var {
    id: usize,
    name: String,
    ty: Ty,
    mutable: bool,
    /// How long a list is at least.
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Write,
    Use,
}

/// What functions return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ret {
    F,
    Tup,
    Arr,
    Vec,
    Opt,
    Unit,
}

/// A function that may be called.
#[derive(Clone, Debug)]
struct Sig {
    name: String,
    /// The type of `self` is the first.
    params: Vec<Ty>,
    ret: Ret,
    method: bool,
}

/// The fields of a struct, with and without derivative.
#[derive(Clone, Debug)]
struct Struct {
    name: String,
    fields: Vec<(&'static str, Ty)>,
    underived: Vec<underived::Field>,
}

struct Gen {
    rng: fastrand::Rng,
    scopes: Vec<Vec<Var>>,
    next: usize,
    locks: Vec<(usize, Lock)>,
    used: Vec<usize>,
    written: Vec<usize>,
    budget: i32,
    nesting: usize,
    loops: Vec<Option<String>>,
    /// How many labelled blocks are around.
    labelled: usize,
    ret: Option<Ret>,
    tags: BTreeSet<&'static str>,
    sigs: Vec<Sig>,
    structs: Vec<Struct>,
    enums: Vec<String>,
    calls: i32,
    /// What is banned in this program, so that programs differ more than by chance alone.
    banned: BTreeSet<&'static str>,
}

type Made = Option<Node>;

fn leaf(sort: Sort, text: impl AsRef<str>) -> Node {
    node(sort, text.as_ref(), Vec::new())
}

fn scalar(text: impl AsRef<str>) -> Node {
    leaf(Sort::Scalar, text)
}

fn other(text: impl AsRef<str>) -> Node {
    leaf(Sort::Other, text)
}

fn statement(template: &str, children: Vec<Node>) -> Node {
    node(Sort::Statement, template, children)
}

impl Gen {
    fn below(&mut self, n: usize) -> usize {
        self.rng.usize(0..n)
    }

    fn chance(&mut self, p: f64) -> bool {
        self.rng.f64() < p
    }

    fn choose<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn name(&mut self) -> String {
        let names = [
            "a", "b", "c", "d", "e", "g", "p", "q", "r", "s", "t", "u", "w", "x", "y", "z", "acc",
            "sum", "tmp", "val",
        ];
        self.choose(&names).to_string()
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.next += 1;
        format!("{stem}{}", self.next)
    }

    fn declare(&mut self, name: &str, ty: Ty, mutable: bool, len: usize) -> usize {
        self.next += 1;
        let var = Var {
            id: self.next,
            name: name.to_string(),
            ty,
            mutable,
            len,
        };
        self.scopes.last_mut().expect("a scope").push(var);
        self.next
    }

    fn forget(&mut self, id: usize) {
        // The name stays taken.
        for var in self.scopes.iter_mut().flatten() {
            if var.id == id {
                var.ty = Ty::Gone;
            }
        }
    }

    fn visible(&self) -> Vec<Var> {
        let mut out: Vec<Var> = Vec::new();
        for var in self.scopes.iter().flatten() {
            out.retain(|v| v.name != var.name);
            out.push(var.clone());
        }
        out.retain(|v| !self.locks.contains(&(v.id, Lock::Use)));
        out
    }

    /// A variable that may be read.
    fn pick(&mut self, accept: impl Fn(&Var) -> bool) -> Option<Var> {
        let all: Vec<Var> = self.visible().into_iter().filter(|v| accept(v)).collect();
        if all.is_empty() {
            return None;
        }
        let var = self.choose(&all);
        self.used.push(var.id);
        Some(var)
    }

    /// A variable that may be written, or whose contents may be.
    fn pick_mut(&mut self, accept: impl Fn(&Var) -> bool) -> Option<Var> {
        let locked: Vec<usize> = self.locks.iter().map(|l| l.0).collect();
        let var = self.pick(|v| v.mutable && !locked.contains(&v.id) && accept(v))?;
        self.written.push(var.id);
        Some(var)
    }

    fn tag(&mut self, tag: &'static str) {
        self.tags.insert(tag);
    }

    /// Runs with a new scope.
    fn scoped<T>(&mut self, f: impl FnOnce(&mut Gen) -> T) -> T {
        self.scopes.push(Vec::new());
        let out = f(self);
        self.scopes.pop();
        out
    }

    /// Up to `most` statements in braces.
    fn body(&mut self, most: usize) -> Node {
        self.body_with(most, &[])
    }

    fn body_with(&mut self, most: usize, vars: &[(&str, Ty, bool, usize)]) -> Node {
        let statements = self.scoped(|g| {
            for (name, ty, mutable, len) in vars {
                g.declare(name, *ty, *mutable, *len);
            }
            g.statements(most)
        });
        node(Sort::Other, "{\n$}", vec![statements])
    }

    fn statements(&mut self, most: usize) -> Node {
        let count = 1 + self.below(most.max(1));
        let mut out = Vec::new();
        self.nesting += 1;
        for _ in 0..count {
            if self.budget <= 0 && !out.is_empty() {
                break;
            }
            out.extend(self.statement());
        }
        self.nesting -= 1;
        list(Sort::Other, out)
    }

    /// Statements and a value, in braces.
    fn value_block(&mut self, depth: usize) -> Node {
        self.scoped(|g| {
            let statements = if g.budget > 0 && g.nesting < 4 && g.chance(0.4) {
                g.statements(2)
            } else {
                list(Sort::Other, Vec::new())
            };
            let value = g.scalar(depth);
            node(Sort::Other, "{\n$$ }", vec![statements, value])
        })
    }

    /// As a closure body: no loops of the function around it, and its own value.
    fn in_closure<T>(&mut self, ret: Option<Ret>, f: impl FnOnce(&mut Gen) -> T) -> T {
        let loops = std::mem::take(&mut self.loops);
        let labelled = std::mem::take(&mut self.labelled);
        let old = std::mem::replace(&mut self.ret, ret);
        let all: Vec<usize> = self.scopes.iter().flatten().map(|v| v.id).collect();
        let count = self.locks.len();
        self.locks
            .extend(all.into_iter().map(|id| (id, Lock::Write)));
        let out = f(self);
        self.locks.truncate(count);
        self.loops = loops;
        self.labelled = labelled;
        self.ret = old;
        out
    }

    fn literal(&mut self) -> String {
        let value = f64::from(self.rng.i32(-15..=15)) / 10.0;
        if value < 0.0 {
            format!("⟪({value:?})¦konst({value:?})⟫")
        } else {
            format!("⟦{value:?}⟧")
        }
    }

    /// A number that may serve as an index.
    fn index(&mut self) -> String {
        if self.chance(0.15)
            && let Some(count) = self.count()
        {
            return count;
        }
        if let Some(var) = self.pick(|v| v.ty == Ty::U)
            && self.chance(0.75)
        {
            return match self.below(3) {
                0 => format!("({} + 1)", var.name),
                1 => format!("(2 * {})", var.name),
                _ => var.name,
            };
        }
        if let Some(order) = self.pick(|v| v.ty == Ty::Order)
            && self.chance(0.5)
        {
            let at = self.below(3);
            return format!("{}[{at}]", order.name);
        }
        self.below(3).to_string()
    }

    /// An index into a list.
    fn at(&mut self, var: &Var) -> String {
        let constant = self.below(var.len.min(3));
        if self.chance(0.35) {
            return constant.to_string();
        }
        if var.ty == Ty::Arr {
            return format!("{} % 3", self.index());
        }
        if self.chance(0.15) {
            return format!("{}.len() - 1", var.name);
        }
        format!("{} % {}.len()", self.index(), var.name)
    }

    /// A scalar inside of a variable.
    fn part(&mut self, var: &Var) -> String {
        let name = &var.name;
        match var.ty {
            Ty::F => name.clone(),
            Ty::Ref | Ty::MutRef => format!("*{name}"),
            Ty::Arr | Ty::Vec | Ty::Sl | Ty::SlMut => format!("{name}[{}]", self.at(var)),
            Ty::Grid => {
                let (i, j) = (self.index(), self.index());
                format!("{name}[{i} % 3][{j} % 2]")
            }
            Ty::Tup => format!("{name}.{}", self.below(2)),
            Ty::V3 => match self.below(3) {
                0 => format!("{name}.x"),
                1 => format!("{name}[2]"),
                _ => format!("{name}[{} % 3]", self.index()),
            },
            Ty::Dv | Ty::DvRef => format!("{name}[{} % {name}.len()]", self.index()),
            Ty::St(k) | Ty::StRef(k) | Ty::StMut(k) => {
                let (field, ty) = self.choose(&self.structs[k].fields.clone());
                match ty {
                    Ty::F => format!("{name}.{field}"),
                    Ty::Arr => format!("{name}.{field}[{} % 3]", self.index()),
                    _ => format!("{name}.{field}[{} % {name}.{field}.len()]", self.index()),
                }
            }
            _ => {
                unreachable!("no scalar in {var:?}")
            }
        }
    }

    /// A scalar place that may be written.
    fn place(&mut self) -> Option<String> {
        let var = self.pick_mut(has_part)?;
        Some(self.written_part(&var))
    }

    /// A place: the index into a `Vec` must not look at it.
    fn written_part(&mut self, var: &Var) -> String {
        let part = self.part(var);
        match part.find(" % ") {
            Some(at) if part.contains(".len()]") && !matches!(var.ty, Ty::SlMut | Ty::Arr) => {
                format!("{} % 2]", &part[..at])
            }
            None if part.contains(".len()") && var.ty == Ty::Vec => format!("{}[1]", var.name),
            _ => part,
        }
    }

    /// The guard of an arm: calls nothing that might write.
    fn guard(&mut self) -> Node {
        let calls = std::mem::replace(&mut self.calls, 0);
        let ids: Vec<usize> = self
            .scopes
            .iter()
            .flatten()
            .filter(|v| v.ty == Ty::Fun)
            .map(|v| v.id)
            .collect();
        let count = self.locks.len();
        self.locks.extend(ids.into_iter().map(|id| (id, Lock::Use)));
        let out = self.condition(1);
        self.locks.truncate(count);
        self.calls = calls;
        out
    }

    fn condition(&mut self, depth: usize) -> Node {
        let sort = Sort::Condition;
        if self.chance(0.15)
            && let Some(switch) = self.switch()
        {
            return leaf(sort, switch);
        }
        match self.below(8) {
            0 | 1 => {
                let i = self.index();
                let (m, r) = (2 + self.below(2), self.below(2));
                leaf(sort, format!("{i} % {m} == {r}"))
            }
            2 if depth < 2 => {
                let op = if self.chance(0.5) { "&&" } else { "||" };
                let children = vec![self.condition(depth + 1), self.condition(depth + 1)];
                node(sort, &format!("$ {op} $"), children)
            }
            3 => {
                if let Some(var) = self.pick(|v| matches!(v.ty, Ty::Vec | Ty::Sl | Ty::SlMut)) {
                    return leaf(sort, format!("{}.len() > 2", var.name));
                }
                leaf(sort, "n > 1")
            }
            4 if depth < 2 => node(sort, "!($)", vec![self.condition(depth + 1)]),
            _ => {
                let op = self.choose(&["<", ">", "<=", ">="]);
                let left = self.simple(1);
                let right = if self.chance(0.5) {
                    scalar(self.literal())
                } else {
                    self.simple(2)
                };
                node(sort, &format!("($) {op} $"), vec![left, right])
            }
        }
    }
}

fn has_part(var: &Var) -> bool {
    !matches!(
        var.ty,
        Ty::U
            | Ty::Opt
            | Ty::En(_)
            | Ty::Order
            | Ty::Fun
            | Ty::Num
            | Ty::NumRef
            | Ty::NumSl
            | Ty::Gone
    )
}

fn is_list(ty: Ty) -> bool {
    matches!(ty, Ty::Arr | Ty::Vec | Ty::Sl | Ty::SlMut)
}
