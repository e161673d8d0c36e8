use std::net::IpAddr;
use std::path::PathBuf;

/// Why the simulator does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Asked to listen where others than this computer could reach it.
    #[error(
        "{address} is not this computer's loopback; the simulator, whose keys are published, listens nowhere else"
    )]
    NotLoopback {
        /// The address asked for.
        address: IpAddr,
    },
    /// The port cannot be had: another program holds it, or it is not allowed.
    #[error("port {port} cannot be had ({source}); choose another, or 0 for any that is free")]
    Bind {
        /// The port asked for.
        port: u16,
        /// The system's own words.
        #[source]
        source: std::io::Error,
    },
    /// A file of keys could not be written.
    #[error("{} cannot be written ({source})", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        #[source]
        source: std::io::Error,
    },
    /// The certificates could not be made.
    #[error("the simulator's certificates could not be made ({0})")]
    Certificates(#[source] rcgen::Error),
    /// TLS did not take the certificates.
    #[error("TLS could not be set up ({0})")]
    Tls(String),
}
