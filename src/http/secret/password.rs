//! Argon2id. Each call takes some 30 ms of one core and 19 MiB: on a server, off the runtime's
//! threads and few at once.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};

/// The machine has no memory or no random numbers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: the machine is out of memory or random numbers")]
pub struct HashFailed;

/// Argon2id with 19 MiB, two passes and one lane: what OWASP's Password Storage Cheat Sheet asks for
/// at least, and RFC 9106 §4 gives as its order of choice (id before i and d). More memory would let
/// a few sign-ins at once push the cameras out of a small machine.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Of no password: what a sign-in is checked against where there is no account, with a salt and a
/// result of the usual lengths, so that it costs the same. The result is all zeroes; finding a
/// password for it is as hard as for any other, and [`verify`] says no anyway.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash of a password with a new salt, as a PHC string. `password` as
/// [`crate::domain::access::password::take`] returns it.
pub fn hash(password: &str) -> Result<String, HashFailed> {
    let argon2 = argon2().ok_or(HashFailed)?;
    argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| HashFailed)
}

/// Whether a password is that of a hash; `None` where there is no account. Takes the same time
/// whatever comes of it. `password` as [`crate::domain::access::password::normal`] returns it.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let Some(argon2) = argon2() else { return false };
    let same = argon2.verify_password(password.as_bytes(), hash.unwrap_or(NOBODY)).is_ok();
    same && hash.is_some()
}

/// `None` never happens: the figures are constants that it takes.
fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_and_no_other() {
        let first = hash("trời mưa ở kỳ anh").expect("a hash");
        let second = hash("trời mưa ở kỳ anh").expect("a hash");
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, second, "each has its own salt");
        assert!(verify("trời mưa ở kỳ anh", Some(&first)));
        assert!(!verify("trời mưa ở kỳ Anh", Some(&first)));
        assert!(!verify("trời mưa ở kỳ anh", None));
        assert!(!verify("trời mưa ở kỳ anh", Some("not a hash")));
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let somebody = hash("trời mưa ở kỳ anh").expect("a hash");
        let [nobody, somebody] =
            [NOBODY, &somebody].map(|hash| PasswordHash::new(hash).expect("a PHC string"));
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.version, somebody.version);
        assert_eq!(nobody.params, somebody.params);
        let length = |hash: &PasswordHash| {
            (hash.salt.as_ref().map(|s| s.len()), hash.hash.as_ref().map(|h| h.len()))
        };
        assert_eq!(length(&nobody), length(&somebody));
    }
}
