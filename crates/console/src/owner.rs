//! Who holds an operation in hand, and whether that process still lives.
//!
//! A lease keeps two processes from sending the same request. A process that dies leaves its leases behind; to
//! wait for them to run out would keep a shop's refund open for a minute. So each process also holds a lock on a
//! small file of its own. The system lets go of it however the process ends, and whoever can take it knows that
//! its owner is gone.

use crate::error::Result;
use crate::place::{Lock, Place, failed, lock_file};
use domain::Timestamp;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;

/// This process's own name in leases, with its lock.
pub(crate) struct Owner {
    path: PathBuf,
    lock: Option<File>,
}

fn path(place: &Place, id: &str) -> PathBuf {
    place.owners().join(format!("{id}.lock"))
}

impl Owner {
    /// Takes the lock of a new name.
    pub(crate) fn take(place: &Place, id: &str) -> Result<Self> {
        let folder = place.owners();
        let path = path(place, id);
        let take = || -> std::io::Result<File> {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&folder)?;
            let file = lock_file(&path)?;
            file.lock()?;
            Ok(file)
        };
        // Whoever sweeps waits: between being made and being locked the file looks like that of a dead process.
        let _sweeping = Lock::take(&folder)?;
        let lock = take().map_err(|error| failed(&path, &error))?;
        Ok(Self { path, lock: Some(lock) })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Removed while still held: nobody can be fooled by a file that comes and goes.
        let _ = fs::remove_file(&self.path);
        drop(self.lock.take());
    }
}

/// Whether the process behind a name is certainly gone. A name without a file is of one that ended properly, or
/// of another computer's: that is for the lease's own end to tell.
pub(crate) fn is_gone(place: &Place, id: &str) -> bool {
    let Ok(file) = File::options().write(true).open(path(place, id)) else { return false };
    file.try_lock().is_ok()
}

/// Removes what a process that is gone has left, when nothing is in its hands any more: whoever is killed
/// before that leaves the proof to the next one.
pub(crate) fn bury(place: &Place, id: &str) {
    let _ = fs::remove_file(path(place, id));
}

/// Removes the files of all processes that are gone, which nobody needs as a proof any more. `holds` says whether
/// an owner has something in hand in the ledger that was opened; `others` whether there are other ledgers, in which
/// a lease of a dead process may still run. For those it is written down when the death was seen, and the file goes
/// when every lease from before has ended. What fails is left for the next time.
pub(crate) fn sweep(place: &Place, mine: &str, now: Timestamp, others: bool, holds: &dyn Fn(&str) -> bool) {
    let folder = place.owners();
    let Ok(files) = fs::read_dir(&folder) else { return };
    let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
    let owners: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".lock").map(ToOwned::to_owned))
        .filter(|owner| owner != mine)
        .collect();
    if owners.is_empty() {
        return;
    }
    let Ok(_sweeping) = Lock::take(&folder) else { return };
    for owner in owners {
        let path = path(place, &owner);
        // Not made here: another process may have removed it in the meantime.
        let Ok(mut file) = File::options().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() || holds(&owner) {
            continue;
        }
        // Removed while its lock is held, so that nobody takes it for a living one's.
        if !others || seen_dead_long_ago(&mut file, now) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether it was written into the file, a lease's length ago, that its process is gone; else that is written now.
fn seen_dead_long_ago(file: &mut File, now: Timestamp) -> bool {
    let mut text = String::new();
    let read = file.take(64).read_to_string(&mut text);
    let seen = text.trim().strip_prefix("dead ").and_then(|since| since.parse().ok());
    match seen.map(|since| now.millis_since(Timestamp::from_millis(since))) {
        Some(ago) if read.is_ok() && ago > crate::desk::LEASE_MS => true,
        Some(ago) if ago >= 0 => false,
        // Not seen before, or at a time that is yet to come.
        _ => {
            let _ = file.set_len(0);
            let _ = file.rewind();
            let _ = write!(file, "dead {}", now.millis());
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &Place) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(place.owners())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_the_dead_left_is_swept_and_what_is_needed_stays() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        let _me = Owner::take(&place, "me").unwrap();
        let _other = Owner::take(&place, "other").unwrap();
        for dead in ["dead", "holder"] {
            fs::write(path(&place, dead), "").unwrap();
        }
        fs::write(place.owners().join("notes.txt"), "mine").unwrap();
        let at = Timestamp::from_millis;
        sweep(&place, "me", at(1_000), false, &|owner| owner == "holder");
        assert_eq!(names(&place), ["holder.lock", "me.lock", "notes.txt", "other.lock"]);
        // Where there are other ledgers, only when every lease in them must have ended.
        for (now, stays) in
            [(2_000, true), (2_000 + crate::desk::LEASE_MS, true), (2_001 + crate::desk::LEASE_MS, false)]
        {
            sweep(&place, "me", at(now), true, &|_| false);
            assert_eq!(names(&place).contains(&"holder.lock".to_owned()), stays, "{now}");
            assert!(!stays || is_gone(&place, "holder"), "the proof stays one");
        }
        // A clock that went back does not keep it for ever.
        fs::write(path(&place, "dead"), "dead 9000000000000").unwrap();
        sweep(&place, "me", at(5_000), true, &|_| false);
        sweep(&place, "me", at(5_001 + crate::desk::LEASE_MS), true, &|_| false);
        assert_eq!(names(&place), ["me.lock", "notes.txt", "other.lock"]);
    }

    #[test]
    fn nobody_who_is_just_beginning_is_swept_away() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let place = &place;
                scope.spawn(move || {
                    for turn in 0..50 {
                        let name = format!("t{thread}x{turn}");
                        let owner = Owner::take(place, &name).unwrap();
                        sweep(place, &name, Timestamp::from_millis(turn), false, &|_| false);
                        assert!(path(place, &name).exists(), "{name} was swept away alive");
                        drop(owner);
                    }
                });
            }
        });
    }

    #[test]
    fn the_living_and_the_dead() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        let owner = Owner::take(&place, "alive").unwrap();
        assert!(!is_gone(&place, "alive"));
        assert!(!is_gone(&place, "never-was"));
        drop(owner);
        assert_eq!(names(&place), [""; 0]);
        // A process that was killed leaves its file and no lock.
        fs::write(path(&place, "killed"), "").unwrap();
        assert!(is_gone(&place, "killed"));
        assert!(is_gone(&place, "killed"), "the proof stays until what it had in hand is freed");
        bury(&place, "killed");
        assert!(!is_gone(&place, "killed"));
    }
}
