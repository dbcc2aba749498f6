//! The digest of a stream of bytes: a tree of SHA-256 over chunks of 64 KiB.
//!
//! Bytes go in as they come, a [`Signature`] comes out. The split into writes never matters. It is
//! a tree so that the chunks of long inputs can be hashed on several cores without any change of
//! the result.

use sha2::{Digest, Sha256};

use crate::encoding::Sink;
use crate::signature::Signature;

/// Bytes in a chunk. Part of what is hashed: it must never change.
const CHUNK_BYTES: usize = 64 * 1024;
/// Comes before a chunk, so that a chunk is never taken for a list of leaves.
const LEAF: u8 = 0;
/// Comes before the leaves of a stream of several chunks.
const ROOT: u8 = 1;

/// A digest in the making, of a stream whose length need not be known.
#[derive(Default)]
pub(crate) struct StreamDigest {
    /// The chunk in progress; full only until it is known whether more follows.
    chunk: Vec<u8>,
    /// Once a second chunk has begun: the leaves so far.
    root: Option<Sha256>,
    len_bytes: u64,
}

impl StreamDigest {
    pub(crate) fn finish(self) -> Signature {
        let last = leaf(&self.chunk);
        let Some(mut root) = self.root else {
            return Signature::from_bytes(last);
        };
        root.update(last);
        root.update(self.len_bytes.to_le_bytes());
        Signature::from_bytes(root.finalize().into())
    }

    fn close_chunk(&mut self) {
        let root = self.root.get_or_insert_with(|| Sha256::new_with_prefix([ROOT]));
        root.update(leaf(&self.chunk));
        self.chunk.clear();
    }
}

impl Sink for StreamDigest {
    #[inline]
    fn write(&mut self, mut bytes: &[u8]) {
        self.len_bytes += bytes.len() as u64;
        loop {
            let room = CHUNK_BYTES - self.chunk.len();
            if bytes.len() <= room {
                self.chunk.extend_from_slice(bytes);
                return;
            }
            let (now, later) = bytes.split_at(room);
            self.chunk.extend_from_slice(now);
            self.close_chunk();
            bytes = later;
        }
    }
}

fn leaf(chunk: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix([LEAF]).chain_update(chunk).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(parts: &[&[u8]]) -> Signature {
        let mut digest = StreamDigest::default();
        for part in parts {
            digest.write(part);
        }
        digest.finish()
    }

    /// The definition in docs/signature.md, written down naively.
    fn reference(bytes: &[u8]) -> Signature {
        let hash = |prefix: u8, bytes: &[u8]| -> [u8; 32] {
            Sha256::digest([&[prefix], bytes].concat()).into()
        };
        if bytes.len() <= 65536 {
            return Signature::from_bytes(hash(0, bytes));
        }
        let mut leaves: Vec<u8> = bytes.chunks(65536).flat_map(|chunk| hash(0, chunk)).collect();
        leaves.extend((bytes.len() as u64).to_le_bytes());
        Signature::from_bytes(hash(1, &leaves))
    }

    #[test]
    fn chunk_boundaries_follow_the_definition() {
        for len in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000] {
            let bytes: Vec<u8> = (0..len).map(|i: u32| i.to_le_bytes()[i as usize % 3]).collect();
            assert_eq!(digest(&[&bytes]), reference(&bytes), "{len}");
        }
    }

    #[test]
    fn the_split_into_writes_does_not_matter() {
        let bytes = vec![7; 140_000];
        let whole = digest(&[&bytes]);
        for size in [1, 7, 4096, 65_535, 65_536, 65_537, 139_999] {
            let parts: Vec<&[u8]> = bytes.chunks(size).collect();
            assert_eq!(digest(&parts), whole, "{size}");
        }
    }

    #[test]
    fn digests_are_pinned() {
        let check = |len, expected: &str| {
            assert_eq!(digest(&[&vec![b'p'; len]]).to_string(), expected, "{len}");
        };
        check(0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        check(65_535, "b34f809915bf39e1b92ee4d6a9288f952aa91b620a7e917bacc5f467deae2e3f");
        check(65_536, "5cf90942c8a7169f967288c70ef3d48f7944f6a20b56ab8e2195b15a0dda956d");
        check(65_537, "bdf2b7f0ea20ea9fb66eea0038db427117b532b496dd85dc9cd712feafffd03f");
    }
}
