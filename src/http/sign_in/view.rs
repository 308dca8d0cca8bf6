//! Rights, accounts, tokens and sessions as the API has them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::{
    domain::{
        access::{Grant, Role, Scope, ScreenPlace},
        camera::{SiteId, Slug, WallId},
        roster::PersonId,
        time::UnixMicros,
    },
    http::{App, Problem},
    store::{AccountRow, SessionRow, TokenRow},
};

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct GrantView {
    /// `duty`, `operator`, `supervisor` or `admin`.
    #[schema(value_type = String, example = "operator")]
    role: Role,
    /// At these sites and those below them; null: everywhere.
    #[schema(value_type = Option<Vec<String>>)]
    sites: Option<BTreeSet<SiteId>>,
}

impl From<&Grant> for GrantView {
    fn from(grant: &Grant) -> Self {
        let sites = match &grant.scope {
            Scope::All => None,
            Scope::Sites(sites) => Some(sites.clone()),
        };
        Self { role: grant.role, sites }
    }
}

/// What is granted, if all the sites are there.
pub(super) fn grants(app: &App, asked: Vec<GrantView>) -> Result<Vec<Grant>, Problem> {
    let known = app.view.sites.load();
    let mut grants = Vec::with_capacity(asked.len());
    for GrantView { role, sites } in asked {
        if role == Role::Screen {
            return Err(Problem::unprocessable(
                "`screen` is no role to grant: make a token with a `screen`.",
            ));
        }
        let scope = match sites {
            None => Scope::All,
            Some(sites) => {
                if let Some(site) = sites.iter().find(|id| !known.iter().any(|s| s.id == **id)) {
                    return Err(Problem::unprocessable(format!(
                        "There is no site \"{site}\". GET /api/v1/sites lists them."
                    )));
                }
                Scope::Sites(sites)
            }
        };
        grants.push(Grant { role, scope });
    }
    Ok(grants)
}

/// Where a screen hangs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PlaceView {
    /// The wall.
    #[schema(value_type = String)]
    pub(super) wall: WallId,
    /// Its name within the wall; null shows the whole.
    #[schema(value_type = Option<String>)]
    pub(super) screen: Option<Slug>,
}

impl From<&ScreenPlace> for PlaceView {
    fn from(place: &ScreenPlace) -> Self {
        Self { wall: place.wall.clone(), screen: place.screen.clone() }
    }
}

/// An account. Its password is never told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct UserView {
    /// What it is called.
    name: String,
    /// The person of the roster that it belongs to.
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
    /// Whether it is kept out.
    disabled: bool,
    /// Whether sign-ins from somewhere are refused for a while, because too many failed.
    locked: bool,
    /// Whether its password is good for nothing but choosing another.
    must_change: bool,
    /// Its rights.
    grants: Vec<GrantView>,
    /// When it was made.
    #[schema(value_type = u64)]
    created_at: UnixMicros,
    /// When it was changed last.
    #[schema(value_type = u64)]
    changed_at: UnixMicros,
}

impl UserView {
    pub(super) fn of(row: AccountRow, locked: bool) -> Self {
        Self {
            name: row.name.to_string(),
            person: row.person,
            disabled: row.disabled,
            locked,
            must_change: row.must_change,
            grants: row.grants.iter().map(GrantView::from).collect(),
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

/// A token. Its secret is told once, when it is made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct TokenView {
    /// Its identity, which is no secret.
    #[schema(value_type = String)]
    id: uuid::Uuid,
    /// What people call it.
    name: String,
    /// Its rights.
    grants: Vec<GrantView>,
    /// Where it hangs, if it is for a screen.
    screen: Option<PlaceView>,
    /// Who made it.
    created_by: String,
    /// When.
    #[schema(value_type = u64)]
    created_at: UnixMicros,
    /// Until when it is good; null: until it is revoked.
    #[schema(value_type = Option<u64>)]
    expires_at: Option<UnixMicros>,
    /// Since when it is good for nothing.
    #[schema(value_type = Option<u64>)]
    revoked_at: Option<UnixMicros>,
    /// When it was used last, to half a minute.
    #[schema(value_type = Option<u64>)]
    seen_at: Option<UnixMicros>,
}

impl From<TokenRow> for TokenView {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            grants: row.grants.iter().map(GrantView::from).collect(),
            screen: row.screen.as_ref().map(PlaceView::from),
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            seen_at: row.seen_at,
        }
    }
}

/// A session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct SessionView {
    /// Its name here; no secret.
    id: String,
    /// Whose it is: an account, or a token's name.
    user: String,
    /// When it began.
    #[schema(value_type = u64)]
    created_at: UnixMicros,
    /// When it was used last.
    #[schema(value_type = u64)]
    seen_at: UnixMicros,
    /// When it ends whatever it does.
    #[schema(value_type = u64)]
    expires_at: UnixMicros,
    /// Where it was signed in from.
    address: String,
    /// Which browser said so.
    agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    pub(super) fn of(row: SessionRow, user: String, seen_at: UnixMicros, current: bool) -> Self {
        Self {
            id: row.hash.to_string(),
            user,
            created_at: row.created_at,
            seen_at: row.seen_at.max(seen_at),
            expires_at: row.expires_at,
            address: row.address,
            agent: row.agent,
            current,
        }
    }
}
