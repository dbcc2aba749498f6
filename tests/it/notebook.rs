//! The 29 behaviours of the notebook that the project began with, in its order, on the public API.

use std::{
    cell::Cell,
    fs,
    io::Read as _,
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use perennial::{
    Arguments, Cbor, Codec as _, EntryName, Environment, FileStore, MemoryStore, Operations,
    Signature, Store as _, memo, memo_key,
};
use perennial_tests::Project;

fn name(text: &str) -> EntryName {
    text.parse().unwrap()
}

fn is_sha256(signature: Signature) -> bool {
    let text = signature.to_string();
    text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

// Storing.

#[test]
fn t01_results_will_live_in_the_store_directory() {
    let store = FileStore::new("some/folder");
    for result in ["some_result", "some/deeper/result"] {
        let path = store.path_of(&name(result));
        assert!(
            path.starts_with(std::path::absolute("some/folder").unwrap()),
            "{}",
            path.display()
        );
    }
    for result in ["../x", "/x", "a/../../x"] {
        assert!(result.parse::<EntryName>().unwrap_err().is_invalid_name(), "{result}");
    }
}

#[test]
fn t02_serializing_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path());
    let mut result = Vec::new();
    Cbor.encode(&"asdf".to_owned(), &mut result).unwrap();
    store.write(&name("some_result"), &result).unwrap();
    // One gzip file, which holds the CBOR of the result.
    let file = fs::read(store.path_of(&name("some_result"))).unwrap();
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(&file[..]).read_to_end(&mut inflated).unwrap();
    assert_eq!(inflated, b"\x64asdf");
}

#[test]
fn t03_deserializing_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path());
    store.write(&name("known_result"), b"\x66qwerty").unwrap();
    let result: String = Cbor.decode(&store.read(&name("known_result")).unwrap()).unwrap();
    assert_eq!(result, "qwerty");
}

#[test]
fn t04_temporary_switch_of_the_storing_directory() {
    #[memo]
    fn stored(x: u8) -> u8 {
        x
    }
    let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let is_used = |folder: &Path| folder.join("v1").is_dir();
    let _first = perennial::storing_in(first.path());
    {
        let _second = perennial::storing_in(second.path());
        stored(1);
        assert!(is_used(second.path()) && !is_used(first.path()));
    }
    stored(1);
    assert!(is_used(first.path()));
}

// Signing code: of functions that were really compiled.

mod code {
    pub(super) fn f(x: i64) -> i64 {
        x * x
    }

    pub(super) fn g(x: i64) -> i64 {
        x + x
    }

    pub(super) mod twin {
        pub(crate) fn f(x: i64) -> i64 {
            // The same code, laid out in another way.

            x * x
        }
    }
}

#[test]
fn t05_code_signature_is_a_sha256_hash() {
    const SIGNATURE: Signature = memo_key!(code::f);
    assert!(is_sha256(SIGNATURE));
}

#[test]
fn t06_code_signature_is_distinct_for_functions_with_distinct_code() {
    assert_eq!((code::f(3), code::g(3)), (9, 6));
    assert_ne!(memo_key!(code::f), memo_key!(code::g));
}

#[test]
fn t07_code_signature_does_not_change_for_two_functions_with_the_same_code() {
    mod first {
        pub(super) fn same(x: i64) -> i64 {
            x * x + super::code::g(x)
        }
    }
    mod second {
        pub(super) fn same(x: i64) -> i64 {
            x * x + super::code::g(x)
        }
    }
    assert_eq!(first::same(2), second::same(2));
    assert_eq!(memo_key!(first::same), memo_key!(second::same));
}

#[test]
fn t08_code_signature_is_not_impacted_by_blank_lines() {
    mod plain {
        pub(crate) fn f(x: i64) -> i64 {
            x * x
        }
    }
    assert_eq!(plain::f(2), code::twin::f(2));
    assert_eq!(memo_key!(plain::f), memo_key!(code::twin::f));
}

#[test]
fn t09_for_functions_that_have_no_code_we_sign_the_functions_name() {
    let int = "6da88c34ba124c41f977db66a4fc5c1a951708d285c81bb0d47c3206f4c27ca8";
    assert_eq!(Signature::of_bytes(b"int").to_string(), int);
    // Those without source in a program are foreign: the name is signed, and as nobody can see the
    // code, the executable's digest comes to it at run time.
    let files = |foreign: &str| {
        [
            (
                "Cargo.toml".to_owned(),
                "[package]\nname = \"foreign\"\nedition = \"2024\"\n".to_owned(),
            ),
            (
                "src/lib.rs".to_owned(),
                format!(
                    "unsafe extern \"C\" {{ safe fn {foreign}(x: i32) -> i32; }}\npub fn f() -> i32 {{ {foreign}(1) }}\n"
                ),
            ),
        ]
    };
    let row = |foreign: &str| {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files(foreign) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        perennial_build::Table::of_package(folder.path()).unwrap().rows[0].clone()
    };
    assert!(row("abs").needs_executable);
    assert_ne!(row("abs").signature, row("labs").signature);
}

// Signing arguments.

#[test]
fn t10_get_a_signature_for_empty_argument_lists() {
    assert!(is_sha256(Arguments::new().signature()));
}

#[test]
fn t11_same_signature_for_same_argument_lists() {
    let of = |arguments: perennial::Result<Arguments>| arguments.unwrap().signature();
    assert_eq!(of(Arguments::new().positional("asdf")), of(Arguments::new().positional("asdf")));
    assert_eq!(of(Arguments::new().named("x", &552)), of(Arguments::new().named("x", &552)));
    let base = || Arguments::new().positional("some/path")?.positional(&(3, "tuple"));
    assert_eq!(
        of(base().and_then(|it| it.named("asdf", &45)?.named("qwer", &98)?.named("zxcv", &234))),
        of(base().and_then(|it| it.named("qwer", &98)?.named("zxcv", &234)?.named("asdf", &45)))
    );
}

#[test]
fn t12_arg_signature_distinct_for_distinct_positional_arg_lists() {
    let one = Arguments::new().positional("asdf").unwrap().signature();
    assert_ne!(one, Arguments::new().signature());
    let of = |a: &str, b: &str| -> perennial::Result<Signature> {
        let arguments = Arguments::new().positional(a)?.positional(b)?;
        Ok(arguments.named("x", &32)?.named("y", &56)?.signature())
    };
    assert_ne!(of("asdf", "qwer").unwrap(), of("qwer", "asdf").unwrap());
}

#[test]
fn t13_arg_signature_distinct_for_distinct_keyword_arg_lists() {
    let one = |name: &str, value: i32| Arguments::new().named(name, &value).unwrap().signature();
    assert_ne!(one("x", 32), one("y", 32));
    assert_ne!(one("x", 32), one("x", 33));
    let base = || {
        let arguments = Arguments::new().positional("asdf")?.positional("qwer")?;
        arguments.named("x", &12)?.named("y", &32)
    };
    let more = base().unwrap().named("z", &45).unwrap();
    assert_ne!(base().unwrap().signature(), more.signature());
}

// Signing the environment.

#[test]
fn t14_env_signature_is_sha256_even_when_no_closure_nor_global_var() {
    assert!(is_sha256(Environment::new().signature()));
}

fn environment(name: &str, value: i64) -> Signature {
    Environment::new().value(name, &value).unwrap().signature()
}

#[test]
fn t15_env_signature_for_distinct_functions_with_same_closures_is_the_same() {
    let make = |y: i64| (move |x: i64| x + y, environment("y", y));
    let ((f, of_f), (g, of_g)) = (make(1), make(1));
    assert_eq!(f(1), g(1));
    assert_eq!(of_f, of_g);
}

#[test]
fn t16_env_signature_for_distinct_functions_with_same_globals_is_the_same() {
    static G: AtomicI64 = AtomicI64::new(8);
    let sign = || environment("G", G.load(Relaxed));
    let of_f = sign();
    let of_g = sign();
    assert_eq!(of_f, of_g);
}

#[test]
fn t17_env_signature_for_function_with_distinct_closures_are_distinct() {
    assert_ne!(environment("y", 1), environment("y", 2));
}

#[test]
fn t18_env_signatures_for_same_function_but_with_distinct_global_bindings_are_distinct() {
    static G: AtomicI64 = AtomicI64::new(10);
    let before = environment("G", G.load(Relaxed));
    G.store(20, Relaxed);
    assert_ne!(before, environment("G", G.load(Relaxed)));
}

// Signing a call.

#[test]
fn t19_combined_signature_is_a_sha256_hash() {
    assert!(is_sha256(memo_key!(code::f(1))));
}

#[test]
fn t20_combined_signature_is_distinct_from_components() {
    fn f() -> &'static str {
        "asdf"
    }
    assert_eq!(f(), "asdf");
    let call = memo_key!(f());
    for part in [memo_key!(f), Arguments::new().signature(), Environment::new().signature()] {
        assert_ne!(call, part);
    }
}

#[test]
fn t21_same_combined_signature_for_same_code_args_and_env() {
    let arguments = || Arguments::new().named("x", &8).unwrap().signature();
    let call = || Signature::of_call(memo_key!(code::f), arguments(), environment("z", 100));
    assert_eq!(call(), call());
    // What the macro makes of a call is what its parts make.
    let by_parts =
        Signature::of_call(memo_key!(code::f), arguments(), Environment::new().signature());
    assert_eq!(memo_key!(code::f(8)), by_parts);
}

#[test]
fn t22_distinct_combined_signatures_for_functions_with_distinct_code_but_same_args_and_env() {
    assert_ne!(memo_key!(code::f(3)), memo_key!(code::g(3)));
}

#[test]
fn t23_distinct_combined_signatures_for_function_with_distinct_args_but_same_code_and_env() {
    assert_ne!(memo_key!(code::f(3)), memo_key!(code::f(4)));
    let call = |name: &str| {
        let arguments = Arguments::new().positional(&4).unwrap().named(name, &8).unwrap();
        Signature::of_call(memo_key!(code::f), arguments.signature(), environment("z", 10))
    };
    assert_ne!(call("u"), call("r"));
}

#[test]
fn t24_distinct_combined_signatures_for_function_with_distinct_env_but_same_code_and_args() {
    let arguments = Arguments::new().signature();
    let call = |t| Signature::of_call(memo_key!(code::f), arguments, environment("T", t));
    assert_ne!(call(1), call(2));
}

// Memoizing.

std::thread_local! {
    #[perennial::env(skip)]
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

fn counted<T>(value: T) -> T {
    CALLS.set(CALLS.get() + 1);
    value
}

#[test]
fn t25_successful_memoization() {
    static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

    #[memo(store = STORE)]
    fn f(x: i64, args: &[i64], p: i64, q: i64) -> i64 {
        counted(x * (args.iter().sum::<i64>() + p + q) - 1)
    }

    let sum: i64 = (0..10).map(|_| f(2, &[5, 6], 2, 3)).sum();
    assert_eq!(sum, 310);
    assert_eq!(CALLS.get(), 1);
    assert_eq!(STORE.operations(), Operations { exists: 10, read: 9, write: 1 });
}

#[test]
fn t26_memoized_result_not_reused_when_distinct_args() {
    static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

    #[memo(store = STORE)]
    fn f(x: i64, y: i64, named: &[(&str, i64)]) -> i64 {
        counted(x * named.iter().map(|it| it.1).sum::<i64>() - y)
    }

    f(4, 3, &[("p", 2), ("q", 5)]);
    f(4, 1, &[("p", 2), ("q", 5)]);
    f(4, 3, &[("r", 2), ("q", 5)]);
    assert_eq!(CALLS.get(), 3);
    let operations = STORE.operations();
    assert_eq!((operations.read, operations.write), (0, 3));
}

#[test]
fn t27_memoized_result_not_reused_when_distinct_env() {
    static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);
    static G: AtomicI64 = AtomicI64::new(0);

    #[memo(store = STORE)]
    fn f(x: i64) -> i64 {
        counted(x - G.load(Relaxed))
    }

    for value in [2, 5, 2] {
        G.store(value, Relaxed);
        assert_eq!(f(3), 3 - value);
    }
    assert_eq!(CALLS.get(), 2);
    assert_eq!(STORE.operations().write, 2);
}

static CHANGED: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

mod before {
    #[perennial::memo(store = super::CHANGED)]
    pub(super) fn f(x: i64, y: i64) -> i64 {
        (x + y) * 2
    }
}

mod after {
    #[perennial::memo(store = super::CHANGED)]
    pub(super) fn f(x: i64, y: i64) -> i64 {
        (x - y) * 2
    }
}

#[test]
fn t28_memoized_result_not_reused_when_code_changed() {
    assert_eq!((before::f(3, 4), after::f(3, 4)), (14, -2));
    assert_eq!((CHANGED.operations().write, CHANGED.operations().read), (2, 0));

    // The same as edit, rebuild, run.
    let project = Project::new(
        "notebook-changed-code",
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\nperennial = { path = \"{root}/runtime\" }\n\
                 [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n",
            ),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            (
                "src/main.rs",
                "#[perennial::memo]\nfn f(x: i64, y: i64) -> i64 { println!(\"computing\"); (x + y) * 2 }\n\
                 fn main() { println!(\"{}\", f(3, 4)); }\n",
            ),
        ],
    );
    assert_eq!(project.run(&["run", "-q"]), "computing\n14\n");
    assert_eq!(project.run(&["run", "-q"]), "14\n");
    project.edit("src/main.rs", "x + y", "x - y");
    assert_eq!(project.run(&["run", "-q"]), "computing\n-2\n");
}

// Suspending.

#[test]
fn t29_memoization_suspension() {
    static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

    #[memo(store = STORE)]
    fn f(x: i64) -> i64 {
        counted(x)
    }

    f(8);
    f(8);
    assert_eq!((CALLS.get(), STORE.operations().read), (1, 1));
    {
        let _off = perennial::suspend();
        f(8);
        assert_eq!((CALLS.get(), STORE.operations().read), (2, 1));
    }
    f(8);
    assert_eq!((CALLS.get(), STORE.operations().read), (2, 2));
}
