//! What an expansion says of a memoized function.

use crate::{error::Result, executable, manifest::Manifest, signature::Signature};

/// A function as the macros found it in the signature table.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its path, `crate_name::module::name`.
    pub name: &'static str,
    /// The code signature: source and build context.
    pub code: Signature,
    /// The analysis was cut: the executable's digest belongs to the key.
    pub executable: bool,
    /// One line for each item behind it.
    pub items: &'static str,
    /// The folder with the normalised sources of these items, where it is at hand.
    pub sources: &'static str,
    /// The build context in words.
    pub context: &'static str,
}

impl Function {
    /// The code signature that calls are keyed by.
    pub(crate) fn key_code(&self) -> Result<Signature> {
        if self.executable {
            Ok(self.code.with_executable(executable::digest()?))
        } else {
            Ok(self.code)
        }
    }

    pub(crate) fn manifest(&self) -> Manifest<'static> {
        let Self { name, code, executable: _, items, sources, context } = *self;
        Manifest { function: name, code, context, items, sources }
    }
}
