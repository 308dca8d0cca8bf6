//! Which sign-in challenges of a camera the RTSP library may see: the strongest Digest that it
//! can answer; Basic, which sends the password in clear text, only where the operator allows it
//! and no Digest is offered.

use http_auth::{ChallengeRef, parse_challenges};

use super::head::Head;

/// How a session signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignIn {
    /// The camera did not ask.
    #[default]
    None,
    /// Digest, with its algorithm.
    Digest(Algorithm),
    /// The password in clear text.
    Basic,
}

/// Hash of a Digest sign-in, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// MD5 (RFC 2069, RFC 2617).
    Md5,
    /// SHA-256 (RFC 7616).
    Sha256,
    /// SHA-512/256 (RFC 7616).
    Sha512Trunc256,
}

/// Why no challenge of a camera can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswerable {
    OnlyBasic,
    Unknown,
}

/// Reduces the challenges in `head` to the one to answer.
pub(super) fn choose(head: &mut Head, allow_basic: bool) -> Result<SignIn, Unanswerable> {
    let (sign_in, challenge) = {
        let challenges: Vec<ChallengeRef<'_>> = head
            .all("WWW-Authenticate")
            .filter_map(|list| parse_challenges(list).ok())
            .flatten()
            .collect();
        let digests = challenges.iter().filter_map(|c| digest_algorithm(c).map(|a| (a, c)));
        let basic = challenges.iter().find(|c| c.scheme.eq_ignore_ascii_case("Basic"));
        match (digests.max_by_key(|(algorithm, _)| *algorithm), basic) {
            (Some((algorithm, challenge)), _) => (SignIn::Digest(algorithm), written(challenge)),
            (None, Some(challenge)) if allow_basic => (SignIn::Basic, written(challenge)),
            (None, Some(_)) => return Err(Unanswerable::OnlyBasic),
            (None, None) => return Err(Unanswerable::Unknown),
        }
    };
    head.set("WWW-Authenticate", challenge);
    Ok(sign_in)
}

/// Whether the camera says that the nonce is too old and the password was not judged.
pub(super) fn is_stale(head: &Head) -> bool {
    let challenges =
        head.all("WWW-Authenticate").filter_map(|list| parse_challenges(list).ok()).flatten();
    challenges.flat_map(|c| c.params).any(|(name, value)| {
        name.eq_ignore_ascii_case("stale") && value.to_unescaped().eq_ignore_ascii_case("true")
    })
}

fn digest_algorithm(challenge: &ChallengeRef<'_>) -> Option<Algorithm> {
    // The library's own constructor refuses what it cannot answer (qop auth-int, MD5-sess…).
    http_auth::DigestClient::try_from(challenge).ok()?;
    let named = challenge.params.iter().find(|(name, _)| name.eq_ignore_ascii_case("algorithm"));
    let Some((_, value)) = named else { return Some(Algorithm::Md5) };
    match value.to_unescaped().to_ascii_uppercase().trim_end_matches("-SESS") {
        "MD5" => Some(Algorithm::Md5),
        "SHA-256" => Some(Algorithm::Sha256),
        "SHA-512-256" => Some(Algorithm::Sha512Trunc256),
        _ => None,
    }
}

fn written(challenge: &ChallengeRef<'_>) -> String {
    let parameters: Vec<String> = challenge
        .params
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", value.as_escaped()))
        .collect();
    format!("{} {}", challenge.scheme, parameters.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[&str], allow_basic: bool, expected: Result<SignIn, Unanswerable>) {
        let lines: String = headers.iter().map(|h| format!("WWW-Authenticate: {h}\r\n")).collect();
        let mut head =
            Head::parse(format!("RTSP/1.0 401 No\r\n{lines}\r\n").as_bytes()).expect("a response");
        assert_eq!(choose(&mut head, allow_basic), expected, "{headers:?}");
        if let Ok(sign_in) = expected {
            let kept: Vec<&str> = head.all("WWW-Authenticate").collect();
            assert_eq!(kept.len(), 1);
            assert_eq!(kept[0].starts_with("Basic"), sign_in == SignIn::Basic, "{kept:?}");
            let client = http_auth::PasswordClient::try_from(kept[0]).expect("still a challenge");
            assert_eq!(
                matches!(client, http_auth::PasswordClient::Basic(_)),
                sign_in == SignIn::Basic
            );
        }
    }

    const BASIC: &str = "Basic realm=\"cam\"";
    const MD5: &str = "Digest realm=\"cam, one\", nonce=\"a\\\"b\"";
    const SHA: &str = "Digest realm=\"cam\", nonce=\"ab\", algorithm=SHA-256, qop=\"auth\"";
    const STRANGE: &str = "Digest realm=\"cam\", nonce=\"ab\", algorithm=ROT13";

    #[test]
    fn the_strongest_digest_is_answered_and_basic_never_next_to_one() {
        check(&[BASIC, MD5], true, Ok(SignIn::Digest(Algorithm::Md5)));
        check(&[MD5, SHA], false, Ok(SignIn::Digest(Algorithm::Sha256)));
        check(
            &["Basic realm=\"cam\", Digest realm=\"cam\", nonce=\"1\""],
            true,
            Ok(SignIn::Digest(Algorithm::Md5)),
        );
    }

    #[test]
    fn basic_alone_is_answered_only_where_the_operator_allows_it() {
        check(&[BASIC], true, Ok(SignIn::Basic));
        check(&[BASIC], false, Err(Unanswerable::OnlyBasic));
        check(&[STRANGE, BASIC], false, Err(Unanswerable::OnlyBasic));
    }

    #[test]
    fn an_unknown_or_missing_challenge_is_said_to_be_so() {
        check(&[], true, Err(Unanswerable::Unknown));
        check(&[STRANGE], true, Err(Unanswerable::Unknown));
        check(&["Negotiate"], true, Err(Unanswerable::Unknown));
    }

    #[test]
    fn a_stale_nonce_is_told_from_a_wrong_password() {
        let stale = Head::parse(b"RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"c\", nonce=\"x\", stale=TRUE\r\n\r\n");
        assert!(is_stale(&stale.expect("a response")));
        let wrong = Head::parse(b"RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"c\", nonce=\"x\", stale=false\r\n\r\n");
        assert!(!is_stale(&wrong.expect("a response")));
    }
}
