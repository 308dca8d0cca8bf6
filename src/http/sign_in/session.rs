//! The session: signing in, who am I, signing out.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    cookie,
    enter::{Entered, From},
    view::{GrantView, PlaceView},
};
use crate::{
    domain::{access::Action, audit::Deed, roster::PersonId},
    http::{App, Problem, access::Subject, asked::Ordered, secret, serve::Peer},
};

/// How somebody signs in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SignIn {
    /// The account's name …
    username: Option<String>,
    /// … and password,
    password: Option<String>,
    /// with another password to take its place;
    new_password: Option<String>,
    /// or a token, which a screen's browser trades for a cookie.
    token: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Me {
    /// The account's or the token's name.
    user: String,
    /// The highest role that it has anywhere; `none` if it has none.
    role: String,
    /// The person of the roster that it acts for.
    #[schema(value_type = Option<String>)]
    person: Option<PersonId>,
    /// All that this session may do is to choose a password: POST here again, with `new_password`.
    must_change: bool,
    /// Its rights.
    grants: Vec<GrantView>,
    /// Where it hangs, if it is a screen.
    screen: Option<PlaceView>,
    /// What it may do somewhere: `view`, `view-stored`, `act`, `operate`, `supervise`, `administer`.
    #[schema(value_type = Vec<String>)]
    actions: Vec<Action>,
}

impl Me {
    fn of(subject: &Subject) -> Self {
        let rights = &subject.who().rights;
        let screen = rights.screen.as_ref();
        let may = |action: &Action| {
            rights.may_somewhere(*action) || *action == Action::View && screen.is_some()
        };
        Self {
            user: subject.user.clone(),
            role: subject.role.clone(),
            person: subject.person.clone(),
            must_change: subject.who().must_change,
            grants: rights.grants.iter().map(GrantView::from).collect(),
            screen: screen.map(PlaceView::from),
            actions: Action::ALL.into_iter().filter(may).collect(),
        }
    }
}

/// A subject that may still have to choose its password.
pub(in crate::http) struct Anyone(Subject);

impl FromRequestParts<App> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Subject::of_request(parts, app).await.map(Self)
    }
}

/// Where a request comes from, as far as that is known.
pub(in crate::http) struct Sender(Option<std::net::IpAddr>);

impl FromRequestParts<App> for Sender {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Peer>().map(|peer| peer.0.ip())))
    }
}

/// Signs in: with a name and a password, or with a token. Every failure is answered alike.
#[utoipa::path(post, path = "/api/v1/session", tag = "sign-in", request_body = SignIn, security(()),
    responses((status = 200, body = Me, headers(("Set-Cookie" = String))),
              (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem, description = "a page of another origin"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem, description = "the new password is not taken"),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn enter(
    State(app): State<App>,
    Sender(address): Sender,
    headers: HeaderMap,
    Ordered(asked): Ordered<SignIn>,
) -> Result<Response, Problem> {
    let Some(keeper) = &app.sign_in else {
        return Err(Problem::unprocessable("Nobody has to sign in here (--insecure-no-auth)."));
    };
    let from = From { address, headers: &headers };
    let entered = match asked {
        SignIn { username: Some(name), password: Some(password), new_password, token: None } => {
            keeper.enter(&app, &from, &name, &password, new_password.as_deref()).await?
        }
        SignIn { username: None, password: None, new_password: None, token: Some(token) } => {
            keeper.enter_with(&app, &from, &token).await?
        }
        _ => {
            return Err(Problem::bad_request("Send `username` and `password`, or a `token`."));
        }
    };
    // The one that it had is of no use any more, whoever else knows it.
    if let Some(before) = cookie::read(&app, &headers) {
        keeper.end(secret::hash_of(&before)).await.map_err(Problem::store)?;
    }
    let Entered { who, secret, for_s } = entered;
    let me = Me::of(&Subject::new(&app, who, address));
    Ok(([cookie::give(&app, &secret, for_s)], Json(me)).into_response())
}

/// Who am I, and what may I do.
#[utoipa::path(get, path = "/api/v1/session", tag = "sign-in",
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub(in crate::http) async fn me(Anyone(subject): Anyone) -> Json<Me> {
    Json(Me::of(&subject))
}

/// Signs out; the session's sockets close with 4001.
#[utoipa::path(delete, path = "/api/v1/session", tag = "sign-in",
    responses((status = 204, headers(("Set-Cookie" = String))), (status = 401, body = Problem),
              (status = 503, body = Problem)))]
pub(in crate::http) async fn leave(
    State(app): State<App>,
    Anyone(subject): Anyone,
) -> Result<Response, Problem> {
    if let (Some(keeper), Some(hash)) = (&app.sign_in, subject.who().session) {
        keeper.end(hash).await.map_err(Problem::store)?;
        let object = format!("session:{hash}");
        app.note(&subject, Deed::SignOut, object, None);
    }
    let forget = (header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok((StatusCode::NO_CONTENT, [cookie::take_away(&app), forget]).into_response())
}
