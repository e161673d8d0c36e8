//! A file that is written whole or not at all.
//!
//! It grows under another name beside its place and gets its own name at the end. A process that is killed leaves
//! that other file behind. Nobody may guess from a name whose it is and whether its writer lives, so the writer
//! holds a lock on it: the system lets go of that however the process ends, and the next writer in the same folder
//! removes what nobody holds.

use crate::error::{Code, ConsoleError, Result};
use crate::place::failed;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What the names of unfinished files end with. Long, because whatever ends so is removed.
const ENDING: &str = ".paydesk-part";

/// How often a name is tried again that another process took for litter in the moment between making and locking.
const TRIES: usize = 8;

/// A file that is being written. Dropped unfinished it leaves nothing, and what has its name is as it was.
pub(crate) struct Whole {
    path: PathBuf,
    folder: PathBuf,
    out: BufWriter<NamedTempFile>,
    bytes: u64,
}

impl Whole {
    /// Begins one of Paydesk's own. Readable by its owner alone.
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        Self::begin_with(path, None)
    }

    /// Begins one that the person asked for, to do with it what they like: whoever their umask lets read it may.
    pub(crate) fn begin_theirs(path: &Path) -> Result<Self> {
        #[cfg(unix)]
        let permissions = Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        #[cfg(not(unix))]
        let permissions = None;
        Self::begin_with(path, permissions)
    }

    fn begin_with(path: &Path, permissions: Option<fs::Permissions>) -> Result<Self> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned();
        clear(&folder);
        let part = part(&folder, path, permissions).map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), folder, out: BufWriter::new(part), bytes: 0 })
    }

    /// Syncs it and gives it its name. A file of that name is replaced only if `replace`. Gives its length.
    pub(crate) fn finish(self, replace: bool) -> Result<u64> {
        let Self { path, folder, out, bytes } = self;
        let finish = || -> std::io::Result<()> {
            let part = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            part.as_file().sync_all()?;
            if replace {
                part.persist(&path)?;
            } else {
                part.persist_noclobber(&path)?;
            }
            #[cfg(unix)]
            File::open(&folder)?.sync_all()?;
            Ok(())
        };
        finish().map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                ConsoleError::new(Code::FileExists).with("path", path.display())
            }
            _ => failed(&path, &error),
        })?;
        Ok(bytes)
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// An empty file with a lock on it.
fn part(folder: &Path, path: &Path, permissions: Option<fs::Permissions>) -> std::io::Result<NamedTempFile> {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    for _ in 0..TRIES {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(ENDING);
        if let Some(permissions) = &permissions {
            builder.permissions(permissions.clone());
        }
        let part = builder.tempfile_in(folder)?;
        // Where there are no locks nobody can take it for litter either.
        let _ = part.as_file().lock();
        if part.path().exists() {
            return Ok(part);
        }
    }
    Err(std::io::Error::other("another process keeps removing it"))
}

/// Removes what killed writers left in a folder. What cannot be looked at stays; it is in nobody's way.
fn clear(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.flatten() {
        let left = file.file_name().as_encoded_bytes().ends_with(ENDING.as_bytes());
        if left
            && let Ok(part) = File::options().write(true).open(file.path())
            && part.try_lock().is_ok()
        {
            let _ = fs::remove_file(file.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn it_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("账单.csv");
        fs::write(&path, "old").unwrap();
        let mut whole = Whole::begin(&path).unwrap();
        whole.write_all(b"half").unwrap();
        drop(whole);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let mut whole = Whole::begin(&path).unwrap();
        whole.write_all(b"new").unwrap();
        assert_eq!(whole.finish(false).unwrap_err().code, Code::FileExists);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let mut whole = Whole::begin(&path).unwrap();
        whole.write_all(b"newer").unwrap();
        assert_eq!(whole.finish(true).unwrap(), 5);
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert_eq!(names(dir.path()), ["账单.csv"]);
    }

    #[test]
    fn what_the_dead_left_goes_and_what_the_living_write_stays() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".a.csv.x1.paydesk-part", "b.csv.12.part", "c.part"] {
            fs::write(dir.path().join(name), "half").unwrap();
        }
        let mut alive = Whole::begin(&dir.path().join("alive.csv")).unwrap();
        alive.write_all(b"alive").unwrap();
        Whole::begin(&dir.path().join("d.csv")).unwrap().finish(false).unwrap();
        alive.finish(false).unwrap();
        // Files of others with names that only resemble ours are theirs.
        assert_eq!(names(dir.path()), ["alive.csv", "b.csv.12.part", "c.part", "d.csv"]);
    }
}
