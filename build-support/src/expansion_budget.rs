//! How many tokens calls of macros by example may expand to: counts go in, whether there is room comes
//! out. Without it a call that doubles its input would never end.

/// Tokens that the calls in one item, or one call outside items, may expand to together.
pub(crate) const MAX_TOKENS: usize = 400_000;

/// An outermost call, or an item around calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spender(usize);

/// What was spent so far.
#[derive(Debug, Default)]
pub(crate) struct ExpansionBudget {
    /// By spender; the first is whoever has no other.
    spent: Vec<usize>,
}

impl ExpansionBudget {
    /// Lets another spend.
    pub(crate) fn open(&mut self) -> Spender {
        self.spent.resize(self.spent.len().max(1) + 1, 0);
        Spender(self.spent.len() - 1)
    }

    pub(crate) fn left(&self, spender: Spender) -> usize {
        MAX_TOKENS - self.spent.get(spender.0).copied().unwrap_or_default()
    }

    /// Sets what is left after calls were expanded.
    pub(crate) fn leave(&mut self, spender: Spender, left: usize) {
        if self.spent.is_empty() {
            self.spent.push(0);
        }
        self.spent[spender.0] = MAX_TOKENS.saturating_sub(left);
    }

    /// Takes an expansion in, if there is room for it; where there isn't, there is none any more.
    pub(crate) fn spend(&mut self, spender: Spender, price: usize) -> Option<()> {
        let left = self.left(spender).checked_sub(price);
        self.leave(spender, left.unwrap_or_default());
        left.map(drop)
    }
}

/// What an expansion of so many tokens takes of a budget. A small one takes as much as a longer one, for
/// calls that lead to calls are many.
pub(crate) fn price(tokens: usize) -> usize {
    tokens.max(50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_over() {
        let mut budget = ExpansionBudget::default();
        let [here, there] = [budget.open(), budget.open()];
        assert!(budget.spend(here, price(5)).is_some());
        assert_eq!(budget.left(here), MAX_TOKENS - 50);
        budget.leave(here, 49);
        assert!(budget.spend(here, price(5)).is_none());
        assert!(budget.spend(here, price(1)).is_none());
        assert!(budget.spend(there, price(5)).is_some());
    }
}
