//! What people do with alerts, through HTTP and through the control socket alike.

use std::str::FromStr;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;

use super::view::AlertView;
use crate::{
    desk::command::{Command, Done},
    domain::{
        alert::{Act, AlertId, Disposition},
        roster::PersonId,
        word::spelled,
    },
    http::{
        App, Problem,
        access::{Action, Subject},
        asked::{Moment, Ordered, plain_text, request_name},
    },
};

/// What is said with an act; each act asks for its own part.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Said {
    /// The client's own name for this command, 1 to 64 characters: sent again within a day, it is
    /// done once and answered alike.
    pub(in crate::http) request: Option<String>,
    /// When the person asked for it, where that is not now: RFC 3339, or Unix microseconds.
    #[schema(value_type = Option<String>)]
    asked_at: Option<Moment>,
    /// `assign`: to whom.
    #[schema(value_type = Option<String>)]
    to: Option<PersonId>,
    /// `comment`, `help`: 1 to 500 characters.
    text: Option<String>,
    /// `shelve`, `pass`: why, 1 to 500 characters.
    reason: Option<String>,
    /// `shelve`: when it comes back by itself, RFC 3339 or Unix microseconds.
    #[schema(value_type = Option<String>)]
    until: Option<Moment>,
    /// `resolve`: what it turned out to be, `real`, `suspicious` or `false`.
    #[schema(value_type = Option<String>)]
    disposition: Option<Disposition>,
    /// `resolve`: what was found; some rules ask for it.
    comment: Option<String>,
}

/// The acts by their word in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::http) enum ActWord {
    Read,
    Acknowledge,
    Assign,
    Comment,
    Resolve,
    Shelve,
    Unshelve,
    Pass,
    Help,
}

impl FromStr for ActWord {
    type Err = Problem;

    fn from_str(word: &str) -> Result<Self, Problem> {
        spelled(word).ok_or_else(|| {
            let word: String = word.chars().take(60).collect();
            Problem::new(
                axum::http::StatusCode::NOT_FOUND,
                format!(
                    "Nobody can {word:?} an alert: read, acknowledge, assign, comment, resolve, \
                     shelve, unshelve, pass or help."
                ),
            )
        })
    }
}

impl Said {
    fn act(&self, word: ActWord) -> Result<Act, Problem> {
        Ok(match word {
            ActWord::Read => Act::Read,
            ActWord::Acknowledge => Act::Acknowledge,
            ActWord::Unshelve => Act::Unshelve,
            ActWord::Assign => {
                Act::Assign { to: self.to.clone().ok_or_else(|| missing("to", "a person's id"))? }
            }
            ActWord::Comment => Act::Comment { text: words("text", self.text.as_ref())? },
            ActWord::Help => Act::Help { text: words("text", self.text.as_ref())? },
            ActWord::Pass => Act::Pass { reason: words("reason", self.reason.as_ref())? },
            ActWord::Shelve => {
                let until = self.until.as_ref().ok_or_else(|| missing("until", "a moment"))?;
                let until = until.read("until")?;
                Act::Shelve { until, reason: words("reason", self.reason.as_ref())? }
            }
            ActWord::Resolve => {
                let missing = || missing("disposition", "\"real\", \"suspicious\" or \"false\"");
                let disposition = self.disposition.ok_or_else(missing)?;
                let comment = self.comment.as_ref().filter(|said| !said.trim().is_empty());
                let comment = comment.map(|said| plain_text("comment", said)).transpose()?;
                Act::Resolve { disposition, comment }
            }
        })
    }
}

fn missing(key: &str, what: &str) -> Problem {
    Problem::unprocessable(format!("`{key}` is missing: send {what}."))
}

fn words(key: &str, said: Option<&String>) -> Result<String, Problem> {
    plain_text(key, said.ok_or_else(|| missing(key, "1 to 500 characters"))?)
}

/// Does something with an alert; answers when that is stored.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/{act}", tag = "alerts", request_body = Said,
    params(("id" = String, Path), ("act" = ActWord, Path)),
    responses((status = 200, body = AlertView, description = "the alert after it"),
              (status = 400, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem),
              (status = 409, body = Problem, description = "not in this state"),
              (status = 413, body = Problem), (status = 415, body = Problem),
              (status = 422, body = Problem),
              (status = 503, body = Problem, description = "it could not be stored")))]
pub(in crate::http) async fn act(
    State(app): State<App>,
    subject: Subject,
    Path((id, word)): Path<(String, String)>,
    Ordered(said): Ordered<Said>,
) -> Result<Json<AlertView>, Problem> {
    done(&app, &subject, &id, word.parse()?, said).await.map(Json)
}

/// Has it done.
pub(in crate::http) async fn done(
    app: &App,
    subject: &Subject,
    id: &str,
    word: ActWord,
    said: Said,
) -> Result<AlertView, Problem> {
    let act = said.act(word)?;
    let (request, asked_at) = (said.request, said.asked_at);
    let request = request.map(request_name).transpose()?;
    let asked_at = asked_at.map(|at| at.read("asked_at")).transpose()?;
    let named = id;
    let id = named.parse().map(AlertId).map_err(|_| Problem::no_alert(named))?;
    if let Some(alerts) = &app.alerts {
        // What there is not, and what is not theirs, is answered alike.
        let known = alerts.alert(id).await.map_err(Problem::store)?;
        let (_, alert) = known.ok_or_else(|| Problem::no_alert(named))?;
        if !subject.may_see_alert(&alert) {
            subject.note_hidden("alert", named);
            return Err(Problem::no_alert(named));
        }
        subject.authorize(&Action::Alert(&alert, &act))?;
    } else {
        subject.authorize(&Action::Duty)?;
    }
    let (by, address) = (subject.actor(), subject.address);
    let command = Command::Alert { id, by, address, act, request, asked_at };
    match app.commands()?.give(command).await.map_err(Problem::refused)? {
        Done::Alert { seq, alert } => Ok(AlertView::of(app, seq, &subject.alert(&alert))),
        _ => Err(Problem::fault()),
    }
}
