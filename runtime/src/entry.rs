//! An entry's payload: a CBOR sequence (RFC 8742) of a header and the encoded result. Bytes of an
//! entry are verified here against the call that they are read for. `docs/format.md` has the form.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    key::CallKey,
    signature::Signature,
};

/// The version of the payload's form. Another form has another number, and is a miss.
pub(crate) const FORMAT: u32 = 1;

/// What an entry says of its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) format: u32,
    pub(crate) function: String,
    pub(crate) code: Signature,
    pub(crate) arguments: Signature,
    pub(crate) environment: Signature,
    pub(crate) call: Signature,
    #[serde(rename = "type")]
    pub(crate) result_type: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    /// How long the function ran.
    pub(crate) computed_nanos: u64,
    /// The length of the encoded result.
    pub(crate) len_bytes: u64,
}

impl Header {
    pub(crate) fn new(
        function: &str,
        key: &CallKey,
        result_type: &str,
        computed: Duration,
    ) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            format: FORMAT,
            function: function.to_owned(),
            code: key.code,
            arguments: key.arguments,
            environment: key.environment,
            call: key.call,
            result_type: result_type.to_owned(),
            created: since.as_secs(),
            computed_nanos: u64::try_from(computed.as_nanos()).unwrap_or(u64::MAX),
            len_bytes: 0,
        }
    }

    pub(crate) fn computed(&self) -> Duration {
        Duration::from_nanos(self.computed_nanos)
    }
}

/// Joins a header and an encoded result.
pub(crate) fn payload(mut header: Header, result: &[u8]) -> Result<Vec<u8>> {
    header.len_bytes = result.len() as u64;
    let mut payload = Vec::with_capacity(result.len() + 512);
    ciborium::into_writer(&header, &mut payload)
        .map_err(|error| Error::encoding("a header", error))?;
    payload.extend_from_slice(result);
    Ok(payload)
}

/// Takes a payload apart, and makes sure that it is the entry of this very call.
pub(crate) fn open<'a>(payload: &'a [u8], key: &CallKey) -> Result<(Header, &'a [u8])> {
    let mut rest = payload;
    let header: Header = ciborium::from_reader(&mut rest)
        .map_err(|error| Error::damaged_by("its header can't be read", error.to_string()))?;
    let CallKey { code, arguments, environment, call } = *key;
    if header.format != FORMAT {
        return Err(Error::damaged(format!("its format is {} and not {FORMAT}", header.format)));
    }
    let found = (header.code, header.arguments, header.environment, header.call);
    if found != (code, arguments, environment, call) {
        return Err(Error::damaged("it belongs to another call"));
    }
    if header.len_bytes != rest.len() as u64 {
        return Err(Error::damaged(format!(
            "its result has {} bytes, and its header says {}",
            rest.len(),
            header.len_bytes
        )));
    }
    Ok((header, rest))
}

/// Returns the header of the entry of this very call.
pub(crate) fn header(payload: &[u8], key: &CallKey) -> Result<Header> {
    open(payload, key).map(|(header, _)| header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> CallKey {
        let [code, arguments, environment] =
            ["code", name, "environment"].map(|it| Signature::of_bytes(it.as_bytes()));
        let call = Signature::of_call(code, arguments, environment);
        CallKey { code, arguments, environment, call }
    }

    fn entry(name: &str) -> Vec<u8> {
        let header = Header::new("demo::f", &key(name), "u8", Duration::from_millis(5));
        payload(header, &[7]).unwrap()
    }

    #[test]
    fn a_payload_opens_for_its_own_call_only() {
        let bytes = entry("a");
        let (header, result) = open(&bytes, &key("a")).unwrap();
        assert_eq!((header.function.as_str(), result), ("demo::f", &[7][..]));
        assert_eq!(header.computed(), Duration::from_millis(5));
        assert!(open(&bytes, &key("b")).unwrap_err().is_damaged());
    }

    #[test]
    fn truncated_and_lengthened_payloads_are_damaged() {
        let bytes = entry("a");
        for length in 0..bytes.len() {
            assert!(open(&bytes[..length], &key("a")).unwrap_err().is_damaged(), "{length}");
        }
        assert!(open(&[&bytes[..], &[0]].concat(), &key("a")).unwrap_err().is_damaged());
    }

    #[test]
    fn another_format_is_refused() {
        let mut header = Header::new("demo::f", &key("a"), "u8", Duration::ZERO);
        header.format = 2;
        let bytes = payload(header, &[7]).unwrap();
        assert!(open(&bytes, &key("a")).unwrap_err().is_damaged());
    }
}
