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
        let digits = self.0.iter().flat_map(|it| [it >> 4, it & 15]);
        let digits = digits.map(|it| char::from_digit(it.into(), 16).expect("less than 16"));
        formatter.write_str(&digits.collect::<String>())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A hasher of fields. Every field is preceded by its length in 64 bits, little-endian, so that no
/// two sequences of fields feed the same bytes.
pub(crate) struct Fields {
    hasher: Sha256,
    /// What is not yet fed: fields are short, and the hasher takes whole blocks.
    pending: Vec<u8>,
}

/// How many bytes are fed at once.
const MAX_PENDING: usize = 1024;

impl Fields {
    /// Starts with the name of what is hashed and the version of its recipe.
    pub(crate) fn new(domain: &str) -> Self {
        let mut fields = Self { hasher: Sha256::new(), pending: Vec::with_capacity(MAX_PENDING) };
        fields.text(domain);
        fields
    }

    pub(crate) fn bytes(&mut self, field: &[u8]) {
        self.length(field.len());
        self.feed(field);
    }

    fn length(&mut self, length: usize) {
        self.feed(&(length as u64).to_le_bytes());
    }

    fn feed(&mut self, bytes: &[u8]) {
        if self.pending.len() + bytes.len() > MAX_PENDING {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
        if bytes.len() > MAX_PENDING {
            self.hasher.update(bytes);
        } else {
            self.pending.extend_from_slice(bytes);
        }
    }

    pub(crate) fn text(&mut self, field: &str) {
        self.bytes(field.as_bytes());
    }

    pub(crate) fn digest(&mut self, field: Digest) {
        self.bytes(&field.0);
    }

    /// Feeds a list of digests as one field, whose length tells how many they are.
    pub(crate) fn digests<'a>(&mut self, list: impl ExactSizeIterator<Item = &'a Digest>) {
        self.length(32 * list.len());
        list.for_each(|it| self.feed(&it.0));
    }

    /// Announces how many fields of a list follow.
    pub(crate) fn count(&mut self, count: usize) {
        self.bytes(&(count as u64).to_le_bytes());
    }

    pub(crate) fn finish(mut self) -> Digest {
        self.hasher.update(&self.pending);
        Digest(self.hasher.finalize().into())
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
    fn fields_are_fed_one_after_another_however_long_they_are() {
        let lengths = [0, 1, 7, 1000, 17, 1016, 1024, 1025, 5000, 3];
        let mut fields = Fields::new("test");
        let mut all = [&4_u64.to_le_bytes()[..], b"test"].concat();
        for length in lengths {
            let field = vec![b'x'; length];
            fields.bytes(&field);
            all.extend((length as u64).to_le_bytes());
            all.extend(field);
        }
        assert_eq!(fields.finish(), Digest::of_bytes(&all));
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
