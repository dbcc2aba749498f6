//! Files as arguments: their contents count.

use std::{cell::Cell, fs, io};

use perennial::{File, MemoryStore, memo};

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

#[memo(allow(statics, files))]
fn lines(file: &File) -> io::Result<usize> {
    RUNS.set(RUNS.get() + 1);
    Ok(fs::read_to_string(file)?.lines().count())
}

#[memo(allow(statics, files))]
fn appended(file: File, other: Option<&File>) -> io::Result<usize> {
    RUNS.set(RUNS.get() + 1);
    let text = fs::read_to_string(other.unwrap_or(&file))? + "another\n";
    fs::write(&file, &text)?;
    Ok(text.lines().count())
}

#[test]
fn a_file_is_known_by_its_content() {
    let _here = perennial::storing_to(MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    let [first, moved] = ["first", "moved"].map(|it| folder.path().join(it));
    fs::write(&first, "a\nb\n").unwrap();
    let lines_of = |path| lines(&File::new(path)).map_err(|error| error.kind());
    assert_eq!((lines_of(&first), lines_of(&first), RUNS.get()), (Ok(2), Ok(2), 1));
    fs::rename(&first, &moved).unwrap();
    assert_eq!((lines_of(&moved), RUNS.get()), (Ok(2), 1));
    fs::write(&moved, "a\nb\nc\n").unwrap();
    assert_eq!((lines_of(&moved), RUNS.get()), (Ok(3), 2));
    fs::write(&moved, "a\nb\n").unwrap();
    assert_eq!((lines_of(&moved), RUNS.get()), (Ok(2), 2));
    assert_eq!((lines_of(&first), RUNS.get()), (Err(io::ErrorKind::NotFound), 3));
}

#[test]
fn what_is_computed_from_a_file_that_changes_meanwhile_is_not_stored() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let _here = perennial::storing_to(std::sync::Arc::clone(&store));
    let folder = tempfile::tempdir().unwrap();
    let file = File::new(folder.path().join("file"));
    fs::write(&file, "a\n").unwrap();
    assert_eq!(appended(file.clone(), None).unwrap(), 2);
    assert_eq!(appended(file, None).unwrap(), 3);
    assert_eq!(store.operations().write, 0);
}
