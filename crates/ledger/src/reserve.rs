//! A file of 4 MB beside the ledger that is given up when the disk is full, so that what is in flight can still
//! be written down.

use crate::LedgerError;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Its size in bytes.
pub(crate) const SIZE: u64 = 4 << 20;

/// The reserve of one ledger. It is shared by every process that has the ledger open; only the file counts.
#[derive(Debug)]
pub(crate) struct Reserve {
    file: PathBuf,
}

impl Reserve {
    /// The reserve of the ledger `file`.
    pub(crate) fn beside(file: &Path) -> Self {
        Self { file: crate::open::beside(file, ".reserve") }
    }

    /// Makes sure that it is there and whole.
    ///
    /// # Errors
    /// `DiskFull` if there is no space for it: nothing new may be begun. `ReadOnly` and `Io` likewise.
    pub(crate) fn keep(&self) -> Result<(), LedgerError> {
        if fs::metadata(&self.file).is_ok_and(|meta| meta.len() == SIZE) {
            return Ok(());
        }
        let filled = self.fill();
        if filled.is_err() {
            // A part of a reserve only takes space from those who could use it.
            let _ = fs::remove_file(&self.file);
        }
        filled.map_err(|error| LedgerError::io(&self.file, &error))
    }

    fn fill(&self) -> std::io::Result<()> {
        // Written, not only sized: a hole reserves nothing. Not all zeros, which some file systems do not store.
        let block: Vec<u8> =
            (0..64 * 1024_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.file)?;
        for _ in 0..SIZE / block.len() as u64 {
            file.write_all(&block)?;
        }
        file.sync_all()
    }

    /// Gives its space back to the disk.
    pub(crate) fn free(&self) {
        // If it is gone already, somebody else has freed it.
        let _ = fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_freed_and_kept_again() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = Reserve::beside(&dir.path().join("l.paydesk"));
        let len = || fs::metadata(dir.path().join("l.paydesk.reserve")).map(|meta| meta.len()).ok();
        reserve.keep().unwrap();
        assert_eq!(len(), Some(SIZE));
        reserve.free();
        reserve.free();
        assert_eq!(len(), None);
        fs::write(dir.path().join("l.paydesk.reserve"), b"part").unwrap();
        reserve.keep().unwrap();
        assert_eq!(len(), Some(SIZE));
    }
}
