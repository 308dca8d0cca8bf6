//! Checks the chain of a store that may be in use: reads only, and all of it as of one moment.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    KnownHead, Link, PRUNE, head,
    link::exported,
    place, unsigned,
    verify::{Broken, Verifier, Wrong, broken},
};
use crate::{
    domain::time::UnixMicros,
    store::{BUSY_TIMEOUT, StoreError, error::told},
};

/// A chain that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Rows that were checked.
    pub rows: u64,
    /// The number before the first of them; what was before was deleted for its age.
    pub after: u64,
    /// The newest row: to be kept elsewhere.
    pub head: KnownHead,
    /// Heads in the file beside the store that were compared.
    pub noted: usize,
    /// Lines of that file that are no heads.
    pub unreadable: usize,
}

/// Why a chain was not found whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// It is not what was written.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of heads cannot be read.
    #[error("the file {} cannot be read", path.display())]
    Heads {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The export cannot be written.
    #[error("the export cannot be written")]
    Export(#[source] io::Error),
}

/// Rows read at once.
const PAGE: i64 = 1000;

/// Checks all rows of the store at `path`, against its head, the heads that were noted beside it, and
/// `known` ones that were kept elsewhere. Gives each row that is good to `export`, a line of JSON
/// each.
pub async fn verify_audit(
    path: &Path,
    known: &[KnownHead],
    mut export: Option<&mut (dyn Write + Send)>,
) -> Result<AuditReport, AuditError> {
    // Before the rows: what is noted while they are read is later than they are.
    let (mut heads, unreadable) = head::noted(path)
        .map_err(|source| AuditError::Heads { path: head::beside(path), source })?;
    let noted = heads.len();
    heads.extend(known);
    heads.sort_by_key(|head| head.seq);
    let options =
        SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let failed = |error| AuditError::Store(told(path, error));
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
    sqlx::query("BEGIN").execute(&mut connection).await.map_err(failed)?;
    let mut check = Check { connection, path, heads };
    let verifier = check.run(&mut export).await?;
    let (after, head) = (verifier.head().seq - verifier.rows(), verifier.head());
    Ok(AuditReport { rows: verifier.rows(), after, head, noted, unreadable })
}

struct Check<'a> {
    connection: SqliteConnection,
    path: &'a Path,
    heads: Vec<KnownHead>,
}

impl Check<'_> {
    async fn run(
        &mut self,
        export: &mut Option<&mut (dyn Write + Send)>,
    ) -> Result<Verifier, AuditError> {
        let mut verifier = self.begin().await?;
        let mut good = verifier.head().seq;
        let mut heads = self.heads.clone().into_iter().peekable();
        loop {
            let page = self.page(verifier.head().seq).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let link = match row {
                    Ok(link) => link,
                    Err(broken) => return Err(broken.into()),
                };
                if let Err(broken) = verifier.apply(&link) {
                    return Err(self.swapped(&verifier, &link, broken).await?.into());
                }
                let here = verifier.head();
                while let Some(head) = heads.next_if(|head| head.seq <= here.seq) {
                    match head.seq == here.seq {
                        true if head.hash != here.hash => {
                            return Err(broken(&link, Wrong::Rewritten(good)).into());
                        }
                        true => good = here.seq,
                        // Deleted for its age.
                        false => {}
                    }
                }
                if let Some(to) = export {
                    let line = link.content.line(link.seq, &link.prev).unwrap_or_default();
                    writeln!(to, "{}", exported(&line, &link.hash)).map_err(AuditError::Export)?;
                }
            }
        }
        let (seq, hash) =
            place(&mut self.connection, "audit_head").await.map_err(|error| self.failed(error))?;
        verifier.end(KnownHead { seq, hash })?;
        match self.heads.last() {
            Some(last) if last.seq > seq => Err(verifier.missing(last.seq).into()),
            _ => Ok(verifier),
        }
    }

    /// Where the chain begins: behind what was deleted for its age, which a row of it tells.
    async fn begin(&mut self) -> Result<Verifier, AuditError> {
        let base = place(&mut self.connection, "audit_base").await;
        let (seq, hash) = base.map_err(|error| self.failed(error))?;
        let sql = "SELECT detail FROM audit WHERE action = $1 ORDER BY seq DESC LIMIT 1";
        let told: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(PRUNE)
            .fetch_optional(&mut self.connection)
            .await
            .map_err(|error| self.failed(error))?;
        let told = told.flatten().and_then(|detail| serde_json::from_str(&detail).ok());
        let told: serde_json::Value = told.unwrap_or_default();
        let through = told["through"].as_u64().unwrap_or_default();
        if through != seq || (seq > 0 && told["hash"] != hash.to_string()) {
            let seq = through.min(seq) + 1;
            return Err(Broken { seq, id: None, at: None, wrong: Wrong::Deleted }.into());
        }
        Ok(Verifier::new(seq, hash))
    }

    /// The next rows; those that nobody could have written as `Err`.
    async fn page(&mut self, after: u64) -> Result<Vec<Result<Link, Broken>>, AuditError> {
        let sql = "SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
        sqlx::query(sql)
            .bind(super::number(after))
            .bind(PAGE)
            .try_map(|row| {
                let seq: i64 = row.try_get("seq")?;
                let id = super::column::read_uuid(&row, "id").ok();
                let at: Option<i64> = row.try_get("at").ok();
                let at = at.map(|at| UnixMicros(unsigned(at)));
                let edited = Broken { seq: unsigned(seq), id, at, wrong: Wrong::Edited };
                Ok(Link::read(&row).map_err(|_| edited))
            })
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| self.failed(error))
    }

    /// Whether what belongs in the place of a broken row stands elsewhere.
    async fn swapped(
        &mut self,
        verifier: &Verifier,
        there: &Link,
        found: Broken,
    ) -> Result<Broken, AuditError> {
        if found.wrong != Wrong::Edited || found.seq != there.seq {
            return Ok(found);
        }
        let mut after = 0;
        loop {
            let page = self.page(after).await?;
            for row in page.iter().flatten() {
                if row.seq != there.seq && verifier.misses(there, row) {
                    return Ok(broken(there, Wrong::Swapped(row.seq)));
                }
            }
            match page.last() {
                Some(Ok(link)) => after = link.seq,
                Some(Err(broken)) => after = broken.seq,
                None => return Ok(found),
            }
        }
    }

    fn failed(&self, error: sqlx::Error) -> AuditError {
        AuditError::Store(told(self.path, error))
    }
}
