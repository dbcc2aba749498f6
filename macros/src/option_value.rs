//! The values of options of `#[memo(…)]`: syntax goes in, what is meant comes out, or an error that says what
//! to write.

use std::time::Duration;

use syn::{
    Error, Expr, Ident, Lit, LitStr, Path, Result, parenthesized,
    parse::{Parse, ParseStream},
};

/// How much of the code is in the key.
#[derive(Default)]
pub(crate) enum CodeScope {
    /// The function and everything that it reaches.
    #[default]
    Deep,
    /// The function's own source.
    Own(Ident),
    /// A name that its owner gives, and changes.
    Pinned(LitStr),
}

impl Parse for CodeScope {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "deep" => Ok(Self::Deep),
            "own" => Ok(Self::Own(name)),
            "pinned" if input.peek(syn::token::Paren) => {
                let text;
                parenthesized!(text in input);
                let pin: LitStr = text.parse()?;
                if text.is_empty() {
                    Ok(Self::Pinned(pin))
                } else {
                    Err(text.error("one text pins the code"))
                }
            }
            "pinned" => Err(Error::new(
                name.span(),
                "`pinned` takes the text that stands for the code, such as `code = pinned(\"v1\")`",
            )),
            _ => Err(Error::new(
                name.span(),
                "`code` is `deep`, for all that the function reaches, `own`, for its own source, or \
                 `pinned(\"…\")`, for a text that you change when results are to be computed again",
            )),
        }
    }
}

/// Checks a `version`; the build step has it from the attribute.
pub(crate) fn version(value: &Lit) -> Result<()> {
    match value {
        Lit::Int(_) | Lit::Str(_) => Ok(()),
        other => Err(Error::new(other.span(), "`version` takes a number, such as `version = 2`")),
    }
}

/// Reads how long a result is reused.
pub(crate) fn expires(value: &Lit) -> Result<Duration> {
    let error = |message: String| Error::new(value.span(), message);
    let usage = "`expires` takes a time such as \"7d\" or \"1h 30min\"";
    let Lit::Str(text) = value else { return Err(error(usage.to_owned())) };
    let age = humantime::parse_duration(&text.value())
        .map_err(|fault| error(format!("{fault}; {usage}")))?;
    if age.as_secs() == 0 {
        return Err(error(
            "a result is reused for a second at least; without #[memo] never".to_owned(),
        ));
    }
    Ok(age)
}

/// Reads the share of hits that are computed again.
pub(crate) fn share(value: &Lit) -> Result<f64> {
    let share = match value {
        Lit::Float(it) => it.base10_parse::<f64>()?,
        Lit::Int(it) => it.base10_parse::<f64>()?,
        other => return Err(Error::new(other.span(), SHARE)),
    };
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(Error::new(value.span(), SHARE)) }
}

const SHARE: &str = "`verify` takes the share of hits to compute again, such as `verify = 0.01`";

/// Reads the path of a codec.
pub(crate) fn codec(value: &Expr) -> Result<Path> {
    match value {
        Expr::Path(it) if it.qself.is_none() => Ok(it.path.clone()),
        Expr::Group(it) => codec(&it.expr),
        other => Err(Error::new_spanned(
            other,
            "`codec` takes the path of a unit value, such as `codec = MyCodec`",
        )),
    }
}
