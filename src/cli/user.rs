//! `watchwall user`: accounts. It works beside a running service, which takes a change over within
//! half a second.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use watchwall::{
    config::Config,
    domain::{
        access::{AccountName, Grant, Role, password},
        camera::SiteId,
        roster::PersonId,
    },
    http::secret,
    store::{AccountChange, AccountRow, NewAccount},
};

use super::{accounts, typed};

#[derive(Debug, Args)]
pub(super) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
    /// The configuration.
    #[arg(long, global = true, default_value = "config/watchwall.toml")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account; its password is read from standard input.
    Add {
        /// What it is called: a-z, 0-9, '.', '_' and '-'.
        name: AccountName,
        /// The person of the roster that it belongs to.
        #[arg(long, value_parser = accounts::slug)]
        person: Option<PersonId>,
        /// Its first right: duty, operator, supervisor or admin.
        #[arg(long)]
        role: Option<Role>,
        /// Where that right holds, with all sites below; may be repeated. Everywhere if left out.
        #[arg(long, requires = "role", value_parser = accounts::slug)]
        site: Vec<SiteId>,
        /// The password must be changed at the first sign-in.
        #[arg(long)]
        must_change: bool,
    },
    /// List the accounts and their rights.
    List,
    /// Set another password, read from standard input; ends the account's sessions.
    Password {
        /// Which account.
        name: AccountName,
        /// It must be changed at the next sign-in.
        #[arg(long)]
        must_change: bool,
    },
    /// Keep an account out; ends its sessions.
    Disable {
        /// Which account.
        name: AccountName,
    },
    /// Let an account in again.
    Enable {
        /// Which account.
        name: AccountName,
    },
    /// Give an account a right.
    Grant(RightArgs),
    /// Take a right from an account.
    Revoke(RightArgs),
}

#[derive(Debug, Args)]
struct RightArgs {
    /// Which account.
    name: AccountName,
    /// duty, operator, supervisor or admin.
    #[arg(long)]
    role: Role,
    /// Where, with all sites below; may be repeated. Everywhere if left out.
    #[arg(long, value_parser = accounts::slug)]
    site: Vec<SiteId>,
}

/// A change, and its row of the audit but for the account.
struct Order {
    name: AccountName,
    change: AccountChange,
    action: &'static str,
    detail: Value,
}

pub(super) async fn run(args: UserArgs) -> anyhow::Result<ExitCode> {
    let config = accounts::config(&args.config)?;
    let order = match args.command {
        UserCommand::Add { name, person, role, site, must_change } => {
            let grants = match role {
                None => Vec::new(),
                Some(role) => vec![right(&config, role, site)?],
            };
            add(&config, name, person, must_change, grants).await?;
            return Ok(ExitCode::SUCCESS);
        }
        UserCommand::List => {
            let store = accounts::open_existing(&config).await?;
            let rows = store.accounts().await;
            store.close().await;
            list(&rows?);
            return Ok(ExitCode::SUCCESS);
        }
        UserCommand::Password { name, must_change } => {
            let hash = hash_of_typed(&name)?;
            let change = AccountChange::Password { hash, must_change };
            let detail = json!({ "must_change": must_change });
            Order { name, change, action: "user-password", detail }
        }
        UserCommand::Disable { name } => {
            let change = AccountChange::Disable;
            Order { name, change, action: "user-disable", detail: Value::Null }
        }
        UserCommand::Enable { name } => {
            let change = AccountChange::Enable;
            Order { name, change, action: "user-enable", detail: Value::Null }
        }
        UserCommand::Grant(RightArgs { name, role, site }) => {
            let grant = right(&config, role, site)?;
            let detail = json!({ "grant": grant });
            Order { name, change: AccountChange::Grant(grant), action: "user-grant", detail }
        }
        // Also at a site that is gone: the right stays until it is taken.
        UserCommand::Revoke(RightArgs { name, role, site }) => {
            let grant = accounts::grant(role, site);
            let detail = json!({ "grant": grant });
            Order { name, change: AccountChange::Revoke(grant), action: "user-revoke", detail }
        }
    };
    change(&config, order).await?;
    Ok(ExitCode::SUCCESS)
}

async fn add(
    config: &Config,
    name: AccountName,
    person: Option<PersonId>,
    must_change: bool,
    grants: Vec<Grant>,
) -> anyhow::Result<()> {
    if let Some(id) = person.as_ref().filter(|id| config.roster.person(id).is_none()) {
        bail!("there is no person {id} in the roster");
    }
    let hash = hash_of_typed(&name)?;
    let said = format!("{name}: {}", accounts::told(&grants));
    let detail = json!({ "person": person, "grants": grants, "must_change": must_change });
    let note = accounts::note("user-create", format!("user:{name}"), detail);
    let store = accounts::open(config).await?;
    let account = NewAccount { name, hash, person, must_change, grants };
    let added = store.create_account(account, note).await;
    store.close().await;
    accounts::done(added?, "account")?;
    println!("{said}");
    Ok(())
}

async fn change(config: &Config, order: Order) -> anyhow::Result<()> {
    let Order { name, change, action, detail } = order;
    let note = accounts::note(action, format!("user:{name}"), detail);
    let store = accounts::open_existing(config).await?;
    let changed = store.change_account(name.clone(), change, note).await;
    let row = store.account(&name).await;
    store.close().await;
    accounts::done(changed?, "account")?;
    list(row?.as_slice());
    Ok(())
}

/// A right of people, at sites that exist.
fn right(config: &Config, role: Role, sites: Vec<SiteId>) -> anyhow::Result<Grant> {
    ensure!(
        role != Role::Screen,
        "screens have no accounts: use `watchwall token create NAME --wall …`"
    );
    accounts::known_sites(config, &sites)?;
    Ok(accounts::grant(role, sites))
}

fn hash_of_typed(name: &AccountName) -> anyhow::Result<String> {
    let password = password::take(&typed::password(name)?, name)?;
    Ok(secret::hash(&password)?)
}

fn list(rows: &[AccountRow]) {
    for row in rows {
        let AccountRow { name, person, disabled, must_change, grants, .. } = row;
        let person = person.as_ref().map_or_else(String::new, |person| format!(", is {person}"));
        let disabled = if *disabled { ", disabled" } else { "" };
        let must_change = if *must_change { ", must change the password" } else { "" };
        println!("{name}: {}{person}{disabled}{must_change}", accounts::told(grants));
    }
}
