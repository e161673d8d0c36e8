//! Who holds an operation in hand, and whether that process still lives.
//!
//! A lease keeps two processes from sending the same request. A process that dies leaves its leases behind; to
//! wait for them to run out would keep a shop's refund open for a minute. So each process also holds a lock on a
//! small file of its own. The system lets go of it however the process ends, and whoever can take it knows that
//! its owner is gone.

use crate::error::Result;
use crate::place::{Place, failed};
use std::fs::{self, File};
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
            fs::create_dir_all(&folder)?;
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_and_the_dead() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(Some(dir.path())).unwrap();
        let owner = Owner::take(&place, "alive").unwrap();
        assert!(!is_gone(&place, "alive"));
        assert!(!is_gone(&place, "never-was"));
        drop(owner);
        assert_eq!(fs::read_dir(place.owners()).unwrap().count(), 0);
        // A process that was killed leaves its file and no lock.
        fs::write(path(&place, "killed"), "").unwrap();
        assert!(is_gone(&place, "killed"));
        assert!(is_gone(&place, "killed"), "the proof stays until what it had in hand is freed");
        bury(&place, "killed");
        assert!(!is_gone(&place, "killed"));
    }
}
