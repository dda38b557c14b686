//! The functions, blocks, modules and types that stand under our attributes in the tests of the project, as tokens.

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Attribute, Meta};

/// What is given to the macro.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) kind: Kind,
    /// The number of the file that it comes from.
    pub(super) file: usize,
    pub(super) args: TokenStream,
    pub(super) item: TokenStream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Attribute,
    Derive,
}

impl Input {
    pub(super) fn expand(self) -> TokenStream {
        match self.kind {
            Kind::Attribute => crate::compile::differentiate(self.args, self.item),
            Kind::Derive => crate::derive::differentiable(self.item),
        }
    }
}

/// The inputs in one of `every` so many files, in their order.
pub(super) fn corpus(every: usize) -> Vec<Input> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    super::sources::sources(&root.join("testdata"), &mut files);
    super::sources::sources(&root.join("../tests/tests"), &mut files);
    let mut items = Items {
        found: Vec::new(),
        file: 0,
    };
    for (at, file) in files.iter().enumerate().step_by(every) {
        items.file = at;
        items.read(file);
    }
    assert!(items.found.len() * every > 500, "the corpus is there");
    items.found
}

struct Items {
    found: Vec<Input>,
    file: usize,
}

impl Items {
    fn read(&mut self, file: &PathBuf) {
        let text = std::fs::read_to_string(file).expect("a readable file");
        if let Ok(parsed) = syn::parse_file(&text) {
            if file.parent().is_some_and(|it| it.ends_with("testdata")) {
                self.found.push(Input {
                    kind: Kind::Attribute,
                    file: self.file,
                    args: TokenStream::new(),
                    item: parsed.to_token_stream(),
                });
            }
            self.visit_file(&parsed);
        }
    }

    /// `attrs`: those of the item; ours is taken off.
    fn item<T: ToTokens + Clone>(&mut self, it: &T, attrs: impl Fn(&mut T) -> &mut Vec<Attribute>) {
        let mut it = it.clone();
        let mut args = None;
        let mut derives = false;
        attrs(&mut it).retain(|attr| {
            derives |= attr.path().is_ident("derive")
                && attr
                    .to_token_stream()
                    .to_string()
                    .contains("Differentiable");
            let ours = attr
                .path()
                .segments
                .last()
                .is_some_and(|it| it.ident == "differentiate");
            if ours {
                args = Some(match &attr.meta {
                    Meta::List(it) => it.tokens.clone(),
                    Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
                });
            }
            !ours && !attr.path().is_ident("derive")
        });
        let kind = match (&args, derives) {
            (Some(_), _) => Kind::Attribute,
            (None, true) => Kind::Derive,
            (None, false) => return,
        };
        let args = args.unwrap_or_default();
        self.found.push(Input {
            kind,
            file: self.file,
            args,
            item: quote!(#it),
        });
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_fn(&mut self, it: &'ast syn::ItemFn) {
        self.item(it, |it| &mut it.attrs);
        visit::visit_item_fn(self, it);
    }
    fn visit_item_impl(&mut self, it: &'ast syn::ItemImpl) {
        self.item(it, |it| &mut it.attrs);
        visit::visit_item_impl(self, it);
    }
    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.item(it, |it| &mut it.attrs);
        visit::visit_impl_item_fn(self, it);
    }
    fn visit_item_mod(&mut self, it: &'ast syn::ItemMod) {
        self.item(it, |it| &mut it.attrs);
        visit::visit_item_mod(self, it);
    }
    fn visit_item_struct(&mut self, it: &'ast syn::ItemStruct) {
        self.item(it, |it| &mut it.attrs);
    }
    fn visit_item_enum(&mut self, it: &'ast syn::ItemEnum) {
        self.item(it, |it| &mut it.attrs);
    }
}
