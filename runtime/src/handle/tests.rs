use std::sync::Mutex;

use serde::{Serialize, Serializer, ser::Error as _};

use super::*;
use crate::{FileStore, MemoryStore, force::Ended as _, store::Store};

/// A handle of a call with one argument, as the macros write it.
fn handle<A: Serialize>(argument: A, store: &dyn Store) -> MemoizedCall<'_, (A,), u8> {
    MemoizedCall {
        __types: PhantomData,
        __arguments: (argument,),
        __function: &UNKNOWN,
        __store: Some(store),
        __expires: None,
        __sign: |(argument,), key| {
            key.arguments(1);
            key.argument("x", argument)
        },
        __force: |_, request| request.within(|| 7).given(),
    }
}

#[test]
fn a_damaged_entry_is_not_stored_and_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path());
    let call = handle(1, &store);
    let name = call.name(&call.key().unwrap());
    // Whole, but of no call.
    store.write(&name, b"payload").unwrap();
    assert!(!call.is_stored().unwrap());
    // No gzip file.
    std::fs::write(store.path_of(&name), b"payload").unwrap();
    assert!(!call.is_stored().unwrap());
    assert!(store.path_of(&name).exists(), "a question moves nothing");
    assert!(call.forget().unwrap() && !call.forget().unwrap());
}

#[test]
fn what_has_no_key_is_an_error_and_can_be_forced() {
    struct Broken(bool);
    impl Serialize for Broken {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            assert!(self.0, "the panic of a user");
            Err(S::Error::custom("no"))
        }
    }
    let store = MemoryStore::new();
    for (is_error, part) in
        [(true, "cannot serialize argument `x`"), (false, "the panic of a user")]
    {
        let call = handle(Broken(is_error), &store);
        let errors = [
            call.signature().map(drop).unwrap_err(),
            call.is_stored().map(drop).unwrap_err(),
            call.forget().map(drop).unwrap_err(),
        ];
        assert!(errors.iter().all(|it| it.to_string().contains(part)), "{errors:?}");
        assert_eq!(call.force(), 7);
    }
}

/// Says of each thing that it is asked what it was, or panics.
#[derive(Default)]
struct Minimal {
    names: Mutex<Vec<EntryName>>,
    panics: bool,
}

impl Store for Minimal {
    fn exists(&self, name: &EntryName) -> Result<bool> {
        assert!(!self.panics, "the store's own");
        Ok(self.names.lock().unwrap().contains(name))
    }

    fn read(&self, _: &EntryName) -> Result<Vec<u8>> {
        Err(Error::other("the tape is torn"))
    }

    fn write(&self, name: &EntryName, _: &[u8]) -> Result<()> {
        self.names.lock().unwrap().push(name.clone());
        Ok(())
    }

    fn quarantine(&self, name: &EntryName) -> Result<()> {
        self.names.lock().unwrap().retain(|it| it != name);
        Ok(())
    }
}

#[test]
fn a_store_without_ways_of_its_own_sets_aside_and_says_what_it_cannot() {
    let store = Minimal::default();
    let call = handle(1, &store);
    assert!(!call.is_stored().unwrap() && !call.forget().unwrap());
    store.write(&call.name(&call.key().unwrap()), b"").unwrap();
    assert_eq!(call.is_stored().unwrap_err().to_string(), "the tape is torn");
    assert!(call.forget().unwrap() && !call.is_stored().unwrap());
    let function = MemoizedFunction { __function: &UNKNOWN, __store: Some(&store) };
    let message = function.forget().unwrap_err().to_string();
    assert!(message.starts_with("this store has no way to remove all results"), "{message}");
}

#[test]
fn a_panic_of_a_store_is_an_error() {
    let store = Minimal { panics: true, ..Minimal::default() };
    let call = handle(1, &store);
    assert_eq!(call.forget().unwrap_err().to_string(), "a panic: the store's own");
    assert_eq!(call.is_stored().unwrap_err().to_string(), "a panic: the store's own");
}

#[test]
fn handles_go_to_other_threads_where_their_arguments_do() {
    fn is_sent<T: Send + Sync>(_: &T) {}
    let store = MemoryStore::new();
    is_sent(&handle(1, &store));
    is_sent(&MemoizedFunction { __function: &UNKNOWN, __store: Some(&store) });
    assert_eq!(format!("{:?}", handle(1, &store)), "MemoizedCall(\"\")");
}
