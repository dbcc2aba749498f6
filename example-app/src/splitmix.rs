//! SplitMix64 (Steele, Lea and Flood 2014): well-spread 64-bit numbers from any seed.

/// Spreads a number over all 64 bits.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_sequence_is_made() {
        assert_eq!(super::mix(0), 0xe220_a839_7b1d_cdaf);
    }
}
