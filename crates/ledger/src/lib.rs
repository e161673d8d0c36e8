//! The local SQLite ledger: write-ahead operations, tables, chained journal.
