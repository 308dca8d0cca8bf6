//! `watchwall token`: bearer tokens for screens, scripts and other centres.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use jiff::{Span, SpanRelativeTo};
use serde_json::json;
use uuid::Uuid;
use watchwall::{
    config::Config,
    domain::{
        access::{Grant, Role, ScreenPlace},
        camera::{SiteId, Slug, WallId},
        time::UnixMicros,
    },
    http::secret::Secret,
    store::TokenRow,
};

use super::accounts;

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    /// The configuration.
    #[arg(long, global = true, default_value = "config/watchwall.toml")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it, this once.
    Create(CreateArgs),
    /// List the tokens and their rights; not the tokens themselves, which nobody has stored.
    List,
    /// Make a token good for nothing; ends the sessions that began with it.
    Revoke {
        /// Which one, as `list` names it.
        id: Uuid,
    },
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// What people call it, as "left screen".
    name: String,
    /// screen, duty, operator, supervisor or admin. With --wall, screen goes without saying.
    #[arg(long, required_unless_present = "wall")]
    role: Option<Role>,
    /// Where the role holds, with all sites below; may be repeated. Everywhere if left out.
    #[arg(long, conflicts_with = "wall", value_parser = accounts::slug)]
    site: Vec<SiteId>,
    /// The wall that a screen shows.
    #[arg(long, value_parser = accounts::slug)]
    wall: Option<WallId>,
    /// The screen's place on it; the whole wall if left out.
    #[arg(long, requires = "wall", value_parser = accounts::slug)]
    screen: Option<Slug>,
    /// How long it is good, as 90d or 12h; until it is revoked if left out.
    #[arg(long)]
    expires: Option<Span>,
}

pub(super) async fn run(args: TokenArgs) -> anyhow::Result<ExitCode> {
    let config = accounts::config(&args.config)?;
    match args.command {
        TokenCommand::Create(args) => create(&config, args).await?,
        TokenCommand::List => {
            let store = accounts::open_existing(&config).await?;
            let rows = store.tokens().await;
            store.close().await;
            rows?.iter().for_each(list);
        }
        TokenCommand::Revoke { id } => {
            let note =
                accounts::note("token-revoke", format!("token:{id}"), serde_json::Value::Null);
            let store = accounts::open_existing(&config).await?;
            let revoked = store.revoke_token(id, note).await;
            store.close().await;
            accounts::done(revoked?, "token, or it was revoked before")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(config: &Config, args: CreateArgs) -> anyhow::Result<()> {
    let CreateArgs { name, role, site, wall, screen, expires } = args;
    let name = name.trim().to_owned();
    ensure!(
        (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control),
        "a name has 1 to {NAME_MAX} characters on one line"
    );
    let (grants, screen) = rights(config, role, site, wall, screen)?;
    let created_at = accounts::now();
    let token = TokenRow {
        id: Uuid::now_v7(),
        name,
        grants,
        screen,
        created_by: "the command line".to_owned(),
        created_at,
        expires_at: expires.map(|expires| after(created_at, expires)).transpose()?,
        revoked_at: None,
        seen_at: None,
    };
    let secret = Secret::token()?;
    let detail = json!({
        "name": token.name, "grants": token.grants, "screen": token.screen,
        "expires_at": token.expires_at,
    });
    let note = accounts::note("token-create", format!("token:{}", token.id), detail);
    let store = accounts::open(config).await?;
    let created = store.create_token(token.clone(), secret.hash(), note).await;
    store.close().await;
    accounts::done(created?, "token")?;
    // Alone on standard output, so that it can go straight into a file.
    eprintln!("{} — it is shown this once:", said(&token));
    println!("{}", secret.expose());
    Ok(())
}

fn rights(
    config: &Config,
    role: Option<Role>,
    sites: Vec<SiteId>,
    wall: Option<WallId>,
    screen: Option<Slug>,
) -> anyhow::Result<(Vec<Grant>, Option<ScreenPlace>)> {
    match (role, wall) {
        (None | Some(Role::Screen), Some(wall)) => {
            if !config.walls.iter().any(|known| known.id == wall) {
                let all: Vec<&str> = config.walls.iter().map(|wall| wall.id.as_str()).collect();
                bail!("there is no wall {wall}; the walls are {}", all.join(", "));
            }
            Ok((Vec::new(), Some(ScreenPlace { wall, screen })))
        }
        (Some(Role::Screen) | None, None) => bail!("a screen needs its wall: --wall …"),
        (Some(role), Some(_)) => bail!("a screen is no {role}: leave out --role or --wall"),
        (Some(role), None) => {
            accounts::known_sites(config, &sites)?;
            Ok((vec![accounts::grant(role, sites)], None))
        }
    }
}

fn after(now: UnixMicros, expires: Span) -> anyhow::Result<UnixMicros> {
    // In UTC every day has 24 hours; months and years have no length of their own.
    let expires = expires.to_duration(SpanRelativeTo::days_are_24_hours())?;
    let expires = Duration::try_from(expires)?;
    ensure!(!expires.is_zero(), "a token that expires at once is good for nothing");
    Ok(now.plus(expires))
}

fn list(token: &TokenRow) {
    let until = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", accounts::time(at)),
        (None, Some(at)) if at <= accounts::now() => format!("expired {}", accounts::time(at)),
        (None, Some(at)) => format!("until {}", accounts::time(at)),
        (None, None) => "until revoked".to_owned(),
    };
    let seen = token.seen_at.map_or_else(|| "never".to_owned(), accounts::time);
    println!("{}; {until}; made by {}; last used: {seen}", said(token), token.created_by);
}

/// `0192… "left screen": screen left of the wall main`.
fn said(token: &TokenRow) -> String {
    let rights = match &token.screen {
        Some(ScreenPlace { wall, screen: Some(screen) }) => {
            format!("screen {screen} of the wall {wall}")
        }
        Some(ScreenPlace { wall, screen: None }) => format!("screen of the whole wall {wall}"),
        None => accounts::told(&token.grants),
    };
    format!("{} {:?}: {rights}", token.id, token.name)
}

/// Enough for a place in words.
const NAME_MAX: usize = 80;
