//! The head of an RTSP message: start line and headers. Read leniently, written strictly, so that
//! what a camera got slightly wrong (bare line feeds, no reason phrase, folded lines) reaches the
//! RTSP library in the form it takes. Bodies are not its business.

/// A start line and headers, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) start: Start,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Response { code: u16, reason: String },
    Request { method: String, target: String },
}

impl Head {
    /// Reads a head that ends with an empty line. `None` if its start line is neither a
    /// response's nor a request's.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines();
        let start = start_line(lines.next()?)?;
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                // A folded line (RFC 2326 §4 through RFC 2068) continues the header above.
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                // A name that is not a token would be refused later on: leave the line out.
                let name = name.trim();
                if !name.is_empty() && name.bytes().all(is_token) {
                    let value: String = value.chars().filter(|c| !c.is_control()).collect();
                    headers.push((name.to_owned(), value.trim().to_owned()));
                }
            }
        }
        Some(Self { start, headers })
    }

    /// A response of our own.
    pub(super) fn response(code: u16, reason: &str, cseq: &str) -> Self {
        let start = Start::Response { code, reason: reason.to_owned() };
        Self { start, headers: vec![("CSeq".to_owned(), cseq.to_owned())] }
    }

    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let same = |(n, _): &&(String, String)| n.eq_ignore_ascii_case(name);
        self.headers.iter().find(same).map(|(_, value)| value.as_str())
    }

    /// Every header of this name.
    pub(super) fn all<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let same = move |(n, _): &&(String, String)| n.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// Replaces every header of this name by one.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Takes every header of this name out.
    pub(super) fn remove(&mut self, name: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// The sequence number, tolerating blanks around it.
    pub(super) fn cseq(&self) -> Option<u32> {
        self.header("CSeq")?.parse().ok()
    }

    /// The wire form, with the empty line.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.start {
            Start::Response { code, reason } => format!("RTSP/1.0 {code:03} {reason}\r\n"),
            Start::Request { method, target } => format!("{method} {target} RTSP/1.0\r\n"),
        };
        for (name, value) in &self.headers {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}

fn start_line(line: &str) -> Option<Start> {
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    if first.starts_with("RTSP/") {
        let code = words.next()?.parse().ok().filter(|code| (100..=999).contains(code))?;
        let reason: Vec<&str> = words.collect();
        let reason = if reason.is_empty() { "-".to_owned() } else { reason.join(" ") };
        return Some(Start::Response { code, reason });
    }
    let target = words.next()?.to_owned();
    words.next()?.starts_with("RTSP/").then(|| Start::Request { method: first.to_owned(), target })
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sloppy_response_is_written_strictly() {
        let sloppy =
            b"RTSP/1.0 200\nCSeq:  3 \nSession: 7\n ;timeout=30\nno colon here\nBad name: 1\n\n";
        let head = Head::parse(sloppy).expect("lenient");
        assert_eq!(head.cseq(), Some(3));
        let strict = b"RTSP/1.0 200 -\r\nCSeq: 3\r\nSession: 7 ;timeout=30\r\n\r\n";
        assert_eq!(
            String::from_utf8(head.to_bytes()).as_deref(),
            Ok(std::str::from_utf8(strict).expect("ascii"))
        );
    }

    #[test]
    fn a_line_that_starts_no_message_is_refused() {
        for line in ["", "\r\n", "RTSP/1.0", "RTSP/1.0 abc", "GET", "GET /", "GET / HTTP/1.1"] {
            assert_eq!(Head::parse(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn headers_are_found_and_replaced_whatever_their_case() {
        let mut head =
            Head::parse(b"RTSP/1.0 401 No\r\nwww-authenticate: a\r\nWWW-AUTHENTICATE: b\r\n\r\n")
                .expect("fine");
        assert_eq!(head.all("WWW-Authenticate").collect::<Vec<_>>(), ["a", "b"]);
        head.set("WWW-Authenticate", "c");
        assert_eq!(head.all("www-authenticate").collect::<Vec<_>>(), ["c"]);
    }
}
