//! Grants as rows: one for a role everywhere, else one for each site.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::column;
use crate::domain::{
    access::{AccountName, Grant, Role, Scope},
    camera::{SiteId, Slug},
    word::word,
};

/// How the scope of everything is spelled; no site is.
const EVERYWHERE: &str = "";

/// A role and a site, as they stand in a row.
pub(super) type GrantRow = (Role, String);

/// One grant for each role that holds everywhere, then one for each that holds at some sites.
pub(super) fn gather(rows: Vec<GrantRow>) -> Result<Vec<Grant>, sqlx::Error> {
    let mut everywhere = Vec::new();
    let mut at_sites: BTreeMap<Role, BTreeSet<SiteId>> = BTreeMap::new();
    for (role, site) in rows {
        if site == EVERYWHERE {
            everywhere.push(Grant { role, scope: Scope::All });
        } else {
            let site = Slug::try_from(site).map_err(|error| column::unreadable("site", error))?;
            at_sites.entry(role).or_default().insert(site);
        }
    }
    let at_sites = at_sites.into_iter();
    everywhere.extend(at_sites.map(|(role, sites)| Grant { role, scope: Scope::Sites(sites) }));
    Ok(everywhere)
}

/// The role and the site of a row.
pub(super) fn from_row(row: &SqliteRow) -> Result<GrantRow, sqlx::Error> {
    Ok((column::read_word(row, "role")?, row.try_get("site")?))
}

pub(super) async fn of_account(
    connection: &mut SqliteConnection,
    account: &AccountName,
) -> Result<Vec<Grant>, sqlx::Error> {
    let rows = sqlx::query("SELECT role, site FROM account_grant WHERE account = $1")
        .bind(account.as_str())
        .try_map(|row| from_row(&row))
        .fetch_all(connection)
        .await?;
    gather(rows)
}

pub(super) async fn give_account(
    connection: &mut SqliteConnection,
    account: &AccountName,
    grant: &Grant,
) -> Result<(), sqlx::Error> {
    for site in sites(&grant.scope) {
        sqlx::query("INSERT INTO account_grant VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(account.as_str())
            .bind(word(grant.role))
            .bind(site)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn take_account(
    connection: &mut SqliteConnection,
    account: &AccountName,
    grant: &Grant,
) -> Result<(), sqlx::Error> {
    for site in sites(&grant.scope) {
        sqlx::query("DELETE FROM account_grant WHERE account = $1 AND role = $2 AND site = $3")
            .bind(account.as_str())
            .bind(word(grant.role))
            .bind(site)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn take_all(
    connection: &mut SqliteConnection,
    account: &AccountName,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM account_grant WHERE account = $1")
        .bind(account.as_str())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn of_token(
    connection: &mut SqliteConnection,
    token: &Uuid,
) -> Result<Vec<Grant>, sqlx::Error> {
    let rows = sqlx::query("SELECT role, site FROM token_grant WHERE token = $1")
        .bind(column::uuid(token))
        .try_map(|row| from_row(&row))
        .fetch_all(connection)
        .await?;
    gather(rows)
}

pub(super) async fn give_token(
    connection: &mut SqliteConnection,
    token: &Uuid,
    grant: &Grant,
) -> Result<(), sqlx::Error> {
    for site in sites(&grant.scope) {
        sqlx::query("INSERT INTO token_grant VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(column::uuid(token))
            .bind(word(grant.role))
            .bind(site)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn sites(scope: &Scope) -> Vec<&str> {
    match scope {
        Scope::All => vec![EVERYWHERE],
        Scope::Sites(sites) => sites.iter().map(Slug::as_str).collect(),
    }
}
