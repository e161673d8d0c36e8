//! Digests other than MD5 are taken one by one, which is most of the work of a search for HMAC-SHA256: a second thread
//! takes them while this one goes on to the next strings. Without a second processor this one takes them all.

use super::queue::{Hit, Sought, note};
use crate::presented::Way;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{Builder, JoinHandle};
use wxpay::replay::{Running, Sum};

/// A batch has so many endings at most: some tenths of a millisecond of work, far more than it takes to wake the other thread.
const ENDS: usize = 1024;
/// And so many bytes. It never grows, so that no key is left where it grew from.
const ROOM: usize = 256 << 10;
/// What is longer is taken in at once.
const LONG: usize = ROOM / 16;
/// So many batches wait for the other thread. Where more would, this one takes the next.
const WAITING: usize = 2;

/// A way by a digest that is taken once.
struct Target {
    way: usize,
    bytes: Vec<u8>,
}

/// A text up to where its endings begin.
struct Text {
    begun: Running,
    /// What it goes on with, in the batch's bytes.
    tail: Range<usize>,
    /// Its endings among the batch's.
    ends: Range<usize>,
}

/// The last bytes of a text, and what its digest is looked for as.
struct End {
    bytes: Range<usize>,
    sought: Sought,
}

/// Texts that are handed over together.
struct Batch {
    bytes: Vec<u8>,
    texts: Vec<Text>,
    ends: Vec<End>,
}

impl Batch {
    fn new() -> Self {
        Self { bytes: Vec::with_capacity(ROOM), texts: Vec::new(), ends: Vec::with_capacity(ENDS) }
    }

    fn has_room(&self, more: usize) -> bool {
        self.ends.len() < ENDS && self.bytes.len() + more <= ROOM
    }

    fn hold(&mut self, parts: &[&[u8]]) -> Range<usize> {
        let begin = self.bytes.len();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        begin..self.bytes.len()
    }

    /// Takes the digests, and empties it.
    fn digest(&mut self, targets: &[Target], hits: &mut Vec<Hit>) {
        for text in self.texts.drain(..) {
            let mut begun = text.begun;
            begun.take(&self.bytes[text.tail]);
            for end in &self.ends[text.ends] {
                look(targets, &begun.end(&[&self.bytes[end.bytes.clone()]]), end.sought, hits);
            }
        }
        self.ends.clear();
        self.bytes.clear();
    }
}

impl Batch {
    /// The text that was begun last, up to its endings.
    fn last(&self) -> Option<Running> {
        let text = self.texts.last()?;
        let mut begun = text.begun.clone();
        begun.take(&self.bytes[text.tail.clone()]);
        Some(begun)
    }
}

impl Drop for Batch {
    /// Keys stand in there.
    fn drop(&mut self) {
        self.bytes.clear();
        self.bytes.resize(ROOM, 0);
        std::hint::black_box(&mut self.bytes);
    }
}

fn look(targets: &[Target], sum: &Sum, sought: Sought, hits: &mut Vec<Hit>) {
    let asked = targets.iter().filter(|target| sought.ways >> target.way & 1 == 1);
    for target in asked.filter(|target| target.bytes == sum.bytes()) {
        note(hits, Hit { sought, way: target.way });
    }
}

/// The other thread, to which batches go and from which they come back with what was found.
struct Worker {
    to: SyncSender<Batch>,
    from: Receiver<(Batch, Vec<Hit>)>,
    /// How many batches are there.
    out: usize,
    thread: JoinHandle<()>,
}

impl Worker {
    /// `None` where the system has no thread to give.
    fn new(targets: Arc<[Target]>) -> Option<Self> {
        let (to, batches) = sync_channel(WAITING);
        let (back, from) = channel();
        let work = move || work(&batches, &targets, &back);
        let thread = Builder::new().name("digests".to_owned()).spawn(work).ok()?;
        Some(Self { to, from, out: 0, thread })
    }
}

fn work(batches: &Receiver<Batch>, targets: &[Target], back: &Sender<(Batch, Vec<Hit>)>) {
    for mut batch in batches {
        let mut hits = Vec::new();
        batch.digest(targets, &mut hits);
        if back.send((batch, hits)).is_err() {
            return;
        }
    }
}

/// The texts that wait for a digest other than MD5, and what was found among them.
pub(super) struct Beside {
    targets: Arc<[Target]>,
    /// `None` until there is something to hold.
    batch: Option<Batch>,
    /// Batches that came back.
    spare: Vec<Batch>,
    worker: Option<Worker>,
    /// Whether another thread was asked for.
    asked: bool,
}

impl Beside {
    pub(super) fn new(ways: &[Way]) -> Self {
        let once = ways.iter().enumerate().take(64).filter(|(_, way)| way.again.is_none());
        let targets = once.map(|(way, one)| Target { way, bytes: one.target.clone() }).collect();
        Self { targets, batch: None, spare: Vec::new(), worker: None, asked: false }
    }

    /// Takes in a text of which `begun` has all before these parts. Its endings come next.
    pub(super) fn begin(&mut self, mut begun: Running, parts: [&[u8]; 2], hits: &mut Vec<Hit>) {
        if self.batch.as_ref().is_some_and(|batch| !batch.has_room(LONG)) {
            self.hand_over(hits);
        }
        let batch = self.batch.get_or_insert_with(|| self.spare.pop().unwrap_or_else(Batch::new));
        let tail = if parts[0].len() + parts[1].len() > LONG {
            parts.iter().for_each(|part| begun.take(part));
            batch.hold(&[])
        } else {
            batch.hold(&parts)
        };
        batch.texts.push(Text { begun, tail, ends: batch.ends.len()..batch.ends.len() });
    }

    /// Takes in an ending of the text that was begun last.
    pub(super) fn end(&mut self, parts: &[&[u8]], sought: Sought, hits: &mut Vec<Hit>) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let Some(batch) = &mut self.batch else { return };
        if len > LONG {
            if let Some(begun) = batch.last() {
                look(&self.targets, &begun.end(parts), sought, hits);
            }
            return;
        }
        if !batch.has_room(len) {
            let Some(begun) = batch.last() else { return };
            self.hand_over(hits);
            self.begin(begun, [&[], &[]], hits);
        }
        let Some(batch) = &mut self.batch else { return };
        let bytes = batch.hold(parts);
        batch.ends.push(End { bytes, sought });
        if let Some(text) = batch.texts.last_mut() {
            text.ends.end = batch.ends.len();
        }
    }

    /// Gives the batch away, or takes its digests here where others wait already.
    fn hand_over(&mut self, hits: &mut Vec<Hit>) {
        let Some(mut batch) = self.batch.take() else { return };
        if !std::mem::replace(&mut self.asked, true)
            && std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1)
        {
            self.worker = Worker::new(Arc::clone(&self.targets));
        }
        if let Some(worker) = &mut self.worker {
            while let Ok((back, found)) = worker.from.try_recv() {
                worker.out -= 1;
                self.spare.push(back);
                found.into_iter().for_each(|hit| note(hits, hit));
            }
            match worker.to.try_send(batch) {
                Ok(()) => {
                    worker.out += 1;
                    return;
                }
                Err(TrySendError::Full(back) | TrySendError::Disconnected(back)) => batch = back,
            }
        }
        batch.digest(&self.targets, hits);
        self.spare.push(batch);
    }

    /// Takes what waits, and what the other thread found.
    pub(super) fn settle(&mut self, hits: &mut Vec<Hit>) {
        if let Some(batch) = &mut self.batch {
            batch.digest(&self.targets, hits);
        }
        while let Some(worker) = self.worker.as_mut().filter(|worker| worker.out > 0) {
            if let Ok((back, found)) = worker.from.recv() {
                worker.out -= 1;
                self.spare.push(back);
                found.into_iter().for_each(|hit| note(hits, hit));
            } else {
                self.end_worker();
            }
        }
    }

    /// What went wrong there goes wrong here: a digest that was not taken must not look like one that differs.
    fn end_worker(&mut self) {
        let Some(Worker { to, from, thread, .. }) = self.worker.take() else { return };
        drop((to, from));
        if let Err(panic) = thread.join() {
            resume_unwind(panic);
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(Worker { to, from, thread, .. }) = self.worker.take() {
            drop((to, from));
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::queue::Made;
    use wxpay::replay::Digest;

    /// Every text is found by its digest, whatever its length and wherever it is cut, by this thread and by the other.
    #[test]
    fn each_text_is_found_by_its_digest_alone() {
        let text: Vec<u8> = (0..=255).cycle().take(40_000).collect();
        let lens: Vec<usize> = (0..600).chain([LONG - 1, LONG, LONG + 1, LONG * 2, 40_000]).collect();
        let sought_lens: Vec<usize> = lens.iter().copied().rev().step_by(17).take(60).collect();
        let ways: Vec<Way> = sought_lens
            .iter()
            .map(|len| Way {
                target: Digest::HmacSha256.of(&text[..*len], b"key").bytes().to_vec(),
                digest: Digest::HmacSha256,
                again: None,
                proven: Vec::new(),
            })
            .collect();
        for is_asked in [false, true] {
            let mut beside = Beside::new(&ways);
            beside.asked = is_asked;
            let (mut hits, mut number) = (Vec::new(), 0);
            for len in &lens {
                for (cut, last) in [(0, 0), (1, 3), (64, 100), (*len / 2, *len / 3), (0, *len)] {
                    let (cut, last) = (cut.min(*len), last.min(len - cut.min(*len)));
                    let mut begun = Running::new(Digest::HmacSha256, b"key");
                    begun.take(&text[..cut]);
                    beside.begin(begun, [&text[cut..len - last], &[]], &mut hits);
                    let sought = Sought { made: Made::NOTHING, rest: 0, form: *len, ways: u64::MAX, number };
                    beside.end(&[&text[len - last..*len], b"another"], sought, &mut hits);
                    beside.end(
                        &[&text[len - last..*len - last / 2], &text[len - last / 2..*len]],
                        sought,
                        &mut hits,
                    );
                    number += 1;
                }
            }
            beside.settle(&mut hits);
            assert_eq!(
                beside.worker.is_none(),
                is_asked || std::thread::available_parallelism().unwrap().get() == 1
            );
            for (way, len) in sought_lens.iter().enumerate() {
                let found: Vec<usize> =
                    hits.iter().filter(|hit| hit.way == way).map(|hit| hit.sought.form).collect();
                assert_eq!(found, [*len; 5], "{len}");
            }
            assert_eq!(hits.len(), sought_lens.len() * 5);
        }
    }
}
