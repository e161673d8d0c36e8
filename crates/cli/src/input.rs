//! Files and standard input, bounded.

use crate::failure::{self, Failure};
use console::words::Words;
use console::{Code, ConsoleError};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A little more than the largest document that is looked at, so that a larger one is noticed.
const MOST: u64 = (1 << 20) + 1;

/// Whether a path stands for standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file, or standard input for `-`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if is_standard(path) {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(File::open(path).map_err(|error| failure::file(path, &error))?))
}

/// Reads it whole; more than 1 MiB is refused.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(path)?.take(MOST).read_to_end(&mut bytes).map_err(|error| failure::file(path, &error))?;
    if bytes.len() as u64 == MOST {
        return Err(ConsoleError::new(Code::InputTooLarge).into());
    }
    Ok(bytes)
}

/// The same as text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| {
        let why = failure::of(path, Words::new("finding.not_utf8"));
        ConsoleError::new(Code::UnreadableInput).saying("detail", why).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_is_refused_and_too_little_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("大.xml");
        std::fs::write(&path, vec![b' '; 1 << 20]).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1 << 20);
        std::fs::write(&path, vec![b' '; (1 << 20) + 1]).unwrap();
        assert!(matches!(read(&path), Err(Failure::Console(error)) if error.code == Code::InputTooLarge));
        let none = dir.path().join("none");
        assert!(matches!(read(&none), Err(Failure::Console(error)) if error.code == Code::UnreadableInput));
        std::fs::write(&path, b"\xff").unwrap();
        assert!(read_text(&path).is_err());
    }
}
