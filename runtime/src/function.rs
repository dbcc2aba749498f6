//! What an expansion says of a memoized function.

use crate::{
    error::Result, executable, manifest::Manifest, signature::Signature, state::ReadState,
};

/// A function as the macros found it in the signature table.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its path, `crate_name::module::name`.
    pub name: &'static str,
    /// The code signature: source and build context.
    pub code: Signature,
    /// The analysis was cut: the executable's digest belongs to the key, and which of the functions
    /// in it this is.
    pub executable: bool,
    /// Tells it from every other function of the executable; with its type's name, from every other
    /// instance.
    pub instance: &'static str,
    /// One line for each item behind it.
    pub items: &'static str,
    /// The folder with the normalised sources of these items, where it is at hand.
    pub sources: &'static str,
    /// The build context in words.
    pub context: &'static str,
    /// Reads the state that it reaches, where there is any.
    pub state: Option<ReadState>,
}

impl Function {
    /// The code signature that calls are keyed by. `type_name` is that of the running instance.
    pub(crate) fn key_code(&self, type_name: &str) -> Result<Signature> {
        if self.executable {
            Ok(self.code.with_executable(executable::digest()?, self.instance, type_name))
        } else {
            Ok(self.code)
        }
    }

    pub(crate) fn manifest(&self) -> Manifest<'static> {
        let Self { name, code, executable: _, instance: _, items, sources, context, state: _ } =
            *self;
        Manifest { function: name, code, context, items, sources }
    }
}

/// Names the instance of a function by a value whose type is the function's own or that of a closure
/// in it: module, self type and type arguments are in the name.
pub fn instance_of<F>(_: &F) -> &'static str {
    let name = std::any::type_name::<F>();
    name.strip_suffix("::{{closure}}").unwrap_or(name)
}

/// Names the instance of a generic function by a closure in it: types that have one name (closures, types
/// that blocks of one function declare, those of two versions of a crate) are told apart by what the
/// compiler has for identity, which is stable for one executable.
pub fn generic_instance_of<F>(it: &F) -> String {
    format!("{} {:?}", instance_of(it), typeid::of::<F>())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Generic<T>(T);

    impl<T> Generic<T> {
        fn instance(&self) -> &'static str {
            let _ = &self.0;
            instance_of(&|| ())
        }
    }

    trait Default {
        fn instance(&self) -> &'static str {
            instance_of(&|| ())
        }
    }

    impl Default for u8 {}
    impl Default for u16 {}

    mod other {
        pub(super) fn free() -> &'static str {
            super::instance_of(&|| ())
        }
    }

    fn free() -> &'static str {
        instance_of(&|| ())
    }

    #[test]
    fn instances_have_names_of_their_own() {
        assert_ne!(Generic(1u8).instance(), Generic(1u16).instance());
        assert_ne!(1u8.instance(), 1u16.instance());
        assert_ne!(free(), other::free());
    }

    #[test]
    fn a_function_and_a_closure_in_it_have_one_name() {
        assert_eq!(free(), instance_of(&free));
        assert_eq!(Generic(1u8).instance(), instance_of(&Generic::<u8>::instance));
        assert_eq!(1u8.instance(), instance_of(&<u8 as Default>::instance));
    }

    #[test]
    fn types_of_one_name_are_told_apart() {
        fn of<T>(_: T) -> String {
            generic_instance_of(&|| ())
        }
        fn hidden(_: impl Sized) -> String {
            generic_instance_of(&|| ())
        }
        let text = String::new();
        let (first, second) = (|| text.len(), || text.len() + 1);
        assert_ne!(of(first), of(second));
        assert_ne!(hidden(async {}), hidden(async {}));
        let [a, b] = [
            {
                struct Local;
                of(Local)
            },
            {
                struct Local;
                of(Local)
            },
        ];
        assert_eq!(a.split(' ').next(), b.split(' ').next());
        assert_ne!(a, b);
        assert_eq!((of(first), of(&text)), (of(first), of(&String::new())));
        assert_ne!(of([0; 3]), of([0; 4]));
    }

    #[test]
    fn functions_of_one_executable_are_told_apart_where_the_analysis_was_cut() {
        let code = Signature::of_bytes(b"code");
        let function = |executable, instance| Function {
            name: "f",
            code,
            executable,
            instance,
            items: "",
            sources: "",
            context: "",
            state: None,
        };
        let of = |function: Function, type_name| function.key_code(type_name).unwrap();
        assert_eq!(of(function(false, "a"), "x"), of(function(false, "b"), "y"));
        assert_ne!(of(function(true, "a"), "x"), of(function(true, "b"), "x"));
        assert_ne!(of(function(true, "a"), "x"), of(function(true, "a"), "y"));
    }
}
