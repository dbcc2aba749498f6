//! Traits of std whose impls are called only where code says so: by an operator, by a method's
//! name, by a formatting macro. An impl of one of them is reached when something reached does.

use syn::BinOp;

use crate::std_entry_points::GATED;

/// Traits behind operators. The standard library itself calls them on no type of others: no bound
/// of its functions names them.
const OPERATORS: &[&str] = &[
    "Add",
    "AddAssign",
    "BitAnd",
    "BitAndAssign",
    "BitOr",
    "BitOrAssign",
    "BitXor",
    "BitXorAssign",
    "Div",
    "DivAssign",
    "Index",
    "IndexMut",
    "Mul",
    "MulAssign",
    "Neg",
    "Not",
    "Rem",
    "RemAssign",
    "Shl",
    "ShlAssign",
    "Shr",
    "ShrAssign",
    "Sub",
    "SubAssign",
];

/// Returns the name of a trait of std whose impls wait for a trigger.
pub(crate) fn gated(name: &str) -> Option<&'static str> {
    let find =
        |list: &'static [&'static str]| list.binary_search(&name).ok().map(|index| list[index]);
    find(OPERATORS).or_else(|| find(GATED))
}

/// Names the trait behind a binary operator; comparisons and logic have none that waits.
pub(crate) fn of_operator(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Add(_) => "Add",
        BinOp::Sub(_) => "Sub",
        BinOp::Mul(_) => "Mul",
        BinOp::Div(_) => "Div",
        BinOp::Rem(_) => "Rem",
        BinOp::BitXor(_) => "BitXor",
        BinOp::BitAnd(_) => "BitAnd",
        BinOp::BitOr(_) => "BitOr",
        BinOp::Shl(_) => "Shl",
        BinOp::Shr(_) => "Shr",
        BinOp::AddAssign(_) => "AddAssign",
        BinOp::SubAssign(_) => "SubAssign",
        BinOp::MulAssign(_) => "MulAssign",
        BinOp::DivAssign(_) => "DivAssign",
        BinOp::RemAssign(_) => "RemAssign",
        BinOp::BitXorAssign(_) => "BitXorAssign",
        BinOp::BitAndAssign(_) => "BitAndAssign",
        BinOp::BitOrAssign(_) => "BitOrAssign",
        BinOp::ShlAssign(_) => "ShlAssign",
        BinOp::ShrAssign(_) => "ShrAssign",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gated_traits_are_sorted_and_operators_are_among_them() {
        assert!(OPERATORS.is_sorted());
        let operator: BinOp = syn::parse_quote!(<<=);
        assert!(gated(of_operator(&operator).unwrap()).is_some());
        assert!(of_operator(&syn::parse_quote!(==)).is_none());
        assert!(gated("Drop").is_none() && gated("Iterator").is_some());
    }
}
