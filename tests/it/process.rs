//! What acts on the process: its stores, own ones included, where the default one lies, and its table.

use perennial_tests::Project;

const MAIN: &str = r#"use std::{collections::HashMap, sync::Mutex};
use perennial::{EntryName, Error, Result, Store, memo};

/// A store of the program's own.
#[derive(Default)]
struct Memory(Mutex<HashMap<String, Vec<u8>>>);

impl Store for Memory {
    fn exists(&self, name: &EntryName) -> Result<bool> {
        Ok(self.0.lock().unwrap().contains_key(&name.to_string()))
    }
    fn read(&self, name: &EntryName) -> Result<Vec<u8>> {
        let found = self.0.lock().unwrap().get(&name.to_string()).cloned();
        found.ok_or_else(|| Error::other("there is none"))
    }
    fn write(&self, name: &EntryName, payload: &[u8]) -> Result<()> {
        self.0.lock().unwrap().insert(name.to_string(), payload.to_vec());
        Ok(())
    }
    fn quarantine(&self, name: &EntryName) -> Result<()> {
        self.0.lock().unwrap().remove(&name.to_string());
        Ok(())
    }
}

#[memo]
fn doubled(x: u32) -> u32 {
    println!("computing");
    x * 2
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("own") => perennial::set_store(Memory::default()),
        Some("table") => {
            for row in perennial::table!() {
                println!("{} {} {}:{}", row.path, row.target, row.file, row.line);
            }
            return;
        }
        _ => {}
    }
    let other = std::thread::spawn(|| doubled(4)).join().unwrap();
    println!("{other} {}", doubled(4));
}
"#;

#[test]
fn a_store_of_ones_own_is_the_whole_process_s() {
    let project = Project::memoizing("process-store", MAIN);
    for _ in 0..2 {
        assert_eq!(project.run(&["run", "-q", "--", "own"]), "computing\n8 8\n");
    }
    assert!(!project.store().exists());
}

#[test]
fn the_default_store_lies_where_the_variable_says() {
    let project = Project::memoizing("process-folder", MAIN);
    assert_eq!(project.run(&["run", "-q"]), "computing\n8 8\n");
    assert_eq!(project.run(&["run", "-q"]), "8 8\n");
    assert!(project.store().join("v1").is_dir());
    let other = project.folder().join("other store");
    let variables = [("PERENNIAL_DIR", other.to_str().unwrap())];
    let run = project.cargo_with(&["run", "-q"], &variables);
    assert_eq!(run.stdout, "computing\n8 8\n", "{}", run.stderr);
    assert!(other.join("v1").is_dir());
}

#[test]
fn a_program_has_its_own_table() {
    let project = Project::memoizing("process-table", MAIN);
    let text = project.run(&["run", "-q", "--", "table"]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.contains(&"process_table::doubled bin process_table src/main.rs:27"), "{text}");
    assert!(
        lines.contains(&"process_table::<Memory as Store>::read bin process_table src/main.rs:12"),
        "{text}"
    );
}
