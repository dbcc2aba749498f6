//! Choices: bytes go in, numbers below a bound come out. Where the bytes run out it is the first choice
//! for ever.

pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Chooses one of up to 256 things.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        if bound <= 1 {
            return 0;
        }
        self.bytes = rest;
        usize::from(*first) % bound
    }
}

/// As many bytes as are asked for, the same for the same seed (`SplitMix64`).
pub(crate) fn of_seed(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut word = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = state;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    };
    let words = std::iter::repeat_with(|| word().to_le_bytes());
    words.flatten().take(len).collect()
}
