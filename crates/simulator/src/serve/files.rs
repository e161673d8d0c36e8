use super::error::ServeError;
use super::tls::Certificates;
use crate::merchant::API_KEY;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub(super) struct Written {
    pub(super) key: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) ca: PathBuf,
}

/// Writes the files a client needs, for the owner's eyes only: not because they are worth anything, but because a
/// client may refuse keys that others can read.
pub(super) fn write(dir: &Path, certificates: &Certificates) -> Result<Written, ServeError> {
    let put = |name: &str, text: &str| {
        let path = dir.join(name);
        match replace(&path, text) {
            Ok(()) => Ok(path),
            Err(source) => Err(ServeError::File { path, source }),
        }
    };
    put("apiclient_cert.pem", &certificates.client_cert_pem)?;
    put("apiclient_key.pem", &certificates.client_key_pem)?;
    let both = format!("{}{}", certificates.client_cert_pem, certificates.client_key_pem);
    Ok(Written {
        key: put("apiv2_key.txt", API_KEY)?,
        certificate: put("apiclient.pem", &both)?,
        ca: put("simulator_ca.pem", &certificates.ca_pem)?,
    })
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    // `create_new` follows no link somebody may have put there meanwhile.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
