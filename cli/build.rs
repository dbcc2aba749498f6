//! Keeps the target that the command is built for: the one that packages are read for unless
//! `--target` says otherwise. Writes the triple, then its options as rustc prints them.

use std::{env, fs, path::PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).expect("cargo sets it");
    let mut lines = vec![];
    for (name, value) in env::vars() {
        let Some(name) = name.strip_prefix("CARGO_CFG_").map(str::to_lowercase) else { continue };
        match name.as_str() {
            "unix" | "windows" => lines.push(name),
            _ if name.starts_with("target_") => {
                lines.extend(value.split(',').map(|it| format!("{name}=\"{it}\"")));
            }
            _ => {}
        }
    }
    lines.sort();
    let path = PathBuf::from(variable("OUT_DIR")).join("host");
    fs::write(path, format!("{}\n{}\n", variable("TARGET"), lines.join("\n")))
        .expect("cargo made the folder");
}
