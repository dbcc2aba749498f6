//! The build context: what decides a result besides source and arguments, as fields of the code
//! signature. Pure.

use std::{ffi::OsString, path::Path};

use sha2::{Digest, Sha256};

use crate::{
    compilation::Compilation,
    index::{FunctionRecord, Index},
    unit_source,
};

/// Flags that cannot change what a program computes: they decide speed, size, debugging and where
/// files lie. All others are in the key.
const HARMLESS: &[&str] = &[
    "ar",
    "code-model",
    "codegen-units",
    "debuginfo",
    "default-linker-libraries",
    "dwarf-version",
    "embed-bitcode",
    "extra-filename",
    "force-frame-pointers",
    "force-unwind-tables",
    "incremental",
    "inline-threshold",
    "instrument-coverage",
    "link-arg",
    "link-args",
    "link-dead-code",
    "linker",
    "linker-flavor",
    "linker-plugin-lto",
    "lto",
    "metadata",
    "no-prepopulate-passes",
    "opt-level",
    "prefer-dynamic",
    "profile-generate",
    "profile-use",
    "relocation-model",
    "remark",
    "rpath",
    "save-temps",
    "split-debuginfo",
    "strip",
    "symbol-mangling-version",
];

/// The fields that every function has, if only by having none, and that can be relaxed.
const ALWAYS: &[&str] =
    &["compiler", "target", "debug-assertions", "overflow-checks", "codegen", "unstable"];

/// The code signature of a function in this build.
pub(crate) struct Code {
    pub(crate) signature: [u8; 32],
    /// The executable's digest has to be mixed in at run time.
    pub(crate) executable: bool,
    /// The context, for people.
    pub(crate) description: String,
}

/// Combines a function's source signature with the build context. Hashed, each field with its
/// length in 64 bits, little-endian, before it:
///
/// 1. `perennial code 2`; 2. the source signature; 3. pairs of name and value: `compiler`, `target`,
///    `edition`, `debug-assertions`, `overflow-checks`, each remaining flag, the features behind
///    `target-cpu=native`, each `cfg` where what it reaches mentions one, each build unit, each
///    variable that `env!` reads; without those that the package relaxes, and with `relaxed` and its
///    name for each that was left out.
pub(crate) fn code(
    source: &[u8; 32],
    index: &Index,
    function: Option<&FunctionRecord>,
    compilation: &Compilation,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Code {
    let mut dependencies_left_out = Vec::new();
    let mut executable = compilation.is_partial || function.is_none_or(|it| it.flags.contains('x'));
    let is_relaxed = |part: &str| index.relaxed.contains(part);
    let mut fields = vec![
        ("compiler", index.compiler.clone()),
        ("target", target(index, compilation)),
        ("edition", compilation.edition.clone().unwrap_or_else(|| "2015".to_owned())),
    ];
    fields.extend(checks(compilation));
    let mut flags: Vec<_> = compilation
        .codegen
        .iter()
        .filter(|it| !is_harmless(it))
        .map(|it| ("codegen", it.clone()))
        .collect();
    flags.extend(compilation.unstable.iter().map(|it| ("unstable", it.clone())));
    flags.sort();
    fields.extend(flags);
    if compilation.codegen_value("target-cpu") == Some("native") && !is_relaxed("codegen") {
        // What that means is this machine's business, and the build script was told.
        match &index.native {
            Some(features) => fields.push(("native", features.clone())),
            None => executable = true,
        }
    }
    let mut left_out: Vec<_> = ALWAYS.iter().copied().filter(|it| is_relaxed(it)).collect();
    if function.is_none_or(|it| it.flags.contains('c')) {
        left_out.extend(is_relaxed("cfg").then_some("cfg"));
        let mut cfgs = compilation.cfgs.clone();
        if compilation.is_test {
            cfgs.push("test".to_owned());
        }
        cfgs.sort();
        fields.extend(cfgs.into_iter().map(|it| ("cfg", it)));
    }
    for (name, maker) in &index.makers {
        // What the macros of another version expand to may reach other code, and make other imports.
        executable |= compilation
            .files_of(name)
            .any(|it| !unit_source::is_of(it, &maker.package).unwrap_or(maker.is_certain));
    }
    for name in function.into_iter().flat_map(|it| &it.units) {
        if is_relaxed("dependencies") {
            left_out.push("dependencies");
            continue;
        }
        if index.relaxed_dependencies.contains(name) {
            dependencies_left_out.push(name.clone());
            continue;
        }
        let mut units: Vec<_> = compilation.files_of(name).map(unit).collect();
        executable |= units.is_empty() || units.contains(&None);
        units.sort();
        fields.extend(units.into_iter().flatten().map(|it| ("unit", it)));
    }
    for name in function.into_iter().flat_map(|it| &it.variables) {
        // Where it isn't Unicode the compiler refuses it.
        let value = variable(name).map(|it| it.to_string_lossy().into_owned());
        fields.push(("env", value.map_or_else(|| name.clone(), |it| format!("{name}={it}"))));
    }
    // Not even the values of a strict build, so that it never finds what this one stores.
    fields.retain(|(name, _)| !left_out.contains(name));
    left_out.dedup();
    fields.extend(left_out.into_iter().map(|it| ("relaxed", it.to_owned())));
    dependencies_left_out.sort();
    fields.extend(dependencies_left_out.into_iter().map(|it| ("relaxed-dependency", it)));
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(b"perennial code 2");
    field(source);
    for (name, value) in &fields {
        field(name.as_bytes());
        field(value.as_bytes());
    }
    let line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let description: Vec<_> =
        fields.iter().map(|(name, value)| format!("{name}={}", line(value))).collect();
    Code { signature: hasher.finalize().into(), executable, description: description.join("; ") }
}

/// Tells whether the digest of the executable can stand for this code on the target: elsewhere than on
/// Linux a shared library can't tell what it is part of.
pub(crate) fn has_executable(index: &Index, compilation: &Compilation) -> bool {
    let target = target(index, compilation);
    !compilation.is_shared_library() || target.contains("linux") || target.contains("android")
}

fn target(index: &Index, compilation: &Compilation) -> String {
    let host = || index.compiler.lines().find_map(|it| it.strip_prefix("host: "));
    compilation.target.clone().unwrap_or_else(|| host().unwrap_or_default().to_owned())
}

/// The checks that are compiled in, after rustc's defaults.
fn checks(compilation: &Compilation) -> [(&'static str, String); 2] {
    let last = |name: &str| compilation.codegen_value(name);
    let is_on = |value: &str| matches!(value, "y" | "yes" | "on" | "true");
    let is_unoptimised = last("opt-level").is_none_or(|it| it == "0");
    let debug_assertions = last("debug-assertions").map_or(is_unoptimised, is_on);
    let overflow_checks = last("overflow-checks").map_or(debug_assertions, is_on);
    [
        ("debug-assertions", debug_assertions.to_string()),
        ("overflow-checks", overflow_checks.to_string()),
    ]
}

fn is_harmless(flag: &str) -> bool {
    let name = flag.split('=').next().unwrap_or_default().replace('_', "-");
    HARMLESS.contains(&name.as_str()) || name == "debug-assertions" || name == "overflow-checks"
}

/// Names a build unit: cargo's hash in the file name covers the unit's version, source, features and
/// profile, and those of all below it. `None` where there is no hash.
fn unit(file: &Path) -> Option<String> {
    let stem = file.file_stem()?.to_str()?;
    let (_, hash) = stem.rsplit_once('-')?;
    let is_hash = hash.len() >= 8 && hash.bytes().all(|it| it.is_ascii_hexdigit());
    is_hash.then(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compilation(arguments: &[&str]) -> Compilation {
        Compilation::parse(arguments.iter().map(std::ffi::OsString::from))
    }

    fn index() -> Index {
        Index::parse("compiler\trustc 1%0Ahost: a-b\n")
    }

    fn function(flags: &str, units: &[&str]) -> FunctionRecord {
        FunctionRecord {
            flags: flags.to_owned(),
            units: units.iter().map(|it| (*it).to_owned()).collect(),
            ..FunctionRecord::default()
        }
    }

    #[track_caller]
    fn differ(flags: &str, units: &[&str], left: &[&str], right: &[&str]) -> bool {
        let function = function(flags, units);
        let of =
            |it| code(&[7; 32], &index(), Some(&function), &compilation(it), &|_| None).signature;
        of(left) != of(right)
    }

    #[test]
    fn only_flags_that_change_meaning_change_the_signature() {
        assert!(!differ("", &[], &["-Copt-level=1", "-Cmetadata=1"], &["-Copt-level=3", "-Clto"]));
        assert!(differ("", &[], &["-Copt-level=0"], &["-Copt-level=3"]));
        assert!(differ("", &[], &[], &["-Coverflow-checks=off"]));
        assert!(differ("", &[], &[], &["-C", "target-cpu=haswell"]));
        assert!(differ("", &[], &["--edition=2021"], &["--edition=2024"]));
        assert!(!differ("", &[], &[], &["--target", "a-b"]));
    }

    #[test]
    fn cfgs_and_units_count_only_for_functions_that_reach_them() {
        let feature = ["--cfg", "feature=\"x\""];
        assert!(!differ("", &[], &[], &feature));
        assert!(differ("c", &[], &[], &feature));
        let [old, new] = ["rand=/d/librand-00000001.rlib", "rand=/d/librand-00000002.rlib"];
        assert!(!differ("", &[], &["--extern", old], &["--extern", new]));
        assert!(differ("", &["rand"], &["--extern", old], &["--extern", new]));
        let same = "rand=/elsewhere/librand-00000001.rmeta";
        assert!(!differ("", &["rand"], &["--extern", old], &["--extern", same]));
    }

    #[test]
    fn a_unit_without_a_hash_takes_the_executable() {
        let function = function("", &["rand"]);
        let executable = |arguments: &[&str]| {
            let compilation = compilation(arguments);
            code(&[7; 32], &index(), Some(&function), &compilation, &|_| None).executable
        };
        assert!(executable(&[]));
        assert!(executable(&["--extern", "rand=/d/librand.rlib"]));
        assert!(!executable(&["--extern", "rand=/d/librand-0123456789abcdef.rlib"]));
    }

    #[test]
    fn macros_of_another_version_than_the_units_take_the_executable() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let function = function("", &[]);
        let executable = |lock: &str| {
            let index = Index::parse(&format!("maker\tkit\tkit-1.0.0\t{lock}\n"));
            let unit = format!("kit={}", file("libkit-0123456789abcdef.rlib"));
            let compilation = compilation(&["--extern", &unit]);
            code(&[7; 32], &index, Some(&function), &compilation, &|_| None).executable
        };
        // Nothing tells of the unit's sources.
        assert!(!executable("locked") && executable("unlocked"));
        for (version, is_other) in [("1.0.0", false), ("1.0.1", true)] {
            let list = format!("x: /r/kit-{version}/src/lib.rs");
            std::fs::write(file("kit-0123456789abcdef.d"), list).unwrap();
            assert_eq!(executable("locked"), is_other);
            assert_eq!(executable("unlocked"), is_other);
        }
    }

    #[test]
    fn variables_count_by_their_values() {
        let function =
            FunctionRecord { variables: vec!["A".to_owned(), "B".to_owned()], ..function("", &[]) };
        let of = |values: &dyn Fn(&str) -> Option<OsString>| {
            code(&[7; 32], &index(), Some(&function), &compilation(&[]), values).signature
        };
        let signatures = [
            of(&|_| None),
            of(&|it| (it == "A").then(|| "1".into())),
            of(&|it| (it == "B").then(|| "1".into())),
            of(&|_| Some("1".into())),
            of(&|_| Some("".into())),
        ];
        for (index, it) in signatures.iter().enumerate() {
            assert!(!signatures[..index].contains(it), "{index}");
        }
    }

    #[test]
    fn the_native_processor_counts_by_its_features_or_by_the_executable() {
        let compilation = compilation(&["-Ctarget-cpu=native"]);
        let of = |index: &str| {
            let function = function("", &[]);
            code(&[7; 32], &Index::parse(index), Some(&function), &compilation, &|_| None)
        };
        assert!(of("").executable);
        let [one, other] = ["native\tavx2,fma", "native\tavx2"].map(of);
        assert!(!one.executable && one.signature != other.signature);
    }

    fn signature(index: &str, function: &FunctionRecord, arguments: &[&str]) -> [u8; 32] {
        let index = Index::parse(&format!("compiler\trustc 1%0Ahost: a-b\n{index}"));
        code(&[7; 32], &index, Some(function), &compilation(arguments), &|_| None).signature
    }

    #[test]
    fn what_is_relaxed_does_not_count_and_strict_builds_have_other_keys() {
        let whole = function("c", &["rand"]);
        let unit = |hash: u32| format!("rand=/d/librand-{hash:08}.rlib");
        let [one, other] = [1, 2].map(unit);
        let base = ["--extern", &one];
        let with = |more: &[&'static str]| [&base[..], more].concat();
        let cases: [(&str, Vec<&str>); 7] = [
            ("debug-assertions", with(&["-Cdebug-assertions=off", "-Coverflow-checks=on"])),
            ("overflow-checks", with(&["-Coverflow-checks=off"])),
            ("codegen", with(&["-Ctarget-cpu=haswell"])),
            ("unstable", with(&["-Zfuture"])),
            ("cfg", with(&["--cfg", "feature=\"x\""])),
            ("target", with(&["--target", "c-d"])),
            ("dependencies", vec!["--extern", &other]),
        ];
        let strict = signature("", &whole, &base);
        let mut seen = vec![strict];
        for (part, arguments) in &cases {
            let relaxed = format!("relax\t{part}\n");
            assert_ne!(signature("", &whole, arguments), strict, "{part}");
            let left_out = signature(&relaxed, &whole, &base);
            assert_eq!(signature(&relaxed, &whole, arguments), left_out, "{part}");
            assert!(!seen.contains(&left_out), "{part}");
            seen.push(left_out);
            for (other, arguments) in cases.iter().filter(|(it, _)| it != part) {
                assert_ne!(signature(&relaxed, &whole, arguments), left_out, "{part}, {other}");
            }
        }
        let relaxed = "relax\tcompiler\n";
        let newer = "relax\tcompiler\ncompiler\trustc 2%0Ahost: a-b\n";
        assert_ne!(signature(relaxed, &whole, &base), strict);
        assert_eq!(signature(relaxed, &whole, &base), signature(newer, &whole, &base));
    }

    #[test]
    fn a_dependency_is_relaxed_by_its_name_for_those_who_reach_it() {
        let (rand, both) = (function("", &["rand"]), function("", &["rand", "rayon"]));
        let arguments = |hash: u32, other: u32| {
            [
                format!("rand=/d/librand-{hash:08}.rlib"),
                format!("rayon=/d/librayon-{other:08}.rlib"),
            ]
        };
        let of = |index: &str, function: &FunctionRecord, hash, other| {
            let [one, two] = arguments(hash, other);
            signature(index, function, &["--extern", &one, "--extern", &two])
        };
        let relaxed = "relax\tdependency\trand\n";
        assert_eq!(of(relaxed, &rand, 1, 1), of(relaxed, &rand, 2, 1));
        assert_eq!(of(relaxed, &both, 1, 1), of(relaxed, &both, 2, 1));
        assert_ne!(of(relaxed, &both, 1, 1), of(relaxed, &both, 1, 2));
        assert_ne!(of(relaxed, &rand, 1, 1), of("", &rand, 1, 1));
        // Nothing is left out of others, so that they share results with strict builds.
        let none = function("", &["rayon"]);
        assert_eq!(of(relaxed, &none, 1, 1), of("", &none, 1, 1));
    }

    #[test]
    fn no_executable_stands_for_a_unit_that_is_left_out() {
        let function = function("", &["rand", "rayon"]);
        let executable = |index: &str, arguments: &[&str]| {
            let (index, compilation) = (Index::parse(index), compilation(arguments));
            code(&[7; 32], &index, Some(&function), &compilation, &|_| None).executable
        };
        let rand = "relax\tdependency\trand\n";
        assert!(executable(rand, &[]));
        assert!(!executable(rand, &["--extern", "rayon=/d/librayon-00000001.rlib"]));
        assert!(!executable("relax\tdependencies\n", &[]));
        let native = ["-Ctarget-cpu=native", "--extern", "rayon=/d/librayon-00000001.rlib"];
        assert!(executable(rand, &native));
        assert!(!executable(&format!("{rand}relax\tcodegen\n"), &native));
    }

    #[test]
    fn a_shared_library_knows_what_runs_on_linux_only() {
        let index = Index::parse("compiler\trustc 1%0Ahost: x86_64-pc-windows-msvc\n");
        let shared = ["--crate-type", "cdylib"];
        assert!(!has_executable(&index, &compilation(&shared)));
        assert!(has_executable(&index, &compilation(&["--crate-type", "bin"])));
        let linux = [&shared[..], &["--target", "x86_64-unknown-linux-gnu"]].concat();
        assert!(has_executable(&index, &compilation(&linux)));
    }

    #[test]
    fn the_bytes_that_are_hashed_are_pinned() {
        let (function, compilation) = (function("", &[]), compilation(&["--edition=2024"]));
        let code = code(&[7; 32], &index(), Some(&function), &compilation, &|_| None);
        assert_eq!(
            crate::hex::hex(&code.signature),
            "1934d8a0c3b9f96ac71411b2b849e259986d6964c2feebb92af28159e13b5da8"
        );
        assert_eq!(
            code.description,
            "compiler=rustc 1; target=a-b; edition=2024; debug-assertions=true; overflow-checks=true"
        );
    }
}
