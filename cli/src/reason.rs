//! Why an item is reached, in words short enough for an arrow.

use perennial_build::Reason;

/// Says what the item below has to do with the one above.
pub(crate) fn short(reason: Reason) -> String {
    match reason {
        Reason::Start => "start".to_owned(),
        Reason::Reference => "named".to_owned(),
        Reason::Member => "member used".to_owned(),
        Reason::InPlay => "implemented".to_owned(),
        Reason::TraitInScope => "trait in scope".to_owned(),
        Reason::Object => "trait object".to_owned(),
        Reason::Parameter => "type argument".to_owned(),
        Reason::Trigger(name) => format!("by {name}"),
        Reason::ForeignCode => "foreign code".to_owned(),
        Reason::Opaque => "defines anything".to_owned(),
        other => other.to_string(),
    }
}
