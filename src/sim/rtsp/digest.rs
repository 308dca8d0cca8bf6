//! Digest sign-in as cameras do it: SHA-256 with `qop` (RFC 7616) and MD5 without (RFC 2069).

use md5::Md5;
use sha2::{Digest, Sha256};

pub(super) const REALM: &str = "watchwall simulator";

/// The challenges, strongest first; clients that know only MD5 take the last one.
pub(super) fn challenges(nonce: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\"\r\n\
         WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"{nonce}\"\r\n"
    )
}

/// Whether an `Authorization` header proves that the client knows the password.
pub(super) fn accepts(
    header: &str,
    method: &str,
    nonce: &str,
    (user, password): (&str, &str),
) -> bool {
    let Some(fields) = header.strip_prefix("Digest ").map(fields) else { return false };
    let field = |name: &str| {
        fields
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let (Some(uri), Some(response)) = (field("uri"), field("response")) else {
        return false;
    };
    let hash: fn(&str) -> String = match field("algorithm") {
        // Some clients repeat the algorithm only with `qop`; the response's length tells it too.
        None if response.len() == 64 => sha256,
        None => md5,
        Some(name) if name.eq_ignore_ascii_case("MD5") => md5,
        Some(name) if name.eq_ignore_ascii_case("SHA-256") => sha256,
        Some(_) => return false,
    };
    if field("username") != Some(user)
        || field("realm") != Some(REALM)
        || field("nonce") != Some(nonce)
    {
        return false;
    }
    let secret = hash(&format!("{user}:{REALM}:{password}"));
    let action = hash(&format!("{method}:{uri}"));
    let expected = match (field("qop"), field("nc"), field("cnonce")) {
        (Some(qop), Some(count), Some(client)) => {
            hash(&format!("{secret}:{nonce}:{count}:{client}:{qop}:{action}"))
        }
        _ => hash(&format!("{secret}:{nonce}:{action}")),
    };
    expected.eq_ignore_ascii_case(response)
}

fn fields(list: &str) -> Vec<(String, String)> {
    let mut rest = list;
    let mut found = Vec::new();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim(), &after[end..])
            }
        };
        found.push((name.trim().to_owned(), value.to_owned()));
        rest = after.trim_start_matches([',', ' ']);
    }
    found
}

fn md5(text: &str) -> String {
    hex(&Md5::digest(text))
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: (&str, &str) = ("viewer", "secret");

    fn header(user: &str, password: &str, algorithm: &str, hash: fn(&str) -> String) -> String {
        let secret = hash(&format!("{user}:{REALM}:{password}"));
        let action = hash("DESCRIBE:rtsp://h/cam/001/sub");
        let response = hash(&format!("{secret}:abc:{action}"));
        format!(
            "Digest username=\"{user}\", realm=\"{REALM}\", nonce=\"abc\", \
             uri=\"rtsp://h/cam/001/sub\", response=\"{response}\"{algorithm}"
        )
    }

    #[test]
    fn the_right_password_is_accepted_by_either_algorithm() {
        assert!(accepts(&header("viewer", "secret", "", md5), "DESCRIBE", "abc", WHO));
        let sha = header("viewer", "secret", ", algorithm=SHA-256", sha256);
        assert!(accepts(&sha, "DESCRIBE", "abc", WHO));
    }

    #[test]
    fn a_wrong_password_user_nonce_method_or_scheme_is_rejected() {
        assert!(!accepts(&header("viewer", "wrong", "", md5), "DESCRIBE", "abc", WHO));
        assert!(!accepts(&header("other", "secret", "", md5), "DESCRIBE", "abc", WHO));
        assert!(!accepts(&header("viewer", "secret", "", md5), "DESCRIBE", "other", WHO));
        assert!(!accepts(&header("viewer", "secret", "", md5), "SETUP", "abc", WHO));
        assert!(!accepts("Basic dmlld2VyOnNlY3JldA==", "DESCRIBE", "abc", WHO));
    }

    #[test]
    fn an_exchange_with_qop_of_rfc_2617_is_read() {
        let secret = md5(&format!("viewer:{REALM}:secret"));
        let action = md5("PLAY:*");
        let response = md5(&format!("{secret}:abc:00000001:xyz:auth:{action}"));
        let header = format!(
            "Digest username=\"viewer\",realm=\"{REALM}\",nonce=\"abc\",uri=\"*\",qop=auth,\
             nc=00000001,cnonce=\"xyz\",response=\"{response}\""
        );
        assert!(accepts(&header, "PLAY", "abc", WHO));
    }
}
