//! SHA-256 digests and the one way in which fields are fed to them: fixed order, each with its length.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; shows as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Hashes bytes as they are.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A hasher of fields. Every field is preceded by its length in 64 bits, little-endian, so that no
/// two sequences of fields feed the same bytes.
pub(crate) struct Fields(Sha256);

impl Fields {
    /// Starts with the name of what is hashed and the version of its recipe.
    pub(crate) fn new(domain: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.text(domain);
        fields
    }

    pub(crate) fn bytes(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    pub(crate) fn text(&mut self, field: &str) {
        self.bytes(field.as_bytes());
    }

    pub(crate) fn digest(&mut self, field: Digest) {
        self.bytes(&field.0);
    }

    /// Feeds a list of digests as one field, whose length tells how many they are.
    pub(crate) fn digests<'a>(&mut self, list: impl ExactSizeIterator<Item = &'a Digest>) {
        let mut field = Vec::with_capacity(32 * list.len());
        list.for_each(|it| field.extend_from_slice(&it.0));
        self.bytes(&field);
    }

    /// Announces how many fields of a list follow.
    pub(crate) fn count(&mut self, count: usize) {
        self.bytes(&(count as u64).to_le_bytes());
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_input_has_the_published_digest() {
        assert_eq!(
            Digest::of_bytes(b"").to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn moving_a_boundary_between_fields_changes_the_digest() {
        let digest = |fields: &[&str]| {
            let mut hasher = Fields::new("test");
            fields.iter().for_each(|field| hasher.text(field));
            hasher.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["", "a"]), digest(&["a", ""]));
    }
}
