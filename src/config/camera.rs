//! One camera's keys, wherever they stand, and what must hold between cameras.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{
    CameraConfig,
    address::stream_url,
    document::Place,
    fault::Fault,
    nearest::nearest,
    password::{Found, PASSWORD, Passwords},
    section::{Section, Spotted, TEXT_MAX},
};
use crate::domain::{
    camera::{Camera, CameraId, Importance, SiteId, Slug, Transport},
    word::spelled,
};

/// What checking a camera needs to know from elsewhere in the configuration.
pub(super) struct Surroundings<'a> {
    /// Every site that was declared, whether or not its own section is right.
    pub(super) sites: &'a BTreeSet<SiteId>,
    pub(super) allow_loopback: bool,
    pub(super) passwords: &'a Passwords<'a>,
}

/// Where ids and numbers were first seen, to tell the second use of each, and the tags in use.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) ids: BTreeMap<CameraId, String>,
    pub(super) numbers: BTreeMap<u32, String>,
    pub(super) tags: BTreeSet<Slug>,
}

/// What came of one camera's section.
#[derive(Default)]
pub(super) struct Checked {
    /// `None` when anything is wrong with it.
    pub(super) camera: Option<CameraConfig>,
    /// The file its password came from.
    pub(super) password_file: Option<PathBuf>,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
}

/// Reads one camera; every mistake in it is told.
pub(super) fn check(mut section: Section, around: &Surroundings<'_>, seen: &mut Seen) -> Checked {
    let id = id(&mut section, seen);
    let number = number(&mut section, seen);
    let name = section.text("name", NAME_MAX);
    let site = site(&mut section, around.sites);
    let url = url(&mut section, "url", around.allow_loopback);
    if url.is_none() {
        section.missing("url", "write url = \"rtsp://host:port/path\", the camera's small stream");
    }
    let main_url = url_of_main(&mut section, &url, around.allow_loopback);
    let username = section.text("username", 128);
    let Found { password, file: password_file, warning, .. } =
        around.passwords.find(&mut section, PASSWORD);
    if password.is_some() && username.is_none() {
        section.fault_here("username", "is missing beside the password", "write username = \"…\"");
    }
    let transport = transport(&mut section);
    let tags = tags(&mut section);
    let importance = importance(&mut section);
    let allow_basic = section.flag("allow_basic").unwrap_or(false);

    seen.tags.extend(tags.iter().cloned());
    let mut warnings = Vec::new();
    if let Some((name, problem)) = warning {
        warnings.push(section.told(PASSWORD.file, &name.at, problem, "chmod 600 it"));
    }
    for (key, url) in [("url", &url), ("main_url", &main_url)] {
        if let Some(url) = url.as_ref().filter(|url| names_a_password(&url.value)) {
            let problem = "the address itself carries a password, so everyone who may see the address sees it";
            warnings.push(section.told(
                key,
                &url.at,
                problem,
                "give this sign-in the right to watch and no other",
            ));
        }
    }
    let faults = section.finish();
    let camera = match (id, number, url) {
        (Some(id), Some(number), Some(url)) if faults.is_empty() => Some(CameraConfig {
            camera: Camera {
                name: name.map_or_else(|| id.to_string(), |name| name.value),
                id,
                number,
                site,
                url: url.value,
                main_url: main_url.map(|url| url.value),
                username: username.map(|name| name.value),
                transport,
                allow_basic,
                tags,
                importance,
            },
            password,
        }),
        _ => None,
    };
    Checked { camera, password_file, faults, warnings }
}

fn id(section: &mut Section, seen: &mut Seen) -> Option<CameraId> {
    let Some(id) = slug(section, "id") else {
        section.missing("id", "write id = \"…\", unique, from a-z, 0-9 and '-'");
        return None;
    };
    if let Some(first) = seen.ids.get(&id.value) {
        let problem = format!("{} is taken by the camera at {first}", id.value);
        section.fault("id", id.at, problem, "give each camera its own id");
        return None;
    }
    seen.ids.insert(id.value.clone(), section.spot(&id.at));
    Some(id.value)
}

fn number(section: &mut Section, seen: &mut Seen) -> Option<u32> {
    let Some(number) = section.whole("number", 1..=NUMBER_MAX) else {
        section.missing(
            "number",
            "write number = …, unique: what an operator types to call the camera",
        );
        return None;
    };
    let value = u32::try_from(number.value).expect("NUMBER_MAX fits");
    if let Some(first) = seen.numbers.get(&value) {
        let problem = format!("{value} is taken by the camera at {first}");
        section.fault("number", number.at, problem, "give each camera its own number");
        return None;
    }
    seen.numbers.insert(value, section.spot(&number.at));
    Some(value)
}

fn site(section: &mut Section, sites: &BTreeSet<SiteId>) -> Option<SiteId> {
    let site = slug(section, "site")?;
    if !sites.contains(&site.value) {
        section.fault(
            "site",
            site.at,
            format!("there is no site {}", site.value),
            unknown_site(&site.value, sites),
        );
        return None;
    }
    Some(site.value)
}

/// What to do about a site that nobody declared.
pub(super) fn unknown_site(site: &SiteId, sites: &BTreeSet<SiteId>) -> String {
    match nearest(site.as_str(), sites.iter().map(Slug::as_str)) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => format!("declare it: [[site]] with id = \"{site}\""),
    }
}

fn url(
    section: &mut Section,
    key: &'static str,
    allow_loopback: bool,
) -> Option<Spotted<url::Url>> {
    let text = section.text(key, TEXT_MAX)?;
    match stream_url(&text.value, allow_loopback) {
        Ok(value) => Some(Spotted { value, at: text.at }),
        Err(refused) => {
            section.fault(key, text.at, refused.problem, refused.remedy);
            None
        }
    }
}

/// The large stream comes from the same host: a camera is one device, and its budgets (sign-in
/// attempts, sessions) are counted per camera.
fn url_of_main(
    section: &mut Section,
    small: &Option<Spotted<url::Url>>,
    allow_loopback: bool,
) -> Option<Spotted<url::Url>> {
    let main = url(section, "main_url", allow_loopback)?;
    if let Some(small) = small
        && small.value.host_str() != main.value.host_str()
    {
        section.fault(
            "main_url",
            main.at,
            "is on another host than url",
            "list another device as a camera of its own",
        );
        return None;
    }
    Some(main)
}

fn transport(section: &mut Section) -> Transport {
    let Some(text) = section.text("transport", 16) else { return Transport::default() };
    match text.value.as_str() {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        other => {
            section.fault(
                "transport",
                text.at,
                format!("{other:?} is not a transport"),
                "use \"tcp\" or \"udp\"",
            );
            Transport::default()
        }
    }
}

fn importance(section: &mut Section) -> Importance {
    let Some(text) = section.text("importance", 16) else { return Importance::default() };
    spelled(&text.value).unwrap_or_else(|| {
        let problem = format!("{:?} is no importance", text.value);
        section.fault("importance", text.at, problem, "use \"high\", \"normal\" or \"low\"");
        Importance::default()
    })
}

fn tags(section: &mut Section) -> Vec<Slug> {
    let mut tags: Vec<Slug> = Vec::new();
    for text in section.texts("tags").map(|tags| tags.value).unwrap_or_default() {
        match Slug::try_from(text.value) {
            Ok(tag) if tags.contains(&tag) => {}
            Ok(tag) => tags.push(tag),
            Err(error) => section.fault(
                "tags",
                text.at,
                error.to_string(),
                "write tags in that form, as in \"junction\"",
            ),
        }
    }
    tags
}

/// An id that people and files use.
pub(super) fn slug(section: &mut Section, key: &'static str) -> Option<Spotted<Slug>> {
    let text = section.text(key, TEXT_MAX)?;
    match Slug::try_from(text.value.as_str()) {
        Ok(value) => Some(Spotted { value, at: text.at }),
        Err(error) => {
            section.fault(key, text.at, error.to_string(), slug_remedy(&text.value));
            None
        }
    }
}

fn slug_remedy(text: &str) -> String {
    // Dropping the marks of "Ngã ba" would make an id that nobody recognises: leave that to a person.
    if !text.is_ascii() {
        return "write it without marks, as in \"nga-ba-01\"".to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    format!("write it as {:?}", text.chars().map(plain).take(64).collect::<String>())
}

/// Some recorders put the sign-in into the path (`/user=…&password=…`), and offer no other way.
fn names_a_password(url: &url::Url) -> bool {
    let text = url.as_str().to_ascii_lowercase();
    ["password=", "passwd=", "pwd="].iter().any(|key| text.contains(key))
}

impl Section {
    /// A place in words, for another fault to point to.
    pub(super) fn spot(&self, at: &Place) -> String {
        match at {
            Place::Text { line, .. } => format!("line {line}"),
            Place::Variable(name) => name.to_string(),
            Place::File => "another file".to_owned(),
        }
    }
}

/// Fits under a tile and in a list; longer names are cut by every screen anyway.
pub(super) const NAME_MAX: usize = 80;

/// Six digits, as many as an operator types on a keypad without counting.
pub(super) const NUMBER_MAX: u64 = 999_999;
