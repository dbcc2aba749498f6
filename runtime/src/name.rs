//! Names of entries: checked so that none, whoever made it, leads out of a store's folder.
//!
//! Text goes in, an [`EntryName`] that is safe on every operating system comes out.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::signature::Signature;

/// Names an entry of a [`Store`](crate::Store): segments between `/`, such as
/// `some/deeper/result`.
///
/// The same names are good on every operating system. Not allowed are absolute names, empty
/// segments, `.` and `..`, segments that end in a dot or a space, control characters, any of
/// `\ : * ? " < > |`, the device names of Windows (`con`, `nul.txt` …), and segments of more than
/// 255 bytes.
///
/// # Examples
///
/// ```
/// use perennial::EntryName;
///
/// let name: EntryName = "some/deeper/result".parse()?;
/// assert_eq!(name.as_str(), "some/deeper/result");
/// assert!("../secret".parse::<EntryName>().unwrap_err().is_invalid_name());
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryName(Box<str>);

impl EntryName {
    /// Names the result of a call: `<code signature>/<2 hex digits>/<call signature>`.
    ///
    /// The digits in the middle are the first of the call signature: a million entries spread
    /// over 256 folders.
    ///
    /// ```
    /// use perennial::{EntryName, Signature};
    ///
    /// let [code, call] = [b"code", b"call"].map(|bytes| Signature::of_bytes(bytes));
    /// let name = EntryName::of_call(code, call);
    /// assert_eq!(name.as_str(), format!("{code}/{}/{call}", &call.to_string()[..2]));
    /// ```
    pub fn of_call(code: Signature, call: Signature) -> Self {
        Self(format!("{code}/{:02x}/{call}", call.as_bytes()[0]).into())
    }

    /// Tells whether this names the result of a call of that code.
    pub(crate) fn is_call_of(&self, code: Signature) -> bool {
        let call = self.segments().last().and_then(|it| it.parse().ok());
        call.is_some_and(|call| *self == Self::of_call(code, call))
    }

    /// Shows the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the segments between the `/`s.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl FromStr for EntryName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split('/').find_map(fault) {
            None => Ok(Self(text.into())),
            Some(_) if text.starts_with('/') => Err(Error::invalid_name(text, "it is absolute")),
            Some(reason) => Err(Error::invalid_name(text, reason)),
        }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a segment, if anything.
fn fault(segment: &str) -> Option<&'static str> {
    if segment.is_empty() {
        return Some("a segment is empty");
    }
    if segment == "." || segment == ".." {
        return Some("`.` and `..` lead elsewhere");
    }
    if segment.len() > 255 {
        return Some("a segment is longer than 255 bytes");
    }
    if segment.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) {
        return Some("a character means something to a file system");
    }
    if segment.contains(char::is_control) {
        return Some("it has a control character");
    }
    if segment.ends_with(['.', ' ']) {
        return Some("a segment ends in a dot or a space");
    }
    if is_device(segment) {
        return Some("a segment is the name of a device");
    }
    None
}

/// Whether Windows takes a file name for a device: it does so whatever its case and extension.
fn is_device(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment).trim_end();
    let stem = stem.to_ascii_lowercase();
    if matches!(&*stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") {
        return true;
    }
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    number.is_some_and(|number| {
        let mut digits = number.chars();
        let digit = digits.next();
        digits.next().is_none() && digit.is_some_and(|it| matches!(it, '0'..='9' | '¹' | '²' | '³'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken_as_they_are() {
        let longest = "n".repeat(255);
        for text in [
            "x",
            "some_result",
            "some/deeper/result",
            "v1.2/..x/...y",
            "é",
            "com",
            "com10",
            "console",
            "nulls",
            "com1x",
            "a b",
            &longest,
        ] {
            assert_eq!(text.parse::<EntryName>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn names_that_could_lead_elsewhere_are_refused() {
        let long = "n".repeat(256);
        for text in [
            "",
            "/",
            "/etc/passwd",
            "//server/share",
            "a//b",
            "a/",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/./b",
            "a/..",
            "..\\a",
            "a\\b",
            "C:",
            "C:/a",
            "a:stream",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{85}b",
            "con",
            "a/NUL",
            "Aux.txt",
            "com1",
            "LPT9.tar.gz",
            "com¹",
            "nul .txt",
            "conin$",
            "a.",
            "a ",
            "a./b",
            "a*",
            "a?",
            &long,
        ] {
            let error = text.parse::<EntryName>().expect_err(text);
            assert!(error.is_invalid_name() && error.path().is_none(), "{text}");
        }
    }

    #[test]
    fn a_name_of_a_call_is_valid() {
        let [code, call] = [b"code", b"call"].map(|bytes| Signature::of_bytes(bytes));
        let name = EntryName::of_call(code, call);
        assert_eq!(name.as_str().parse::<EntryName>().unwrap(), name);
        assert_eq!(name.segments().count(), 3);
    }
}
