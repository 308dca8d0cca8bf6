//! Accounts, for an administrator.

use std::time::Instant;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    Keeper, notes,
    sessions::administrator,
    view::{GrantView, UserView, grants},
};
use crate::{
    domain::{
        access::{AccountName, password},
        audit::Deed,
        roster::PersonId,
    },
    http::{App, Problem, access::Subject, asked::Ordered},
    store::{AccountChange, AccountRow, Changed, NewAccount},
};

/// An account to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewUser {
    /// 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`.
    #[schema(value_type = String)]
    name: AccountName,
    /// 12 characters at least.
    password: String,
    /// Whether it must be changed at the first sign-in; true if left out.
    must_change: Option<bool>,
    /// The person of the roster that it belongs to.
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
    /// Its rights.
    #[serde(default)]
    grants: Vec<GrantView>,
}

/// What is to be changed of an account; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct UserChange {
    /// These rights in place of all others.
    grants: Option<Vec<GrantView>>,
    /// Keep it out, or let it in again.
    disabled: Option<bool>,
    /// The person of the roster that it belongs to; empty: nobody.
    person: Option<String>,
}

/// Another password, which must be changed at the next sign-in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewPassword {
    /// 12 characters at least.
    password: String,
}

fn no_user() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such account. GET /api/v1/users lists them.")
}

/// What a change came to, where it was not done.
fn refused(changed: Changed) -> Problem {
    match changed {
        Changed::Unknown | Changed::Done => no_user(),
        Changed::Taken => Problem::conflict("There is an account of this name already."),
        Changed::LastAdmin => Problem::conflict(
            "Nobody would be left who may change accounts: make another administrator first.",
        ),
        Changed::TooMuch => Problem::unprocessable("There are too many accounts."),
    }
}

/// The person, if the roster has it.
fn person(app: &App, id: &str) -> Result<PersonId, Problem> {
    let duty = app.view.duty.load();
    let known = |id: &PersonId| duty.config.roster.person(id).is_some();
    PersonId::try_from(id).ok().filter(known).ok_or_else(|| {
        Problem::unprocessable("There is no such person. GET /api/v1/roster lists the people.")
    })
}

async fn hashed(keeper: &Keeper, text: &str, name: &AccountName) -> Result<String, Problem> {
    let taken = password::take(text, name);
    keeper.hash(taken.map_err(|weak| Problem::unprocessable(format!("{weak}.")))?).await
}

async fn user(keeper: &Keeper, name: &AccountName) -> Result<UserView, Problem> {
    let row = keeper.store.account(name).await.map_err(Problem::store)?;
    row.map(|row| view(keeper, row)).ok_or_else(no_user)
}

fn view(keeper: &Keeper, row: AccountRow) -> UserView {
    let locked = keeper.lock_lockout().is_locked(Instant::now(), row.name.as_str());
    UserView::of(row, locked)
}

/// Every account, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "accounts",
    responses((status = 200, body = Vec<UserView>), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    subject: Subject,
) -> Result<Json<Vec<UserView>>, Problem> {
    let keeper = administrator(&app, &subject)?;
    let rows = keeper.store.accounts().await.map_err(Problem::store)?;
    Ok(Json(rows.into_iter().map(|row| view(keeper, row)).collect()))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/users", tag = "accounts", request_body = NewUser,
    responses((status = 201, body = UserView), (status = 400, body = Problem),
              (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn add(
    State(app): State<App>,
    subject: Subject,
    Ordered(asked): Ordered<NewUser>,
) -> Result<(StatusCode, Json<UserView>), Problem> {
    let keeper = administrator(&app, &subject)?;
    let NewUser { name, password, must_change, person: of, grants: asked } = asked;
    let account = NewAccount {
        hash: hashed(keeper, &password, &name).await?,
        person: of.map(|id| person(&app, id.as_str())).transpose()?,
        must_change: must_change.unwrap_or(true),
        grants: grants(&app, asked)?,
        name: name.clone(),
    };
    let detail = json!({ "grants": account.grants, "person": account.person });
    let note = notes::row(&subject, Deed::User("add"), format!("user:{name}"), Some(detail));
    match keeper.store.create_account(account, note).await.map_err(Problem::store)? {
        Changed::Done => Ok((StatusCode::CREATED, Json(user(keeper, &name).await?))),
        other => Err(refused(other)),
    }
}

/// Changes an account. What it may no longer do ends within two seconds, also on open sockets.
#[utoipa::path(patch, path = "/api/v1/users/{name}", tag = "accounts", request_body = UserChange,
    params(("name" = String, Path)),
    responses((status = 200, body = UserView), (status = 400, body = Problem),
              (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 409, body = Problem),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn change(
    State(app): State<App>,
    subject: Subject,
    Path(name): Path<String>,
    Ordered(asked): Ordered<UserChange>,
) -> Result<Json<UserView>, Problem> {
    let keeper = administrator(&app, &subject)?;
    let name = AccountName::try_from(name.as_str()).map_err(|_| no_user())?;
    user(keeper, &name).await?;
    let UserChange { grants: rights, disabled, person: of } = asked;
    // All is read before anything is changed.
    let mut changes = Vec::new();
    if let Some(of) = of {
        let of = if of.is_empty() { None } else { Some(person(&app, &of)?) };
        let detail = json!({ "person": of });
        changes.push((AccountChange::Person(of), "person", Some(detail)));
    }
    if let Some(rights) = rights {
        let rights = grants(&app, rights)?;
        let detail = json!({ "grants": rights });
        changes.push((AccountChange::Grants(rights), "grants", Some(detail)));
    }
    match disabled {
        Some(true) => changes.push((AccountChange::Disable, "disable", None)),
        Some(false) => changes.push((AccountChange::Enable, "enable", None)),
        None => {}
    }
    for (change, action, detail) in changes {
        let note = notes::row(&subject, Deed::User(action), format!("user:{name}"), detail);
        let changed = keeper.store.change_account(name.clone(), change, note).await;
        match changed.map_err(Problem::store)? {
            Changed::Done => {}
            other => return Err(refused(other)),
        }
    }
    keeper.refresh().await;
    user(keeper, &name).await.map(Json)
}

/// Gives an account another password, which must be changed at the next sign-in; its sessions end.
#[utoipa::path(post, path = "/api/v1/users/{name}/password", tag = "accounts",
    request_body = NewPassword, params(("name" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn password(
    State(app): State<App>,
    subject: Subject,
    Path(name): Path<String>,
    Ordered(NewPassword { password }): Ordered<NewPassword>,
) -> Result<StatusCode, Problem> {
    let keeper = administrator(&app, &subject)?;
    let name = AccountName::try_from(name.as_str()).map_err(|_| no_user())?;
    user(keeper, &name).await?;
    let hash = hashed(keeper, &password, &name).await?;
    let change = AccountChange::Password { hash, must_change: true };
    let note = notes::row(&subject, Deed::User("password"), format!("user:{name}"), None);
    match keeper.store.change_account(name, change, note).await.map_err(Problem::store)? {
        Changed::Done => {
            keeper.refresh().await;
            Ok(StatusCode::NO_CONTENT)
        }
        other => Err(refused(other)),
    }
}

/// Takes sign-ins of an account again that failed too often, from wherever they came.
#[utoipa::path(post, path = "/api/v1/users/{name}/unlock", tag = "accounts",
    params(("name" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(in crate::http) async fn unlock(
    State(app): State<App>,
    subject: Subject,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let keeper = administrator(&app, &subject)?;
    let name = AccountName::try_from(name.as_str()).map_err(|_| no_user())?;
    user(keeper, &name).await?;
    if keeper.lock_lockout().forgive(name.as_str()) {
        app.note(&subject, Deed::User("unlock"), format!("user:{name}"), None);
    }
    Ok(StatusCode::NO_CONTENT)
}
