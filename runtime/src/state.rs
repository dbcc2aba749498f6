//! The state that a call reads, as it is when the call begins: statics and variables of the process. Expansions name
//! each; what comes out is a signature of each value. Nothing is waited for: what is locked can't be read.

use std::env;

use serde::Serialize;

use crate::{
    arguments::Environment,
    error::{Error, Result},
    signature::Signature,
    signature_of,
};

/// Reads the state of a function.
pub type ReadState = fn(&mut State) -> Result<()>;

/// What is read: its label in the key, and what people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named(pub &'static str, pub &'static str);

impl Named {
    pub(crate) fn failed(self, why: &str) -> Error {
        Error::other(format!("static `{}` {why}", self.1))
    }
}

/// What was read.
#[derive(Default)]
pub struct State {
    values: Vec<(Named, Signature)>,
}

impl State {
    /// Takes the value of a static.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails.
    pub fn add<T: Serialize + ?Sized>(&mut self, named: Named, value: &T) -> Result<()> {
        let signature = signature_of(value)
            .map_err(|error| Error::encoding(format!("static `{}`", named.1), error))?;
        self.values.push((named, signature));
        Ok(())
    }

    /// Takes that a static is not set, which is equal to no value.
    pub fn unset(&mut self, named: Named) {
        self.values.push((named, Signature::of_bytes(b"perennial unset 1")));
    }

    /// Takes the value of a variable of the process.
    ///
    /// # Errors
    ///
    /// As [`State::add`]; a text has none.
    pub fn variable(&mut self, named: Named) -> Result<()> {
        let value = env::var_os(named.1);
        self.add(named, &value.as_ref().map(|it| it.as_encoded_bytes()))
    }
}

/// Reads a static that has `#[perennial::env]`. The number says which; the type, which nobody can name, is inferred,
/// since no other goes with the number.
#[diagnostic::on_unimplemented(
    message = "the static's `#[perennial::env]` is not where the signature table has it; build again"
)]
pub trait Marked<T, const MARK: u128> {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// It is locked, or it can't be serialised.
    fn read(state: &mut State, named: Named) -> Result<()>;
}

/// Gives a closure the type of what it is called with.
pub fn with<T: ?Sized, R>(value: &'static T, look: impl FnOnce(&'static T) -> R) -> R {
    look(value)
}

/// The state of a function when a call began.
pub(crate) struct StateBefore {
    read: ReadState,
    found: State,
}

impl StateBefore {
    pub(crate) fn read(read: ReadState) -> Result<Self> {
        let mut found = State::default();
        read(&mut found)?;
        Ok(Self { read, found })
    }

    pub(crate) fn enter(&self, environment: &mut Environment) -> Result<()> {
        let mut values = self.found.values.iter();
        values.try_for_each(|(Named(label, _), it)| environment.add(label, it))
    }

    /// Makes sure that the state is what it was.
    pub(crate) fn check(&self) -> Result<()> {
        let now = Self::read(self.read)?;
        let mut pairs = self.found.values.iter().zip(&now.found.values);
        match pairs.find(|(before, now)| before != now) {
            None => Ok(()),
            Some(((Named(_, name), _), _)) => Err(Error::other(format!(
                "`{name}` changed while the function ran; if that changes no result, say so where it is: \
                 #[perennial::env(skip)]"
            ))),
        }
    }
}
