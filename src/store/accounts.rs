//! Accounts: who may sign in with a password, and with which rights.
//!
//! Each change is written together with its row of the audit, in one transaction: there is no change
//! that nobody made.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Store, StoreError, audit,
    audit::AuditRow,
    column,
    error::told,
    grants,
    writer::{Write, Written},
};
use crate::domain::{
    access::{AccountName, Grant, Role, Scope},
    roster::PersonId,
    time::UnixMicros,
};

/// An account, without its password's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// What it is called; unique, and never used again for somebody else.
    pub name: AccountName,
    /// The person of the roster that it belongs to.
    pub person: Option<PersonId>,
    /// Whether it is kept out.
    pub disabled: bool,
    /// Whether its password is good for nothing but setting another.
    pub must_change: bool,
    /// Its rights.
    pub grants: Vec<Grant>,
    /// When it was made.
    pub created_at: UnixMicros,
    /// When it was changed last.
    pub changed_at: UnixMicros,
}

/// An account to make.
#[derive(Clone)]
pub struct NewAccount {
    /// What it is called.
    pub name: AccountName,
    /// Its password's hash, a PHC string.
    pub hash: String,
    /// The person of the roster that it belongs to.
    pub person: Option<PersonId>,
    /// Whether the password must be changed at the first sign-in.
    pub must_change: bool,
    /// Its rights.
    pub grants: Vec<Grant>,
}

/// Without the hash.
impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is changed of an account. All of it ends what the account no longer may: a new password and
/// a disabled account end its sessions at once.
#[derive(Clone)]
pub enum AccountChange {
    /// Another password.
    Password {
        /// Its hash, a PHC string.
        hash: String,
        /// Whether it must be changed at the next sign-in.
        must_change: bool,
    },
    /// Keep it out.
    Disable,
    /// Let it in again.
    Enable,
    /// Whose it is.
    Person(Option<PersonId>),
    /// One right more; a right that it has already is no change.
    Grant(Grant),
    /// This right less. Of a role at several sites, those that are named.
    Revoke(Grant),
    /// These rights in place of all others.
    Grants(Vec<Grant>),
}

/// Without the hash.
impl std::fmt::Debug for AccountChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Password { .. } => f.write_str("Password"),
            Self::Disable => f.write_str("Disable"),
            Self::Enable => f.write_str("Enable"),
            Self::Person(person) => f.debug_tuple("Person").field(person).finish(),
            Self::Grant(grant) => f.debug_tuple("Grant").field(grant).finish(),
            Self::Revoke(grant) => f.debug_tuple("Revoke").field(grant).finish(),
            Self::Grants(grants) => f.debug_tuple("Grants").field(grants).finish(),
        }
    }
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done, and in the audit.
    Done,
    /// Nothing was written: there is no such account, token or session.
    Unknown,
    /// Nothing was written: there is an account of this name, or, for the first one, any account.
    Taken,
    /// Nothing was written: nobody would be left who may change accounts.
    LastAdmin,
    /// Nothing was written: there would be too many, or it is too large.
    TooMuch,
}

/// What is written of accounts.
#[derive(Debug)]
pub(super) enum Step {
    Create { account: NewAccount, first: bool, note: AuditRow },
    Change { name: AccountName, change: AccountChange, note: AuditRow },
}

/// Accounts of a large province; a bound so that every list of them fits into memory.
const ACCOUNTS_MAX: i64 = 10_000;

impl Store {
    /// Whether there is any account; the first start asks.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account)")
            .fetch_one(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Every account with its rights, by name.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        // One transaction, so that rights and accounts are of one moment.
        let read = async {
            let mut snapshot = self.readers.begin().await?;
            let mut of: BTreeMap<String, Vec<grants::GrantRow>> = BTreeMap::new();
            let all = "SELECT account, role, site FROM account_grant";
            for row in sqlx::query(all).fetch_all(&mut *snapshot).await? {
                let grant = grants::from_row(&row)?;
                of.entry(row.try_get("account")?).or_default().push(grant);
            }
            let rows = sqlx::query("SELECT * FROM account ORDER BY name")
                .try_map(from_row)
                .fetch_all(&mut *snapshot)
                .await?;
            let with_grants = |row: AccountRow| {
                let grants = grants::gather(of.remove(row.name.as_str()).unwrap_or_default())?;
                Ok(AccountRow { grants, ..row })
            };
            rows.into_iter().map(with_grants).collect::<Result<Vec<_>, sqlx::Error>>()
        };
        read.await.map_err(|error| told(&self.path, error))
    }

    /// One account with its rights.
    pub async fn account(&self, name: &AccountName) -> Result<Option<AccountRow>, StoreError> {
        let read = async {
            let mut snapshot = self.readers.begin().await?;
            let row = sqlx::query("SELECT * FROM account WHERE name = $1")
                .bind(name.as_str())
                .try_map(from_row)
                .fetch_optional(&mut *snapshot)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let grants = grants::of_account(&mut snapshot, name).await?;
            Ok(Some(AccountRow { grants, ..row }))
        };
        read.await.map_err(|error| told(&self.path, error))
    }

    /// The hash of an account's password, also of one that is disabled. `None`: no such account.
    pub async fn password_hash(&self, name: &AccountName) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT hash FROM account WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| told(&self.path, error))
    }

    /// Makes an account; committed, with its row of the audit, when it returns. [`Changed::Done`],
    /// [`Changed::Taken`] or [`Changed::TooMuch`].
    pub async fn create_account(
        &self,
        account: NewAccount,
        note: AuditRow,
    ) -> Result<Changed, StoreError> {
        self.change(Step::Create { account, first: false, note }).await
    }

    /// As [`Store::create_account`], but only while there is no account at all: of two that try, one
    /// is [`Changed::Taken`].
    pub async fn create_first(
        &self,
        account: NewAccount,
        note: AuditRow,
    ) -> Result<Changed, StoreError> {
        self.change(Step::Create { account, first: true, note }).await
    }

    /// Changes an account; committed, with its row of the audit, when it returns.
    /// [`Changed::Done`], [`Changed::Unknown`] or [`Changed::LastAdmin`].
    pub async fn change_account(
        &self,
        name: AccountName,
        change: AccountChange,
        note: AuditRow,
    ) -> Result<Changed, StoreError> {
        self.change(Step::Change { name, change, note }).await
    }

    async fn change(&self, step: Step) -> Result<Changed, StoreError> {
        match self.writer.write(Write::Account(step)).await? {
            Written::Changed(changed) => Ok(changed),
            other => unreachable!("a change is answered with what came of it, not with {other:?}"),
        }
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    step: &Step,
) -> Result<Changed, sqlx::Error> {
    let (changed, note) = match step {
        Step::Create { account, first, note } => {
            (create(connection, account, *first, note.at).await?, note)
        }
        Step::Change { name, change: what, note } => {
            (change(connection, name, what, note.at).await?, note)
        }
    };
    if changed == Changed::Done {
        audit::insert(connection, note).await?;
    }
    Ok(changed)
}

async fn create(
    connection: &mut SqliteConnection,
    account: &NewAccount,
    first: bool,
    at: UnixMicros,
) -> Result<Changed, sqlx::Error> {
    let there: i64 =
        sqlx::query_scalar("SELECT count(*) FROM account").fetch_one(&mut *connection).await?;
    if first && there > 0 {
        return Ok(Changed::Taken);
    }
    if there >= ACCOUNTS_MAX {
        return Ok(Changed::TooMuch);
    }
    let sql = "INSERT INTO account (name, hash, person, disabled, must_change, created_at, changed_at) \
        VALUES ($1, $2, $3, 0, $4, $5, $5) ON CONFLICT (name) DO NOTHING";
    let made = sqlx::query(sql)
        .bind(account.name.as_str())
        .bind(&account.hash)
        .bind(account.person.as_ref().map(PersonId::as_str))
        .bind(account.must_change)
        .bind(column::micros(at))
        .execute(&mut *connection)
        .await?;
    if made.rows_affected() == 0 {
        return Ok(Changed::Taken);
    }
    for grant in &account.grants {
        grants::give_account(connection, &account.name, grant).await?;
    }
    Ok(Changed::Done)
}

async fn change(
    connection: &mut SqliteConnection,
    name: &AccountName,
    change: &AccountChange,
    at: UnixMicros,
) -> Result<Changed, sqlx::Error> {
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account WHERE name = $1)")
        .bind(name.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(Changed::Unknown);
    }
    if takes_admin(change) && is_last_admin(connection, name).await? {
        return Ok(Changed::LastAdmin);
    }
    sqlx::query("UPDATE account SET changed_at = $2 WHERE name = $1")
        .bind(name.as_str())
        .bind(column::micros(at))
        .execute(&mut *connection)
        .await?;
    match change {
        AccountChange::Password { hash, must_change } => {
            sqlx::query("UPDATE account SET hash = $2, must_change = $3 WHERE name = $1")
                .bind(name.as_str())
                .bind(hash)
                .bind(must_change)
                .execute(&mut *connection)
                .await?;
            end_sessions(connection, name).await?;
        }
        AccountChange::Disable => {
            disable(connection, name, true).await?;
            end_sessions(connection, name).await?;
        }
        AccountChange::Enable => disable(connection, name, false).await?,
        AccountChange::Person(person) => {
            sqlx::query("UPDATE account SET person = $2 WHERE name = $1")
                .bind(name.as_str())
                .bind(person.as_ref().map(PersonId::as_str))
                .execute(connection)
                .await?;
        }
        AccountChange::Grant(grant) => grants::give_account(connection, name, grant).await?,
        AccountChange::Revoke(grant) => grants::take_account(connection, name, grant).await?,
        AccountChange::Grants(grants) => {
            grants::take_all(connection, name).await?;
            for grant in grants {
                grants::give_account(connection, name, grant).await?;
            }
        }
    }
    Ok(Changed::Done)
}

async fn disable(
    connection: &mut SqliteConnection,
    name: &AccountName,
    disabled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account SET disabled = $2 WHERE name = $1")
        .bind(name.as_str())
        .bind(disabled)
        .execute(connection)
        .await
        .map(drop)
}

async fn end_sessions(
    connection: &mut SqliteConnection,
    name: &AccountName,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM session WHERE account = $1")
        .bind(name.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// Whether an administrator of everything would be none afterwards.
fn takes_admin(change: &AccountChange) -> bool {
    let admin = |grant: &Grant| grant.role == Role::Admin && grant.scope == Scope::All;
    match change {
        AccountChange::Disable => true,
        AccountChange::Revoke(grant) => admin(grant),
        AccountChange::Grants(grants) => !grants.iter().any(admin),
        AccountChange::Password { .. }
        | AccountChange::Enable
        | AccountChange::Person(_)
        | AccountChange::Grant(_) => false,
    }
}

async fn is_last_admin(
    connection: &mut SqliteConnection,
    name: &AccountName,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT a.name FROM account a JOIN account_grant g ON g.account = a.name \
        WHERE NOT a.disabled AND g.role = 'admin' AND g.site = '' LIMIT 2";
    let admins: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    Ok(admins == [name.as_str()])
}

/// Without its grants, which are rows of their own.
fn from_row(row: SqliteRow) -> Result<AccountRow, sqlx::Error> {
    Ok(AccountRow {
        name: column::read_word(&row, "name")?,
        person: column::read_word_if_any(&row, "person")?,
        disabled: row.try_get("disabled")?,
        must_change: row.try_get("must_change")?,
        grants: Vec::new(),
        created_at: column::read_time(&row, "created_at")?,
        changed_at: column::read_time(&row, "changed_at")?,
    })
}
