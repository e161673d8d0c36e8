//! Files that only their owner reads, replaced whole or not at all.

use crate::VaultError;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

fn failed(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> VaultError {
    let path = path.to_owned();
    move |source| VaultError::Storage { path, action, source }
}

/// The bytes of the file, or `None` if there is none. Over `max` bytes is an error: nothing here writes that.
pub(crate) fn read(path: &Path, max: u64) -> Result<Option<Vec<u8>>, VaultError> {
    use std::io::Read as _;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, "read")(error)),
    };
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed(path, "read"))?;
    if bytes.len() as u64 > max {
        return Err(failed(path, "read")(ErrorKind::FileTooLarge.into()));
    }
    Ok(Some(bytes))
}

/// Puts `bytes` in the place of the file. After a crash at any moment the file is the old one or the new one,
/// and once this returns it is the new one. The caller holds the vault's lock.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let new = path.with_added_extension("new");
    // One that a crash left behind; it is never the only copy of anything. It is not written into: it could be
    // a link, or open to others.
    remove(&new)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new).map_err(failed(&new, "written"))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    written.and_then(|()| fs::rename(&new, path)).map_err(failed(path, "written"))?;
    sync_directory_of(path)
}

/// Removes the file if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Ok(()) => sync_directory_of(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(path, "removed")(error)),
    }
}

/// A rename or removal is on disk only when the directory is.
fn sync_directory_of(path: &Path) -> Result<(), VaultError> {
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed(directory, "written"))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes the directory, for its owner alone, if it is not there.
pub(crate) fn make_directory(path: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed(path, "written"))
}

/// Holds the lock file until the result is dropped, against other threads and other processes. A process that
/// dies gives it back.
pub(crate) fn lock(path: &Path) -> Result<File, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed(path, "locked"))?;
    file.lock().map_err(failed(path, "locked"))?;
    Ok(file)
}
