//! Sources that nest as deeply as generated code does.

use crate::package::check;

/// A library whose `deep` reaches `inner`, at the bottom of an expression.
fn library(expression: &str, inner: u64) -> String {
    format!("pub fn deep() -> u64 {{ {expression} }}\npub fn inner() -> u64 {{ {inner} }}\n")
}

#[track_caller]
fn check_deep(expression: &str) {
    let (before, after) = (library(expression, 1), library(expression, 2));
    check(&before, &after, &["deep", "inner"]);
    check(&before, &before.replace("inner() ->", "inner()  /* one */  ->"), &[]);
}

#[test]
fn sums_of_thousands_of_terms_are_followed() {
    check_deep(&format!("inner(){}", " + 1".repeat(5_000)));
}

#[test]
fn thousands_of_parentheses_are_followed() {
    check_deep(&format!("{}inner(){}", "(".repeat(2_000), ")".repeat(2_000)));
}

#[test]
fn thousands_of_blocks_are_followed() {
    check_deep(&format!("{}inner(){}", "{ ".repeat(2_000), " }".repeat(2_000)));
}

#[test]
fn thousands_of_calls_in_a_chain_are_followed() {
    check_deep(&format!("inner(){}", ".wrapping_add(1)".repeat(3_000)));
}
