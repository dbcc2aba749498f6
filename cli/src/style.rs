//! The colours and weights of texts on a terminal.

use anstyle::{AnsiColor, Effects, Style};

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(crate) const HEADING: Style = Style::new().effects(Effects::BOLD);
/// What one looks at second: places, kinds, reasons.
pub(crate) const FAINT: Style = Style::new().effects(Effects::DIMMED);
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
