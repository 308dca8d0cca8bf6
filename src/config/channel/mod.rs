//! `[[channel]]`: the ways to reach people who are not in front of a screen. Each names its kind;
//! the other keys depend on that.

mod read;

use std::{fmt, sync::Arc, time::Duration};

use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub(super) use self::read::{Channels, check, is_address};
use crate::domain::roster::ChannelId;

/// One `[[channel]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelConfig {
    /// Its name, as the people of the roster use it.
    pub id: ChannelId,
    /// One try may take this long.
    pub deadline: Duration,
    /// A message that could not be delivered for this long goes to the dead letters.
    pub retry_for: Duration,
    /// Tries under way at once.
    pub at_once: usize,
    /// Whether it is told of every change of every alert, beside what is for people.
    pub feed: bool,
    /// What it is.
    pub kind: ChannelKind,
}

/// What a channel is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A signed HTTP request; also what gateways for text messages and radio take.
    Webhook(Webhook),
    /// A mail through a server of one's own.
    Email(Email),
    /// A message to a broker, which also keeps the state of every open alert.
    Mqtt(Mqtt),
}

/// `kind = "webhook"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Where to. The operator of the service chose it, so it may be this machine.
    pub url: Url,
    /// What requests are signed with.
    pub secret: Secret,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// `kind = "email"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The server that takes mail.
    pub server: Server,
    /// How the connection to it is protected.
    pub tls: MailTls,
    /// The sender's address.
    pub from: String,
    /// Name and password, if the server asks for them.
    pub sign_in: Option<SignIn>,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not at all.
    None,
    /// From the command STARTTLS on (RFC 3207); without it no mail is sent.
    Starttls,
    /// From the first byte (RFC 8314).
    Tls,
}

/// `kind = "mqtt"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mqtt {
    /// The broker.
    pub server: Server,
    /// Whether the connection to it is protected.
    pub tls: bool,
    /// What every topic begins with.
    pub prefix: String,
    /// Who we are to the broker: two clients of one name throw each other out.
    pub client_id: String,
    /// Name and password, if the broker asks for them.
    pub sign_in: Option<SignIn>,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// Host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// A name and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The name.
    pub username: String,
    /// Its password.
    pub password: Secret,
}

/// A secret that no log can show.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretString> for Secret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Whose certificates are believed.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that this machine believes.
    #[default]
    System,
    /// Those that these signed, and no others.
    Only(Arc<[CertificateDer<'static>]>),
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Only(_) => "Only",
        })
    }
}
