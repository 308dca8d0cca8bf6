//! Viewers of an ffmpeg each: they listen, and count the pictures of the MPEG transport stream that
//! it sends.

use std::{
    io::Read,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

const PACKET: usize = 188;
/// ffmpeg's number for the first stream.
const VIDEO: u16 = 256;

/// What all viewers have read.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) pictures: AtomicU64,
    pub(crate) bytes: AtomicU64,
    /// Packets missing, by their counters.
    pub(crate) missed: AtomicU64,
}

/// Where viewers listen, and what they count.
pub(crate) fn listen() -> (SocketAddr, Arc<Counted>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let counted = Arc::new(Counted::default());
    let counts = counted.clone();
    let accept = move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let counts = counts.clone();
            let read = move || read(stream, &counts);
            std::thread::Builder::new().name("viewer".into()).spawn(read).expect("a thread");
        }
    };
    std::thread::Builder::new().name("listener".into()).spawn(accept).expect("a thread");
    (address, counted)
}

fn read(mut stream: TcpStream, counted: &Counted) {
    let mut packet = [0; PACKET];
    let mut last: Option<u8> = None;
    while stream.read_exact(&mut packet).is_ok() {
        counted.bytes.fetch_add(PACKET as u64, Relaxed);
        let number = u16::from_be_bytes([packet[1] & 0x1f, packet[2]]);
        let has_payload = packet[3] & 0x10 != 0;
        if number != VIDEO || !has_payload {
            continue;
        }
        let counter = packet[3] & 0x0f;
        if let Some(last) = last.replace(counter) {
            counted.missed.fetch_add((counter.wrapping_sub(last + 1) & 0x0f).into(), Relaxed);
        }
        // A payload that starts here is a picture's.
        counted.pictures.fetch_add(u64::from(packet[1] >> 6 & 1), Relaxed);
    }
}
