//! What is known of a function's code: the items behind a code signature. Programs carry names,
//! places and digests; source text is added from the build folder where that is at hand.

use std::{fs, path::Path};

use ciborium::Value;

use crate::signature::Signature;

/// One version of a function's code, as the running program knows it.
#[derive(Clone, Copy, Debug)]
pub struct Manifest<'a> {
    /// The function's path, `crate_name::module::name`.
    pub function: &'a str,
    /// The code signature, under which its entries lie.
    pub code: Signature,
    /// The build context in words.
    pub context: &'a str,
    /// One line an item: path, file, line and own digest, separated by tabs.
    pub(crate) items: &'a str,
    /// The folder with normalised sources, or nothing.
    pub(crate) sources: &'a str,
}

impl Manifest<'_> {
    /// Encodes the manifest as CBOR, with the sources that are at hand.
    pub(crate) fn to_cbor(self) -> Vec<u8> {
        let text = |it: &str| Value::Text(it.to_owned());
        let items = self.items.lines().filter_map(|line| {
            let fields: Vec<_> = line.split('\t').map(decode).collect();
            let [path, file, line, digest] = &fields[..] else { return None };
            let mut item = vec![
                (text("path"), text(path)),
                (text("file"), text(file)),
                (text("line"), Value::from(line.parse::<u64>().ok()?)),
                (text("digest"), text(digest)),
            ];
            item.extend(self.source(digest).map(|it| (text("source"), Value::Text(it))));
            Some(Value::Map(item))
        });
        let manifest = Value::Map(vec![
            (text("format"), Value::from(1)),
            (text("function"), text(self.function)),
            (text("code"), text(&self.code.to_string())),
            (text("context"), text(self.context)),
            (text("items"), Value::Array(items.collect())),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&manifest, &mut bytes).expect("writing to memory never fails");
        bytes
    }

    fn source(self, digest: &str) -> Option<String> {
        let is_name = digest.bytes().all(|it| it.is_ascii_hexdigit());
        let folder =
            Some(Path::new(self.sources)).filter(|it| !it.as_os_str().is_empty() && is_name)?;
        fs::read_to_string(folder.join(digest)).ok()
    }
}

/// Undoes the percent-encoding of a field.
fn decode(field: &str) -> String {
    field.replace("%09", "\t").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_listed_with_the_sources_at_hand() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("00ff"), "fn f() {}\n").unwrap();
        let manifest = Manifest {
            function: "demo::f",
            code: Signature::of_bytes(b"code"),
            context: "edition=2024",
            items: "demo::f\tsrc/a%25.rs\t3\t00ff\ndemo::g\tsrc/b.rs\t4\t11ee\n",
            sources: folder.path().to_str().unwrap(),
        };
        let value: Value = ciborium::from_reader(&manifest.to_cbor()[..]).unwrap();
        let text = format!("{value:?}");
        assert!(text.contains("src/a%.rs") && text.contains("fn f() {}"), "{text}");
        assert_eq!(text.matches("source").count(), 1, "{text}");
    }
}
