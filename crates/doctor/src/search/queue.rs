//! Texts that wait until there are enough of them to take their MD5 side by side.

use super::beside::Beside;
use super::md5::{self, BEGUN, BLOCK, LANES, Running, State};
use crate::presented::{Again, Way};
use wxpay::replay::{self, Digest};

/// A longer end of a text is not held: all but its last block is taken in at once.
const MOST_BLOCKS: usize = 32;
/// Fewer texts than so many are quicker one by one.
const FEW: usize = 6;
/// So many hits are kept. They are listed in the dozens; a document with more explanations has none.
const MOST_HITS: usize = 4096;

/// What was made on the way to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    mistakes: [u32; 3],
    count: u8,
    gone: [u16; 4],
    lost: u8,
}

impl Made {
    pub(super) const NOTHING: Self = Self { mistakes: [0; 3], count: 0, gone: [0; 4], lost: 0 };

    /// These mistakes, three at most.
    pub(super) fn of(mistakes: impl Iterator<Item = usize>) -> Self {
        let mut made = Self::NOTHING;
        for (place, at) in made.mistakes.iter_mut().zip(mistakes) {
            *place = u32::try_from(at).unwrap_or(u32::MAX);
            made.count += 1;
        }
        made
    }

    /// And the fields at these places of the document left out, four at most.
    pub(super) fn without(mut self, places: impl Iterator<Item = usize>) -> Self {
        for (gone, place) in self.gone.iter_mut().zip(places) {
            *gone = u16::try_from(place).unwrap_or(u16::MAX);
            self.lost += 1;
        }
        self
    }

    /// The mistakes.
    pub(super) fn mistakes(&self) -> Vec<usize> {
        self.mistakes[..usize::from(self.count)].iter().map(|at| *at as usize).collect()
    }

    /// The places of the fields that were left out besides.
    pub(super) fn gone(&self) -> impl Iterator<Item = usize> {
        self.gone[..usize::from(self.lost)].iter().map(|place| usize::from(*place))
    }
}

/// What a text's digest is looked for as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought {
    pub(super) made: Made,
    /// How many mistakes the key has, and which of the forms with so many it is.
    pub(super) rest: usize,
    pub(super) form: usize,
    /// The ways to what was presented, a bit for each.
    pub(super) ways: u64,
    /// How many were looked for before: hits are told in this order.
    pub(super) number: u64,
}

/// A digest that was looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) sought: Sought,
    pub(super) way: usize,
}

/// A way by MD5.
struct Target {
    way: usize,
    sum: State,
    again: Option<Again>,
}

/// Texts whose last blocks are so many.
struct Shelf {
    blocks: usize,
    bytes: Vec<u8>,
    states: [State; LANES],
    sought: Vec<Sought>,
}

/// The texts that wait.
pub(super) struct Queue {
    targets: Vec<Target>,
    shelves: Vec<Shelf>,
    /// Those that wait for another digest.
    beside: Beside,
    /// The ways by a digest that is taken again, a bit for each.
    again: u64,
    hits: Vec<Hit>,
}

impl Queue {
    pub(super) fn new(ways: &[Way]) -> Self {
        let target = |(way, one): (usize, &Way)| {
            let sum = md5::of_bytes(&one.target).filter(|_| one.digest == Digest::Md5)?;
            Some(Target { way, sum, again: one.again })
        };
        let targets = ways.iter().enumerate().filter_map(target).collect();
        let again = ways.iter().enumerate().take(64).filter(|(_, way)| way.again.is_some());
        Self {
            targets,
            shelves: Vec::new(),
            beside: Beside::new(ways),
            again: again.fold(0, |again, (way, _)| again | 1 << way),
            hits: Vec::new(),
        }
    }

    /// Takes in a text that ends with these parts; `state` has the `taken` bytes before them.
    pub(super) fn push(&mut self, state: State, taken: u64, parts: &[&[u8]], sought: Sought) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let blocks = md5::blocks(len);
        if blocks > MOST_BLOCKS {
            let mut running = Running::at(state, taken);
            parts.iter().for_each(|part| running.take(part));
            // Less than a block is left now.
            let held = running.held();
            self.shelve(running.state, running.taken, &[held], held.len(), sought);
        } else {
            self.shelve(state, taken, parts, len, sought);
        }
    }

    fn shelve(&mut self, state: State, taken: u64, parts: &[&[u8]], len: usize, sought: Sought) {
        let blocks = md5::blocks(len);
        while self.shelves.len() < blocks {
            let blocks = self.shelves.len() + 1;
            self.shelves.push(Shelf {
                blocks,
                bytes: Vec::new(),
                states: [BEGUN; LANES],
                sought: Vec::new(),
            });
        }
        let shelf = &mut self.shelves[blocks - 1];
        let size = blocks * BLOCK;
        if shelf.bytes.is_empty() {
            shelf.bytes = vec![0; size * LANES];
            shelf.sought.reserve(LANES);
        }
        let lane = shelf.sought.len();
        let room = &mut shelf.bytes[lane * size..(lane + 1) * size];
        let mut at = 0;
        for part in parts {
            room[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        md5::pad(room, len, taken + len as u64);
        shelf.states[lane] = state;
        shelf.sought.push(sought);
        if shelf.sought.len() == LANES {
            shelf.digest(&self.targets, &mut self.hits);
        }
    }

    /// Whether a text whose digest is looked for as this can wait for another digest than MD5.
    pub(super) const fn takes_others(&self, ways: u64) -> bool {
        ways & self.again == 0
    }

    /// Takes in a text for another digest, of which `begun` has all before these parts.
    pub(super) fn begin(&mut self, begun: replay::Running, parts: [&[u8]; 2]) {
        self.beside.begin(begun, parts, &mut self.hits);
    }

    /// And one of its endings.
    pub(super) fn end(&mut self, parts: &[&[u8]], sought: Sought) {
        self.beside.end(parts, sought, &mut self.hits);
    }

    /// Notes a hit of another digest.
    pub(super) fn hit(&mut self, hit: Hit) {
        note(&mut self.hits, hit);
    }

    /// All hits up to here, those that were looked for first first.
    pub(super) fn hits(&mut self) -> Vec<Hit> {
        for shelf in &mut self.shelves {
            shelf.digest(&self.targets, &mut self.hits);
        }
        self.beside.settle(&mut self.hits);
        let mut hits = std::mem::take(&mut self.hits);
        hits.sort_by_key(|hit| (hit.sought.number, hit.way));
        hits
    }
}

impl Drop for Shelf {
    /// Keys stand in there.
    fn drop(&mut self) {
        self.bytes.fill(0);
        std::hint::black_box(&mut self.bytes);
    }
}

impl Shelf {
    /// Takes the digests of all that wait here.
    fn digest(&mut self, targets: &[Target], hits: &mut Vec<Hit>) {
        let size = self.blocks * BLOCK;
        let used = self.sought.len();
        if used >= FEW {
            self.side_by_side(used);
        } else {
            for (state, text) in self.states.iter_mut().zip(self.bytes.chunks_exact(size)).take(used) {
                text.chunks_exact(BLOCK).for_each(|block| md5::take(state, block));
            }
        }
        for (state, sought) in self.states.iter().zip(self.sought.drain(..)) {
            let asked = targets.iter().filter(|target| sought.ways >> target.way & 1 == 1);
            for target in asked.filter(|target| sum(target.again, state) == target.sum) {
                note(hits, Hit { sought, way: target.way });
            }
        }
    }

    fn side_by_side(&mut self, used: usize) {
        let size = self.blocks * BLOCK;
        let mut lanes = [[0; LANES]; 4];
        for (lane, state) in self.states.iter().enumerate() {
            for (word, lanes) in state.iter().zip(&mut lanes) {
                lanes[lane] = *word;
            }
        }
        let mut words = [[0; LANES]; 16];
        for block in 0..self.blocks {
            for lane in 0..used {
                let begin = lane * size + block * BLOCK;
                let text = self.bytes[begin..begin + BLOCK].as_chunks::<4>().0;
                for (bytes, word) in text.iter().zip(&mut words) {
                    word[lane] = u32::from_le_bytes(*bytes);
                }
            }
            md5::compress(&mut lanes, &words);
        }
        for (lane, state) in self.states.iter_mut().enumerate() {
            *state = [lanes[0][lane], lanes[1][lane], lanes[2][lane], lanes[3][lane]];
        }
    }
}

pub(super) fn note(hits: &mut Vec<Hit>, hit: Hit) {
    if hits.len() < MOST_HITS {
        hits.push(hit);
    }
}

/// The digest that counts: the first one, or that of it.
fn sum(again: Option<Again>, first: &State) -> State {
    let bytes = md5::bytes(first);
    let hex = |digits: &[u8; 16]| {
        let mut hex = [0; 32];
        for (pair, byte) in hex.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            *pair = [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
        }
        md5::of_short(&hex)
    };
    match again {
        None => *first,
        Some(Again::Capitals) => hex(b"0123456789ABCDEF"),
        Some(Again::Small) => hex(b"0123456789abcdef"),
        Some(Again::Bytes) => md5::of_short(&bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Sought = Sought { made: Made::NOTHING, rest: 0, form: 0, ways: 0, number: 0 };

    /// Every text is found by its own digest, and by the digest of it, among many of other lengths; and by no other.
    #[test]
    fn each_text_is_found_by_its_digest_alone() {
        let text: Vec<u8> = (0..=255).cycle().take(3000).collect();
        let lens: Vec<usize> = (0..260).chain([2039, 2040, 2500, 3000]).collect();
        let ways: Vec<Way> = lens
            .iter()
            .zip([None, Some(Again::Capitals), Some(Again::Small), Some(Again::Bytes)].into_iter().cycle())
            .take(64)
            .map(|(len, again)| {
                let sum = Digest::Md5.of(&text[..*len * 4 % 3001], b"");
                let sum = again.map_or(sum, |again| again.of(&sum, Digest::Md5, b""));
                Way { target: sum.bytes().to_vec(), digest: Digest::Md5, again, proven: Vec::new() }
            })
            .collect();
        let mut queue = Queue::new(&ways);
        let mut number = 0;
        for len in (0..=3000).chain((0..=3000).rev()) {
            for cut in [0, 64, 640] {
                if cut <= len {
                    let mut running = Running::at(BEGUN, 0);
                    running.take(&text[..cut]);
                    let (before, behind) = text[cut..len].split_at((len - cut) / 3);
                    let sought = Sought { form: len, ways: u64::MAX, number, ..NOBODY };
                    queue.push(running.state, running.taken, &[before, b"", behind], sought);
                    number += 1;
                }
            }
        }
        let hits = queue.hits();
        for (way, len) in (0..64).zip(&lens) {
            let len = *len * 4 % 3001;
            let found: Vec<usize> =
                hits.iter().filter(|hit| hit.way == way).map(|hit| hit.sought.form).collect();
            let cuts = [0, 64, 640].into_iter().filter(|cut| *cut <= len).count();
            assert_eq!(found, vec![len; cuts * 2], "{way}");
        }
        assert!(hits.is_sorted_by_key(|hit| hit.sought.number));
        assert!(queue.hits().is_empty());
    }

    #[test]
    fn only_the_ways_asked_for_are_looked_at() {
        let sum = Digest::Md5.of(b"a", b"");
        let way = Way { target: sum.bytes().to_vec(), digest: Digest::Md5, again: None, proven: Vec::new() };
        let mut queue = Queue::new(&[way.clone(), way]);
        queue.push(BEGUN, 0, &[b"a"], Sought { ways: 0b10, ..NOBODY });
        let hits = queue.hits();
        assert_eq!(hits.iter().map(|hit| hit.way).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_was_made_is_told_as_it_was() {
        let made = Made::of([7, 3].into_iter()).without([255, 256].into_iter());
        assert_eq!((made.mistakes(), made.gone().collect::<Vec<_>>()), (vec![7, 3], vec![255, 256]));
    }
}
