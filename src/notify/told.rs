//! What another side says ends up in logs, tables and on screens: one line, not too long.

use std::error::Error;

/// Longer than any sensible reply.
const TOLD_MAX: usize = 300;

/// The text in one line: control characters and line breaks are spaces, the end is cut.
pub(super) fn line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if let Some((end, _)) = line.char_indices().nth(TOLD_MAX) {
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

/// An error with what it comes from. Many print their source themselves: it is not said twice.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(source) = below {
        let said = source.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        below = source.source();
    }
    line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_many_lines_is_one_line_that_ends() {
        assert_eq!(line("550-no\r\n550 such\u{1b}[31m user\n"), "550-no 550 such [31m user");
        let long = line(&"Kỳ Anh ".repeat(100));
        assert_eq!(long.chars().count(), TOLD_MAX + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn what_an_error_comes_from_is_said_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot connect")]
        struct Outer(#[source] std::io::Error);
        #[derive(Debug, thiserror::Error)]
        #[error("network error: {0}")]
        struct Repeating(#[source] Outer);
        let outer = || Outer(std::io::Error::other("refused"));
        assert_eq!(chain(&outer()), "cannot connect: refused");
        assert_eq!(chain(&Repeating(outer())), "network error: cannot connect: refused");
    }
}
