//! What is done with a ledger as a whole, and the raw exchanges in it.

use crate::books::{Compared, Kept, named};
use crate::console::Console;
use crate::error::{Code, ConsoleError, Result};
use crate::place::failed;
use crate::shape;
use crate::view::{
    AcceptView, BackupView, CheckView, ExchangeSummary, ExchangeView, FindingView, LedgerCheckView,
    LedgerInfoView, LostRow, RestoreView, SalvageView, TableCount,
};
use crate::words::{Lang, Words};
use domain::Environment;
use std::path::Path;

/// Of rows that were lost at most so many are named: who has lost more has an older backup to look for.
const MOST_LOST: usize = 200;

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

impl Console {
    fn environment_of(&self, merchant: Option<&str>) -> Result<Environment> {
        Ok(self.pick(merchant)?.environment)
    }

    /// Where the merchant's ledger is and what is in it.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn ledger_info(&self, merchant: Option<&str>) -> Result<LedgerInfoView> {
        let environment = self.environment_of(merchant)?;
        let ledger = self.ledger_to_read(environment)?;
        let info = ledger.info()?;
        let tables =
            info.rows.iter().map(|(table, rows)| TableCount { table: (*table).into(), rows: count(*rows) });
        Ok(LedgerInfoView {
            path: shown(&info.file),
            environment: environment.to_string(),
            bytes: count(info.size),
            schema: i64::from(info.schema_version),
            sqlite: info.sqlite_version.into(),
            tables: tables.collect(),
            unresolved: i64::try_from(ledger.unresolved(None)?.len()).unwrap_or(i64::MAX),
            journal_seq: info.head.seq,
            head_kept_in: if environment == Environment::Simulated { "file" } else { "keychain" }.into(),
        })
    }

    /// Checks a ledger. The full check also reads every page and every row and walks the journal's whole chain
    /// up to the head that is anchored outside.
    ///
    /// # Errors
    /// `ledger_damaged` and the like if it cannot even be opened.
    pub fn ledger_check(&self, merchant: Option<&str>, full: bool, lang: Lang) -> Result<LedgerCheckView> {
        let environment = self.environment_of(merchant)?;
        let ledger = self.ledger_to_check(environment)?;
        let mut findings = Vec::new();
        let kept = self.kept(environment)?;
        if full {
            let anchored = match &kept {
                Kept::Head(head) => Some(*head),
                Kept::Nothing | Kept::Damaged(_) => None,
            };
            let report = ledger.check_full(anchored)?;
            // Under another key every row of the journal looks changed, and only the key is.
            let unproven = self.is_unproven(environment);
            let told = report.findings.iter().filter(|found| {
                !unproven || !matches!(found.part(), "journal") || matches!(found.code(), "unreadable")
            });
            findings.extend(told.map(|found| finding(found.code(), found.part(), found.params(), lang)));
        } else {
            // A quick check that fails is an error of its own: then not even the rows can be read.
            ledger.check_quick()?;
        }
        // What the check finds need not be said twice.
        self.forget_doubts(environment);
        // The full check compares a head that can be read; the quick one looks at two rows.
        let head_line = if full { "journal" } else { "head" };
        if self.is_unproven(environment) {
            findings.push(finding("key_lost", head_line, Vec::new(), lang));
        } else if let Compared::Doubt(doubt) = self.compare(environment, &ledger, kept)?
            && let Some((id, compared_above)) = match doubt.code {
                Code::LedgerHeadDamaged => Some(("head_damaged", false)),
                Code::LedgerHeadMissing => Some(("head_missing", false)),
                Code::LedgerRolledBack => Some(("head_ahead", full)),
                Code::LedgerReplaced => Some(("head_differs", full)),
                _ => None,
            }
            && !compared_above
        {
            let params = doubt.params.into_iter().filter(|(name, _)| *name != "path");
            findings.push(finding(id, head_line, params.collect(), lang));
        }
        let looked_at: &[&str] = if full { &ledger::Finding::PARTS } else { &["structure", "head"] };
        let check = |id: &&str| CheckView {
            id: (*id).to_owned(),
            ok: Some(findings.iter().all(|finding| finding.check != *id)),
            message: lang.say(&format!("ledger.check.{id}"), &[]),
        };
        Ok(LedgerCheckView {
            path: shown(ledger.path()),
            environment: environment.to_string(),
            ok: findings.is_empty(),
            kind: if full { "full" } else { "quick" }.into(),
            checks: looked_at.iter().map(check).collect(),
            findings,
        })
    }

    /// Takes the ledger as it is now, whatever head was anchored: the journal's head is anchored anew, and the
    /// journal says so. Where the ledger's file is gone a new, empty one is begun.
    ///
    /// # Errors
    /// `ledger_damaged` where the journal's own chain is broken: that cannot be taken as it is; and those of opening
    /// it.
    pub fn ledger_accept(&self, merchant: Option<&str>) -> Result<AcceptView> {
        let environment = self.environment_of(merchant)?;
        self.close_ledger(environment);
        let path = self.place.ledger(environment);
        let key = self.chain_key(environment)?;
        let kept = match self.kept(environment)? {
            Kept::Head(head) => Some(head),
            Kept::Nothing | Kept::Damaged(_) => None,
        };
        let open = || ledger::Ledger::open(&path, environment, key.clone(), self.now());
        let (opened, adopted) = match open() {
            // Whoever asks for this goes on with what nobody can prove any more, and the journal says so.
            Err(ledger::LedgerError::WrongChainKey) => {
                ledger::Ledger::adopt(&path, environment, &key, self.now())
                    .map_err(|error| named(&path, error))?;
                (open(), true)
            }
            opened => (opened, false),
        };
        let opened = opened.map_err(|error| not_by_accepting(named(&path, error)))?;
        opened.ledger.check_chain(None).map_err(|error| not_by_accepting(named(&path, error)))?;
        let head = opened.ledger.accept(kept, self.now())?;
        self.anchor_at(environment, head)?;
        Ok(AcceptView {
            path: shown(&path),
            environment: environment.to_string(),
            begun: opened.created,
            anchored_before: kept.map(|head| head.seq),
            adopted,
            journal_seq: head.seq,
        })
    }

    /// Copies the ledger while it is in use, and checks the copy.
    ///
    /// # Errors
    /// `file_exists` unless `force`; `ledger_failed` if the copy does not pass its check.
    pub fn ledger_backup(&self, merchant: Option<&str>, to: &Path, force: bool) -> Result<BackupView> {
        let environment = self.environment_of(merchant)?;
        let ledger = self.ledger_to_read(environment)?;
        if to.exists() {
            if !force {
                return Err(ConsoleError::new(Code::FileExists).with("path", to.display()));
            }
            if std::fs::canonicalize(to).ok() == std::fs::canonicalize(ledger.path()).ok() {
                return Err(ConsoleError::new(Code::LedgerWrongFile)
                    .with("path", to.display())
                    .saying("detail", Words::new("detail.ledger.itself")));
            }
            // The old one goes only when the new one is whole and checked.
            let beside = to.with_extension("new");
            let _ = std::fs::remove_file(&beside);
            ledger.backup(&beside)?;
            std::fs::rename(&beside, to).map_err(|error| failed(to, &error))?;
        } else {
            ledger.backup(to)?;
        }
        // It holds what the ledger holds, and the ledger's own folder is closed to others.
        #[cfg(unix)]
        std::fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(|error| failed(to, &error))?;
        let bytes = std::fs::metadata(to).map_err(|error| failed(to, &error))?.len();
        let key_in_keychain = environment != Environment::Simulated;
        Ok(BackupView { path: shown(to), bytes: count(bytes), key_in_keychain })
    }

    /// Puts a checked backup in the ledger's place; the ledger before it is moved aside, never overwritten.
    ///
    /// # Errors
    /// `ledger_damaged`, `ledger_wrong_file` if the backup is none; `ledger_busy` if a program has it open.
    pub fn ledger_restore(&self, merchant: Option<&str>, from: &Path) -> Result<RestoreView> {
        let environment = self.environment_of(merchant)?;
        self.close_ledger(environment);
        let path = self.place.ledger(environment);
        let key = self.chain_key(environment)?;
        let restored = ledger::Ledger::restore(from, &path, environment, key, true, self.now())
            .map_err(|error| named(from, error))?;
        self.anchor_at(environment, restored.head)?;
        Ok(RestoreView {
            path: shown(&path),
            moved_aside: restored.moved_aside.as_deref().map(shown),
            adopted: restored.adopted,
        })
    }

    /// Saves every row of a damaged ledger that can still be read into a fresh one; the damaged one is moved
    /// aside.
    ///
    /// # Errors
    /// `ledger_failed` if nothing can be read, `disk_full`; `ledger_wrong_file`, `ledger_newer` for a ledger that is
    /// not damaged but another's.
    pub fn ledger_salvage(&self, merchant: Option<&str>) -> Result<SalvageView> {
        let environment = self.environment_of(merchant)?;
        self.close_ledger(environment);
        let path = self.place.ledger(environment);
        let aside = path.with_extension(format!("damaged-{}", self.now().civil().compact()));
        let fresh = path.with_extension(format!("salvaged-{}", self.now().civil().compact()));
        let key = self.chain_key(environment)?;
        // Whole rows of another environment would become this one's, and a newer program's would lose what is new.
        if path.exists()
            && let Err(
                error @ (ledger::LedgerError::WrongEnvironment { .. }
                | ledger::LedgerError::NewerThanProgram { .. }),
            ) = ledger::Ledger::open(&path, environment, key.clone(), self.now())
        {
            return Err(named(&path, error));
        }
        let report = ledger::Ledger::salvage_reading(
            &path,
            &fresh,
            environment,
            key.clone(),
            self.now(),
            &shape::field_of,
        )?;
        move_with_companions(&path, &aside)?;
        move_with_companions(&fresh, &path)?;
        // Not through `ledger`: its journal begins anew, so what is anchored is not in it.
        let fresh =
            ledger::Ledger::open(&path, environment, key, self.now()).map_err(|error| named(&path, error))?;
        self.anchor_at(environment, fresh.ledger.head()?)?;
        let list = |table: &ledger::SalvagedTable, rows: usize| TableCount {
            table: table.table.into(),
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
        };
        let lost_rows = report.lost_rows.iter().map(|row| LostRow {
            table: row.table.into(),
            merchant: row.merchant.clone(),
            kind: row.kind.clone(),
            number: row.number.clone(),
        });
        Ok(SalvageView {
            lost_rows: lost_rows.take(MOST_LOST).collect(),
            unreadable: (report.tables.iter().filter(|table| table.unreadable))
                .map(|table| table.table.into())
                .collect(),
            path: shown(&path),
            moved_aside: Some(shown(&aside)),
            saved: report
                .tables
                .iter()
                .map(|table| TableCount { table: table.table.into(), rows: count(table.saved) })
                .collect(),
            lost: report
                .tables
                .iter()
                .map(|table| list(table, table.lost.len()))
                .filter(|t| t.rows > 0)
                .collect(),
            doubtful: report
                .tables
                .iter()
                .map(|table| list(table, table.doubtful.len()))
                .filter(|table| table.rows > 0)
                .collect(),
            journal_whole: report.journal_whole,
        })
    }

    /// The raw exchanges with the gateway, newest first.
    ///
    /// # Errors
    /// Those of opening the ledger.
    pub fn exchanges(&self, merchant: Option<&str>, limit: usize) -> Result<Vec<ExchangeSummary>> {
        let merchant = self.pick(merchant)?;
        let ledger = self.ledger_to_read(merchant.environment)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ok(ledger.exchanges(Some(&merchant.name), None, limit)?.iter().map(shape::exchange_summary).collect())
    }

    /// One raw exchange. Nothing in it is secret.
    ///
    /// # Errors
    /// `unknown_exchange`.
    pub fn exchange(&self, merchant: Option<&str>, id: i64) -> Result<ExchangeView> {
        let merchant = self.pick(merchant)?;
        let row = self.ledger_to_read(merchant.environment)?.exchange(id)?;
        let row = row.filter(|row| row.what.merchant == merchant.name);
        row.as_ref()
            .map(shape::exchange)
            .ok_or_else(|| ConsoleError::new(Code::UnknownExchange).with("id", id))
    }
}

/// Taking a damaged ledger as it is would mend nothing.
fn not_by_accepting(error: ConsoleError) -> ConsoleError {
    match error.code {
        Code::LedgerDamaged => ConsoleError { code: Code::LedgerNotAcceptable, ..error },
        _ => error,
    }
}

/// A finding in words.
fn finding(id: &str, check: &str, params: Vec<(&'static str, String)>, lang: Lang) -> FindingView {
    let said: Vec<(&str, String)> = params
        .iter()
        .map(|(name, value)| match *name {
            "subject" => ("subject", subject(value, lang)),
            "part" => ("part", part(value, lang)),
            // Amounts are yuan in sentences.
            name => match (name.strip_suffix("_fen"), value.parse()) {
                (Some(name), Ok(fen)) => (name, domain::Fen::new(fen).to_string()),
                _ => (name, value.clone()),
            },
        })
        .collect();
    let said: Vec<(&str, &dyn std::fmt::Display)> =
        said.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    FindingView {
        id: id.to_owned(),
        check: check.to_owned(),
        message: lang.say(&format!("ledger.finding.{id}"), &said),
        params: params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// A journal's subject, such as `payment:shop:20250101`, in words.
fn subject(subject: &str, lang: Lang) -> String {
    let mut parts = subject.splitn(3, ':');
    let (kind, first, second) = (parts.next(), parts.next(), parts.next());
    let key = format!("ledger.subject.{}", kind.unwrap_or_default());
    match (kind, first) {
        // A merchant's own, with its number.
        (Some("payment" | "refund" | "evidence"), Some(merchant)) => {
            lang.say(&key, &[("merchant", &merchant), ("number", &second.unwrap_or_default())])
        }
        (Some(_), Some(number)) if lang.has(&key) => lang.say(&key, &[("number", &number)]),
        _ => subject.to_owned(),
    }
}

/// A part of the check, or a table, in words.
fn part(part: &str, lang: Lang) -> String {
    let key = format!("ledger.check.{part}");
    if lang.has(&key) { lang.say(&key, &[]) } else { part.to_owned() }
}

/// Moves a ledger with its log and index; a log without its ledger would be taken for the next one's.
fn move_with_companions(from: &Path, to: &Path) -> Result<()> {
    for ending in ["-wal", "-shm", ""] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            std::path::PathBuf::from(name)
        };
        let (from, to) = (with(from), with(to));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| failed(&from, &error))?;
        }
    }
    Ok(())
}
