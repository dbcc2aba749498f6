//! The build context: what decides a result besides source and arguments, as fields of the code
//! signature. Pure.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{
    compilation::Compilation,
    index::{FunctionRecord, Index},
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
/// 1. `perennial code 1`; 2. the source signature; 3. pairs of name and value: `compiler`, `target`,
///    `edition`, `debug-assertions`, `overflow-checks`, each remaining flag, each `cfg` where what it
///    reaches mentions one, each build unit.
pub(crate) fn code(
    source: &[u8; 32],
    index: &Index,
    function: Option<&FunctionRecord>,
    compilation: &Compilation,
) -> Code {
    let mut executable = compilation.is_partial || function.is_none_or(|it| it.flags.contains('x'));
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
    if function.is_none_or(|it| it.flags.contains('c')) {
        let mut cfgs = compilation.cfgs.clone();
        if compilation.is_test {
            cfgs.push("test".to_owned());
        }
        cfgs.sort();
        fields.extend(cfgs.into_iter().map(|it| ("cfg", it)));
    }
    for name in function.into_iter().flat_map(|it| &it.units) {
        let mut units: Vec<_> = compilation.files_of(name).map(unit).collect();
        executable |= units.is_empty() || units.contains(&None);
        units.sort();
        fields.extend(units.into_iter().flatten().map(|it| ("unit", it)));
    }
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(b"perennial code 1");
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

fn target(index: &Index, compilation: &Compilation) -> String {
    let host = || index.compiler.lines().find_map(|it| it.strip_prefix("host: "));
    compilation.target.clone().unwrap_or_else(|| host().unwrap_or_default().to_owned())
}

/// The checks that are compiled in, after rustc's defaults.
fn checks(compilation: &Compilation) -> [(&'static str, String); 2] {
    let last = |name: &str| {
        compilation.codegen.iter().rev().find_map(|it| match it.split_once('=') {
            Some((key, value)) => (key == name).then_some(value),
            None => (it == name).then_some("yes"),
        })
    };
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
        let [left, right] = [left, right]
            .map(|it| code(&[7; 32], &index(), Some(&function), &compilation(it)).signature);
        left != right
    }

    #[test]
    fn only_flags_that_change_meaning_change_the_signature() {
        assert!(!differ("", &[], &["-Copt-level=1", "-Cmetadata=1"], &["-Copt-level=3", "-Clto"]));
        assert!(differ("", &[], &["-Copt-level=0"], &["-Copt-level=3"]));
        assert!(differ("", &[], &[], &["-Coverflow-checks=off"]));
        assert!(differ("", &[], &[], &["-C", "target-cpu=native"]));
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
            code(&[7; 32], &index(), Some(&function), &compilation(arguments)).executable
        };
        assert!(executable(&[]));
        assert!(executable(&["--extern", "rand=/d/librand.rlib"]));
        assert!(!executable(&["--extern", "rand=/d/librand-0123456789abcdef.rlib"]));
    }

    #[test]
    fn the_bytes_that_are_hashed_are_pinned() {
        let code =
            code(&[7; 32], &index(), Some(&function("", &[])), &compilation(&["--edition=2024"]));
        assert_eq!(
            crate::hex::hex(&code.signature),
            "6b990b0cbc66124cf8bd9a792c675b7c982d6a1c38fbfbcea51d8363bff3286c"
        );
        assert_eq!(
            code.description,
            "compiler=rustc 1; target=a-b; edition=2024; debug-assertions=true; overflow-checks=true"
        );
    }
}
