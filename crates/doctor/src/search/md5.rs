//! MD5 of many texts at a time. A search takes hundreds of thousands of digests that do not wait for each other, and
//! a processor that goes through them side by side takes a quarter of the time. The compiler makes that of plain
//! loops: nothing here is written for one processor. docs/decisions/doctors-md5.md says why it is our own.

/// MD5 takes in so many bytes at a time.
pub(super) const BLOCK: usize = 64;

/// So many texts go side by side: so many that the compiler keeps the loops over them, which it then makes wide.
pub(super) const LANES: usize = 32;

/// What MD5 has after whole blocks.
pub(super) type State = [u32; 4];

/// What it has before the first one.
pub(super) const BEGUN: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// RFC 1321, 3.4: the sines of 1 to 64 radians.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// One step in all lanes: `out` is turned by so many bits and gets `x`.
#[inline(always)]
fn turn<const N: usize>(
    out: &mut [u32; N],
    [x, y, z]: [&[u32; N]; 3],
    mix: impl Fn(u32, u32, u32) -> u32,
    word: &[u32; N],
    (sine, by): (u32, u32),
) {
    for lane in 0..N {
        let mixed = out[lane].wrapping_add(mix(x[lane], y[lane], z[lane]));
        let sum = mixed.wrapping_add(word[lane]).wrapping_add(sine);
        out[lane] = sum.rotate_left(by).wrapping_add(x[lane]);
    }
}

/// Sixteen steps; `word` says which word each of them takes in.
#[inline(always)]
fn round<const N: usize>(
    state: &mut [[u32; N]; 4],
    words: &[[u32; N]; 16],
    sines: &[u32],
    bits: [u32; 4],
    how: (impl Fn(usize) -> usize, impl Fn(u32, u32, u32) -> u32 + Copy),
) {
    let [a, b, c, d] = state;
    let (word, mix) = how;
    for (at, sine) in (0..16).step_by(4).zip(sines.chunks_exact(4)) {
        turn(a, [b, c, d], mix, &words[word(at) & 15], (sine[0], bits[0]));
        turn(d, [a, b, c], mix, &words[word(at + 1) & 15], (sine[1], bits[1]));
        turn(c, [d, a, b], mix, &words[word(at + 2) & 15], (sine[2], bits[2]));
        turn(b, [c, d, a], mix, &words[word(at + 3) & 15], (sine[3], bits[3]));
    }
}

/// Takes in one block in each lane, given word by word.
pub(super) fn compress<const N: usize>(state: &mut [[u32; N]; 4], words: &[[u32; N]; 16]) {
    let before = *state;
    let [first, second, third, fourth] = [&SINES[..16], &SINES[16..32], &SINES[32..48], &SINES[48..]];
    round(state, words, first, [7, 12, 17, 22], (|at| at, |x, y, z| z ^ x & (y ^ z)));
    round(state, words, second, [5, 9, 14, 20], (|at| 5 * at + 1, |x, y, z| y ^ z & (x ^ y)));
    round(state, words, third, [4, 11, 16, 23], (|at| 3 * at + 5, |x, y, z| x ^ y ^ z));
    round(state, words, fourth, [6, 10, 15, 21], (|at| 7 * at, |x, y, z| y ^ (x | !z)));
    for (now, before) in state.iter_mut().zip(&before) {
        for lane in 0..N {
            now[lane] = now[lane].wrapping_add(before[lane]);
        }
    }
}

/// The words of a block, each `N` times over.
fn words(block: &[u8]) -> [[u32; 1]; 16] {
    let mut words = [[0]; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = [u32::from_le_bytes(*bytes)];
    }
    words
}

/// Takes in one block of one text.
pub(super) fn take(state: &mut State, block: &[u8]) {
    let mut lanes = state.map(|word| [word]);
    compress(&mut lanes, &words(block));
    *state = lanes.map(|[word]| word);
}

/// The digest's sixteen bytes.
pub(super) fn bytes(state: &State) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (out, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *out = word.to_le_bytes();
    }
    bytes
}

/// What gives these sixteen bytes; `None` if they are not so many.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<State> {
    let bytes: &[u8; 16] = bytes.try_into().ok()?;
    let mut state = State::default();
    for (word, bytes) in state.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    Some(state)
}

/// Writes a text's end behind it: `room` holds the text's last bytes, `held` of them, and is so many whole blocks as
/// they and the end need; `len` is the whole text's length in bytes.
pub(super) fn pad(room: &mut [u8], held: usize, len: u64) {
    let end = room.len().saturating_sub(8);
    room[held..end].fill(0);
    room[held] = 0x80;
    room[end..].copy_from_slice(&(len << 3).to_le_bytes());
}

/// How many blocks so many last bytes and the text's end need.
pub(super) const fn blocks(held: usize) -> usize {
    (held + 9).div_ceil(BLOCK)
}

/// The digest of a text so short that it is one block: at most 55 bytes.
pub(super) fn of_short(text: &[u8]) -> State {
    let mut room = [0; BLOCK];
    let held = text.len().min(BLOCK - 9);
    room[..held].copy_from_slice(&text[..held]);
    pad(&mut room, held, held as u64);
    let mut state = BEGUN;
    take(&mut state, &room);
    state
}

/// MD5 that has taken in a part of its text.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) state: State,
    /// How many bytes are in `state`: whole blocks.
    pub(super) taken: u64,
    held: [u8; BLOCK],
    len: usize,
}

impl Running {
    /// That has taken in so many bytes, which gave `state`.
    pub(super) const fn at(state: State, taken: u64) -> Self {
        Self { state, taken, held: [0; BLOCK], len: 0 }
    }

    /// What it holds back, less than a block.
    pub(super) fn held(&self) -> &[u8] {
        &self.held[..self.len]
    }

    /// Takes in more of the text.
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        if self.len > 0 {
            let fits = bytes.len().min(BLOCK - self.len);
            let (now, later) = bytes.split_at(fits);
            self.held[self.len..self.len + fits].copy_from_slice(now);
            self.len += fits;
            bytes = later;
            if self.len < BLOCK {
                return;
            }
            take(&mut self.state, &self.held);
            self.taken += BLOCK as u64;
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for block in blocks {
            take(&mut self.state, block);
        }
        self.taken += (blocks.len() * BLOCK) as u64;
        self.held[..rest.len()].copy_from_slice(rest);
        self.len = rest.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxpay::replay::Digest;

    #[test]
    fn running_is_the_librarys_md5_wherever_it_is_cut() {
        let text: Vec<u8> = (0..=255).cycle().take(300).collect();
        for len in 0..text.len() {
            for cut in [0, 1, 55, 63, 64, 65, 127, 128, 200] {
                let (before, behind) = text[..len].split_at(cut.min(len));
                let mut running = Running::at(BEGUN, 0);
                running.take(before);
                running.take(behind);
                let mut room = vec![0; blocks(running.held().len()) * BLOCK];
                room[..running.held().len()].copy_from_slice(running.held());
                pad(&mut room, running.held().len(), len as u64);
                room.chunks_exact(BLOCK).for_each(|block| take(&mut running.state, block));
                assert_eq!(bytes(&running.state), Digest::Md5.of(&text[..len], b"").bytes(), "{len} {cut}");
                assert_eq!(of_bytes(&bytes(&running.state)), Some(running.state));
            }
        }
    }

    #[test]
    fn a_short_text_is_one_block() {
        for len in [0, 16, 32, 55] {
            let text = vec![b'a'; len];
            assert_eq!(bytes(&of_short(&text)), Digest::Md5.of(&text, b"").bytes());
        }
        assert_eq!([0, 55, 56, 64, 119, 120].map(blocks), [1, 1, 2, 2, 2, 3]);
    }
}
