//! The walls' screens: what each says it paints, and what is wrong with it.

use axum::{Json, extract::State};

use super::{App, access::Subject};
use crate::{desk::view::ScreenView, domain::screen::ScreenRef};

/// The screens of walls on which all may be seen, and pages that show one; about a second old.
#[utoipa::path(get, path = "/api/v1/screens", tag = "walls",
    responses((status = 200, body = Vec<ScreenView>)))]
pub(super) async fn list(State(app): State<App>, subject: Subject) -> Json<Vec<ScreenView>> {
    let seen = |known: &&ScreenView| {
        let (wall, screen) = (known.wall.clone(), known.screen.clone());
        subject.may_see_screen(&ScreenRef { wall, screen })
    };
    Json(app.view.screens.load().iter().filter(seen).cloned().collect())
}
