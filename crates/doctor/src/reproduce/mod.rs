//! The same mistake again without anybody's secrets: as a payload, and as a test that fails.
