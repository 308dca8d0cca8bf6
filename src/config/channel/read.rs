//! Reads `[[channel]]`, each key with its bounds and what would break beyond them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use url::{Host, Url};

use super::{
    super::{
        camera::slug,
        document::Entry,
        fault::Fault,
        nearest::nearest,
        password::{Found, Keys, PASSWORD, Passwords, SECRET},
        section::{Section, Spotted, TEXT_MAX},
        tls,
    },
    ChannelConfig, ChannelKind, Email, MailTls, Mqtt, Secret, Server, SignIn, Trust, Webhook,
};
use crate::domain::roster::ChannelId;

/// What came of all `[[channel]]`.
#[derive(Default)]
pub(in crate::config) struct Channels {
    pub(in crate::config) channels: Vec<ChannelConfig>,
    /// Every id that was declared, even where the rest of the section is wrong, so that one mistake
    /// is not told again at each person.
    pub(in crate::config) declared: BTreeSet<ChannelId>,
    /// Where secrets came from.
    pub(in crate::config) files: BTreeSet<PathBuf>,
    pub(in crate::config) faults: Vec<Fault>,
    pub(in crate::config) warnings: Vec<Fault>,
}

pub(in crate::config) fn check(
    file: &Arc<str>,
    entries: Vec<Entry>,
    passwords: &Passwords<'_>,
) -> Channels {
    let mut all = Channels::default();
    let mut seen = BTreeMap::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let section = Section::new(file, format!("channel[{index}]"), entry);
        let mut reading =
            Reading { section, passwords, files: &mut all.files, warnings: &mut all.warnings };
        let channel = reading.channel(&mut seen);
        let faults = reading.section.finish();
        all.channels.extend(channel.filter(|_| faults.is_empty()));
        all.faults.extend(faults);
    }
    all.declared = seen.into_keys().collect();
    all
}

/// One section being read.
struct Reading<'a> {
    section: Section,
    passwords: &'a Passwords<'a>,
    files: &'a mut BTreeSet<PathBuf>,
    warnings: &'a mut Vec<Fault>,
}

impl Reading<'_> {
    /// `None` if anything is missing; it was told then.
    fn channel(&mut self, seen: &mut BTreeMap<ChannelId, String>) -> Option<ChannelConfig> {
        let id = self.id(seen);
        let section = &mut self.section;
        // Under a second no server far away answers; over a minute, people are kept waiting.
        let deadline = section.duration("deadline", SECOND..=60 * SECOND);
        // Under a minute a server that restarts costs messages; what is a week old helps nobody.
        let retry_for = section.duration("retry_for", 60 * SECOND..=7 * 24 * 3600 * SECOND);
        // One is in order; no gateway is pleased by more than 32 connections.
        let at_once = section.whole("at_once", 1..=32);
        let feed = section.flag("feed");
        let kind = self.kind();
        Some(ChannelConfig {
            id: id?,
            deadline: deadline.unwrap_or(DEADLINE),
            retry_for: retry_for.unwrap_or(RETRY_FOR),
            at_once: at_once.and_then(|n| usize::try_from(n.value).ok()).unwrap_or(AT_ONCE),
            // What keeps the state of every alert must hear of every change.
            feed: feed.unwrap_or(matches!(kind, Some(ChannelKind::Mqtt(_)))),
            kind: kind?,
        })
    }

    fn id(&mut self, seen: &mut BTreeMap<ChannelId, String>) -> Option<ChannelId> {
        let Some(id) = slug(&mut self.section, "id") else {
            self.section.missing("id", "write id = \"…\", unique, from a-z, 0-9 and '-'");
            return None;
        };
        if let Some(first) = seen.get(&id.value) {
            let problem = format!("{} is taken by the channel at {first}", id.value);
            self.section.fault("id", id.at, problem, "give each channel its own id");
            return None;
        }
        seen.insert(id.value.clone(), self.section.spot(&id.at));
        Some(id.value)
    }

    fn kind(&mut self) -> Option<ChannelKind> {
        let kind = one_of(&mut self.section, "kind", &["webhook", "email", "mqtt"]);
        match kind.as_deref() {
            Some("webhook") => self.webhook().map(ChannelKind::Webhook),
            Some("email") => self.email().map(ChannelKind::Email),
            Some(_) => self.mqtt().map(ChannelKind::Mqtt),
            None => {
                self.section.missing("kind", "write kind = \"webhook\", \"email\" or \"mqtt\"");
                // Nobody knows which of them belong here, so none is told to be unknown.
                KEYS.into_iter().for_each(|key| self.section.skip(key));
                None
            }
        }
    }

    fn webhook(&mut self) -> Option<Webhook> {
        let url = self.section.text("url", TEXT_MAX);
        if url.is_none() {
            self.section.missing("url", "write url = \"https://host/path\"");
        }
        let url = url.and_then(|url| self.url(url));
        let secret = self.secret(SECRET);
        if secret.as_ref().is_some_and(|secret| secret.expose().len() < SECRET_MIN) {
            let problem = format!("is shorter than {SECRET_MIN} characters");
            self.section.fault_here("secret", problem, "make one with: openssl rand -hex 32");
        }
        let trust = self.trust();
        Some(Webhook { url: url?, secret: secret?, trust: trust? })
    }

    fn url(&mut self, url: Spotted<String>) -> Option<Url> {
        let refused = |section: &mut Section, problem: &str, remedy: &str| {
            section.fault("url", url.at.clone(), problem, remedy);
            None
        };
        let section = &mut self.section;
        let Ok(parsed) = Url::parse(&url.value) else {
            return refused(section, "is not a URL", "write it as \"https://host/path\"");
        };
        if !matches!(parsed.scheme(), "http" | "https") {
            return refused(section, "is neither http nor https", "use https://host/path");
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let remedy = "leave it out: requests are signed with the secret";
            return refused(section, "holds a sign-in", remedy);
        }
        if parsed.scheme() == "http" && !parsed.host_str().is_some_and(is_here) {
            let problem = "what is sent can be read on the way";
            self.warnings.push(section.told("url", &url.at, problem, "use https://"));
        }
        Some(parsed)
    }

    fn email(&mut self) -> Option<Email> {
        let tls = one_of(&mut self.section, "tls", &["starttls", "tls", "none"]);
        let tls = match tls.as_deref() {
            Some("none") => MailTls::None,
            Some("tls") => MailTls::Tls,
            _ => MailTls::Starttls,
        };
        let server = self.server(match tls {
            MailTls::None => 25,
            MailTls::Starttls => 587,
            MailTls::Tls => 465,
        });
        let from = self.section.text("from", 254);
        if from.is_none() {
            self.section.missing("from", "write from = \"watchwall@…\", an address of yours");
        }
        let from = from.and_then(|from| {
            if is_address(&from.value) {
                return Some(from.value);
            }
            let remedy = "write it as \"watchwall@example.vn\"";
            self.section.fault("from", from.at, "is not an e-mail address", remedy);
            None
        });
        let sign_in = self.sign_in();
        let trust = self.trust();
        let server = server?;
        self.warn_if_open(tls == MailTls::None, &server);
        Some(Email { server: server.value, tls, from: from?, sign_in: sign_in?, trust: trust? })
    }

    fn mqtt(&mut self) -> Option<Mqtt> {
        let tls = one_of(&mut self.section, "tls", &["tls", "none"]);
        let tls = tls.is_none_or(|word| word == "tls");
        let server = self.server(if tls { 8883 } else { 1883 });
        let prefix = self.section.text("prefix", 128);
        let prefix = match prefix {
            Some(prefix) if !is_prefix(&prefix.value) => {
                let problem = "is no beginning of a topic";
                let remedy = "write it as \"watchwall\" or \"province/watchwall\", without '+', '#', '$' or a '/' at an end";
                self.section.fault("prefix", prefix.at, problem, remedy);
                None
            }
            Some(prefix) => Some(prefix.value),
            None => Some("watchwall".to_owned()),
        };
        let client_id = self.section.text("client_id", 64);
        let client_id = client_id.map_or_else(|| "watchwall".to_owned(), |id| id.value);
        let sign_in = self.sign_in();
        let trust = self.trust();
        let server = server?;
        self.warn_if_open(!tls, &server);
        Some(Mqtt {
            server: server.value,
            tls,
            prefix: prefix?,
            client_id,
            sign_in: sign_in?,
            trust: trust?,
        })
    }

    fn server(&mut self, usual_port: u16) -> Option<Spotted<Server>> {
        let host = self.section.text("host", 253);
        let port = self.section.whole("port", 1..=65535);
        let port = port.and_then(|port| u16::try_from(port.value).ok()).unwrap_or(usual_port);
        let Some(host) = host else {
            self.section.missing("host", "write host = \"…\", the server's name or address");
            return None;
        };
        if host.value.parse::<IpAddr>().is_err() && Host::parse(&host.value).is_err() {
            let remedy = "use a host name or an IP address; the port is a key of its own";
            self.section.fault("host", host.at, "is not a host", remedy);
            return None;
        }
        Some(Spotted { value: Server { host: host.value, port }, at: host.at })
    }

    /// `None` if half of it is missing or cannot be read; it was told then.
    fn sign_in(&mut self) -> Option<Option<SignIn>> {
        let username = self.section.text("username", 128);
        let password = self.found(PASSWORD);
        if username.is_none() && password.named {
            let problem = "is missing beside the password";
            self.section.fault_here("username", problem, "write username = \"…\"");
        }
        if username.is_some() && !password.named {
            let remedy = "write password_file = \"secrets/…\" or password_env = \"…\"";
            self.section.missing(PASSWORD.file, remedy);
        }
        match (username, password.password) {
            (Some(username), Some(password)) => {
                let password = Secret(password);
                Some(Some(SignIn { username: username.value, password }))
            }
            (None, None) if !password.named => Some(None),
            _ => None,
        }
    }

    /// A secret that must be there.
    fn secret(&mut self, keys: Keys) -> Option<Secret> {
        let found = self.found(keys);
        if !found.named {
            let remedy = "write secret_file = \"secrets/…\" or secret_env = \"…\"";
            self.section.missing(keys.file, remedy);
        }
        found.password.map(Secret)
    }

    fn found(&mut self, keys: Keys) -> Found {
        let mut found = self.passwords.find(&mut self.section, keys);
        self.files.extend(found.file.take());
        if let Some((name, problem)) = found.warning.take() {
            self.warnings.push(self.section.told(keys.file, &name.at, problem, "chmod 600 it"));
        }
        found
    }

    /// `None` if the file that is named cannot be used; it was told then.
    fn trust(&mut self) -> Option<Trust> {
        let Some(name) = self.section.text(TLS_CA, 1024) else { return Some(Trust::System) };
        let Passwords::Read { directory, .. } = self.passwords else { return Some(Trust::System) };
        let path = directory.join(&name.value);
        let certificates = tls::certificates(&path, TLS_CA, &name, &mut self.section)?;
        Some(Trust::Only(certificates.into()))
    }

    fn warn_if_open(&mut self, open: bool, server: &Spotted<Server>) {
        if open && !is_here(&server.value.host) {
            let problem = "what is sent, and a password, can be read on the way";
            let remedy = "use tls, or a server on this machine";
            self.warnings.push(self.section.told("host", &server.at, problem, remedy));
        }
    }
}

/// One of a few words.
fn one_of(section: &mut Section, key: &'static str, words: &[&str]) -> Option<String> {
    let text = section.text(key, 40)?;
    if words.contains(&text.value.as_str()) {
        return Some(text.value);
    }
    let remedy = match nearest(&text.value, words.iter().copied()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => format!("use {}", words.join(", ")),
    };
    section.fault(key, text.at, format!("{:?} is none of its words", text.value), remedy);
    None
}

/// Whether a host is this machine itself, as its name alone says.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Plain enough for every mail server (RFC 5321 §4.1.2, without quotes).
pub(in crate::config) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        let mark = |b| b"!#$%&'*+/=?^_`{|}~-".contains(&b);
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || mark(b))
    };
    let label = |part: &str| {
        let inside = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&part.len()) && inside && !part.starts_with('-') && !part.ends_with('-')
    };
    local.len() <= 64 && local.split('.').all(atom) && domain.split('.').all(label)
}

/// Levels of a topic (MQTT 5 §4.7) with something in each.
fn is_prefix(text: &str) -> bool {
    !text.starts_with('$')
        && !text.contains(['+', '#'])
        && text.split('/').all(|level| !level.is_empty())
}

const SECOND: Duration = Duration::from_secs(1);

/// A slow gateway answers within it, and a person still has time to act.
const DEADLINE: Duration = Duration::from_secs(10);

/// Longer than a server's restart and most outages of a link; later, somebody else has been told.
const RETRY_FOR: Duration = Duration::from_secs(3600);

/// Enough for a site's worth of messages in a second, and gentle to a small server.
const AT_ONCE: usize = 4;

/// 128 bits as hexadecimal digits, were they random, are twice as many.
const SECRET_MIN: usize = 16;

const TLS_CA: &str = "tls_ca";

/// Of every kind.
const KEYS: [&str; 13] = [
    "url",
    SECRET.file,
    SECRET.variable,
    "host",
    "port",
    "tls",
    TLS_CA,
    "from",
    "username",
    PASSWORD.file,
    PASSWORD.variable,
    "prefix",
    "client_id",
];
