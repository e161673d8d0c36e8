//! One merchant's payments in memory, from old to new.

use super::block::{Adding, Block, Draft, Line, Mask, Probe, ROWS, newest_first};
use super::fold::folded;
use super::needle::Needle;
use super::words::Words;
use super::{Sums, Wanted};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many blocks are a part. For fewer a second thread costs more than it saves.
const PART: usize = 64;

/// The payments. Their order is that of a list read from its end: by (created, id).
pub(super) struct Arena {
    blocks: Vec<Block>,
    draft: Draft,
    /// Of bodies, attachments and payers.
    pub(super) words: [Words; 3],
    rows: usize,
    newest_id: i64,
}

/// Which payments fit.
pub(super) struct Found {
    /// By block.
    masks: Vec<Mask>,
    counts: Vec<usize>,
    pub(super) total: usize,
}

impl Arena {
    pub(super) fn new() -> Self {
        // The places of the first two stand in 16 bits.
        let words = [Words::new(1 << 14, 0xffff), Words::new(1 << 14, 0xffff), Words::new(1 << 17, 1 << 22)];
        Self { blocks: Vec::new(), draft: Draft::default(), words, rows: 0, newest_id: 0 }
    }

    /// Takes the next line of the first filling: after all before it.
    pub(super) fn push(&mut self, line: &Line) {
        if !self.draft.push(line) {
            self.blocks.extend(self.draft.finish());
            self.draft.push(line);
        }
        self.rows += 1;
        self.newest_id = self.newest_id.max(line.id);
    }

    /// Ends the first filling.
    pub(super) fn finish(&mut self) {
        self.blocks.extend(self.draft.finish());
        self.draft = Draft::default();
    }

    /// Where the payment of this id is, whatever was known of it.
    fn place(&self, line: &Line) -> Option<(usize, usize)> {
        if line.id > self.newest_id {
            return None;
        }
        // Where it would be if the time of its making has not changed; else wherever.
        let at = self.blocks.partition_point(|block| block.last < line.key());
        let here = |at: usize| Some((at, self.blocks.get(at)?.row_of(line.id)?));
        here(at).or_else(|| (0..self.blocks.len()).rev().find_map(here))
    }

    /// Takes in payments that are new or changed.
    pub(super) fn apply(&mut self, lines: Vec<Line>) {
        let mut touched: BTreeMap<usize, (Vec<usize>, Vec<Line>)> = BTreeMap::new();
        let newest = self.newest_id;
        for line in lines {
            if let Some((block, row)) = self.place(&line) {
                touched.entry(block).or_default().0.push(row);
                self.rows -= 1;
            }
            let at = self.blocks.partition_point(|block| block.last < line.key());
            let at = at.min(self.blocks.len().saturating_sub(1));
            touched.entry(at).or_default().1.push(line);
            self.rows += 1;
        }
        // From the last, so that what comes before keeps its place.
        for (at, (gone, new)) in touched.into_iter().rev() {
            let old = self.blocks.get(at);
            let kept = old.into_iter().flat_map(|block| {
                (0..block.rows()).filter(|row| !gone.contains(row)).map(|row| block.line(row))
            });
            let mut lines: Vec<Line> = kept.chain(new).collect();
            lines.sort_by_key(Line::key);
            let mut fresh = Vec::new();
            for line in &lines {
                self.newest_id = self.newest_id.max(line.id);
                if !self.draft.push(line) {
                    fresh.extend(self.draft.finish());
                    self.draft.push(line);
                }
            }
            fresh.extend(self.draft.finish());
            let end = (at + 1).min(self.blocks.len());
            self.blocks.splice(at.min(end)..end, fresh);
        }
        debug_assert!(self.newest_id >= newest);
        if self.blocks.len() > 2 * (self.rows / ROWS) + 64 {
            self.pack();
        }
    }

    /// Fills blocks that have become small.
    fn pack(&mut self) {
        let old = std::mem::take(&mut self.blocks);
        let (mut packed, mut line_count) = (Vec::with_capacity(self.rows / ROWS + 1), 0);
        for block in old {
            for row in 0..block.rows() {
                let line = block.line(row);
                line_count += 1;
                if !self.draft.push(&line) {
                    packed.extend(self.draft.finish());
                    self.draft.push(&line);
                }
            }
        }
        packed.extend(self.draft.finish());
        debug_assert_eq!(line_count, self.rows);
        self.blocks = packed;
    }

    /// The payments that fit.
    pub(super) fn find(&self, wanted: &Wanted, now: i64) -> Found {
        let needle = folded(&wanted.text);
        let needle = Needle::new(&needle);
        let mut probe = Probe::new(wanted, needle, now);
        if let Some(needle) = &probe.needle {
            let words = self.words.each_ref().map(|words| words.find(needle));
            probe.words = words;
        }
        let masks = self.in_parts(|part| self.blocks[part].iter().map(|block| block.mask(&probe)).collect());
        let masks: Vec<Mask> = masks.into_iter().flat_map(|part: Vec<Mask>| part).collect();
        let count = |mask: &Mask| mask.iter().map(|word| word.count_ones() as usize).sum();
        let counts: Vec<usize> = masks.iter().map(count).collect();
        let total = counts.iter().sum();
        Found { masks, counts, total }
    }

    /// What they come to.
    pub(super) fn sum(&self, found: &Found, now: i64) -> Sums {
        let parts = self.in_parts(|part| {
            let mut sum = Adding::default();
            for (block, mask) in self.blocks[part.clone()].iter().zip(&found.masks[part]) {
                block.add(mask, now, &mut sum);
            }
            sum
        });
        let sum = parts.into_iter().fold(Adding::default(), Adding::and);
        let fen = |sum: i128| domain::Fen::new(i64::try_from(sum).unwrap_or(i64::MAX));
        Sums {
            count: sum.count,
            paid: sum.paid,
            takings: fen(sum.takings),
            refunded: fen(sum.refunded),
            disagreeing: sum.disagreeing,
        }
    }

    /// Ids of the payments from `offset` on, newest first.
    pub(super) fn ids(&self, found: &Found, offset: usize, limit: usize) -> Vec<i64> {
        let mut skip = offset;
        let mut ids = Vec::with_capacity(limit.min(found.total));
        for ((block, mask), count) in self.blocks.iter().zip(&found.masks).zip(&found.counts).rev() {
            if skip >= *count {
                skip -= count;
                continue;
            }
            ids.extend(newest_first(mask).skip(skip).take(limit - ids.len()).map(|row| block.id(row)));
            skip = 0;
            if ids.len() == limit {
                break;
            }
        }
        ids
    }

    /// Does `work` on all blocks, part by part, on as many threads as there are processors and it is worth. Each takes
    /// the next part: one that has to wait for its processor holds up nobody.
    fn in_parts<T: Send>(&self, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let parts = self.blocks.len().div_ceil(PART);
        let threads =
            std::thread::available_parallelism().map_or(1, usize::from).min(4).min(parts / 2).max(1);
        let next = AtomicUsize::new(0);
        let take = || {
            let mut done = Vec::new();
            loop {
                let part = next.fetch_add(1, Ordering::Relaxed);
                if part >= parts {
                    return done;
                }
                done.push((part, work(part * PART..self.blocks.len().min((part + 1) * PART))));
            }
        };
        let mut done = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
            let mut done = take();
            for other in others {
                match other.join() {
                    Ok(parts) => done.extend(parts),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_unstable_by_key(|(part, _)| *part);
        done.into_iter().map(|(_, value)| value).collect()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Block::bytes).sum();
        blocks + self.words.iter().map(Words::bytes).sum::<usize>()
    }
}
