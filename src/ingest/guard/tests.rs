//! The guard as a whole: scripts of what a camera sends, and the promise about pieces.

use proptest::prelude::*;

use super::*;

const PASS: &str = "pass";

fn policy() -> Policy {
    Policy {
        host: "cam.example".to_owned(),
        camera: "192.0.2.1".parse().expect("an address"),
        allow_basic: false,
        pass: PASS.to_owned(),
        udp_port: None,
        round_trip: Duration::ZERO,
        limits: SessionLimits { access_unit_bytes: 20_000, ..SessionLimits::default() },
    }
}

fn ask(guard: &mut Guard, method: &str, cseq: u32, extra: &str) -> String {
    let request = format!(
        "{method} rtsp://127.0.0.1:9/x RTSP/1.0\r\nCSeq: {cseq}\r\nUser-Agent: {PASS}\r\n{extra}\r\n"
    );
    let mut out = Vec::new();
    guard.client_sent(Instant::now(), request.as_bytes(), &mut out).expect("our own request");
    String::from_utf8(out).expect("text")
}

/// Feeds all of `bytes` in pieces of these sizes, over and over.
fn feed(guard: &mut Guard, bytes: &[u8], sizes: &[usize]) -> (Vec<u8>, Option<Fault>) {
    let now = Instant::now();
    let mut out = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = (*sizes.next().expect("a cycle")).clamp(1, rest.len());
        let (mut piece, after) = rest.split_at(size);
        rest = after;
        while !piece.is_empty() {
            match guard.camera_sent(now, piece) {
                Ok(Passage { consumed, output }) => {
                    match output {
                        Output::Unchanged => out.extend_from_slice(&piece[..consumed]),
                        Output::Instead(bytes) => out.extend(bytes),
                    }
                    piece = &piece[consumed..];
                }
                Err(fault) => return (out, Some(fault)),
            }
        }
    }
    (out, None)
}

/// A guard whose session plays on channels 0 and 1.
fn playing() -> Guard {
    playing_with(policy())
}

fn playing_with(policy: Policy) -> Guard {
    let mut guard = Guard::new(policy);
    ask(&mut guard, "DESCRIBE", 1, "");
    let described = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nv=0\n";
    assert_eq!(feed(&mut guard, described, &[1000]).1, None);
    ask(&mut guard, "SETUP", 2, "");
    let set_up = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: 9;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1;server_port=6000-6001;ssrc=1234\r\n\r\n";
    assert_eq!(feed(&mut guard, set_up, &[1000]).1, None);
    ask(&mut guard, "PLAY", 3, "");
    assert_eq!(feed(&mut guard, b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n", &[1000]).1, None);
    guard
}

fn rtp(channel: u8, mark: bool, timestamp: u8, payload: usize) -> Vec<u8> {
    let mut packet = vec![b'$', channel];
    packet.extend(u16::try_from(12 + payload).expect("small").to_be_bytes());
    packet.extend([0x80, u8::from(mark) << 7 | 96, 0, 1, 0, 0, 0, timestamp, 0, 0, 0, 7]);
    packet.extend(vec![b'R'; payload]);
    packet
}

fn answer_to_describe(headers: &str, body: &str) -> (Vec<u8>, Option<Fault>) {
    let mut guard = Guard::new(policy());
    ask(&mut guard, "DESCRIBE", 1, "");
    let length = body.len();
    let answer =
        format!("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
    feed(&mut guard, answer.as_bytes(), &[7])
}

fn condition(fault: Option<Fault>) -> Option<Condition> {
    fault.map(|fault| fault.condition)
}

#[test]
fn an_absurd_content_length_is_a_breach_at_once() {
    for length in ["99999999999", "999999999999999999999999999", "300000"] {
        let mut guard = Guard::new(policy());
        ask(&mut guard, "DESCRIBE", 1, "");
        let answer = format!("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: {length}\r\n\r\n");
        let (out, fault) = feed(&mut guard, answer.as_bytes(), &[1000]);
        assert_eq!((out.len(), condition(fault)), (0, Some(Condition::Abusive)), "{length}");
    }
}

#[test]
fn an_endless_header_is_a_breach_at_64_kib_and_holds_no_more() {
    let mut guard = Guard::new(policy());
    ask(&mut guard, "DESCRIBE", 1, "");
    let mut bytes = b"RTSP/1.0 200 OK\r\nX: ".to_vec();
    bytes.resize(10_000_000, b'a');
    let (out, fault) = feed(&mut guard, &bytes, &[100_000]);
    assert_eq!((out.len(), condition(fault)), (0, Some(Condition::Abusive)));
    let Down::Head(held) = &guard.down else { unreachable!("still in the head") };
    assert!(held.capacity() <= 256 * 1024, "{}", held.capacity());
}

#[test]
fn an_access_unit_over_the_limit_is_a_breach() {
    let mut guard = playing();
    let endless: Vec<u8> = (0..30).flat_map(|_| rtp(0, false, 1, 1000)).collect();
    assert_eq!(condition(feed(&mut guard, &endless, &[1400]).1), Some(Condition::Abusive));
}

#[test]
fn stray_bytes_between_packets_are_skipped_once_the_stream_is_known() {
    for garbage in [
        &b"\x00\x01\x02"[..],
        b"abcdefghijkl",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        b"NO GOOD\r\n\r\n",
        b"/ / ",
        b"x$\x00\x00\x70 $\x00$",
    ] {
        let mut guard = playing();
        let packets = [rtp(0, true, 1, 100), rtp(0, true, 2, 100)];
        let bytes = [&packets[0][..], garbage, &packets[1]].concat();
        let (out, fault) = feed(&mut guard, &bytes, &[5]);
        assert_eq!(fault, None, "{garbage:?}");
        assert_eq!(out, packets.concat(), "{garbage:?}");
    }
}

#[test]
fn garbage_is_a_protocol_fault_before_the_stream_is_known_and_when_it_does_not_end() {
    let first = feed(&mut playing(), b"abcdefghijkl", &[5]).1;
    assert_eq!(condition(first), Some(Condition::Protocol));
    let endless = [&rtp(0, true, 1, 100)[..], &vec![7; GARBAGE_MAX + 100]].concat();
    let (out, fault) = feed(&mut playing(), &endless, &[1400]);
    assert_eq!(condition(fault), Some(Condition::Protocol));
    assert_eq!(out, rtp(0, true, 1, 100));
}

#[test]
fn redirects_and_foreign_hosts_are_not_followed() {
    let mut guard = Guard::new(policy());
    ask(&mut guard, "DESCRIBE", 1, "");
    let moved = b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://evil.example/\x1b[2J\r\n\r\n";
    let fault = feed(&mut guard, moved, &[1000]).1.expect("a fault");
    assert_eq!(fault.condition, Condition::Redirect);
    assert!(
        fault.evidence.contains("evil.example") && !fault.evidence.contains('\u{1b}'),
        "{fault:?}"
    );

    let base = answer_to_describe("Content-Base: rtsp://10.9.8.7/\r\n", "v=0\r\n");
    assert_eq!(condition(base.1), Some(Condition::Redirect));
    let control = answer_to_describe("", "v=0\r\na=control:rtsp://10.9.8.7/\r\n");
    assert_eq!(condition(control.1), Some(Condition::Redirect));
}

#[test]
fn a_base_of_the_camera_itself_passes_and_a_relative_one_is_left_out() {
    for own in ["rtsp://cam.example/x/", "rtsp://192.0.2.1:554/", "rtsp://127.0.0.1:9/x"] {
        let (out, fault) = answer_to_describe(&format!("Content-Base: {own}\r\n"), "v=0\r\n");
        assert_eq!(fault, None);
        assert!(String::from_utf8_lossy(&out).contains(own), "{own}");
    }
    for relative in ["", "/x/", "192.0.2.1/x", "stream"] {
        let (out, fault) = answer_to_describe(&format!("Content-Base: {relative}\r\n"), "v=0\r\n");
        assert_eq!(fault, None, "{relative}");
        assert!(!String::from_utf8_lossy(&out).contains("Content-Base"), "{relative}");
    }
}

#[test]
fn basic_alone_is_refused_before_the_password_leaves() {
    let mut guard = Guard::new(policy());
    ask(&mut guard, "DESCRIBE", 1, "");
    let basic = b"RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n";
    let (out, fault) = feed(&mut guard, basic, &[1000]);
    let fault = fault.expect("a fault");
    assert!(out.is_empty());
    assert_eq!((fault.condition, fault.sign_in_rejected), (Condition::CredentialsRejected, false));
    assert!(fault.evidence.contains("allow_basic = true"), "{fault:?}");
}

#[test]
fn an_answer_to_a_challenge_names_its_algorithm_unless_it_is_md5() {
    for (offered, named) in [("SHA-256", ", algorithm=SHA-256"), ("MD5", "")] {
        let mut guard = Guard::new(policy());
        ask(&mut guard, "DESCRIBE", 1, "");
        let challenge = format!(
            "RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\", algorithm={offered}\r\n\r\n"
        );
        assert_eq!(feed(&mut guard, challenge.as_bytes(), &[1000]).1, None);
        let given = "Authorization: Digest response=\"0\"";
        let sent = ask(&mut guard, "DESCRIBE", 2, &format!("{given}\r\n"));
        assert!(sent.contains(&format!("{given}{named}\r\n")), "{sent}");
    }
}

#[test]
fn a_rejected_password_counts_and_a_stale_nonce_does_not() {
    for (stale, expected, counts) in
        [("false", Condition::CredentialsRejected, true), ("true", Condition::Protocol, false)]
    {
        let mut guard = Guard::new(policy());
        ask(&mut guard, "SETUP", 2, "Authorization: Digest x\r\n");
        let answer = format!(
            "RTSP/1.0 401 No\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\", stale={stale}\r\n\r\n"
        );
        let fault = feed(&mut guard, answer.as_bytes(), &[1000]).1.expect("a fault");
        assert_eq!((fault.condition, fault.sign_in_rejected), (expected, counts));
    }
}

#[test]
fn a_keepalive_without_an_answer_is_answered_between_two_packets_and_the_late_one_vanishes() {
    let mut guard = playing();
    ask(&mut guard, "OPTIONS", 4, "");
    let deadline = guard.next_deadline().expect("a keepalive waits");
    let packet = rtp(0, true, 1, 500);
    let (first, _) = feed(&mut guard, &packet[..100], &[100]);
    let mut out = Vec::new();
    guard.tick(deadline, &mut out);
    assert!(out.is_empty(), "not into the middle of a packet");
    let late = b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n";
    let rest = [&packet[100..], late, &packet].concat();
    let (second, fault) = feed(&mut guard, &rest, &[1000]);
    assert_eq!(fault, None);
    let expected = [&packet[..], b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n", &packet].concat();
    assert_eq!([first, second].concat(), expected);
    assert_eq!(guard.figures().keepalives_unanswered, 1);
}

#[test]
fn packets_of_other_channels_and_before_play_are_left_out() {
    let mut guard = Guard::new(policy());
    ask(&mut guard, "DESCRIBE", 1, "");
    assert_eq!(feed(&mut guard, &rtp(0, true, 1, 50), &[3]), (Vec::new(), None));
    let mut guard = playing();
    let mixed =
        [rtp(4, true, 1, 50), rtp(0, true, 1, 60), rtp(5, true, 1, 50), rtp(1, true, 1, 70)]
            .concat();
    assert_eq!(
        feed(&mut guard, &mixed, &[11]),
        ([rtp(0, true, 1, 60), rtp(1, true, 1, 70)].concat(), None)
    );
}

#[test]
fn video_that_overtakes_the_answer_to_play_comes_right_after_it() {
    for pieces in [1, 7, 10_000] {
        let mut guard = playing();
        ask(&mut guard, "PLAY", 4, "");
        guard.playing = false;
        let answer = b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n";
        let bytes = [
            &rtp(0, true, 1, 60)[..],
            &rtp(9, true, 1, 60),
            &rtp(1, true, 1, 40),
            answer,
            &rtp(0, true, 2, 50),
        ]
        .concat();
        let (out, fault) = feed(&mut guard, &bytes, &[pieces]);
        assert_eq!(fault, None);
        let start = out.windows(2).position(|w| w == b"$\0").expect("packets follow");
        assert!(out.starts_with(b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n"));
        assert_eq!(
            &out[start..],
            [rtp(0, true, 1, 60), rtp(1, true, 1, 40), rtp(0, true, 2, 50)].concat()
        );
    }
}

#[test]
fn a_camera_that_asks_is_answered_and_the_library_hears_nothing() {
    let mut guard = playing();
    let (out, fault) = feed(&mut guard, b"OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n", &[1000]);
    assert_eq!((out.len(), fault), (0, None));
    assert_eq!(guard.take_reply(), b"RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\n");
}

#[test]
fn a_udp_session_looks_interleaved_to_the_library() {
    let mut guard = Guard::new(Policy { udp_port: Some(5000), ..policy() });
    let sent = ask(&mut guard, "SETUP", 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
    assert!(sent.contains("Transport: RTP/AVP;unicast;client_port=5000-5001\r\n"), "{sent}");
    assert!(!sent.contains(PASS), "{sent}");
    let mut guard = playing_with(Policy { udp_port: Some(5000), ..policy() });
    assert_eq!(guard.take_udp_peer(), Some((6000, 6001)));
    let packet = &rtp(0, true, 1, 80)[FRAMING..];
    let mut out = Vec::new();
    guard.datagram_came(Instant::now(), false, packet, &mut out).expect("fine");
    assert_eq!(out, rtp(0, true, 1, 80));
}

#[test]
fn a_stranger_on_the_loopback_does_not_get_through() {
    let mut guard = Guard::new(policy());
    let mut out = Vec::new();
    let request = b"DESCRIBE rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: other\r\n\r\n";
    assert!(guard.client_sent(Instant::now(), request, &mut out).is_err());
    assert!(out.is_empty());
}

/// What cameras send: answers, packets, requests, blank lines, left-overs, garbage.
fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (0u8..3, any::<bool>(), any::<u8>(), 0usize..2000).prop_map(|(c, m, t, n)| rtp(c, m, t, n)),
        1 => (0usize..20).prop_map(|n| [&[b'$', 0, 0, n as u8][..], &vec![1; n]].concat()),
        1 => (0u32..9, 0usize..50).prop_map(|(cseq, n)| {
            [format!("RTSP/1.0 200 OK\r\nCSeq: {cseq}\nContent-Length: {n}\r\n\r\n").as_bytes(), &vec![b'$'; n]].concat()
        }),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ]
}

proptest! {
    #[test]
    fn any_split_of_the_same_bytes_gives_the_same_output_and_verdict(
        messages in proptest::collection::vec(message(), 0..30),
        sizes in proptest::collection::vec(1usize..3000, 1..20),
    ) {
        let bytes = messages.concat();
        let run = |sizes: &[usize]| {
            let mut guard = playing();
            ask(&mut guard, "OPTIONS", 4, "");
            let result = feed(&mut guard, &bytes, sizes);
            (result, guard.take_reply())
        };
        prop_assert_eq!(run(&sizes), run(&[usize::MAX]));
        prop_assert_eq!(run(&[1]), run(&[usize::MAX]));
    }

    #[test]
    fn no_bytes_make_the_guard_panic_or_grow(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
        let mut guard = playing();
        let (out, _) = feed(&mut guard, &bytes, &[13]);
        prop_assert!(out.len() <= bytes.len() + 200);
        prop_assert!(guard.reply.len() <= 2048);
    }
}
