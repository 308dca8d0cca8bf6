//! The walls' screens: what each says it paints, and what is wrong with it.

use axum::{Json, extract::State};

use super::{App, access::Subject};
use crate::desk::view::ScreenView;

/// The screens of all walls, and pages that show one; about a second old.
#[utoipa::path(get, path = "/api/v1/screens", tag = "walls",
    responses((status = 200, body = Vec<ScreenView>)))]
pub(super) async fn list(State(app): State<App>, subject: Subject) -> Json<Vec<ScreenView>> {
    let seen = |screen: &&ScreenView| {
        // What it paints counts the cameras of all of it.
        app.view.wall(&screen.wall).is_some_and(|wall| subject.may_see_all_of(&wall))
    };
    Json(app.view.screens.load().iter().filter(seen).cloned().collect())
}
