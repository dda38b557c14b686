//! What a function calls the parts of structs and enums.

use syn::visit::{self, Visit};
use syn::{Block, FieldPat, Member, Pat};

use super::accessor;
use crate::ir::Members;

/// The names of all fields in code, and the accessors of all fields behind patterns.
pub(super) fn of(block: &Block) -> Members {
    let mut found = Find(Members::default());
    found.visit_block(block);
    found.0
}

struct Find(Members);

impl<'ast> Visit<'ast> for Find {
    fn visit_member(&mut self, member: &'ast Member) {
        if let Member::Named(name) = member {
            self.0.fields.insert(name.clone());
        }
    }

    fn visit_pat(&mut self, pat: &'ast Pat) {
        let accessors = &mut self.0.accessors;
        match pat {
            Pat::TupleStruct(it) => {
                let at = (0..it.elems.len()).map(|at| Member::Unnamed(at.into()));
                accessors.extend(at.map(|member| accessor(&it.path, &member)));
            }
            Pat::Struct(it) => {
                let members = it.fields.iter().map(|FieldPat { member, .. }| member);
                accessors.extend(members.map(|member| accessor(&it.path, member)));
            }
            _ => {}
        }
        visit::visit_pat(self, pat);
    }
}
