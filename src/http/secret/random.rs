//! Secrets that nobody chose.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};

use crate::store::SecretHash;

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random numbers")]
pub struct NoRandom;

/// 256 random bits as text: a session's id or a token. Shown once, never stored.
#[derive(Clone)]
pub struct Secret(String);

/// Without the secret.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new session's id: 43 characters of base64url.
    pub fn session() -> Result<Self, NoRandom> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<32>()?)))
    }

    /// A new token: as [`Secret::session`] behind `ww_`, by which tools find it where it must not be.
    pub fn token() -> Result<Self, NoRandom> {
        Ok(Self(format!("ww_{}", URL_SAFE_NO_PAD.encode(random::<32>()?))))
    }

    /// The text, for whom it is meant.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        hash_of(&self.0)
    }
}

/// What would be stored of a text if it were a session's id or a token. A fast hash is right here:
/// 256 random bits cannot be guessed, however fast.
pub fn hash_of(text: &str) -> SecretHash {
    SecretHash(Sha256::digest(text).into())
}

/// A random password that people can type: five groups of four out of 32 signs, 100 bits.
pub fn readable() -> Result<String, NoRandom> {
    let letters = random::<20>()?.map(|byte| char::from(SIGNS[usize::from(byte) % SIGNS.len()]));
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// None that is taken for another: no `0`, `1`, `l` or `o`. As many as divide 256, so that none is
/// likelier.
const SIGNS: [u8; 32] = *b"23456789abcdefghijkmnpqrstuvwxyz";

fn random<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_is_another_and_is_found_by_its_hash() {
        let (session, other) = (Secret::session(), Secret::session());
        let (session, other) = (session.expect("random"), other.expect("random"));
        assert_ne!(session.expose(), other.expose());
        assert_eq!(session.expose().len(), 43);
        assert_eq!(session.hash(), hash_of(session.expose()));
        assert_ne!(session.hash(), other.hash());
        assert!(!format!("{session:?}").contains(session.expose()));
        assert!(Secret::token().expect("random").expose().starts_with("ww_"));
    }

    #[test]
    fn a_readable_password_is_one_that_is_taken() {
        let password = readable().expect("random");
        assert_eq!(password.len(), 24, "{password}");
        let admin = "admin".try_into().expect("a name");
        assert_eq!(crate::domain::access::password::take(&password, &admin), Ok(password));
    }
}
