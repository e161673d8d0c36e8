//! A thousand payments in as few bytes as will do, and which of them fit.

use super::Wanted;
use super::columns::{self, Columns};
use super::fold::fold_into;
use super::needle::{Bytes, Needle};
use super::words::Hits;
use crate::window::{Proof, Stands};
use domain::TradeType;

/// At most so many payments are in a block: a whole number of mask words.
pub(super) const ROWS: usize = 1024;
/// After every text. No text has this byte, so no match goes over a border.
pub(super) const END: u8 = 0xff;
/// Amounts from here on, and unknown ones, stand apart.
const ODD: u32 = u32::MAX;
/// Of what was not paid there is no time; times that are further away than a day or so stand apart.
const UNPAID: u16 = u16::MAX;
const FAR: u16 = UNPAID - 1;

/// One bit a payment.
pub(super) type Mask = [u64; ROWS / 64];

// Flags of a payment: the place in `Stands::ALL`, the place in `TradeType::ALL` or 7, then two bits each for
// notice, query and bill (applies, there), then these.
const KIND: u32 = 4;
const PROOF: u32 = 7;
const DISAGREES: u16 = 1 << 13;
const UNRESOLVED: u16 = 1 << 14;
const NO_KIND: u16 = 7;
/// By place in `Stands::ALL`, where money came in.
const PAID: u16 = {
    let (mut bits, mut place) = (0, 0);
    while place < Stands::ALL.len() {
        bits |= (Stands::ALL[place].was_paid() as u16) << place;
        place += 1;
    }
    bits
};

/// All that is kept of a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) created: i64,
    pub(super) total: Option<i64>,
    pub(super) refunded: i64,
    flags: u16,
    /// When it was paid, if it was and that is known. A second is all that is told.
    pub(super) paid: Option<i64>,
    /// When a notice that is missing becomes a disagreement.
    pub(super) due: Option<i64>,
    /// Places of body, attach and payer in their dictionaries; 0 for none.
    pub(super) words: [u32; 3],
    /// The merchant's number and WeChat Pay's, folded, where they can be kept upright ([`columns::fits`]).
    numbers: [Vec<u8>; 2],
    /// Everything else that is searched, folded, each text with its [`END`].
    pub(super) text: Vec<u8>,
}

impl Line {
    /// Empties it for the texts of another payment.
    pub(super) fn clear(&mut self) {
        self.numbers.iter_mut().for_each(Vec::clear);
        self.text.clear();
        self.words = [0; 3];
    }

    /// Takes the merchant's number (0) or WeChat Pay's (1).
    pub(super) fn number(&mut self, which: usize, number: &str) {
        let kept = &mut self.numbers[which];
        kept.clear();
        fold_into(number, kept);
        if !columns::fits(kept) {
            self.text.append(kept);
            self.text.push(END);
        }
    }

    pub(super) fn key(&self) -> (i64, i64) {
        (self.created, self.id)
    }

    /// The moment by which it belongs to a day: as with a day's takings, when it was paid.
    fn counts_at(&self) -> i64 {
        self.paid.unwrap_or(self.created)
    }

    pub(super) fn flag(&mut self, proof: &Proof, kind: Option<TradeType>, disagrees: bool, unresolved: bool) {
        let place = Stands::ALL.iter().position(|stands| *stands == proof.stands).unwrap_or(0);
        let kind = kind.and_then(|kind| TradeType::ALL.iter().position(|known| *known == kind));
        let mut flags = small(place) | kind.map_or(NO_KIND, small) << KIND;
        for source in 0..3 {
            let bits = u16::from(proof.applies[source]) | u16::from(proof.there[source]) << 1;
            flags |= bits << (PROOF + 2 * source as u32);
        }
        flags |= if disagrees { DISAGREES } else { 0 } | if unresolved { UNRESOLVED } else { 0 };
        self.flags = flags;
    }
}

/// The whole seconds from the one of an order's making to its payment, where they are few and tell it exactly.
fn seconds_after(created: i64, paid: i64) -> Option<u16> {
    let seconds = paid.div_euclid(1_000).checked_sub(created.div_euclid(1_000))?;
    u16::try_from(seconds).ok().filter(|seconds| *seconds < FAR && paid.rem_euclid(1_000) == 0)
}

fn small(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

/// Payments that follow each other in time.
#[derive(Default)]
pub(super) struct Block {
    /// (created, id) of the first and of the last.
    pub(super) first: (i64, i64),
    pub(super) last: (i64, i64),
    /// The first and the last moment at which any of them counts.
    span: (i64, i64),
    /// Empty where they count up from the first's.
    ids: Box<[i64]>,
    created: Box<[u32]>,
    /// Whole seconds after that of its making.
    paid: Box<[u16]>,
    far: Box<[(u16, i64)]>,
    total: Box<[u32]>,
    odd: Box<[(u16, Option<i64>)]>,
    refunded: Box<[(u16, i64)]>,
    due: Box<[(u16, i64)]>,
    flags: Box<[u16]>,
    /// Empty where none has any.
    body: Box<[u16]>,
    attach: Box<[u16]>,
    payer: Box<[u32]>,
    numbers: [Columns; 2],
    /// The rows that have a text beside that; empty where all have.
    with_text: Box<[u16]>,
    /// The ends of these texts.
    ends: Box<[u32]>,
    text: Box<[u8]>,
    /// The digits in each of them, a bit each: one digit alone stands nearly everywhere, and going from one such
    /// place to the next takes longer than all else.
    digits: Box<[u16]>,
    /// Those of `text`.
    bytes_in: Bytes,
}

/// A block in the making.
#[derive(Default)]
pub(super) struct Draft {
    first: (i64, i64),
    last: (i64, i64),
    span: (i64, i64),
    ids: Vec<i64>,
    created: Vec<u32>,
    paid: Vec<u16>,
    far: Vec<(u16, i64)>,
    total: Vec<u32>,
    odd: Vec<(u16, Option<i64>)>,
    refunded: Vec<(u16, i64)>,
    due: Vec<(u16, i64)>,
    flags: Vec<u16>,
    words: [Vec<u32>; 3],
    numbers: [(Vec<u8>, Vec<u32>); 2],
    with_text: Vec<u16>,
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl Draft {
    /// Takes a line that comes after all before it; `false` if it is full, or the line is too far away.
    pub(super) fn push(&mut self, line: &Line) -> bool {
        let row = self.ids.len();
        let counts = line.counts_at();
        if row == 0 {
            self.first = line.key();
            self.span = (counts, counts);
        }
        let away = line.created.checked_sub(self.first.0).and_then(|away| u32::try_from(away).ok());
        let end = u32::try_from(self.text.len() + line.text.len());
        let (Some(away), Ok(end), true) = (away, end, row < ROWS) else { return false };
        let at = small(row);
        self.last = line.key();
        self.span = (self.span.0.min(counts), self.span.1.max(counts));
        self.ids.push(line.id);
        self.created.push(away);
        match line.paid.map(|paid| seconds_after(line.created, paid)) {
            None => self.paid.push(UNPAID),
            Some(Some(seconds)) => self.paid.push(seconds),
            Some(None) => {
                self.paid.push(FAR);
                self.far.push((at, counts));
            }
        }
        match line.total.and_then(|total| u32::try_from(total).ok()).filter(|total| *total != ODD) {
            Some(total) => self.total.push(total),
            None => {
                self.total.push(ODD);
                self.odd.push((at, line.total));
            }
        }
        if line.refunded != 0 {
            self.refunded.push((at, line.refunded));
        }
        self.due.extend(line.due.map(|due| (at, due)));
        self.flags.push(line.flags);
        for (column, word) in self.words.iter_mut().zip(line.words) {
            column.push(word);
        }
        for ((text, ends), number) in self.numbers.iter_mut().zip(&line.numbers) {
            text.extend_from_slice(number);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        if !line.text.is_empty() {
            self.text.extend_from_slice(&line.text);
            self.with_text.push(at);
            self.ends.push(end);
        }
        true
    }

    /// The block, unless nothing was put in. The draft is empty again.
    pub(super) fn finish(&mut self) -> Option<Block> {
        if self.ids.is_empty() {
            return None;
        }
        let counts_up = (self.ids.iter().zip(self.first.1..)).all(|(id, expected)| *id == expected);
        fn used<T: Copy + TryFrom<u32> + Default>(column: &mut Vec<u32>) -> Box<[T]> {
            let any = column.iter().any(|word| *word != 0);
            let taken = column.drain(..);
            if any { taken.map(|word| T::try_from(word).unwrap_or_default()).collect() } else { [].into() }
        }
        fn taken<T: Clone>(column: &mut Vec<T>) -> Box<[T]> {
            let exact = column.as_slice().into();
            column.clear();
            exact
        }
        if self.with_text.len() == self.ids.len() {
            self.with_text.clear();
        }
        let [body, attach, payer] = &mut self.words;
        let block = Block {
            first: self.first,
            last: self.last,
            span: self.span,
            ids: if counts_up { [].into() } else { self.ids.as_slice().into() },
            created: taken(&mut self.created),
            paid: taken(&mut self.paid),
            far: taken(&mut self.far),
            total: taken(&mut self.total),
            odd: taken(&mut self.odd),
            refunded: taken(&mut self.refunded),
            due: taken(&mut self.due),
            flags: taken(&mut self.flags),
            body: used(body),
            attach: used(attach),
            payer: used(payer),
            numbers: self.numbers.each_ref().map(|(text, ends)| Columns::of(text, ends)),
            with_text: taken(&mut self.with_text),
            digits: digits(&self.ends, &self.text),
            ends: taken(&mut self.ends),
            bytes_in: Bytes::of(&self.text),
            text: taken(&mut self.text),
        };
        self.ids.clear();
        for (text, ends) in &mut self.numbers {
            text.clear();
            ends.clear();
        }
        Some(block)
    }
}

/// The digits in each of the texts that stand behind each other.
fn digits(ends: &[u32], text: &[u8]) -> Box<[u16]> {
    let mut start = 0;
    let of = |end: &u32| {
        let from = std::mem::replace(&mut start, *end as usize);
        let bytes = &text[from..start];
        bytes.iter().filter(|byte| byte.is_ascii_digit()).fold(0, |bits, byte| bits | 1 << (byte - b'0'))
    };
    ends.iter().map(of).collect()
}

/// What of a payment is added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Adding {
    pub(super) count: i64,
    pub(super) paid: i64,
    pub(super) takings: i128,
    pub(super) refunded: i128,
    pub(super) disagreeing: i64,
}

impl Adding {
    /// Both together.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            paid: self.paid + other.paid,
            takings: self.takings + other.takings,
            refunded: self.refunded + other.refunded,
            disagreeing: self.disagreeing + other.disagreeing,
        }
    }
}

/// A [`Wanted`] as blocks are asked for it.
pub(super) struct Probe<'w> {
    pub(super) needle: Option<Needle<'w>>,
    /// The amount that the text reads as.
    pub(super) amount: Option<i64>,
    /// By dictionary, the places that hold the text.
    pub(super) words: [Option<Hits>; 3],
    /// By place in `Stands::ALL` and `TradeType::ALL`, whether it is wanted.
    stands: u16,
    kinds: u8,
    from: i64,
    before: i64,
    amounts: Option<(i64, i64)>,
    /// By source: whether it may be there, and whether it may be missing.
    proofs: [(bool, bool); 3],
    disagreeing: bool,
    unresolved: bool,
    now: i64,
    /// Whether flags need be looked at.
    flagged: bool,
}

impl<'w> Probe<'w> {
    pub(super) fn new(wanted: &Wanted, needle: Option<Needle<'w>>, now: i64) -> Self {
        let bit = |place: Option<usize>| place.map_or(0, |place| 1_u16 << place);
        let stands = (wanted.stands.iter())
            .fold(0, |bits, one| bits | bit(Stands::ALL.iter().position(|known| known == one)));
        let kinds = (wanted.trade_types.iter())
            .fold(0, |bits, one| bits | bit(TradeType::ALL.iter().position(|known| known == one)));
        let mut proofs = [(false, false); 3];
        for evidence in &wanted.evidence {
            let (source, there) = evidence.place();
            if there { proofs[source].0 = true } else { proofs[source].1 = true }
        }
        let bounded = wanted.min.is_some() || wanted.max.is_some();
        let amount = |fen: Option<domain::Fen>, none| fen.map_or(none, domain::Fen::get);
        Self {
            amount: wanted.amount(),
            needle,
            words: [None, None, None],
            stands: if stands == 0 { u16::MAX } else { stands },
            kinds: if kinds == 0 { u8::MAX } else { u8::try_from(kinds).unwrap_or(u8::MAX) },
            from: wanted.from.map_or(i64::MIN, domain::Timestamp::millis),
            before: wanted.to.map_or(i64::MAX, domain::Timestamp::millis),
            amounts: bounded.then(|| (amount(wanted.min, i64::MIN), amount(wanted.max, i64::MAX))),
            flagged: stands != 0
                || kinds != 0
                || !wanted.evidence.is_empty()
                || wanted.disagreeing
                || wanted.unresolved,
            proofs,
            disagreeing: wanted.disagreeing,
            unresolved: wanted.unresolved,
            now,
        }
    }
}

/// So many rows from the first on.
fn first(rows: usize) -> Mask {
    let mut mask = Mask::default();
    for (at, word) in mask.iter_mut().enumerate() {
        let here = rows.saturating_sub(at * 64).min(64);
        *word = u64::MAX.checked_shr(u32::try_from(64 - here).unwrap_or(0)).unwrap_or(0);
    }
    mask
}

fn set(mask: &mut Mask, row: usize) {
    mask[row / 64] |= 1 << (row % 64);
}

/// Sets the bits of the rows that `fits` says.
fn fill(mask: &mut Mask, rows: usize, mut fits: impl FnMut(usize) -> bool) {
    for (word, start) in mask.iter_mut().zip((0..rows).step_by(64)) {
        for bit in 0..(rows - start).min(64) {
            *word |= u64::from(fits(start + bit)) << bit;
        }
    }
}

/// The same by the values of a column, which may be empty.
fn fill_by<T>(mask: &mut Mask, column: &[T], fits: impl Fn(&T) -> bool) {
    for (word, values) in mask.iter_mut().zip(column.chunks(64)) {
        for (bit, value) in values.iter().enumerate() {
            *word |= u64::from(fits(value)) << bit;
        }
    }
}

fn keep(mask: &mut Mask, rows: usize, fits: impl FnMut(usize) -> bool) {
    let mut kept = Mask::default();
    fill(&mut kept, rows, fits);
    for (word, kept) in mask.iter_mut().zip(kept) {
        *word &= kept;
    }
}

/// The rows of a mask, the newest first.
pub(super) fn newest_first(mask: &Mask) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().rev().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = 63_u32.checked_sub(left.leading_zeros())?;
            left &= !(1 << bit);
            Some(at * 64 + bit as usize)
        })
    })
}

impl Block {
    pub(super) fn rows(&self) -> usize {
        self.flags.len()
    }

    pub(super) fn id(&self, row: usize) -> i64 {
        self.ids.get(row).copied().unwrap_or_else(|| self.first.1.saturating_add_unsigned(row as u64))
    }

    pub(super) fn created(&self, row: usize) -> i64 {
        self.first.0.saturating_add(i64::from(self.created[row]))
    }

    fn paid(&self, row: usize) -> Option<i64> {
        match self.paid[row] {
            UNPAID => None,
            FAR => self.far.iter().find(|(at, _)| usize::from(*at) == row).map(|(_, paid)| *paid),
            seconds => Some((self.created(row).div_euclid(1_000) + i64::from(seconds)) * 1_000),
        }
    }

    /// Where the payment of this id is.
    pub(super) fn row_of(&self, id: i64) -> Option<usize> {
        if self.ids.is_empty() {
            let row = usize::try_from(id.checked_sub(self.first.1)?).ok()?;
            return Some(row).filter(|row| *row < self.rows());
        }
        self.ids.iter().position(|known| *known == id)
    }

    fn total(&self, row: usize) -> Option<i64> {
        match self.total[row] {
            ODD => self.odd.iter().find(|(at, _)| usize::from(*at) == row).and_then(|(_, total)| *total),
            total => Some(i64::from(total)),
        }
    }

    pub(super) fn line(&self, row: usize) -> Line {
        let beside = |column: &[(u16, i64)]| {
            column.iter().find(|(at, _)| usize::from(*at) == row).map(|(_, value)| *value)
        };
        Line {
            id: self.id(row),
            created: self.created(row),
            total: self.total(row),
            refunded: beside(&self.refunded).unwrap_or(0),
            flags: self.flags[row],
            paid: self.paid(row),
            due: beside(&self.due),
            words: [
                self.body.get(row).copied().map_or(0, u32::from),
                self.attach.get(row).copied().map_or(0, u32::from),
                self.payer.get(row).copied().unwrap_or(0),
            ],
            numbers: self.numbers.each_ref().map(|numbers| numbers.text(row)),
            text: self.text_of(row).to_vec(),
        }
    }

    /// What is searched of a payment beside its numbers and words.
    fn text_of(&self, row: usize) -> &[u8] {
        let at = match &*self.with_text {
            [] if self.ends.is_empty() => return &[],
            [] => row,
            rows => match rows.binary_search(&small(row)) {
                Ok(at) => at,
                Err(_) => return &[],
            },
        };
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize]
    }

    /// The payments that fit.
    pub(super) fn mask(&self, probe: &Probe<'_>) -> Mask {
        let mut mask = Mask::default();
        let rows = self.rows();
        if self.span.1 < probe.from || self.span.0 >= probe.before {
            return mask;
        }
        match &probe.needle {
            Some(needle) => {
                self.find(needle, &mut mask);
                self.find_words(probe, &mut mask);
                if let Some(amount) = probe.amount {
                    match u32::try_from(amount).ok().filter(|amount| *amount != ODD) {
                        Some(amount) => {
                            // Few amounts are in many blocks, and counting takes a fraction of marking.
                            let count: u32 = self.total.iter().map(|total| u32::from(*total == amount)).sum();
                            if count > 0 {
                                fill_by(&mut mask, &self.total, |total| *total == amount);
                            }
                        }
                        None => fill(&mut mask, rows, |row| self.total(row) == Some(amount)),
                    }
                }
                if mask == Mask::default() {
                    return mask;
                }
            }
            None => mask = first(rows),
        }
        if self.span.0 < probe.from || self.span.1 >= probe.before {
            keep(&mut mask, rows, |row| {
                let counts = self.paid(row).unwrap_or_else(|| self.created(row));
                (probe.from..probe.before).contains(&counts)
            });
        }
        if let Some((min, max)) = probe.amounts {
            keep(&mut mask, rows, |row| self.total(row).is_some_and(|total| (min..=max).contains(&total)));
        }
        if probe.flagged {
            let late = self.late(probe.now);
            keep(&mut mask, rows, |row| {
                let flags = self.flags[row];
                let proofs = probe.proofs.iter().enumerate().all(|(source, (there, missing))| {
                    let bits = flags >> (PROOF + 2 * source as u32);
                    let (applies, is_there) = (bits & 1 == 1, bits & 2 == 2);
                    (!there && !missing) || (*there && is_there) || (*missing && applies && !is_there)
                });
                let disagrees = flags & DISAGREES != 0 || late[row / 64] >> (row % 64) & 1 == 1;
                (probe.stands >> (flags & 0xf)) & 1 == 1
                    && (probe.kinds >> ((flags >> KIND) & 7)) & 1 == 1
                    && proofs
                    && (!probe.disagreeing || disagrees)
                    && (!probe.unresolved || flags & UNRESOLVED != 0)
            });
        }
        mask
    }

    /// Those that should have been told of by now.
    fn late(&self, now: i64) -> Mask {
        let mut late = Mask::default();
        for (row, due) in &self.due {
            if *due < now {
                set(&mut late, usize::from(*row));
            }
        }
        late
    }

    fn find(&self, needle: &Needle<'_>, mask: &mut Mask) {
        if let Some(number) = needle.upright() {
            let rows = first(self.rows());
            self.numbers.iter().for_each(|numbers| numbers.find(number, &rows, mask));
        }
        let row = |at: usize| self.with_text.get(at).map_or(at, |row| usize::from(*row));
        if let Some(digit) = needle.digit() {
            let there = self.digits.iter().enumerate().filter(|(_, digits)| **digits >> digit & 1 == 1);
            there.for_each(|(at, _)| set(mask, row(at)));
        } else if needle.can_be_in(self.bytes_in) {
            needle.each(&self.text, &self.ends, |at| set(mask, row(at)));
        }
    }

    fn find_words(&self, probe: &Probe<'_>, mask: &mut Mask) {
        let rows = self.rows();
        if *mask == first(rows) {
            return;
        }
        let [body, attach, payer] = &probe.words;
        if let Some(hits) = body {
            fill_by(mask, &self.body, |place| hits.has(u32::from(*place)));
        }
        if let Some(hits) = attach {
            fill_by(mask, &self.attach, |place| hits.has(u32::from(*place)));
        }
        if let Some(hits) = payer {
            fill_by(mask, &self.payer, |place| hits.has(*place));
        }
    }

    /// Adds up the payments of a mask.
    pub(super) fn add(&self, mask: &Mask, now: i64, sum: &mut Adding) {
        let late = self.late(now);
        let mut takings = 0_i64;
        for (at, (flags, totals)) in self.flags.chunks(64).zip(self.total.chunks(64)).enumerate() {
            let (word, late) = (mask[at], late[at]);
            sum.count += i64::from(word.count_ones());
            if word == 0 {
                continue;
            }
            // All of them, wanted or not: that is quicker than going from one to the next.
            for (bit, (flags, total)) in flags.iter().zip(totals).enumerate() {
                let wanted = word >> bit & 1;
                let paid = wanted & u64::from(PAID >> (flags & 0xf) & 1);
                let known = paid & u64::from(*total != ODD);
                sum.paid += i64::from(paid == 1);
                takings += i64::from(*total & 0_u32.wrapping_sub(u32::from(known == 1)));
                sum.disagreeing += i64::from(wanted & (u64::from(flags & DISAGREES != 0) | late >> bit) == 1);
            }
        }
        sum.takings += i128::from(takings);
        let paid = |row: &u16| {
            let row = usize::from(*row);
            PAID >> (self.flags[row] & 0xf) & 1 == 1 && mask[row / 64] >> (row % 64) & 1 == 1
        };
        let odd = self.odd.iter().filter(|(row, _)| paid(row));
        sum.takings += odd.map(|(_, total)| i128::from(total.unwrap_or(0))).sum::<i128>();
        let refunded = self.refunded.iter().filter(|(row, _)| paid(row));
        sum.refunded += refunded.map(|(_, refunded)| i128::from(*refunded)).sum::<i128>();
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        use std::mem::size_of_val;
        size_of_val(self)
            + size_of_val(&*self.ids)
            + size_of_val(&*self.created)
            + size_of_val(&*self.paid)
            + size_of_val(&*self.far)
            + size_of_val(&*self.total)
            + size_of_val(&*self.odd)
            + size_of_val(&*self.refunded)
            + size_of_val(&*self.due)
            + size_of_val(&*self.flags)
            + size_of_val(&*self.body)
            + size_of_val(&*self.attach)
            + size_of_val(&*self.payer)
            + self.numbers.iter().map(Columns::bytes).sum::<usize>()
            + size_of_val(&*self.with_text)
            + size_of_val(&*self.ends)
            + size_of_val(&*self.text)
            + size_of_val(&*self.digits)
    }
}
