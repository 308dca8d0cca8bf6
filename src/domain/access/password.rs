//! Which passwords are taken: long ones, and hardly any other rule.
//!
//! No composition rules (a digit, a capital, a sign) and no forced changes: they make passwords
//! harder to remember but not harder to guess, because people meet them in the same few ways
//! (NIST SP 800-63B §5.1.1.2 and appendix A). What helps is length, and refusing what everybody
//! tries first.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::name::AccountName;

/// The fewest characters. NIST asks for 8 beside a second factor, and 15 where there is none (rev.
/// 4); with the lock-out after five failures, 12 hold, and people can remember them.
pub const CHARACTERS_MIN: usize = 12;

/// The most bytes, so that nobody makes the service hash a novel.
pub const BYTES_MAX: usize = 256;

/// Why a password is not taken. Says what to do, and nothing of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too few characters.
    #[error(
        "a password has 12 characters at least: several words are easier to remember than one with signs"
    )]
    Short,
    /// Too many bytes.
    #[error("a password has 256 bytes at most")]
    Long,
    /// Not to be typed.
    #[error("a password holds no control characters: no tabs, no line ends")]
    Control,
    /// The account's name, once or again and again.
    #[error("a password is not the account's own name")]
    OwnName,
    /// Everybody tries it first.
    #[error("this password is among the first that are tried: take another")]
    Common,
}

/// The form that is hashed: the same letters are typed as different characters on different
/// keyboards, above all Vietnamese ones (RFC 8265 §4.2: NFC). For a sign-in, where no rule is applied
/// to a password that was taken before.
pub fn normal(password: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(password).into_owned()
}

/// A new password in the form that is hashed, or why it is not taken.
pub fn take(password: &str, account: &AccountName) -> Result<String, Weak> {
    // Before it is looked at closer: a huge one costs nothing.
    if password.len() > 4 * BYTES_MAX {
        return Err(Weak::Long);
    }
    let password = normal(password);
    if password.len() > BYTES_MAX {
        Err(Weak::Long)
    } else if password.chars().any(char::is_control) {
        Err(Weak::Control)
    } else if password.chars().count() < CHARACTERS_MIN {
        Err(Weak::Short)
    } else if is_repeated(&password.to_lowercase(), account.as_str()) {
        Err(Weak::OwnName)
    } else if is_common(&password.to_lowercase()) {
        Err(Weak::Common)
    } else {
        Ok(password)
    }
}

/// Whether it is nothing but that text, once or more.
fn is_repeated(password: &str, text: &str) -> bool {
    password.replace(text, "").is_empty()
}

fn is_common(password: &str) -> bool {
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < DISTINCT_MIN
        || COMMON.contains(&password)
        || ROWS.iter().any(|row| row.contains(password))
        || STEMS.iter().any(|stem| is_stem(password, stem))
}

/// A usual word, once or more, with digits and signs around it, as `Password@2026`.
fn is_stem(password: &str, stem: &str) -> bool {
    password.contains(stem)
        && password
            .replace(stem, "")
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
}

/// `aaaaaaaaaaaa`, `121212121212`.
const DISTINCT_MIN: usize = 5;

/// What people run along.
const ROWS: [&str; 6] = [
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1234567890-=qwertyuiop[]",
];

/// Words that people put digits behind, in the two languages of the service and of its trade.
const STEMS: [&str; 20] = [
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "matkhau",
    "admin",
    "administrator",
    "camera",
    "watchwall",
    "hikvision",
    "dahua",
    "vietnam",
    "hatinh",
    "hanoi",
    "saigon",
    "qwerty",
    "welcome",
    "letmein",
    "iloveyou",
    "anhyeuem",
];

/// Of the lists of leaked passwords, those of 12 characters and more that nothing above catches.
const COMMON: [&str; 14] = [
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u8i",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "zaq12wsxcde3",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwer1234asdf",
    "asdf1234qwer",
    "abcd12345678",
    "abc123456789",
    "a123456789b0",
    "changeme1234",
    "chuacomatkhau",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<String, Weak> {
        take(password, &"nguyen.lan".try_into().expect("a name"))
    }

    #[test]
    fn a_long_phrase_is_taken_whatever_it_is_made_of() {
        for good in
            ["correct horse battery", "trời mưa ở kỳ anh", "ổi mận xoài mít", "𝄞𝄞 năm cánh hoa"]
        {
            assert_eq!(judge(good).as_deref(), Ok(normal(good).as_str()), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_bounded_in_bytes() {
        assert_eq!(judge("mưa to gió l"), Ok("mưa to gió l".to_owned()), "twelve");
        assert_eq!(judge("mưa to gió "), Err(Weak::Short), "eleven");
        let of = |bytes: usize| -> String { "nắng to ".chars().cycle().take(bytes).collect() };
        let long = of(300);
        let bound = long.char_indices().map(|(at, _)| at).filter(|at| *at <= BYTES_MAX).max();
        let fits = &long[..bound.expect("a character's end")];
        assert!(judge(fits).is_ok(), "{}", fits.len());
        assert_eq!(judge(&long), Err(Weak::Long));
        assert_eq!(judge(&of(100_000)), Err(Weak::Long));
    }

    #[test]
    fn the_same_letters_are_the_same_password_on_every_keyboard() {
        // Composed, and with the accents as characters of their own.
        assert_eq!(
            judge("trời mưa ở đây"),
            judge("tro\u{31b}\u{300}i mu\u{31b}a o\u{31b}\u{309} đây")
        );
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in [
            "Password2026!",
            "Admin@123456",
            "matkhau12345",
            "MatKhauMatKhau",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "abababababab12",
            "qwertyuiopas",
            "1Q2W3E4R5T6Y",
            "camera-camera-1",
        ] {
            assert_eq!(judge(common), Err(Weak::Common), "{common}");
        }
        assert_eq!(judge("Nguyen.LanNguyen.Lan"), Err(Weak::OwnName));
        assert_eq!(judge("two lines\nof them"), Err(Weak::Control));
    }
}
