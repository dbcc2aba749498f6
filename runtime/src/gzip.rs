//! Gzip (RFC 1952) of whole payloads: compressed where that pays, verified and bounded on the way
//! back.

use std::io::{self, Read, Write};

use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};

use crate::error::{Error, Result};

/// How much of a payload tells whether it compresses.
const SAMPLE_BYTES: usize = 32 * 1024;

/// Compresses a payload; one that doesn't get smaller is stored as it is inside gzip. A sample from
/// the middle of a long one decides.
pub(crate) fn compress(payload: &[u8]) -> Vec<u8> {
    let start = payload.len().saturating_sub(SAMPLE_BYTES) / 2;
    let sample = &payload[start..payload.len().min(start + SAMPLE_BYTES)];
    let compressed = encode(sample, Compression::fast());
    if compressed.len() > sample.len() - sample.len() / 16 {
        return encode(payload, Compression::none());
    }
    if sample.len() == payload.len() { compressed } else { encode(payload, Compression::fast()) }
}

fn encode(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2 + 64), level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory never fails")
}

/// Inflates a file's bytes and checks their sum. Never makes more than `limit_bytes` of them.
pub(crate) fn inflate(bytes: &[u8], limit_bytes: u64) -> Result<Vec<u8>> {
    let mut payload = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(limit_bytes.saturating_add(1));
    decoder
        .read_to_end(&mut payload)
        .map_err(|error: io::Error| Error::damaged_by("it is no whole gzip file", error))?;
    if payload.len() as u64 > limit_bytes {
        return Err(Error::too_large(limit_bytes));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_come_back() {
        for length in [0, 1, 100, SAMPLE_BYTES, 3 * SAMPLE_BYTES] {
            let smooth = vec![7; length];
            let mut state = 1u64;
            let noise: Vec<u8> = (0..length)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state.to_le_bytes()[3]
                })
                .collect();
            for payload in [smooth, noise] {
                let file = compress(&payload);
                assert_eq!(inflate(&file, u64::MAX).unwrap(), payload);
                assert!(file.len() <= payload.len() + payload.len() / 100 + 64);
            }
        }
    }

    #[test]
    fn damage_is_noticed_at_every_byte_and_length() {
        let payload = b"a payload of some length, so that there is something to damage".repeat(3);
        let file = compress(&payload);
        for length in 0..file.len() {
            match inflate(&file[..length], 1 << 20) {
                Ok(read) => assert!(read.is_empty() && length == 0, "{length}"),
                Err(error) => assert!(error.is_damaged(), "{length}"),
            }
        }
        for place in 0..file.len() {
            for bit in 0..8 {
                let mut file = file.clone();
                file[place] ^= 1 << bit;
                if let Ok(read) = inflate(&file, 1 << 20) {
                    assert_eq!(read, payload, "byte {place} bit {bit}");
                }
            }
        }
        assert!(inflate(&[&file[..], b"tail"].concat(), 1 << 20).is_err());
    }

    #[test]
    fn a_bomb_is_cut_off_at_the_limit() {
        let bomb = compress(&vec![0; 10 << 20]);
        assert!(bomb.len() < 200_000);
        assert!(inflate(&bomb, 1 << 16).unwrap_err().is_too_large());
    }
}
