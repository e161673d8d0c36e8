use crate::simulator::{Simulator, World};
use serde::{Deserialize, Serialize};

/// The form of snapshots this version writes and the only one it reads.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    paydesk_simulator: u32,
    world: &'a World,
}

#[derive(Deserialize)]
struct Header {
    paydesk_simulator: u32,
}

#[derive(Deserialize)]
struct Read {
    world: World,
}

/// Why a snapshot was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// These bytes are no snapshot, or a damaged one.
    #[error(
        "this is no snapshot of the simulator ({0}); no real money is concerned: remove the file to start a new one"
    )]
    Unreadable(#[source] serde_json::Error),
    /// Another version wrote it.
    #[error(
        "this snapshot has form {found}, this version reads form {VERSION}; remove it to start a new one"
    )]
    OtherVersion {
        /// The form it has.
        found: u32,
    },
}

impl Simulator {
    /// Everything the gateway knows, as JSON. It holds the simulated merchants' keys, which are worth nothing.
    ///
    /// # Errors
    /// None in practice: what is written has no form JSON does not know. The caller should treat one as a bug.
    pub fn save(&self) -> Result<Vec<u8>, SnapshotError> {
        serde_json::to_vec(&Written { paydesk_simulator: VERSION, world: &self.world })
            .map_err(SnapshotError::Unreadable)
    }

    /// The gateway that was saved. Its clock stands until [`follow`](Self::follow) or
    /// [`advance`](Self::advance).
    ///
    /// # Errors
    /// [`SnapshotError`] for anything but a whole snapshot of this version.
    pub fn load(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let header: Header = serde_json::from_slice(bytes).map_err(SnapshotError::Unreadable)?;
        if header.paydesk_simulator != VERSION {
            return Err(SnapshotError::OtherVersion { found: header.paydesk_simulator });
        }
        let read: Read = serde_json::from_slice(bytes).map_err(SnapshotError::Unreadable)?;
        Ok(Self::from_world(read.world))
    }
}
