//! Sixteen bytes looked at in one step: names and values are about that long, so that most of them need no loop,
//! and no guess of the processor about where it ends.

use wide::u8x16;

/// Sixteen bytes that stand together. What is asked of them is answered by a bit for each, the lowest for the first.
#[derive(Clone, Copy)]
pub(super) struct Sixteen(u8x16);

impl Sixteen {
    /// The first sixteen; `None` if there are fewer.
    #[inline]
    pub(super) fn first(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(|chunk| Self(u8x16::new(*chunk)))
    }

    /// Where `byte` stands.
    #[inline]
    pub(super) fn equal(self, byte: u8) -> u32 {
        self.0.simd_eq(u8x16::splat(byte)).to_bitmask()
    }

    /// Where both are the same.
    #[inline]
    pub(super) fn same(self, other: Self) -> u32 {
        self.0.simd_eq(other.0).to_bitmask()
    }

    /// Where a control character stands, tab and line feed among them, or a byte from 0xEF on, of which some begin
    /// characters that XML forbids.
    #[inline]
    pub(super) fn suspicious(self) -> u32 {
        // Below the space or from 0xEF on, in one comparison.
        let above = self.0 - u8x16::splat(0x20);
        above.max(u8x16::splat(0xCF)).simd_eq(above).to_bitmask()
    }

    /// How many of the first can be part of a name: letters, digits, `_`, `-` and `.` of ASCII.
    #[inline]
    pub(super) fn name_len(self) -> usize {
        let splat = u8x16::splat;
        // One of `from` and the `more` after it; what is below `from` becomes a large number.
        let among = |bytes: u8x16, from: u8, more: u8| {
            let above = bytes - splat(from);
            above.min(splat(more)).simd_eq(above)
        };
        // The bit that tells small letters from capital ones; it makes no letter of what is none.
        let letter = among(self.0 | splat(0x20), b'a', 25);
        // `-`, `.`, `/` and the digits, of which `/` is not wanted.
        let mark = among(self.0, b'-', b'9' - b'-') & !self.0.simd_eq(splat(b'/'));
        let line = self.0.simd_eq(splat(b'_'));
        ((letter | mark | line).to_bitmask().trailing_ones() as usize).min(16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::is_name_byte;

    #[test]
    fn each_byte_at_each_place_is_told_apart() {
        for byte in 0..=255_u8 {
            for place in 0..16 {
                for around in [b'a', b'>', 0, 0xFF] {
                    let mut bytes = [around; 16];
                    bytes[place] = byte;
                    let here = Sixteen::first(&bytes).unwrap();
                    let bits = |of: &dyn Fn(u8) -> bool| {
                        bytes.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(of(*byte)) << at)
                    };
                    for wanted in [b'<', b'&', b']', b'>', byte, around] {
                        assert_eq!(here.equal(wanted), bits(&|byte| byte == wanted), "{byte} at {place}");
                    }
                    assert_eq!(
                        here.suspicious(),
                        bits(&|byte| !(0x20..0xEF).contains(&byte)),
                        "{byte} at {place}"
                    );
                    let other = Sixteen::first(&[around; 16]).unwrap();
                    assert_eq!(here.same(other), bits(&|byte| byte == around), "{byte} at {place}");
                    let len = bytes.iter().take_while(|byte| is_name_byte(**byte)).count();
                    assert_eq!(here.name_len(), len, "{byte} at {place}");
                }
            }
        }
        assert!(Sixteen::first(&[b'a'; 15]).is_none());
    }
}
