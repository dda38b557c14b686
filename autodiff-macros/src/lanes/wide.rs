//! The variables of a tangent program that tangents flow into: for several directions they hold several.

use std::collections::HashSet;

use quote::ToTokens;

use crate::ir::{
    BuildKind, Code, Fact, Func, Mutation, Op, Operand, Place, Proj, StmtKind, VarId, VarKind,
};

pub(crate) struct Wide<'a> {
    program: &'a Func,
    /// How many of its variables are of the function itself, which are not wide.
    primal: usize,
    vars: HashSet<VarId>,
    /// The pairs of value and tangent that it returns.
    pub(crate) results: HashSet<VarId>,
}

impl<'a> Wide<'a> {
    pub(crate) fn new(program: &'a Func, primal: usize) -> Self {
        Wide {
            program,
            primal,
            vars: HashSet::new(),
            results: results(program),
        }
    }

    pub(crate) fn has(&self, var: VarId) -> bool {
        self.vars.contains(&var)
    }

    pub(crate) fn vars(&self) -> impl Iterator<Item = &VarId> {
        self.vars.iter()
    }

    fn is_primal(&self, var: VarId) -> bool {
        (var.0 as usize) < self.primal
    }

    /// Finds them. `made`: are those among them, too, that the tangent program makes to be moved into one of them?
    pub(crate) fn find(&mut self, made: bool) {
        for param in self
            .program
            .params
            .iter()
            .filter(|it| it.tangent_of.is_some())
        {
            if param.active {
                self.vars.insert(param.var);
            }
        }
        loop {
            let before = self.vars.len();
            let mut found = HashSet::new();
            for (at, var) in self.program.vars.iter().enumerate() {
                if let VarKind::Alias { place, .. } = &var.kind
                    && self.place_is_wide(place)
                {
                    found.insert(VarId(u32::try_from(at).unwrap_or(u32::MAX)));
                }
            }
            self.program.body.walk(&mut |stmt| {
                if self.reads_wide(&stmt.kind) {
                    found.extend(written(&stmt.kind));
                }
            });
            // What is made for a statement with lanes and may be moved there is made for each.
            self.program.body.walk(&mut |stmt| {
                if !made || !written(&stmt.kind).iter().any(|it| self.vars.contains(it)) {
                    return;
                }
                found.extend((operands(&stmt.kind).into_iter()).filter_map(|it| {
                    let place = it.place()?;
                    let var = &self.program.vars[place.root.0 as usize];
                    let moved = matches!(it, Operand::Place(_)) && place.proj.is_empty();
                    let made = moved && var.fact != Fact::Scalar;
                    (made && self.is_made(place.root)).then_some(place.root)
                }));
            });
            found.retain(|it| !self.is_primal(*it) && !self.results.contains(it));
            self.vars.extend(found);
            if self.vars.len() == before {
                return;
            }
        }
    }

    /// Is it made by the tangent program, and not an expression of the user's that is evaluated once?
    fn is_made(&self, var: VarId) -> bool {
        let mut made = false;
        self.program.body.walk(&mut |stmt| {
            if let StmtKind::Let { var: it, op, .. } = &stmt.kind
                && *it == var
            {
                made = match op {
                    Op::Code(code) => code
                        .expr
                        .to_token_stream()
                        .to_string()
                        .contains("__private"),
                    _ => true,
                };
            }
        });
        made
    }

    pub(crate) fn place_is_wide(&self, place: &Place) -> bool {
        self.vars.contains(&place.root)
            || place.proj.iter().any(|it| match it {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.code_is_wide(code),
                Proj::Elem(var) => self.vars.contains(var),
                Proj::View(view) => view.args.iter().any(|it| self.code_is_wide(it)),
                Proj::Field(_)
                | Proj::Part(_)
                | Proj::Deref
                | Proj::Payload
                | Proj::Variant { .. }
                | Proj::Accessor { .. }
                | Proj::Array(_) => false,
            })
    }

    pub(crate) fn code_is_wide(&self, code: &Code) -> bool {
        code.reads.iter().any(|it| self.vars.contains(it))
    }

    pub(crate) fn is_wide(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.place_is_wide(place),
            Operand::Code(code) => self.code_is_wide(code),
            Operand::Lit(_) | Operand::Never | Operand::Unit => false,
        }
    }

    pub(crate) fn reads_wide(&self, kind: &StmtKind) -> bool {
        if operands(kind).into_iter().any(|it| self.is_wide(it)) {
            return true;
        }
        match kind {
            StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => {
                matches!(op, Op::Code(code) if self.code_is_wide(code))
            }
            StmtKind::Views { init, .. } => self.code_is_wide(init),
            _ => false,
        }
    }
}

/// The variables whose values are handed out as the result of the program.
fn results(program: &Func) -> HashSet<VarId> {
    let root = |operand: &Operand| operand.place().map(|it| it.root);
    let mut found: HashSet<VarId> = program.body.result.iter().filter_map(root).collect();
    program.body.walk(&mut |stmt| {
        if let StmtKind::Exit(exit) = &stmt.kind
            && let Some((var, value)) = &exit.value
            && *var == program.result
        {
            found.extend(root(value));
        }
    });
    found
}

/// The variables that a statement defines or writes itself, without what its blocks do.
pub(crate) fn written(kind: &StmtKind) -> Vec<VarId> {
    match kind {
        StmtKind::Let { var, .. } | StmtKind::Declare { var, .. } | StmtKind::Alias { var } => {
            vec![*var]
        }
        StmtKind::Assign { place, .. } | StmtKind::Update { place, .. } => vec![place.root],
        StmtKind::Mutate(it) => {
            let mut written = vec![it.place.root];
            written.extend(it.result);
            if it.kind == Mutation::Exchange {
                written.extend(it.args.iter().filter_map(|it| Some(it.place()?.root)));
            }
            written
        }
        StmtKind::Views { vars, .. } => vars.clone(),
        _ => Vec::new(),
    }
}

/// The operands of a statement itself.
pub(crate) fn operands(kind: &StmtKind) -> Vec<&Operand> {
    match kind {
        StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => match op {
            // What a loop makes is made of the operands of its body.
            Op::Build(build) if !matches!(build.kind, BuildKind::ZipMap { .. }) => Vec::new(),
            op => op.operands(),
        },
        StmtKind::Update { value, .. } => vec![value],
        StmtKind::Mutate(it) => it.args.iter().collect(),
        _ => Vec::new(),
    }
}
