//! What is compiled together: the functions of an `impl` block or of an inline module.
//!
//! Within a unit the compiler knows every function. Small ones are written out where they are called, so are those that
//! take functions, and those that call each other in a circle have their residuals boxed without being told.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{
    FnArg, GenericParam, Item, ItemFn, ItemImpl, ItemMod, Type, TypeParamBound, WherePredicate,
};

use crate::compile::one;
use crate::diag::Ctxt;
use crate::emit::own::own_method;
use crate::options::{Member, Options};
use crate::{fence, lower};

/// A function with more nodes than this is called, not written out.
const SMALL: usize = 64;

/// The functions that are known where one of them is compiled.
#[derive(Default)]
pub(crate) struct Unit {
    /// Functions that are written out where they are called, by name.
    inlined: BTreeMap<String, Rc<ItemFn>>,
    /// Methods of the present `impl` block that are, by name.
    inlined_methods: BTreeMap<String, Rc<ItemFn>>,
    /// Methods that hand out a view, of all types of the unit.
    lenders: Vec<Rc<Lender>>,
    /// Functions, and methods, that hand out what carries no derivative, such as a position.
    inert: BTreeSet<String>,
    inert_methods: BTreeSet<String>,
    /// The methods with a body of the traits of the unit, by the name of the trait.
    provided: BTreeMap<String, Vec<ItemFn>>,
    /// Functions of types that return a value of their type, as type and name.
    makers: BTreeSet<(String, String)>,
    /// The types that have another name in the module: `type State = [f64; 10];`
    aliases: BTreeMap<String, Type>,
    /// The type of the present `impl` block.
    this: Option<String>,
    /// Functions that call each other in a circle.
    recursive: BTreeSet<String>,
}

/// A method that hands out a view: `fn row(&self, i: usize) -> &[f64]`.
pub(crate) struct Lender {
    /// The name of its type.
    pub(crate) of: String,
    /// Its type, of whatever arguments.
    pub(crate) ty: Type,
    pub(crate) function: Rc<ItemFn>,
}

impl Unit {
    /// The type behind names of the module for types, as far as it stands there.
    pub(crate) fn behind<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut found = ty;
        // A circle of names is an error of rustc's.
        for _ in 0..=self.aliases.len() {
            let Type::Path(path) = lower::peel(found) else {
                break;
            };
            let alias = path.path.get_ident().map(ToString::to_string);
            match alias.and_then(|it| self.aliases.get(&it)) {
                Some(ty) => found = ty,
                None => break,
            }
        }
        found
    }

    /// Everything that may be written out: its names are taken.
    pub(crate) fn tokens(&self) -> TokenStream {
        let functions = self.inlined.values().chain(self.inlined_methods.values());
        let functions = functions.map(|it| &**it);
        let lenders = self.lenders.iter().map(|it| &*it.function);
        functions
            .chain(lenders)
            .map(ToTokens::to_token_stream)
            .collect()
    }

    /// The function of this name, if calls of it are written out.
    pub(crate) fn inlined(&self, name: &Ident) -> Option<Rc<ItemFn>> {
        self.inlined.get(&name.to_string()).cloned()
    }

    /// The method of this name, if calls of it on `self` are written out.
    pub(crate) fn inlined_method(&self, name: &Ident) -> Option<Rc<ItemFn>> {
        self.inlined_methods.get(&name.to_string()).cloned()
    }

    /// Does this function call itself, at once or by way of others?
    pub(crate) fn recursive(&self, name: &Ident) -> bool {
        self.recursive.contains(&name.to_string())
    }

    /// Does the function of this name hand out what carries no derivative?
    pub(crate) fn inert(&self, name: &Ident) -> bool {
        self.inert.contains(&name.to_string())
    }

    /// Do the methods of this name hand out what carries no derivative?
    pub(crate) fn inert_method(&self, name: &Ident) -> bool {
        self.inert_methods.contains(&name.to_string())
    }

    /// Does a call of this function of this type return a value of the type? One called `new` does, as far as is known.
    pub(crate) fn makes(&self, of: &str, name: &str) -> bool {
        name == "new" || self.makers.contains(&(of.to_owned(), name.to_owned()))
    }

    /// The name of the type of the present `impl` block.
    pub(crate) fn this(&self) -> Option<&str> {
        self.this.as_deref()
    }

    /// The method of this name that hands out a view, of the type named; the only one if the type is not known.
    pub(crate) fn lender(&self, of: Option<&str>, name: &str) -> Option<Rc<Lender>> {
        let mut found = self
            .lenders
            .iter()
            .filter(|it| of.is_none_or(|of| it.of == of) && it.function.sig.ident == name);
        let first = found.next()?;
        found.next().is_none().then(|| first.clone())
    }
}

/// The functions of an inline module, and of its `impl` blocks.
pub(crate) fn module(args: &TokenStream, mut module: ItemMod) -> TokenStream {
    let Some((brace, items)) = module.content.take() else {
        let message = "the attribute needs the contents of the module here; write `mod name { .. }`, or put the \
                       attribute on each function";
        let error = syn::Error::new_spanned(&module.ident, message).into_compile_error();
        return quote!(#module #error);
    };
    let functions: Vec<ItemFn> = items
        .iter()
        .filter_map(|it| match it {
            Item::Fn(it) if !has_attribute(&it.attrs) => Some(with_functions(it.clone())),
            _ => None,
        })
        .collect();
    let functions: Vec<&ItemFn> = functions.iter().collect();
    let recursive = circles(&functions);
    let blocks = || {
        items.iter().filter_map(|it| match it {
            Item::Impl(block) if !has_attribute(&block.attrs) => Some(block),
            _ => None,
        })
    };
    let provided: BTreeMap<String, Vec<ItemFn>> = items.iter().filter_map(provided).collect();
    let unit = Unit {
        inlined: functions
            .iter()
            .filter(|it| written_out(it, &recursive, keeps_calls(args)))
            .map(|it| (it.sig.ident.to_string(), Rc::new((*it).clone())))
            .collect(),
        lenders: blocks().flat_map(lenders).collect(),
        makers: blocks().flat_map(makers).collect(),
        inert: inert(functions.iter().copied().cloned()),
        inert_methods: inert(
            blocks()
                .flat_map(members)
                .chain(provided.values().flatten().cloned()),
        ),
        provided,
        aliases: items.iter().filter_map(alias).collect(),
        recursive,
        ..Unit::default()
    };
    let mut out = Vec::new();
    for item in items {
        match item {
            Item::Fn(mut function) if !has_attribute(&function.attrs) => {
                if skipped(&mut function.attrs)
                    || fence::nothing_to_differentiate(&function, true)
                    || takes_functions(&with_functions(function.clone()))
                    || gives_view(&function) && unit.inlined(&function.sig.ident).is_some()
                {
                    crate::emit::without_marks(&mut function.sig);
                    out.push(function.into_token_stream());
                    continue;
                }
                let mut cx = Ctxt::new();
                let mut options = Options::parse(&mut cx, args.clone());
                options.recursive |= unit.recursive.contains(&function.sig.ident.to_string());
                out.push(one(cx, &options, &unit, &function).into_token_stream());
            }
            // A function with options of its own knows the others all the same.
            Item::Fn(mut function) if has_attribute(&function.attrs) => {
                let (path, args) = own_attribute(&mut function.attrs);
                let mut cx = Ctxt::new();
                let options = Options::parse(&mut cx, args);
                out.push(one(cx, &options, &unit, &function).into_token_stream());
                // What imports the attribute is not unused.
                out.push(quote!(const _: () = { #[allow(unused_imports)] use #path as _; };));
            }
            Item::Impl(block) if !has_attribute(&block.attrs) => {
                out.push(self::block(args, block, &unit));
            }
            other => out.push(other.into_token_stream()),
        }
    }
    module.content = Some((brace, Vec::new()));
    let (attrs, vis, name) = (&module.attrs, &module.vis, &module.ident);
    quote!(#(#attrs)* #vis mod #name { #(#out)* })
}

/// The functions of an `impl` block. Those in which there is nothing to differentiate, such as constructors, and those
/// marked `#[no_diff]`, stay as they are. The derivatives of the functions of a trait are members of the type.
pub(crate) fn block(args: &TokenStream, mut block: ItemImpl, outer: &Unit) -> TokenStream {
    if let Some(operator) = crate::operator::operator(&block) {
        return crate::operator::expand(args, &block, &operator);
    }
    if let Some(lifetime) = block.generics.lifetimes().next() {
        let message =
            "the attribute on an `impl` block with lifetimes is not supported; use free functions";
        let error = syn::Error::new_spanned(&lifetime.lifetime, message).into_compile_error();
        for item in &mut block.items {
            if let syn::ImplItem::Fn(member) = item {
                skipped(&mut member.attrs);
                crate::emit::without_marks(&mut member.sig);
            }
        }
        return quote!(#block #error);
    }
    let generics = names(&block.generics);
    let of = block.trait_.as_ref().map(|it| it.0.clone());
    let mut members: Vec<ItemFn> = members(&block).map(with_functions).collect();
    let provided = of.as_ref().and_then(|it| it.segments.last());
    let provided: Vec<ItemFn> = provided
        .and_then(|it| outer.provided.get(&it.ident.to_string()))
        .into_iter()
        .flatten()
        .filter(|it| members.iter().all(|own| own.sig.ident != it.sig.ident))
        .cloned()
        .collect();
    members.extend(provided.iter().cloned());
    let differentiable = members.iter().any(|it| {
        it.sig
            .receiver()
            .is_some_and(|it| !lower::has_no_diff(&it.attrs))
            && !it.attrs.iter().any(|it| it.path().is_ident("no_diff"))
            && !fence::nothing_to_differentiate(it, false)
    });
    let known: Vec<&ItemFn> = members.iter().collect();
    let recursive = circles(&known);
    let unit = Unit {
        inlined: outer.inlined.clone(),
        inlined_methods: known
            .iter()
            .filter(|it| written_out(it, &recursive, keeps_calls(args)))
            .map(|it| (it.sig.ident.to_string(), Rc::new((*it).clone())))
            .collect(),
        lenders: if outer.lenders.is_empty() {
            lenders(&block)
        } else {
            outer.lenders.clone()
        },
        makers: if outer.makers.is_empty() {
            makers(&block).collect()
        } else {
            outer.makers.clone()
        },
        inert: outer.inert.clone(),
        inert_methods: if outer.inert_methods.is_empty() {
            inert(members.iter().cloned())
        } else {
            outer.inert_methods.clone()
        },
        aliases: outer.aliases.clone(),
        this: type_name(&block.self_ty),
        provided: BTreeMap::new(),
        recursive,
    };
    let mut items = Vec::new();
    let (mut derivatives, mut own) = (TokenStream::new(), TokenStream::new());
    let header = block.clone();
    let mut differentiated = |function: &ItemFn| {
        let mut cx = Ctxt::new();
        let mut options = Options::parse(&mut cx, args.clone());
        options.recursive |= unit.recursive.contains(&function.sig.ident.to_string());
        options.member = Some(Member {
            generics: generics.clone(),
            of: of.clone(),
            plain: of.is_none() && header.generics.params.is_empty(),
        });
        let emitted = one(cx, &options, &unit, function);
        derivatives.extend(emitted.derivatives);
        own.extend(own_method(&options, &header, function, &emitted.taken));
        emitted.primal
    };
    let stays = |function: &ItemFn| {
        fence::nothing_to_differentiate(function, differentiable)
            || takes_functions(&with_functions(function.clone()))
            || gives_view(function) && unit.inlined_method(&function.sig.ident).is_some()
    };
    for item in core::mem::take(&mut block.items) {
        let syn::ImplItem::Fn(mut member) = item else {
            items.push(item);
            continue;
        };
        let skip = skipped(&mut member.attrs);
        let function = function(&member);
        if skip || stays(&function) {
            crate::emit::without_marks(&mut member.sig);
            items.push(syn::ImplItem::Fn(member));
            continue;
        }
        items.push(syn::ImplItem::Verbatim(differentiated(&function)));
    }
    for function in provided.iter().filter(|it| !stays(it)) {
        differentiated(function);
    }
    block.items = items;
    if of.is_none() {
        block.items.push(syn::ImplItem::Verbatim(derivatives));
        return quote!(#block #own);
    }
    let (generics, _, where_clause) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    quote!(#block impl #generics #ty #where_clause { #derivatives } #own)
}

/// Another name of a type, without parameters.
fn alias(item: &Item) -> Option<(String, Type)> {
    match item {
        Item::Type(it) if it.generics.params.is_empty() => {
            Some((it.ident.to_string(), (*it.ty).clone()))
        }
        _ => None,
    }
}

/// The type and const parameters.
pub(crate) fn names(generics: &syn::Generics) -> Vec<Ident> {
    generics
        .params
        .iter()
        .filter_map(|it| match it {
            GenericParam::Type(it) => Some(it.ident.clone()),
            GenericParam::Const(it) => Some(it.ident.clone()),
            GenericParam::Lifetime(_) => None,
        })
        .collect()
}

/// The name of a trait, and its methods with a body.
fn provided(item: &Item) -> Option<(String, Vec<ItemFn>)> {
    let Item::Trait(it) = item else {
        return None;
    };
    let methods = it.items.iter().filter_map(|item| match item {
        syn::TraitItem::Fn(method) => Some(ItemFn {
            attrs: method.attrs.clone(),
            vis: syn::Visibility::Inherited,
            sig: method.sig.clone(),
            block: Box::new(method.default.clone()?),
            modifiers: method.modifiers.clone(),
        }),
        _ => None,
    });
    Some((it.ident.to_string(), methods.collect()))
}

fn members(block: &ItemImpl) -> impl Iterator<Item = ItemFn> + '_ {
    block.items.iter().filter_map(|it| match it {
        syn::ImplItem::Fn(it) => Some(function(it)),
        _ => None,
    })
}

/// The names whose functions all hand out what carries no derivative, and write nothing.
fn inert(functions: impl Iterator<Item = ItemFn>) -> BTreeSet<String> {
    let (inert, others): (Vec<_>, Vec<_>) = functions.partition(fence::carries_nothing);
    let name = |it: &ItemFn| it.sig.ident.to_string();
    let others: BTreeSet<String> = others.iter().map(name).collect();
    let inert = inert.iter().map(name);
    inert.filter(|it| !others.contains(it)).collect()
}

fn function(member: &syn::ImplItemFn) -> ItemFn {
    ItemFn {
        attrs: member.attrs.clone(),
        vis: member.vis.clone(),
        sig: member.sig.clone(),
        block: Box::new(member.block.clone()),
        modifiers: member.modifiers.clone(),
    }
}

/// The methods of a block that hand out a view. Outside of the block its parameters mean nothing, so that what mentions
/// them stays unknown there.
fn lenders(block: &ItemImpl) -> Vec<Rc<Lender>> {
    let Some(of) = type_name(&block.self_ty) else {
        return Vec::new();
    };
    let mut ty = (*block.self_ty).clone();
    let generics = names(&block.generics);
    if let Type::Path(path) = &mut ty
        && !generics.is_empty()
        && let Some(last) = path.path.segments.last_mut()
    {
        let all = generics.iter().map(|_| quote!(_));
        last.arguments = syn::PathArguments::AngleBracketed(syn::parse_quote!(<#(#all),*>));
    }
    members(block)
        .map(|it| with_type(it, &block.self_ty))
        .filter(|it| {
            let known = !mentions(it, &generics);
            known && gives_view(it) && written_out(it, &BTreeSet::new(), false)
        })
        .map(|function| {
            let (of, ty) = (of.clone(), ty.clone());
            let function = Rc::new(function);
            Rc::new(Lender { of, ty, function })
        })
        .collect()
}

/// The functions of a block that return a value of its type.
fn makers(block: &ItemImpl) -> impl Iterator<Item = (String, String)> + '_ {
    let of = type_name(&block.self_ty).unwrap_or_default();
    members(block).filter_map(move |it| match &it.sig.output {
        syn::ReturnType::Type(_, ty) => {
            let name = type_name(ty)?;
            (name == "Self" || name == of).then(|| (of.clone(), it.sig.ident.to_string()))
        }
        syn::ReturnType::Default => None,
    })
}

/// Does what is written of a function where it is called mention one of these type parameters?
fn mentions(function: &ItemFn, generics: &[Ident]) -> bool {
    let mut called = Called {
        names: &generics.iter().map(ToString::to_string).collect(),
        found: BTreeSet::new(),
    };
    called.tokens(function.block.to_token_stream());
    for arg in &function.sig.inputs {
        // The type of a value is written, that of a reference is not.
        if let FnArg::Typed(it) = arg
            && !matches!(*it.ty, Type::Reference(_))
        {
            called.tokens(it.ty.to_token_stream());
        }
    }
    !called.found.is_empty()
}

/// The function with the type that `Self` stands for.
fn with_type(function: ItemFn, ty: &Type) -> ItemFn {
    fn replaced(tokens: TokenStream, ty: &Type) -> TokenStream {
        tokens
            .into_iter()
            .flat_map(|it| match it {
                TokenTree::Ident(it) if it == "Self" => ty.to_token_stream(),
                TokenTree::Group(it) => {
                    let mut group = Group::new(it.delimiter(), replaced(it.stream(), ty));
                    group.set_span(it.span());
                    TokenTree::from(group).into()
                }
                other => other.into(),
            })
            .collect()
    }
    syn::parse2(replaced(function.to_token_stream(), ty)).unwrap_or(function)
}

fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|it| it.ident.to_string()),
        _ => None,
    }
}

/// Does it hand out a view? Then what is done with the view is known only where it is called.
pub(crate) fn gives_view(function: &ItemFn) -> bool {
    matches!(&function.sig.output, syn::ReturnType::Type(_, ty) if matches!(**ty, Type::Reference(_)))
}

/// The other ways to take a function, `f: F` with `F: Fn(f64) -> f64` and `f: &impl Fn(f64) -> f64`, in the one that is
/// known: `f: impl Fn(f64) -> f64`.
fn with_functions(mut function: ItemFn) -> ItemFn {
    let generics = &mut function.sig.generics;
    let mut found = BTreeMap::new();
    for param in generics.type_params() {
        let inline = param.bounds.iter();
        let clause = generics.where_clause.iter().flat_map(|it| &it.predicates);
        let further = clause.filter_map(|it| match it {
            WherePredicate::Type(it) => match &it.bounded_ty {
                Type::Path(path) if path.path.is_ident(&param.ident) => Some(&it.bounds),
                _ => None,
            },
            _ => None,
        });
        let bounds: Vec<&TypeParamBound> = inline.chain(further.flatten()).collect();
        if bounds.iter().any(|it| is_fn(it)) {
            found.insert(param.ident.clone(), quote!(impl #(#bounds)+*));
        }
    }
    let named = |ty: &Type| match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|it| found.contains_key(it)),
        _ => false,
    };
    for arg in &mut function.sig.inputs {
        let FnArg::Typed(arg) = arg else { continue };
        let ty = match &*arg.ty {
            Type::Reference(it) if it.mutability.is_none() => &it.elem,
            _ => &arg.ty,
        };
        let taken = match &**ty {
            Type::ImplTrait(it) if it.bounds.iter().any(is_fn) => Some((**ty).clone()),
            Type::Path(path) => path
                .path
                .get_ident()
                .and_then(|it| found.get(it))
                .map(|it| Type::Verbatim(it.clone()))
                .and_then(|it| syn::parse2(it.into_token_stream()).ok()),
            _ => None,
        };
        if let Some(taken) = taken {
            *arg.ty = taken;
        }
    }
    let generics = &mut function.sig.generics;
    generics.params = core::mem::take(&mut generics.params)
        .into_iter()
        .filter(|it| !matches!(it, GenericParam::Type(it) if found.contains_key(&it.ident)))
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = core::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|it| !matches!(it, WherePredicate::Type(it) if named(&it.bounded_ty)))
            .collect();
    }
    function
}

/// `Fn(..)`; a function that is changed by its calls is not followed.
fn is_fn(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(it) if it.path.segments.last().is_some_and(|it| it.ident == "Fn"))
}

fn skipped(attrs: &mut Vec<syn::Attribute>) -> bool {
    let skipped = attrs.iter().any(|it| it.path().is_ident("no_diff"));
    attrs.retain(|it| !it.path().is_ident("no_diff"));
    skipped
}

/// Has the item an attribute of its own?
fn has_attribute(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|it| {
        it.path()
            .segments
            .last()
            .is_some_and(|it| it.ident == "differentiate")
    })
}

/// Takes the attribute of its own off a function that has one: its path and its arguments.
fn own_attribute(attrs: &mut Vec<syn::Attribute>) -> (syn::Path, TokenStream) {
    let own = |it: &syn::Attribute| has_attribute(core::slice::from_ref(it));
    let at = attrs.iter().position(own).unwrap_or_default();
    match attrs.remove(at).meta {
        syn::Meta::List(it) => (it.path, it.tokens),
        syn::Meta::Path(path) => (path, TokenStream::new()),
        // Said to be no option.
        syn::Meta::NameValue(it) => (it.path, it.value.into_token_stream()),
    }
}

/// Does it take a function or a closure? Then it is known only where it is called.
pub(crate) fn takes_functions(function: &ItemFn) -> bool {
    function.sig.inputs.iter().any(|it| match it {
        FnArg::Typed(it) => matches!(&*it.ty, Type::ImplTrait(_)),
        FnArg::Receiver(_) => false,
    })
}

/// Are calls kept, because what is called decides what is saved?
fn keeps_calls(args: &TokenStream) -> bool {
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, args.clone());
    // Each function reports what is wrong with them.
    let _ = cx.finish();
    options.checkpoint
}

/// Is it written out where it is called? One without a derivative of its own is, whatever its size.
fn written_out(function: &ItemFn, recursive: &BTreeSet<String>, keeps_calls: bool) -> bool {
    struct Size {
        nodes: usize,
        items: bool,
    }
    impl<'ast> Visit<'ast> for Size {
        fn visit_expr(&mut self, it: &'ast syn::Expr) {
            self.nodes += 1;
            visit::visit_expr(self, it);
        }
        fn visit_item(&mut self, _: &'ast Item) {
            self.items = true;
        }
    }
    let sig = &function.sig;
    let generics = names(&sig.generics);
    let inert = gives_view(function) && !mentions(function, &generics);
    let generic = !generics.is_empty() && !inert;
    // What it writes there without derivative may have one where it is called.
    let marked = sig.inputs.iter().any(|it| match it {
        FnArg::Receiver(it) => lower::has_no_diff(&it.attrs),
        FnArg::Typed(it) => {
            let shared = matches!(&*it.ty, Type::Reference(it) if it.mutability.is_none());
            lower::has_no_diff(&it.attrs) && !shared && lower::borrows(&it.ty)
        }
    });
    let recursive = recursive.contains(&sig.ident.to_string()) && !gives_view(function);
    if recursive || generic || marked {
        return false;
    }
    let mut size = Size {
        nodes: 0,
        items: false,
    };
    size.visit_block(&function.block);
    let small = size.nodes <= SMALL && !keeps_calls;
    !size.items && (takes_functions(function) || gives_view(function) || small)
}

/// The functions that can reach themselves by calls within the unit.
fn circles(functions: &[&ItemFn]) -> BTreeSet<String> {
    let names: BTreeSet<String> = functions
        .iter()
        .map(|it| it.sig.ident.to_string())
        .collect();
    // Two may have one name, under conditions.
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in functions {
        let mut called = Called {
            names: &names,
            found: BTreeSet::new(),
        };
        called.visit_block(&function.block);
        let name = function.sig.ident.to_string();
        calls.entry(name).or_default().extend(called.found);
    }
    names
        .iter()
        .filter(|name| {
            let mut reached = BTreeSet::new();
            let mut open: Vec<&String> = calls.get(*name).into_iter().flatten().collect();
            while let Some(next) = open.pop() {
                if reached.insert(next) {
                    open.extend(calls.get(next).into_iter().flatten());
                }
            }
            reached.contains(name)
        })
        .cloned()
        .collect()
}

struct Called<'a> {
    names: &'a BTreeSet<String>,
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Called<'_> {
    // A field may have the name of its method.
    fn visit_member(&mut self, _: &'ast syn::Member) {}
    fn visit_ident(&mut self, it: &'ast Ident) {
        let name = it.to_string();
        if self.names.contains(&name) {
            self.found.insert(name);
        }
    }
    // `self.x.max(0.0)` in a method `max` is the method of the number: see the rules of names.
    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        let of_self = matches!(&*it.receiver, syn::Expr::Path(it) if it.path.is_ident("self"));
        if of_self || crate::names::method(&it.method.to_string()).is_none() {
            self.visit_ident(&it.method);
        }
        self.visit_expr(&it.receiver);
        for arg in &it.args {
            self.visit_expr(arg);
        }
    }
    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        self.tokens(it.tokens.clone());
    }
}

impl Called<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(it) => self.visit_ident(&it),
                TokenTree::Group(it) => self.tokens(it.stream()),
                _ => {}
            }
        }
    }
}
