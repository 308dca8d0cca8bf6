//! One link of the audit's chain: what is hashed of a row, byte for byte as docs/protocol.md says.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer, de::IgnoredAny};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The hash of a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash(pub [u8; 32]);

/// What the first row has before it; the migration writes it.
#[cfg(test)]
pub(super) const NONE_BEFORE: AuditHash = AuditHash([0; 32]);

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AuditHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct NoHash;

impl FromStr for AuditHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoHash);
        }
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| NoHash)?;
        }
        Ok(Self(hash))
    }
}

/// What a row says, as its columns have it: nothing is read and written anew before it is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) id: Vec<u8>,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) object: String,
    pub(super) detail: Option<String>,
    pub(super) address: Option<String>,
}

impl Content {
    /// The row's line of JSON without its hash; none where the columns hold what no row has.
    ///
    /// JSON columns go in as they are, so they must be JSON each for itself: else text could move
    /// from one to the other, and the line stay the same.
    pub(super) fn line(&self, seq: u64, prev: &AuditHash) -> Option<String> {
        let id = Uuid::from_slice(&self.id).ok()?;
        let at = u64::try_from(self.at).ok()?;
        let json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
        let text = |text: &str| serde_json::to_string(text).ok();
        if !json(&self.actor) || self.detail.as_ref().is_some_and(|it| !json(it) || it == "null") {
            return None;
        }
        let (actor, action, object) = (&self.actor, text(&self.action)?, text(&self.object)?);
        let detail = self.detail.as_deref().unwrap_or("null");
        let address = self.address.as_deref().map_or_else(|| Some("null".to_owned()), text)?;
        Some(format!(
            "{{\"seq\":{seq},\"prev\":\"{prev}\",\"id\":\"{id}\",\"at\":{at},\"actor\":{actor},\
             \"action\":{action},\"object\":{object},\"detail\":{detail},\"address\":{address}}}"
        ))
    }

    /// The row's hash at this place; none where there is no line.
    pub(super) fn hash(&self, seq: u64, prev: &AuditHash) -> Option<AuditHash> {
        Some(AuditHash(Sha256::digest(self.line(seq, prev)?).into()))
    }
}

/// A row as an export has it: its line, with the hash of that line as the last field.
pub(super) fn exported(line: &str, hash: &AuditHash) -> String {
    let open = line.strip_suffix('}').unwrap_or(line);
    format!("{open},\"hash\":\"{hash}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            id: Uuid::from_u128(1).as_bytes().to_vec(),
            at: 1_700_000_000_000_000,
            actor: r#"{"user":"lan","person":null}"#.to_owned(),
            action: "view".to_owned(),
            object: "camera:\"Kỳ Anh\"\n".to_owned(),
            detail: None,
            address: Some("::1".to_owned()),
        }
    }

    #[test]
    fn the_line_is_the_one_of_the_protocol_page_and_its_hash_that_of_any_other_software() {
        let zeros = "0".repeat(64);
        let line = content().line(1, &NONE_BEFORE).expect("a line");
        let expected = format!(
            r#"{{"seq":1,"prev":"{zeros}","id":"00000000-0000-0000-0000-000000000001","at":1700000000000000,"actor":{{"user":"lan","person":null}},"action":"view","object":"camera:\"Kỳ Anh\"\n","detail":null,"address":"::1"}}"#
        );
        assert_eq!(line, expected);
        let hash = content().hash(1, &NONE_BEFORE).expect("a hash");
        // By `sha256sum`.
        assert_eq!(
            hash.to_string(),
            "2bfed47af9239f3a908df7706a7eff7a2f392fab95013ce91a9c8f482b3c1dd7"
        );
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let exported = exported(&line, &hash);
        let (form, tail) = exported.split_at(exported.len() - 75);
        assert_eq!((format!("{form}}}"), tail), (line, &*format!(",\"hash\":\"{hash}\"}}")));
    }

    #[test]
    fn text_that_would_move_from_one_column_to_another_has_no_line() {
        let moved = r#"{"user":"lan","person":null},"action":"view""#.to_owned();
        assert_eq!(Content { actor: moved, ..content() }.line(1, &NONE_BEFORE), None);
        let detail = Some("null".to_owned());
        assert_eq!(Content { detail, ..content() }.line(1, &NONE_BEFORE), None);
    }
}
