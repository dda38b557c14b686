//! The error context: every user error is collected with its span, none is lost.

use proc_macro2::Span;

/// Collects errors; dropping it without [`Ctxt::finish`] is a bug of the compiler.
pub(crate) struct Ctxt {
    errors: Option<Vec<syn::Error>>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Ctxt {
            errors: Some(Vec::new()),
        }
    }

    /// Reports `message` on the smallest span that is at fault. A message says what is not accepted and, after a
    /// semicolon, what to write instead; a second report on the same span is the same mistake and is dropped.
    pub(crate) fn error(&mut self, span: Span, message: impl core::fmt::Display) {
        let errors = self.errors.get_or_insert_with(Vec::new);
        let message = message.to_string();
        let at = span_key(span);
        if !errors
            .iter()
            .any(|it| span_key(it.span()) == at && it.to_string() == message)
        {
            errors.push(syn::Error::new(span, message));
        }
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.get_or_insert_with(Vec::new).push(error);
    }

    /// Is an error reported on this span?
    pub(crate) fn has_error_at(&self, span: Span) -> bool {
        let at = span_key(span);
        self.errors
            .as_ref()
            .is_some_and(|it| it.iter().any(|it| span_key(it.span()) == at))
    }

    /// How many errors there are.
    pub(crate) fn count(&self) -> usize {
        self.errors.as_ref().map_or(0, Vec::len)
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.count() == 0
    }

    /// All errors, in the order in which they were found.
    pub(crate) fn finish(mut self) -> Vec<syn::Error> {
        self.errors.take().unwrap_or_default()
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        debug_assert!(
            self.errors.as_ref().is_none_or(Vec::is_empty) || std::thread::panicking(),
            "unreported errors"
        );
    }
}

/// A comparable form of a span.
fn span_key(span: Span) -> String {
    format!("{span:?}")
}
