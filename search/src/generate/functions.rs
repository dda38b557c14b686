//! Functions: signatures, helpers, types, and the glue that lets the harness call a program.

use super::underived::{CONFIG, FIELDS, Field};
use super::{Gen, Ret, Sig, Struct, Ty, leaf};
use crate::tree::{Node, Sort, list, node};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A generated program.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Types and functions; the last is `program`.
    pub items: Node,
    /// How the harness calls it.
    pub glue: String,
    /// Up to which order it is differentiated.
    pub order: u32,
    /// The constructs that it was made of.
    pub tags: BTreeSet<&'static str>,
}

/// The program of this number.
#[must_use]
pub fn program(seed: u64, number: usize) -> Generated {
    let mut g = Gen {
        rng: fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number as u64),
        scopes: Vec::new(),
        next: 0,
        locks: Vec::new(),
        used: Vec::new(),
        written: Vec::new(),
        budget: 0,
        nesting: 0,
        loops: Vec::new(),
        labelled: 0,
        ret: None,
        tags: BTreeSet::new(),
        sigs: Vec::new(),
        structs: Vec::new(),
        enums: Vec::new(),
        calls: 0,
        banned: BTreeSet::new(),
    };
    let names: Vec<&'static str> = super::statements::statements().collect();
    for name in names {
        if name != "let" && g.chance(0.35) {
            g.banned.insert(name);
        }
    }
    // Every third one is of second order, which a sort does not have.
    let order = if number % 3 == 2 { 2 } else { 1 };
    if order > 1 {
        g.banned.insert("sort");
    }
    g.program(order)
}

struct Param {
    name: &'static str,
    ty: Ty,
    mutable: bool,
}

impl Gen {
    fn program(mut self, order: u32) -> Generated {
        let mut items = Vec::new();
        for _ in 0..self.choose(&[0, 0, 1, 1, 2]) {
            items.push(self.structure());
        }
        for _ in 0..self.choose(&[0, 0, 1]) {
            items.push(self.enumeration());
        }
        for k in 0..self.structs.len() {
            for _ in 0..self.choose(&[0, 1, 2]) {
                items.push(self.method_item(k));
            }
        }
        for _ in 0..self.choose(&[0, 0, 1, 2]) {
            items.push(self.helper());
        }
        let params = self.params();
        let ret = self.choose(&[
            Ret::F,
            Ret::F,
            Ret::F,
            Ret::F,
            Ret::Tup,
            Ret::Arr,
            Ret::Vec,
            Ret::Opt,
            Ret::Unit,
        ]);
        let writes = params
            .iter()
            .any(|p| matches!(p.ty, Ty::SlMut | Ty::MutRef | Ty::StMut(_)));
        let ret = if ret == Ret::Unit && !writes {
            Ret::F
        } else {
            ret
        };
        self.calls = 4;
        self.budget = 6 + i32::try_from(self.below(12)).unwrap_or(0);
        let body = self.function_body(&params, ret, 7);
        let header = header("program", &params, ret, &self.structs);
        items.push(node(
            Sort::Other,
            &format!("⟪#[differentiate]\n¦⟫pub fn {header} {{\n$}}\n"),
            vec![body],
        ));
        let glue = glue(&params, ret, &self.structs, order);
        Generated {
            items: list(Sort::Other, items),
            glue,
            order,
            tags: self.tags,
        }
    }

    fn params(&mut self) -> Vec<Param> {
        let mut out = vec![
            param("x", Ty::F, false),
            param("y", Ty::F, false),
            param("n", Ty::U, false),
        ];
        out[0].mutable = self.chance(0.2);
        if self.chance(0.7) {
            out.push(param("v", Ty::Sl, false));
        }
        if self.chance(0.45) {
            out.push(param("out", Ty::SlMut, true));
        }
        if self.chance(0.2) {
            out.push(param("total", Ty::MutRef, true));
        }
        if self.chance(0.2) {
            let mutable = self.chance(0.7);
            out.push(param("arr", Ty::Arr, mutable));
        }
        if self.chance(0.2) {
            let mutable = self.chance(0.7);
            out.push(param("list", Ty::Vec, mutable));
        }
        if self.chance(0.15) {
            out.push(param("dv", Ty::DvRef, false));
        }
        if self.chance(0.15) {
            out.push(param("order", Ty::Order, false));
        }
        if self.chance(0.15) {
            out.push(param("weights", Ty::NumSl, false));
        }
        if !self.structs.is_empty() && self.chance(0.6) {
            let ty = self.choose(&[Ty::St(0), Ty::StRef(0), Ty::StMut(0), Ty::StMut(0)]);
            out.push(param("state", ty, ty != Ty::StRef(0)));
        }
        out
    }

    fn structure(&mut self) -> Node {
        let name = format!("S{}", self.structs.len());
        let mut fields = vec![("pos", Ty::F)];
        for (field, ty, p) in [
            ("vel", Ty::F, 0.7),
            ("arr", Ty::Arr, 0.5),
            ("hist", Ty::Vec, 0.3),
        ] {
            if self.chance(p) {
                fields.push((field, ty));
            }
        }
        let mut underived = Vec::new();
        for (field, p) in FIELDS {
            if self.chance(p) {
                underived.push(field);
            }
        }
        let mut text = String::new();
        let earlier = (self.structs.iter()).any(|it| it.underived.contains(&Field::Config));
        if underived.contains(&Field::Config) && !earlier {
            text.push_str(CONFIG);
        }
        let _ = writeln!(
            text,
            "#[derive(Clone, Debug, PartialEq⟪, Differentiable¦⟫)]\npub struct {name} {{"
        );
        // Their order among themselves is that of the numbers of the harness.
        let mut lines: Vec<String> = (fields.iter())
            .map(|(field, ty)| match ty {
                Ty::F => format!("pub {field}: §,"),
                Ty::Arr => format!("pub {field}: [§; 3],"),
                _ => format!("pub {field}: Vec<§>,"),
            })
            .collect();
        for field in &underived {
            let at = self.below(lines.len() + 1);
            let line = format!("⟪#[no_diff]\n¦⟫pub {},", field.declaration());
            lines.insert(at, line);
        }
        let _ = writeln!(text, "{}\n}}", lines.join("\n"));
        let _ = writeln!(
            text,
            "impl Flat<§> for {name} {{\nfn flat(&self, out: &mut Vec<§>) {{"
        );
        for (field, _) in &fields {
            let _ = writeln!(text, "self.{field}.flat(out);");
        }
        text.push_str("}\n}\n");
        self.structs.push(Struct {
            name,
            fields,
            underived,
        });
        leaf(Sort::Item, text)
    }

    fn enumeration(&mut self) -> Node {
        let name = format!("E{}", self.enums.len());
        self.enums.push(name.clone());
        leaf(
            Sort::Item,
            format!(
                "#[derive(Clone, Debug, PartialEq⟪, Differentiable¦⟫)]\npub enum {name} {{\nOne(§),\nTwo {{ l: §, m: § }},\nNone,\n}}\n"
            ),
        )
    }

    fn helper_params(&mut self) -> Vec<Param> {
        let mut out = vec![param("x", Ty::F, false)];
        out[0].mutable = self.chance(0.3);
        for _ in 0..=self.below(3) {
            let new = match self.below(12) {
                0 | 1 => param("y", Ty::F, false),
                2 => param("v", Ty::Sl, false),
                3 | 4 => param("out", Ty::SlMut, true),
                5 => param("total", Ty::MutRef, true),
                6 => param("arr", Ty::Arr, true),
                7 => param("list", Ty::Vec, true),
                8 => param("by", Ty::Ref, false),
                9 => param("weights", Ty::NumSl, false),
                10 => param("scale", Ty::Num, false),
                _ if !self.structs.is_empty() => {
                    let k = self.below(self.structs.len());
                    let ty = self.choose(&[Ty::St(k), Ty::StRef(k), Ty::StMut(k)]);
                    param("state", ty, ty != Ty::StRef(k))
                }
                _ => param("pair", Ty::Tup, false),
            };
            if out.iter().all(|p| p.name != new.name) {
                out.push(new);
            }
        }
        out.push(param("n", Ty::U, false));
        let at = self.below(out.len());
        let first = out.remove(0);
        out.insert(at, first);
        out
    }

    fn helper_ret(&mut self, params: &[Param]) -> Ret {
        let writes = params.iter().any(|p| writes(p.ty));
        let ret = self.choose(&[
            Ret::F,
            Ret::F,
            Ret::F,
            Ret::Tup,
            Ret::Arr,
            Ret::Vec,
            Ret::Opt,
            Ret::Unit,
            Ret::Unit,
        ]);
        if ret == Ret::Unit && !writes {
            Ret::F
        } else {
            ret
        }
    }

    fn helper(&mut self) -> Node {
        let name = format!("h{}", self.sigs.len());
        let params = self.helper_params();
        let ret = self.helper_ret(&params);
        let sig = Sig {
            name: name.clone(),
            params: params.iter().map(|p| p.ty).collect(),
            ret,
            method: false,
        };
        self.budget = 3 + i32::try_from(self.below(5)).unwrap_or(0);
        self.calls = 2;
        let recursive = self.chance(0.25);
        let body = if recursive {
            self.tag("recursion");
            self.recursive_body(&params, ret, &sig)
        } else {
            self.function_body(&params, ret, 4)
        };
        let header = header(&name, &params, ret, &self.structs);
        self.sigs.push(sig);
        node(
            Sort::Item,
            &format!("⟪#[differentiate]\n¦⟫fn {header} {{\n$}}\n"),
            vec![body],
        )
    }

    fn method_item(&mut self, k: usize) -> Node {
        let name = format!("m{}", self.sigs.len());
        let receiver = self.choose(&[Ty::StRef(k), Ty::StMut(k)]);
        let mut params = vec![param("self", receiver, matches!(receiver, Ty::StMut(_)))];
        params.extend(
            self.helper_params()
                .into_iter()
                .filter(|p| p.name != "state"),
        );
        let ret = self.helper_ret(&params);
        self.budget = 3 + i32::try_from(self.below(4)).unwrap_or(0);
        self.calls = 1;
        let body = self.function_body(&params, ret, 4);
        let header = header(&name, &params, ret, &self.structs);
        self.sigs.push(Sig {
            name,
            params: params.iter().map(|p| p.ty).collect(),
            ret,
            method: true,
        });
        let owner = self.structs[k].name.clone();
        node(
            Sort::Item,
            &format!("impl {owner} {{\n⟪#[differentiate]\n¦⟫fn {header} {{\n$}}\n}}\n"),
            vec![body],
        )
    }

    fn open(&mut self, params: &[Param], ret: Ret) {
        self.ret = Some(ret);
        self.scopes.push(Vec::new());
        for p in params {
            let len = match p.ty {
                Ty::Sl | Ty::SlMut | Ty::Vec => 2,
                Ty::Arr => 3,
                _ => 0,
            };
            self.declare(p.name, p.ty, p.mutable, len);
        }
    }

    fn close(&mut self) {
        self.scopes.clear();
        self.locks.clear();
        self.used.clear();
        self.written.clear();
        self.loops.clear();
    }

    fn function_body(&mut self, params: &[Param], ret: Ret, most: usize) -> Node {
        self.open(params, ret);
        let mut statements = Vec::new();
        let least = most / 2 + 1;
        while statements.len() < least || (self.budget > 0 && statements.len() < 2 * most) {
            statements.extend(self.statement());
        }
        let value = self.tail(ret);
        self.close();
        node(
            Sort::Other,
            "$$\n",
            vec![list(Sort::Other, statements), value],
        )
    }

    fn tail(&mut self, ret: Ret) -> Node {
        self.budget = 0;
        if ret == Ret::F {
            let mut all = vec![self.scalar(1)];
            for _ in 0..3 {
                all.push(self.atom());
            }
            return node(Sort::Other, "$ + $ + $ - $", all);
        }
        self.returned(ret, 1)
    }

    fn recursive_body(&mut self, params: &[Param], ret: Ret, sig: &Sig) -> Node {
        self.open(params, ret);
        let base = self.returned(ret, 2);
        let mut statements = Vec::new();
        for _ in 0..2 {
            statements.extend(self.statement());
        }
        self.calls = 1;
        // The depth goes down by one: `n % 3` is the depth of a call from outside.
        let call = self.call(sig, 2).map(|call| {
            let mut call = call;
            let last = sig.params.iter().position(|t| *t == Ty::U);
            if let Some(last) = last {
                call.children[last] = leaf(Sort::Other, "n - 1");
            }
            let shape = match ret {
                Ret::Unit => "$;\n",
                Ret::F => "let deep = $ * ⟦0.5⟧;\n",
                Ret::Tup => "let deep = $.0;\n",
                Ret::Arr => "let deep = $[1];\n",
                Ret::Vec => "let deep = $[0];\n",
                Ret::Opt => "let deep = $?;\n",
            };
            node(Sort::Statement, shape, vec![call])
        });
        if let Some(call) = call {
            statements.push(call);
            if ret != Ret::Unit {
                self.declare("deep", Ty::F, false, 0);
            }
            statements.extend(self.statement());
        }
        let value = self.tail(ret);
        self.close();
        node(
            Sort::Other,
            "if n == 0 { return $; }\n$$\n",
            vec![base, list(Sort::Other, statements), value],
        )
    }
}

fn param(name: &'static str, ty: Ty, mutable: bool) -> Param {
    Param { name, ty, mutable }
}

fn writes(ty: Ty) -> bool {
    matches!(ty, Ty::SlMut | Ty::MutRef | Ty::StMut(_))
}

fn header(name: &str, params: &[Param], ret: Ret, structs: &[Struct]) -> String {
    let list: Vec<String> = params
        .iter()
        .map(|p| {
            if p.name == "self" {
                return match p.ty {
                    Ty::StMut(_) => "&mut self",
                    _ => "&self",
                }
                .to_string();
            }
            let ty = match p.ty {
                Ty::F => "§".to_string(),
                Ty::U => "usize".to_string(),
                Ty::Ref => "&§".to_string(),
                Ty::MutRef => "&mut §".to_string(),
                Ty::Arr => "[§; 3]".to_string(),
                Ty::Vec => "Vec<§>".to_string(),
                Ty::Sl => "&[§]".to_string(),
                Ty::SlMut => "&mut [§]".to_string(),
                Ty::Tup => "(§, §)".to_string(),
                Ty::St(k) => structs[k].name.clone(),
                Ty::StRef(k) => format!("&{}", structs[k].name),
                Ty::StMut(k) => format!("&mut {}", structs[k].name),
                Ty::DvRef => "&DVector<§>".to_string(),
                Ty::Order => "&[usize]".to_string(),
                Ty::Num => "f64".to_string(),
                Ty::NumSl => "&[f64]".to_string(),
                Ty::Grid
                | Ty::Opt
                | Ty::En(_)
                | Ty::V3
                | Ty::Dv
                | Ty::Fun
                | Ty::NumRef
                | Ty::Gone => {
                    unreachable!("no parameter of {:?}", p.ty)
                }
            };
            let attribute = if matches!(p.ty, Ty::Order | Ty::Num | Ty::NumSl) {
                "⟪#[no_diff] ¦⟫"
            } else {
                ""
            };
            let keyword = if p.mutable && !writes(p.ty) {
                "mut "
            } else {
                ""
            };
            format!("{attribute}{keyword}{}: {ty}", p.name)
        })
        .collect();
    let ret = match ret {
        Ret::F => " -> §",
        Ret::Tup => " -> (§, §)",
        Ret::Arr => " -> [§; 3]",
        Ret::Vec => " -> Vec<§>",
        Ret::Opt => " -> Option<§>",
        Ret::Unit => "",
    };
    format!("{name}({}){ret}", list.join(", "))
}

/// How many numbers a parameter takes.
fn count(ty: Ty, structs: &[Struct]) -> usize {
    match ty {
        Ty::F | Ty::MutRef => 1,
        Ty::Arr | Ty::Vec | Ty::DvRef => 3,
        Ty::Sl | Ty::SlMut => 4,
        Ty::St(k) | Ty::StRef(k) | Ty::StMut(k) => structs[k]
            .fields
            .iter()
            .map(|f| match f.1 {
                Ty::F => 1,
                _ => 3,
            })
            .sum(),
        _ => 0,
    }
}

/// The functions over flat numbers that the harness calls.
fn glue(params: &[Param], ret: Ret, structs: &[Struct], order: u32) -> String {
    let mut at = 0;
    let mut lets = String::new();
    let mut arguments = Vec::new();
    for p in params {
        let name = p.name;
        let (value, argument) = match p.ty {
            Ty::F => (format!("p[{at}]"), name.to_string()),
            Ty::U => (String::new(), "n".to_string()),
            Ty::Order => ("[2_usize, 0, 3]".to_string(), format!("&{name}")),
            Ty::NumSl => ("[0.3, -0.6, 0.8]".to_string(), format!("&{name}")),
            Ty::MutRef => (format!("p[{at}]"), format!("&mut {name}")),
            Ty::SlMut => (
                format!("p[{at}..{}].to_vec()", at + 4),
                format!("&mut {name}"),
            ),
            Ty::Sl => (format!("p[{at}..{}].to_vec()", at + 4), format!("&{name}")),
            Ty::Vec => (
                format!("p[{at}..{}].to_vec()", at + 3),
                format!("{name}.clone()"),
            ),
            Ty::Arr => (
                format!("[p[{at}], p[{}], p[{}]]", at + 1, at + 2),
                name.to_string(),
            ),
            Ty::DvRef => (
                format!("DVector::from_column_slice(&p[{at}..{}])", at + 3),
                format!("&{name}"),
            ),
            Ty::St(k) | Ty::StRef(k) | Ty::StMut(k) => {
                let mut here = at;
                let fields: Vec<String> = structs[k]
                    .fields
                    .iter()
                    .map(|(field, ty)| match ty {
                        Ty::F => {
                            here += 1;
                            format!("{field}: p[{}]", here - 1)
                        }
                        Ty::Arr => {
                            here += 3;
                            format!(
                                "{field}: [p[{}], p[{}], p[{}]]",
                                here - 3,
                                here - 2,
                                here - 1
                            )
                        }
                        _ => {
                            here += 3;
                            format!("{field}: p[{}..{here}].to_vec()", here - 3)
                        }
                    })
                    .chain(structs[k].underived.iter().map(|it| it.first().to_string()))
                    .collect();
                let argument = match p.ty {
                    Ty::St(_) => format!("{name}.clone()"),
                    Ty::StRef(_) => format!("&{name}"),
                    _ => format!("&mut {name}"),
                };
                (
                    format!("{} {{ {} }}", structs[k].name, fields.join(", ")),
                    argument,
                )
            }
            _ => unreachable!("no parameter of {:?}", p.ty),
        };
        at += count(p.ty, structs);
        if !value.is_empty() {
            let _ = writeln!(lets, "let mut {name} = {value};");
        }
        arguments.push(argument);
    }
    let call = arguments.join(", ");
    let active: Vec<&Param> = params
        .iter()
        .filter(|p| !matches!(p.ty, Ty::U | Ty::Order | Ty::NumSl))
        .collect();
    let lent: Vec<&&Param> = active.iter().filter(|p| writes(p.ty)).collect();
    let flats = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "{}.flat(&mut outputs);", p.name);
        all
    });
    let plain: Vec<String> = active
        .iter()
        .filter(|p| !writes(p.ty))
        .map(|p| format!("g_{}", p.name))
        .collect();
    let pattern = match plain.len() {
        1 => plain[0].clone(),
        _ => format!("({})", plain.join(", ")),
    };
    let shadows: Vec<String> = lent.iter().map(|p| format!("&mut d_{}", p.name)).collect();
    let gradient = |missing: bool| {
        active.iter().fold(String::new(), |mut all, p| {
            let name = p.name;
            let _ = if writes(p.ty) && missing {
                writeln!(
                    all,
                    "gradient.extend([None; {}]);",
                    count(p.ty, structs)
                )
            } else {
                let prefix = if writes(p.ty) { "d" } else { "g" };
                writeln!(
                    all,
                    "let mut numbers = Vec::new();\ncomponents(&{prefix}_{name}, &mut numbers);\ngradient.extend(numbers.into_iter().map(Some));"
                )
            };
            all
        })
    };
    let seeds = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(
            all,
            "let above_{0} = seeded(&left_{0}, &mut numbers);",
            p.name
        );
        all
    });
    let left = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "let left_{0} = {0}.clone();", p.name);
        all
    });
    let again = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "let mut d_{0} = above_{0}.clone();", p.name);
        all
    });
    // What returns nothing has no seed.
    let seed = (ret != Ret::Unit).then(|| "seed.clone()".to_string());
    let pulled = seed
        .clone()
        .into_iter()
        .chain(shadows.clone())
        .collect::<Vec<_>>()
        .join(", ");
    let mut text = format!(
        "pub fn primal(p: &[§], n: usize) -> Vec<§> {{\n{lets}let value = program({call});\nlet mut outputs = flat(&value);\n{flats}outputs\n}}\n"
    );
    text.push('⟪');
    if ret == Ret::F {
        let _ = writeln!(
            text,
            "pub fn value_and_grad(p: &[f64], n: usize) -> Outcome {{\n{lets}let (value, {pattern}) = program::value_and_grad({call});\nlet mut outputs = flat(&value);\n{flats}let mut gradient = Vec::new();\n{}Outcome {{ outputs, gradient }}\n}}",
            gradient(true)
        );
    }
    let _ = writeln!(
        text,
        "pub fn vjp(p: &[f64], n: usize, seed: &[f64]) -> Result<Outcome, String> {{\n{lets}let value = program({call});\n{left}let mut numbers = seed.iter().copied();\nlet seed = seeded(&value, &mut numbers);\n{seeds}{lets}let (value, pull) = program::vjp({call});\n{again}let {pattern} = pull({pulled});\nlet mut gradient = Vec::new();\n{g}let first = gradient;\n{again}let {pattern} = pull({pulled});\nlet mut gradient = Vec::new();\n{g}if format!(\"{{gradient:?}}\") != format!(\"{{first:?}}\") {{\nreturn Err(format!(\"pullback, again: {{gradient:?}}, not {{first:?}}\"));\n}}\ndrop(pull);\nlet mut outputs = flat(&value);\n{flats}Ok(Outcome {{ outputs, gradient }})\n}}",
        g = gradient(false)
    );
    let zeros = active
        .iter()
        .filter(|p| !writes(p.ty))
        .fold(String::new(), |mut all, p| {
            let _ = writeln!(all, "let mut g_{0} = zero(&{0});", p.name);
            all
        });
    let all_shadows = seed
        .into_iter()
        .chain(
            active
                .iter()
                .map(|p| format!("&mut {}_{}", if writes(p.ty) { "d" } else { "g" }, p.name)),
        )
        .collect::<Vec<_>>()
        .join(", ");
    let before = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "let before_{0} = {0}.clone();", p.name);
        all
    });
    let restored = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(
            all,
            "if {0} != before_{0} {{ return Err(format!(\"`adjoint` leaves {0} as {{:?}}, not {{before_{0}:?}}\", {0})); }}",
            p.name
        );
        all
    });
    let left_flats = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "left_{}.flat(&mut outputs);", p.name);
        all
    });
    let _ = writeln!(
        text,
        "pub fn adjoint(p: &[f64], n: usize, seed: &[f64]) -> Result<Outcome, String> {{\n{lets}let value = program({call});\n{left}let mut numbers = seed.iter().copied();\nlet seed = seeded(&value, &mut numbers);\n{seeds}{lets}{before}{zeros}{again}let value = program::adjoint({call}, {all_shadows});\n{restored}let mut gradient = Vec::new();\n{g}let first = gradient;\n{zeros}{again}let value = program::adjoint({call}, {all_shadows});\n{restored}let mut gradient = Vec::new();\n{g}if format!(\"{{gradient:?}}\") != format!(\"{{first:?}}\") {{\nreturn Err(format!(\"`adjoint`, again: {{gradient:?}}, not {{first:?}}\"));\n}}\nlet mut outputs = flat(&value);\n{left_flats}Ok(Outcome {{ outputs, gradient }})\n}}",
        g = gradient(false)
    );
    let tangents = active.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "let mut t_{0} = seeded(&{0}, &mut numbers);", p.name);
        all
    });
    let dots: Vec<String> = (active.iter())
        .map(|p| match p.ty {
            Ty::F | Ty::Arr | Ty::Vec | Ty::St(_) => format!("t_{}", p.name),
            ty if writes(ty) => format!("&mut t_{}", p.name),
            _ => format!("&t_{}", p.name),
        })
        .collect();
    let dots = dots.join(", ");
    let left_dots = lent.iter().fold(String::new(), |mut all, p| {
        let _ = writeln!(all, "components(&t_{}, &mut slopes);", p.name);
        all
    });
    let curved = ret == Ret::F && lent.is_empty();
    if order > 1 {
        let _ = writeln!(
            text,
            "pub fn tangent(p: &[f64], n: usize, along: &[f64]) -> (Vec<f64>, Vec<f64>) {{\n{lets}let mut numbers = along.iter().copied();\n{tangents}let (value, dot) = program::jvp({call}, {dots});\nlet mut outputs = flat(&value);\n{flats}let mut slopes = Vec::new();\ncomponents(&dot, &mut slopes);\n{left_dots}(outputs, slopes)\n}}"
        );
    }
    if order > 1 && curved {
        let _ = writeln!(
            text,
            "pub fn curvature(p: &[f64], n: usize, along: &[f64]) -> Curvature {{\n{lets}let (value, {pattern}, matrix) = program::value_grad_hessian({call});\nlet mut gradient = Vec::new();\n{g}let mut numbers = along.iter().copied();\n{tangents}let {pattern} = program::hvp({call}, {dots});\nlet first = std::mem::take(&mut gradient);\n{g}let same = program::hessian({call}) == matrix;\nCurvature {{ value, gradient: first, product: gradient, matrix, same }}\n}}",
            g = gradient(false)
        );
    }
    let second = match (order > 1, curved) {
        (false, _) => "None",
        (true, false) => "Some(Second { tangent: plain::tangent, curvature: None })",
        (true, true) => {
            "Some(Second { tangent: plain::tangent, curvature: Some(plain::curvature) })"
        }
    };
    let pick = if ret == Ret::F {
        "Some(plain::value_and_grad)"
    } else {
        "None"
    };
    let _ = write!(
        text,
        "⟫§ENTRY§Program {{ number: NUMBER, inputs: {at}, primal: plain::primal, dual: duals::primal, gradient: {pick}, vjp: plain::vjp, adjoint: plain::adjoint, second: {second} }}"
    );
    text
}
