//! Reading RTSP requests out of a byte stream, past the interleaved packets between them.

/// No head of a sane client is longer.
const HEAD_MAX: usize = 64 * 1024;

/// One request of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    headers: Vec<(String, String)>,
}

/// What stands at the start of the bytes received so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// More bytes are needed.
    Incomplete,
    /// An interleaved packet (a receiver report, say) of that length; nobody reads it.
    Packet(usize),
    /// A request, and how long it is with its body.
    Request(Request, usize),
    /// Not RTSP.
    Nonsense,
}

impl Request {
    /// The first header of that name, whatever its case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Looks at what has been received.
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    match bytes {
        [] => Parsed::Incomplete,
        [b'$', _, high, low, ..] => {
            let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
            if bytes.len() < length { Parsed::Incomplete } else { Parsed::Packet(length) }
        }
        [b'$', ..] => Parsed::Incomplete,
        _ => head(bytes),
    }
}

fn head(bytes: &[u8]) -> Parsed {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        return if bytes.len() > HEAD_MAX { Parsed::Nonsense } else { Parsed::Incomplete };
    };
    let Ok(text) = std::str::from_utf8(&bytes[..end]) else { return Parsed::Nonsense };
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split_ascii_whitespace();
    let (Some(method), Some(url), Some(version)) = (first.next(), first.next(), first.next())
    else {
        return Parsed::Nonsense;
    };
    if !version.starts_with("RTSP/") {
        return Parsed::Nonsense;
    }
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let request = Request { method: method.to_owned(), url: url.to_owned(), headers };
    let body = match request.header("Content-Length").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(length)) if length <= HEAD_MAX => length,
        Some(_) => return Parsed::Nonsense,
    };
    let length = end + 4 + body;
    if bytes.len() < length { Parsed::Incomplete } else { Parsed::Request(request, length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_body_and_headers_in_any_case() {
        let bytes = b"SET_PARAMETER rtsp://h/cam/001/sub RTSP/1.0\r\ncseq: 4\r\nContent-Length: 3\r\n\r\nabcOPT";
        let Parsed::Request(request, length) = parse(bytes) else { panic!("a request") };
        assert_eq!((request.method.as_str(), request.header("CSeq")), ("SET_PARAMETER", Some("4")));
        assert_eq!(&bytes[length..], b"OPT");
        assert_eq!(parse(&bytes[..length - 1]), Parsed::Incomplete);
    }

    #[test]
    fn interleaved_packets_are_told_from_requests() {
        assert_eq!(parse(&[b'$', 1, 0, 2, 9, 9, b'O']), Parsed::Packet(6));
        assert_eq!(parse(&[b'$', 1, 0, 2, 9]), Parsed::Incomplete);
        assert_eq!(parse(b"GET / HTTP/1.1\r\n\r\n"), Parsed::Nonsense);
        assert_eq!(parse(&vec![b'a'; HEAD_MAX + 1]), Parsed::Nonsense);
    }
}
