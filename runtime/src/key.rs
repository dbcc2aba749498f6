//! The key of one call, as the macros build it: arguments streamed into the hash, in the order of
//! their encoded names, which the macro knows; the environment in any order.
//!
//! Values go in by reference, three signatures and their call signature come out. The signatures
//! equal those of [`Arguments`](crate::Arguments) and [`Environment`](crate::Environment).

use std::borrow::Cow;

use serde::Serialize;

use crate::arguments::{ARGUMENTS, Environment};
use crate::digest::StreamDigest;
use crate::encoding;
use crate::error::{Error, Result};
use crate::function::Function;
use crate::signature::Signature;
use crate::state::StateBefore;

/// Takes the arguments and the environment of a call.
#[derive(Default)]
pub struct Key {
    arguments: Option<ArgumentStream>,
    environment: Environment,
    instance: Cow<'static, str>,
}

struct ArgumentStream {
    digest: StreamDigest,
    left: usize,
    /// The name before, to hold the macro to the order.
    last: Option<&'static str>,
}

impl Key {
    /// Announces how many arguments follow. Without it there are none.
    pub fn arguments(&mut self, count: usize) {
        self.arguments = Some(ArgumentStream::begin(count));
    }

    /// Hashes the next argument. They come by the length of their names, then by name.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails, or the order or the count is not as announced.
    pub fn argument<T>(&mut self, name: &'static str, value: &T) -> Result<()>
    where
        T: Serialize + ?Sized,
    {
        let stream = self.arguments.as_mut();
        stream.ok_or_else(|| Error::order("an argument was not announced"))?.add(name, value)
    }

    /// Hashes a value of the environment under its name.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails, or the name came before.
    pub fn environment<T>(&mut self, name: &str, value: &T) -> Result<()>
    where
        T: Serialize + ?Sized,
    {
        self.environment.add(name, value)
    }

    pub(crate) fn state(&mut self, state: &StateBefore) -> Result<()> {
        state.enter(&mut self.environment)
    }

    /// Says which instance of the function runs; see [`instance_of`](crate::function::instance_of).
    pub fn instance(&mut self, name: impl Into<Cow<'static, str>>) {
        self.instance = name.into();
    }

    pub(crate) fn finish(self, function: &Function) -> Result<CallKey> {
        let code = function.key_code(&self.instance)?;
        let arguments = self.arguments.unwrap_or_else(|| ArgumentStream::begin(0)).finish()?;
        let environment = self.environment.signature();
        let call = Signature::of_call(code, arguments, environment);
        Ok(CallKey { code, arguments, environment, call })
    }
}

impl ArgumentStream {
    fn begin(count: usize) -> Self {
        let mut digest = StreamDigest::default();
        encoding::text(&mut digest, ARGUMENTS);
        encoding::map_head(&mut digest, count);
        Self { digest, left: count, last: None }
    }

    fn add<T>(&mut self, name: &'static str, value: &T) -> Result<()>
    where
        T: Serialize + ?Sized,
    {
        if self.last.is_some_and(|last| (last.len(), last) >= (name.len(), name)) {
            return Err(Error::order(format!("argument `{name}` comes out of order")));
        }
        self.last = Some(name);
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| Error::order("there are more arguments than announced"))?;
        encoding::text(&mut self.digest, name);
        encoding::encode(value, &mut self.digest)
            .map_err(|error| Error::encoding(format!("argument `{name}`"), error))
    }

    fn finish(self) -> Result<Signature> {
        match self.left {
            0 => Ok(self.digest.finish()),
            _ => Err(Error::order("there are fewer arguments than announced")),
        }
    }
}

/// The signatures of one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CallKey {
    pub(crate) code: Signature,
    pub(crate) arguments: Signature,
    pub(crate) environment: Signature,
    pub(crate) call: Signature,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;

    const CODE: Signature = Signature::from_bytes([7; 32]);
    const FUNCTION: Function = Function {
        name: "tests::f",
        code: CODE,
        executable: false,
        instance: "",
        items: "",
        sources: "",
        context: "",
        state: None,
    };

    #[test]
    fn streamed_key_equals_the_builders() {
        let long = vec![1.5f64; 30_000];
        let mut key = Key::default();
        key.arguments(4);
        key.argument("n", &Some(3)).unwrap();
        key.argument("x", "text").unwrap();
        key.argument("aa", &[1u8, 2]).unwrap();
        key.argument("grid", &long).unwrap();
        key.environment("THREADS . load ()", &4).unwrap();
        key.environment("A", &'c').unwrap();
        let key = key.finish(&FUNCTION).unwrap();

        let arguments = Arguments::new().named("grid", &long).unwrap();
        let arguments = arguments.named("x", "text").unwrap().named("n", &Some(3)).unwrap();
        let arguments = arguments.named("aa", &[1u8, 2]).unwrap().signature();
        let environment = Environment::new().value("A", &'c').unwrap();
        let environment = environment.value("THREADS . load ()", &4).unwrap().signature();
        let call = Signature::of_call(CODE, arguments, environment);
        assert_eq!(key, CallKey { code: CODE, arguments, environment, call });
    }

    #[test]
    fn no_announcement_means_no_arguments() {
        let silent = Key::default().finish(&FUNCTION).unwrap();
        let mut key = Key::default();
        key.arguments(0);
        assert_eq!(key.finish(&FUNCTION).unwrap(), silent);
        assert_eq!(silent.arguments, Arguments::new().signature());
        assert_eq!(silent.environment, Environment::new().signature());
    }

    #[test]
    fn broken_order_and_count_are_errors() {
        let check = |count, names: &[&'static str], message: &str| {
            let mut key = Key::default();
            key.arguments(count);
            let added = names.iter().try_for_each(|name| key.argument(name, &1));
            let error = added.and_then(|()| key.finish(&FUNCTION).map(drop)).unwrap_err();
            assert_eq!(error.to_string(), message);
        };
        check(2, &["b", "a"], "argument `a` comes out of order");
        check(2, &["aa", "b"], "argument `b` comes out of order");
        check(2, &["a", "a"], "argument `a` comes out of order");
        check(1, &["a", "b"], "there are more arguments than announced");
        check(2, &["a"], "there are fewer arguments than announced");
        let error = Key::default().argument("a", &1).unwrap_err();
        assert_eq!(error.to_string(), "an argument was not announced");
    }
}
