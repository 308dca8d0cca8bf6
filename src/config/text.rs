//! What no text of the configuration may hold.

/// Names, sign-in names and paths end up on screens, in logs and in terminals, so nothing in them
/// may steer one: no control characters, no marks that turn the direction of writing.
pub(super) fn text_problem(text: &str, length_max: usize) -> Option<(String, String)> {
    let steers = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.is_empty() {
        return Some(("is empty".into(), "write a value, or leave the key out".into()));
    }
    if let Some(c) = text.chars().find(steers) {
        return Some((
            format!("holds the control character U+{:04X}", u32::from(c)),
            "remove it; letters, digits, spaces and signs are fine".into(),
        ));
    }
    let length = text.chars().count();
    (length > length_max)
        .then(|| (format!("is {length} characters long"), format!("use at most {length_max}")))
}
