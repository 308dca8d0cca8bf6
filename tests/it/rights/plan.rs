//! What each path of the API needs, and a request that is good for it: of what is one's own, and of
//! what is not.

use serde_json::{Value, json};

use crate::guarded::PASSWORD;

/// What a path needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// To be signed in.
    Anyone,
    /// To see what is now.
    See,
    /// The least role at the place.
    Least(Role),
    /// Supervisor everywhere.
    Figures,
    /// Administrator everywhere.
    Administrator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Screen,
    Duty,
    Operator,
    Supervisor,
    Admin,
}

pub(super) const ROLES: [(Role, &str); 5] = [
    (Role::Screen, "screen"),
    (Role::Duty, "duty"),
    (Role::Operator, "operator"),
    (Role::Supervisor, "supervisor"),
    (Role::Admin, "admin"),
];

/// Things of one site, by the names that the API has for them.
pub(super) struct Things {
    pub(super) camera: String,
    pub(super) site: String,
    pub(super) wall: &'static str,
    pub(super) position: &'static str,
    pub(super) alert: String,
    pub(super) record: String,
    pub(super) drill: String,
    pub(super) order: String,
}

/// One request, and whether it is about a place.
pub(super) struct Plan {
    pub(super) need: Need,
    pub(super) placed: bool,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// Nobody's.
const NONE: &str = "0190f2a0-0000-7000-8000-000000000000";

pub(super) fn plan(method: &str, template: &str, of: &Things) -> Plan {
    use Need::{Administrator, Anyone, Figures, Least, Nothing, See};
    use Role::{Duty, Operator, Supervisor};
    let short = template.strip_prefix("/api/v1/").unwrap_or(template);
    let plain = |need, placed| (need, placed, template.to_owned(), None);
    let at = |need, id: &str| (need, true, template.replace("{id}", id), None);
    let to = |need, placed, body: Value| (need, placed, template.to_owned(), Some(body));
    let camera = of.camera.as_str();
    let (need, placed, path, body) = match (method, short) {
        ("get", "/healthz" | "/readyz") => plain(Nothing, false),
        ("get", "/metrics") => plain(Figures, false),
        ("get", "cameras" | "sites" | "walls" | "screens" | "coverage") => plain(See, false),
        ("get", "cameras/{id}" | "cameras/{id}/snapshot.jpg") => at(See, camera),
        ("get", "cameras/{id}/history" | "cameras/{id}/figures" | "cameras/{id}/pictures") => {
            at(Least(Duty), camera)
        }
        ("get", "cameras/{id}/pictures/{file}") => {
            let path = template.replace("{id}", camera).replace("{file}", "event.jpg");
            (Least(Duty), true, path, None)
        }
        ("post", "cameras/{id}/references") => {
            let (need, placed, path, _) = at(Least(Operator), camera);
            (need, placed, path, Some(json!({ "action": "confirm" })))
        }
        ("post", "cameras/import" | "roster/import") => {
            (Administrator, false, format!("{template}?dry_run=true"), Some(json!("id\n")))
        }
        ("get", "sites/{id}/history") => at(Least(Duty), &of.site),
        ("get", "availability" | "maintenance" | "records") => plain(Least(Duty), false),
        ("post", "maintenance") => {
            let body = json!({ "scope": camera, "until": "2099-01-01T00:00:00Z", "reason": "x" });
            to(Least(Operator), true, body)
        }
        ("delete", "maintenance/{id}") => at(Least(Operator), &of.order),
        ("get", "alerts" | "shelf" | "roster" | "deliveries") => plain(Least(Duty), false),
        ("get", "alerts/figures" | "drills") => plain(Least(Supervisor), false),
        ("get", "alerts/{id}") => at(Least(Duty), &of.alert),
        ("post", "alerts/{id}/{act}") => {
            let path = template.replace("{id}", &of.alert).replace("{act}", "comment");
            (Least(Duty), true, path, Some(json!({ "text": "seen" })))
        }
        ("post", "events") => {
            let body = json!({ "system": "sweep", "key": camera, "kind": "plate", "camera": camera,
                               "text": "a plate" });
            to(Least(Operator), true, body)
        }
        ("post", "drills") => {
            let body = json!({ "kind": "black", "cameras": [camera], "count": 1, "gap_s": 1 });
            to(Least(Supervisor), true, body)
        }
        ("get", "drills/{id}") => at(Least(Supervisor), &of.drill),
        ("post", "deliveries/{id}/resend") => {
            (Least(Supervisor), false, template.replace("{id}", NONE), Some(json!({})))
        }
        ("get", "records/{id}/picture.jpg") => at(Least(Duty), &of.record),
        ("get", "consoles") => plain(Least(Duty), false),
        // Nobody of that name is at a console: a camera that is theirs gets as far as that.
        ("post", "consoles") => to(Least(Duty), true, json!({ "to": "nobody", "camera": camera })),
        ("get", "handover") => {
            // Whose position it is is no secret; what is on the sheet is left out.
            (Least(Duty), false, format!("{template}?position={}", of.position), None)
        }
        ("post", "handover") => {
            let body = json!({ "position": of.position, "note": "seen", "sign": null });
            to(Least(Duty), true, body)
        }
        ("get", "walls/{id}" | "walls/{id}/snapshot.jpg") => at(See, of.wall),
        ("get", "walls/{id}/history") => at(Least(Duty), of.wall),
        ("post", "walls/{id}/commands") => {
            let (need, placed, path, _) = at(Least(Operator), of.wall);
            (need, placed, path, Some(json!({ "command": "reset" })))
        }
        ("get", "configuration/history") => plain(Administrator, false),
        ("get" | "post", "configuration/history/{id}" | "configuration/history/{id}/restore") => {
            let body = (method == "post").then(|| json!({}));
            (Administrator, false, template.replace("{id}", "1"), body)
        }
        ("get", "configuration/{section}") => {
            (Administrator, false, template.replace("{section}", "camera"), None)
        }
        ("get", "roster/import") => plain(Administrator, false),
        ("post", "configuration/camera/{id}/probe") => {
            let path = template.replace("{id}", camera);
            (Administrator, false, path, Some(json!({ "fields": {} })))
        }
        ("put" | "delete", "configuration/{section}/{id}") => {
            let path = template.replace("{section}", "camera").replace("{id}", "x");
            let body = (method == "put").then(|| json!({ "fields": {} }));
            (Administrator, false, path, body)
        }
        ("get", "audit") => plain(Administrator, false),
        ("get" | "delete", "session") | ("get", "sessions" | "control" | "media") => {
            plain(Anyone, false)
        }
        ("post", "session") => to(Nothing, false, json!({ "token": "ww_none" })),
        ("get", "session/preferences/{key}") => {
            (Anyone, false, template.replace("{key}", "sweep"), None)
        }
        ("put", "session/preferences/{key}") => {
            (Anyone, false, template.replace("{key}", "sweep"), Some(json!({})))
        }
        ("delete", "sessions/{id}") => {
            (Anyone, false, template.replace("{id}", &"0".repeat(64)), None)
        }
        ("get", "users" | "tokens") => plain(Administrator, false),
        ("post", "users") => {
            let body = json!({ "name": "sweep", "password": PASSWORD });
            to(Administrator, false, body)
        }
        ("patch", "users/{name}") => {
            let path = template.replace("{name}", "nobody");
            (Administrator, false, path, Some(json!({ "disabled": true })))
        }
        ("post", "users/{name}/password") => {
            let path = template.replace("{name}", "nobody");
            (Administrator, false, path, Some(json!({ "password": PASSWORD })))
        }
        ("post", "users/{name}/unlock") => {
            (Administrator, false, template.replace("{name}", "nobody"), None)
        }
        ("post", "tokens") => {
            to(Administrator, false, json!({ "name": "x", "grants": [{ "role": "duty" }] }))
        }
        ("delete", "tokens/{id}") => (Administrator, false, template.replace("{id}", NONE), None),
        other => panic!("{other:?} is a new path: say here what it needs"),
    };
    Plan { need, placed, path, body }
}
