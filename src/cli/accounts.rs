//! What `user` and `token` share: the store of the configuration, the row of the audit, words for
//! roles and sites.

use std::{path::Path, time::SystemTime};

use anyhow::bail;
use uuid::Uuid;
use watchwall::{
    config::{Config, Environment},
    domain::{
        access::{Grant, Role, Scope},
        alert::Actor,
        camera::{NotASlug, SiteId, Slug},
        time::UnixMicros,
    },
    store::{AuditRow, Changed, Store},
};

/// Reads the configuration, which must be in order.
pub(super) fn config(path: &Path) -> anyhow::Result<Config> {
    Config::load(path, &Environment::of_process()).map_err(|faults| {
        faults.iter().for_each(|fault| eprintln!("{fault}"));
        anyhow::anyhow!("{} faults in {}; nothing was done", faults.len(), path.display())
    })
}

/// Opens the store, which a running service may have open too.
pub(super) async fn open(config: &Config) -> anyhow::Result<Store> {
    Ok(Store::open(&config.store.path).await?)
}

/// As [`open`], where a store that is not there yet is surely the wrong one.
pub(super) async fn open_existing(config: &Config) -> anyhow::Result<Store> {
    let path = &config.store.path;
    if !path.try_exists().unwrap_or(true) {
        bail!(
            "there is no store at {} — is this the service's configuration and working directory?",
            path.display()
        );
    }
    open(config).await
}

/// An id on the command line.
pub(super) fn slug(text: &str) -> Result<Slug, NotASlug> {
    text.try_into()
}

/// Now, as it is written down.
pub(super) fn now() -> UnixMicros {
    SystemTime::now().into()
}

/// The row of the audit: whoever may write the store's file did it, which is all that is known.
pub(super) fn note(action: &str, object: String, detail: serde_json::Value) -> AuditRow {
    let user = format!("command-line:{}", rustix::process::getuid().as_raw());
    AuditRow {
        id: Uuid::now_v7(),
        at: now(),
        actor: Actor { user, person: None },
        action: action.to_owned(),
        object,
        detail: Some(detail).filter(|detail| !detail.is_null()),
        address: None,
    }
}

/// Sites that exist.
pub(super) fn known_sites(config: &Config, sites: &[SiteId]) -> anyhow::Result<()> {
    let known = |id: &SiteId| config.sites.iter().any(|site| site.id == *id);
    match sites.iter().find(|site| !known(site)) {
        None => Ok(()),
        Some(site) => {
            let all: Vec<&str> = config.sites.iter().map(|site| site.id.as_str()).collect();
            bail!("there is no site {site}; the sites are {}", all.join(", "))
        }
    }
}

/// A role at some sites; everywhere if none is named.
pub(super) fn grant(role: Role, sites: Vec<SiteId>) -> Grant {
    let scope = match sites.is_empty() {
        true => Scope::All,
        false => Scope::Sites(sites.into_iter().collect()),
    };
    Grant { role, scope }
}

/// `operator everywhere, duty at ha-tinh and ky-anh`.
pub(super) fn told(grants: &[Grant]) -> String {
    let one = |Grant { role, scope }: &Grant| match scope {
        Scope::All => format!("{role} everywhere"),
        Scope::Sites(sites) => {
            let sites: Vec<&str> = sites.iter().map(SiteId::as_str).collect();
            format!("{role} at {}", sites.join(" and "))
        }
    };
    if grants.is_empty() {
        return "no rights".to_owned();
    }
    grants.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `2026-11-23 13:50 UTC`.
pub(super) fn time(at: UnixMicros) -> String {
    let micros = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros)
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Fails with the reason unless it is done.
pub(super) fn done(changed: Changed, unknown: &str) -> anyhow::Result<()> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Unknown => bail!("there is no such {unknown}"),
        Changed::Taken => bail!("there is an account of this name already"),
        Changed::LastAdmin => bail!(
            "nobody would be left who may change accounts — first make another {} everywhere",
            Role::Admin
        ),
        Changed::TooMuch => bail!("there are as many as the service takes"),
    }
}
