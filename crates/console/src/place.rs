use crate::error::{Code, ConsoleError, Result};
use crate::whole::Whole;
use crate::words::Words;
use domain::Environment;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Where Paydesk keeps its files on this computer.
#[derive(Clone, Debug)]
pub struct Place {
    root: PathBuf,
}

impl Place {
    /// The folder given, or the platform's own place for application data. It is made if it is not there.
    ///
    /// # Errors
    /// `file_failed` if there is no such place or it cannot be made.
    pub fn open(root: Option<&Path>) -> Result<Self> {
        let root = match root {
            Some(root) => std::path::absolute(root).map_err(|error| failed(root, &error))?,
            None => directories::ProjectDirs::from("", "", "paydesk")
                .map(|dirs| dirs.data_dir().to_owned())
                .ok_or_else(|| {
                    ConsoleError::new(Code::FileFailed)
                        .with("path", "")
                        .saying("detail", Words::new("detail.place.no_home"))
                })?,
        };
        let place = Self { root };
        make_private(&place.root)?;
        for folder in ["ledger", "simulated"] {
            // In a place that cannot be written there may be something to read all the same. Whoever then writes is
            // told by that.
            let _ = make_private(&place.root.join(folder));
        }
        Ok(place)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ledger of an environment. Each has its own file.
    #[must_use]
    pub fn ledger(&self, environment: Environment) -> PathBuf {
        self.root.join("ledger").join(format!("{environment}.db"))
    }

    pub(crate) fn merchants(&self) -> PathBuf {
        self.root.join("merchants.json")
    }

    /// Which keys and certificates there are, as the vault keeps it.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("vault.json")
    }

    pub(crate) fn owners(&self) -> PathBuf {
        self.root.join("owners")
    }

    pub(crate) fn world(&self) -> PathBuf {
        self.root.join("simulated").join("world.json")
    }
}

pub(crate) fn failed(path: &Path, error: &std::io::Error) -> ConsoleError {
    // A file that may not grow, or a full share, is a disk without room for all that is to be written.
    use std::io::ErrorKind as K;
    if matches!(error.kind(), K::StorageFull | K::QuotaExceeded | K::FileTooLarge) {
        return ConsoleError::new(Code::DiskFull);
    }
    ConsoleError::new(Code::FileFailed).with("path", path.display()).saying("detail", error)
}

fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| failed(folder, &error))
}

/// Reads a file of at most `max` bytes; `None` if it is not there.
pub(crate) fn read_bounded(path: &Path, max: u64) -> Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| failed(path, &error))?;
    if bytes.len() as u64 > max {
        return Err(ConsoleError::new(Code::InputTooLarge));
    }
    Ok(Some(bytes))
}

/// Writes a file whole or not at all: beside it, synced, renamed. An existing file is replaced only if
/// `replace`.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], replace: bool) -> Result<()> {
    let mut whole = Whole::begin(path)?;
    whole.write_all(bytes).map_err(|error| failed(path, &error))?;
    whole.finish(replace).map(drop)
}

/// Opens a file that is only there to be locked; it is made if it is not there.
pub(crate) fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Holds a file lock until dropped; waits for other processes.
pub(crate) struct Lock(File);

impl Lock {
    pub(crate) fn take(beside: &Path) -> Result<Self> {
        let path = beside.with_extension("lock");
        let open = || -> std::io::Result<File> {
            let file = lock_file(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map(Self).map_err(|error| failed(&path, &error))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_kept_unless_asked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("账单.csv");
        write_whole(&path, b"one", false).unwrap();
        assert_eq!(write_whole(&path, b"two", false).unwrap_err().code, Code::FileExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_whole(&path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a part was left behind");
        assert_eq!(read_bounded(&path, 2).unwrap_err().code, Code::InputTooLarge);
        assert_eq!(read_bounded(&dir.path().join("none"), 2).unwrap(), None);
    }
}
