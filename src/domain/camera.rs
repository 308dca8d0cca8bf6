//! What a camera is: its identity, where its streams are, and the words for its state.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A name that people and files use: 1 to 64 of `a-z`, `0-9` and `-`. Used for cameras, sites,
/// tags and walls, each behind its own alias, so that a bad one cannot exist past the edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(Arc<str>);

/// The identity of a camera, unique in the configuration.
pub type CameraId = Slug;
/// The identity of a site in the site tree.
pub type SiteId = Slug;
/// The identity of a wall.
pub type WallId = Slug;

impl Slug {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a [`Slug`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an id: use 1 to 64 of a-z, 0-9 and '-'")]
pub struct NotASlug(String);

impl TryFrom<String> for Slug {
    type Error = NotASlug;

    fn try_from(text: String) -> Result<Self, NotASlug> {
        let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(NotASlug(text))
        }
    }
}

impl TryFrom<&str> for Slug {
    type Error = NotASlug;

    fn try_from(text: &str) -> Result<Self, NotASlug> {
        text.to_owned().try_into()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0.as_ref().to_owned()
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A small number for a camera in binary messages; stable while the service runs, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(pub u32);

/// How RTP travels (RFC 2326 §12.39): interleaved in the RTSP connection, or over UDP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Interleaved in the RTSP connection (RFC 2326 §10.12).
    #[default]
    Tcp,
    /// Separate RTP and RTCP ports.
    Udp,
}

/// Which cameras give way when a screen or the service cannot keep up: the lowest first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// Gives way first.
    Low,
    /// Most cameras.
    #[default]
    Normal,
    /// Gives way last.
    High,
}

/// A camera as configured, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Unique, stable identity.
    pub id: CameraId,
    /// What an operator types to call it; unique.
    pub number: u32,
    /// What people read.
    pub name: String,
    /// The leaf of the site tree that it hangs from.
    pub site: Option<SiteId>,
    /// The small stream, always pulled. Scheme `rtsp`, no credentials inside.
    pub url: url::Url,
    /// The large stream, pulled only while someone watches.
    pub main_url: Option<url::Url>,
    /// Sign-in name; the password travels beside, in `config::Secret`.
    pub username: Option<String>,
    /// How RTP travels.
    pub transport: Transport,
    /// Whether a Basic challenge (password in clear text) may be answered.
    pub allow_basic: bool,
    /// Free groups, for walls and policies.
    pub tags: Vec<Slug>,
    /// Whether it gives way to others, or others to it.
    pub importance: Importance,
}

/// The one word on the wall for a camera. Entered and left as in `domain::health`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A session is being set up, or waits for its turn.
    Connecting,
    /// Packets arrive, but no keyframe has yet.
    WaitingKeyframe,
    /// Packets arrive, but their parameter sets are unknown.
    WaitingParameters,
    /// Its newest picture is younger than its interval allows.
    Online,
    /// It was online; packets or keyframes stopped.
    Stalled,
    /// It cannot be watched; the [`Condition`] says why.
    Offline,
    /// Pictures come, but what they show is not to be trusted: frozen, covered and the like. A
    /// person must look; the machine never calls it offline.
    Suspect,
    /// Taken out of service by a person until a stated time.
    Maintenance,
}

/// Why a camera is not as it should be: one reason underneath the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// No route, a timeout, or a name that does not resolve.
    Unreachable,
    /// The port is closed or the connection was reset.
    Refused,
    /// The name and password were rejected; attempts are held back so the camera does not lock up.
    CredentialsRejected,
    /// The camera answered 453 or 503: no session is free.
    SessionLimit,
    /// A codec, packing or size that the service does not take.
    Unsupported,
    /// It broke a limit that no honest camera breaks; see the evidence.
    Abusive,
    /// It answered with a redirect or pointed to another host, which is not followed.
    Redirect,
    /// Its RTSP or RTP could not be understood.
    Protocol,
    /// The session is open but no RTP arrives.
    Stalled,
    /// RTP arrives but a keyframe is overdue.
    KeyframeOverdue,
    /// Keyframes arrive but cannot be decoded.
    DecodeErrors,
    /// It crashed its worker repeatedly and is kept out until its hold ends.
    Quarantined,
    /// It went and came back five times in ten minutes.
    Unstable,
    /// RTP packets are missing.
    PacketLoss,
    /// The same picture again and again while packets arrive.
    Frozen,
    /// A recorded stretch is replayed in place of the live one.
    Looped,
    /// Dark, where this camera sees something at this time of day.
    Black,
    /// Burnt out, where this camera sees something at this time of day.
    Overexposed,
    /// Sharpness has fallen against its own reference.
    Defocused,
    /// Something flat or close hides the view, or a stated share of it.
    Covered,
    /// The static edges no longer align with the reference.
    Moved,
    /// The camera's clock is off, or runs too fast or too slow.
    ClockSkew,
    /// Fewer frames than usual, or than ordered.
    LowFrameRate,
    /// Codec, size or profile is not what was ordered, or what it was.
    StreamChanged,
}
