//! The digest of the running program: what stands in the key for code that syntax can't follow.

use std::{env, fs::File, io, sync::OnceLock};

use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    signature::Signature,
};

/// Hashes the program's file, once, when it is first asked for.
pub(crate) fn digest() -> Result<Signature> {
    static DIGEST: OnceLock<std::result::Result<Signature, String>> = OnceLock::new();
    let digest = DIGEST.get_or_init(|| read().map_err(|error| error.to_string()));
    digest
        .clone()
        .map_err(|error| Error::other(format!("cannot read the running program: {error}")))
}

fn read() -> io::Result<Signature> {
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut File::open(env::current_exe()?)?, &mut hasher)?;
    Ok(Signature::from_bytes(hasher.0.finalize().into()))
}

struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_hashed_whole() {
        let bytes = std::fs::read(env::current_exe().unwrap()).unwrap();
        assert_eq!(digest().unwrap(), Signature::of_bytes(&bytes));
    }
}
