//! The decode worker as it really runs: a process of its own, fenced in, at the end of a link. The
//! child is this very test binary, told by the environment to be the worker.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    os::{
        fd::{AsFd, OwnedFd},
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use bytes::Bytes;
use watchwall::{
    decode::worker::{Limits, Tools, run},
    domain::media::Codec,
    worker::{
        link::{LinkReader, LinkWriter},
        message::{Cell, ComposeJob, DecodeFault, DecodeJob, DecodeMode, FromDecode},
        sandbox::Sandbox,
    },
};

use crate::clips::{Clip, Dice};

const ROLE: &str = "WATCHWALL_TEST_ROLE";
/// Generous: a busy machine must not fail a test.
const DEADLINE: Duration = Duration::from_secs(60);

/// This test again, in a process of its own, in a role.
fn again(test: &str, role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("tests have a path"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(ROLE, role);
    command
}

fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

fn assert_success(output: &Output) {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{:?}\n{out}\n{err}", output.status);
}

fn job(codec: Codec, data: &Bytes) -> DecodeJob {
    DecodeJob {
        job: 1,
        codec,
        mode: DecodeMode::Still,
        pixels_max: 36_000_000,
        widths: vec![320],
        data: data.clone(),
    }
}

fn clips(size: &str) -> [Clip; 3] {
    let format = ["-pix_fmt", "yuv420p"];
    [
        Clip::h264(size, 1, "keyint=1", &format),
        Clip::h265(size, 1, "keyint=1", &format),
        Clip::mjpeg(size, &["-pix_fmt", "yuvj420p"]),
    ]
}

fn refused<T>(what: &str, outcome: io::Result<T>) {
    let error = outcome.err().unwrap_or_else(|| panic!("{what} was allowed"));
    println!("{what}: {error}");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{what}: {error}");
}

#[test]
fn inside_the_decode_sandbox_only_decoding_works() {
    if role().is_none() {
        let test = "decode_process::inside_the_decode_sandbox_only_decoding_works";
        return assert_success(&again(test, "inside").output().expect("spawned"));
    }
    let clips = clips("640x360");
    let mut tools = Tools::warm().expect("all decoders");
    let before: Vec<OwnedFd> = vec![io::stdin().as_fd().try_clone_to_owned().expect("a copy")];
    let applied = Sandbox::decode(Limits::DATA_BYTES).apply().expect("a sandbox");
    println!("applied: {applied:?}");

    refused("open", std::fs::File::open("/etc/passwd"));
    refused("create", std::fs::File::create("/tmp/watchwall-must-not-exist"));
    refused("list", std::fs::read_dir("/"));
    refused("TCP connect", TcpStream::connect("127.0.0.1:9"));
    refused("TCP listen", TcpListener::bind("127.0.0.1:0"));
    refused("UDP", UdpSocket::bind("127.0.0.1:0"));
    refused("local sockets", UnixStream::pair());
    refused("fork", Command::new("/bin/true").spawn());
    refused("a thread", std::thread::Builder::new().spawn(|| ()));
    let too_much = Vec::<u8>::new().try_reserve(1024 * 1024 * 1024);
    assert!(too_much.is_err(), "a gigabyte was allocated");
    drop(before);
    for clip in &clips {
        let picture = tools.picture(&job(clip.codec, &clip.keyframes()[0]));
        assert_eq!(picture.expect("still decodes").tiles.len(), 1, "{:?}", clip.codec);
    }
}

#[test]
fn inside_the_ingest_sandbox_only_outgoing_connections_work() {
    if role().is_none() {
        let test = "decode_process::inside_the_ingest_sandbox_only_outgoing_connections_work";
        return assert_success(&again(test, "inside").output().expect("spawned"));
    }
    let camera = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = camera.local_addr().expect("bound");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime, before the sandbox");
    let applied = Sandbox::ingest(256 * 1024 * 1024).apply().expect("a sandbox");
    println!("applied: {applied:?}");

    refused("open", std::fs::File::open("/etc/passwd"));
    refused("TCP listen", TcpListener::bind("127.0.0.1:0"));
    refused("local sockets", UnixStream::pair());
    refused("fork", Command::new("/bin/true").spawn());
    std::thread::Builder::new().spawn(|| ()).expect("a thread").join().expect("it ends");
    runtime.block_on(async {
        // Without a bind of its own, so that it is the call itself that is refused.
        let socket = tokio::net::TcpSocket::new_v4().expect("TCP sockets are allowed");
        refused("listen", socket.listen(1));
        let mut near = tokio::net::TcpStream::connect(address).await.expect("a camera is reached");
        tokio::io::AsyncWriteExt::write_all(&mut near, b"OPTIONS").await.expect("and spoken to");
        near.set_nodelay(true).expect("options can be set");
        let rtp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a port for RTP");
        rtp.send_to(b"rtcp", rtp.local_addr().expect("bound")).await.expect("RTCP is sent");
        let mut packet = [0; 16];
        rtp.recv_from(&mut packet).await.expect("RTP is received");
        let wait = tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>());
        wait.await.expect_err("timers run");
    });
}

#[test]
fn starting_a_program_inside_a_sandbox_ends_the_worker() {
    let test = "decode_process::starting_a_program_inside_a_sandbox_ends_the_worker";
    match role().as_deref() {
        None => {
            for role in ["decode", "ingest"] {
                let output = again(test, role).output().expect("spawned");
                assert_eq!(output.status.signal(), Some(libc::SIGSYS), "{role}: {output:?}");
            }
        }
        Some(role) => {
            let sandbox =
                if role == "decode" { Sandbox::decode(1 << 28) } else { Sandbox::ingest(1 << 28) };
            sandbox.apply().expect("a sandbox");
            let error = Command::new("/bin/true").exec();
            panic!("it came back: {error}");
        }
    }
}

#[test]
fn a_worker_ends_with_its_parent_even_while_its_link_is_open() {
    let test = "decode_process::a_worker_ends_with_its_parent_even_while_its_link_is_open";
    let link = || UnixStream::from(io::stdin().as_fd().try_clone_to_owned().expect("a link"));
    match role().as_deref() {
        None => {
            let (mut near, far) = UnixStream::pair().expect("a socket pair");
            near.set_read_timeout(Some(DEADLINE)).expect("a plain socket");
            let mut parent = again(test, "parent")
                .stdin(Stdio::from(OwnedFd::from(far)))
                .stdout(Stdio::null())
                .spawn()
                .expect("spawned");
            let mut fenced = [0];
            near.read_exact(&mut fenced).expect("the worker is fenced in");
            parent.kill().expect("it lives");
            parent.wait().expect("waited for");
            // The worker's end closes only when the worker is gone too.
            assert_eq!(near.read(&mut fenced).expect("in time"), 0);
        }
        Some("parent") => {
            again(test, "worker").spawn().expect("spawned").wait().expect("waited for");
        }
        Some(_) => {
            let mut link = link();
            Sandbox::decode(Limits::DATA_BYTES).apply().expect("a sandbox");
            link.write_all(b"!").expect("the link is open");
            let _ = link.read(&mut [0]);
        }
    }
}

/// A worker process and the centre's end of its link.
struct Worker {
    child: Child,
    reader: LinkReader<tokio::net::unix::OwnedReadHalf>,
    writer: LinkWriter<tokio::net::unix::OwnedWriteHalf>,
}

impl Worker {
    /// Spawns this test as a worker: its end of the link is its standard input.
    async fn spawn(test: &str) -> Self {
        let (near, far) = UnixStream::pair().expect("a socket pair");
        let mut command = again(test, "worker");
        let child = command
            .stdin(Stdio::from(OwnedFd::from(far)))
            .stdout(Stdio::null())
            .spawn()
            .expect("spawned");
        near.set_nonblocking(true).expect("a plain socket");
        let (reader, writer) =
            tokio::net::UnixStream::from_std(near).expect("a runtime").into_split();
        let mut worker =
            Self { child, reader: LinkReader::new(reader), writer: LinkWriter::new(writer) };
        let FromDecode::Ready(ready) = worker.answer().await else { panic!("not ready first") };
        println!("{ready:?}");
        assert!(ready.sandbox.is_some());
        worker
    }

    async fn answer(&mut self) -> FromDecode {
        let frame = tokio::time::timeout(DEADLINE, self.reader.next()).await;
        let frame = frame.expect("in time").expect("a whole frame").expect("not the end");
        FromDecode::parse(frame).expect("well formed")
    }

    async fn decode(
        &mut self,
        job: &DecodeJob,
    ) -> Result<watchwall::worker::message::Picture, DecodeFault> {
        self.writer.decode_job(job).await.expect("the worker lives");
        match self.answer().await {
            FromDecode::Decoded(decoded) => {
                assert_eq!(decoded.job, job.job);
                decoded.outcome
            }
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// A line of the kernel's account of the process, KiB.
    fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("the worker lives");
        let line = status.lines().find_map(|found| found.strip_prefix(line)).expect("it is there");
        line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").parse().expect("a number")
    }

    /// Closes the link; the worker ends by itself, content.
    async fn end(self) {
        let Self { mut child, reader, writer } = self;
        drop((reader, writer));
        let status = tokio::task::spawn_blocking(move || child.wait()).await.expect("joined");
        let status = status.expect("waited for");
        assert!(status.success(), "{status:?}");
    }
}

/// What the worker's process does: serve its standard input.
fn serve() {
    let link = io::stdin().as_fd().try_clone_to_owned().expect("a link");
    let link = UnixStream::from(link);
    link.set_nonblocking(true).expect("a socket");
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            let link = tokio::net::UnixStream::from_std(link).expect("a runtime");
            run(link, Limits::default()).await.expect("an orderly end");
        });
}

fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

#[test]
fn a_worker_survives_whatever_a_camera_sends_and_still_composes_the_wall() {
    if role().is_some() {
        return serve();
    }
    let test =
        "decode_process::a_worker_survives_whatever_a_camera_sends_and_still_composes_the_wall";
    block_on(async {
        let mut worker = Worker::spawn(test).await;
        let mut dice = Dice(0xca11);
        let mut newest = None;
        for clip in &clips("640x360") {
            let whole = clip.keyframes().remove(0);
            for round in 0..40 {
                let kind = ["cut", "flip", "hole", "random"][round % 4];
                let data = dice.damage(kind, &whole);
                let mode = match round % 3 {
                    0 => DecodeMode::Continuous(watchwall::domain::camera::Handle(7)),
                    _ => DecodeMode::Still,
                };
                // Any answer will do, as long as there is one.
                let _ = worker.decode(&DecodeJob { mode, ..job(clip.codec, &data) }).await;
            }
            let picture = worker.decode(&job(clip.codec, &whole)).await.expect("a whole keyframe");
            newest = Some(picture.tiles[0].jpeg.clone());
        }
        let empty = worker.decode(&job(Codec::H264, &Bytes::new())).await;
        assert!(matches!(empty, Err(DecodeFault::Damaged { .. })), "{empty:?}");

        let cell = |jpeg| Cell { jpeg, label: "Cổng 1".to_owned(), stale: None };
        let cells = vec![cell(newest), cell(None)];
        let snapshot = ComposeJob { job: 8, columns: 2, cell_width: 320, cell_height: 200, cells };
        worker.writer.compose_job(&snapshot).await.expect("the worker lives");
        let FromDecode::Composed(composed) = worker.answer().await else { panic!("not composed") };
        assert!(composed.outcome.expect("a snapshot").starts_with(&[0xff, 0xd8]));
        worker.end().await;
    });
}

#[test]
fn a_giant_picture_is_refused_before_it_takes_memory() {
    if role().is_some() {
        return serve();
    }
    let test = "decode_process::a_giant_picture_is_refused_before_it_takes_memory";
    block_on(async {
        let mut worker = Worker::spawn(test).await;
        let before = worker.memory("VmHWM");
        let args =
            ["-vf", "scale=16384:8192:flags=neighbor,format=yuv420p", "-preset", "ultrafast"];
        let h264 = Clip::h264("64x32", 1, "keyint=1", &args);
        // The size in the frame header of a small JPEG, overwritten.
        let mut jpeg = Clip::mjpeg("640x360", &["-pix_fmt", "yuvj420p"]).bytes;
        let header = memchr::memmem::find(&jpeg, &[0xff, 0xc0]).expect("a baseline JPEG");
        jpeg[header + 5..header + 9].copy_from_slice(&[0x20, 0x00, 0x40, 0x00]);
        for (codec, data) in
            [(Codec::H264, h264.keyframes().remove(0)), (Codec::Mjpeg, jpeg.into())]
        {
            let fault = worker.decode(&job(codec, &data)).await.expect_err("a giant");
            println!("{codec:?}: {} bytes: {fault:?}", data.len());
        }
        let grown = worker.memory("VmHWM") - before;
        println!("grown by {grown} KiB");
        assert!(grown < 16 * 1024, "refusing took {grown} KiB");
        worker.end().await;
    });
}

#[test]
fn the_largest_picture_that_is_let_in_fits_the_memory_of_a_worker() {
    if role().is_some() {
        return serve();
    }
    let test = "decode_process::the_largest_picture_that_is_let_in_fits_the_memory_of_a_worker";
    block_on(async {
        let mut worker = Worker::spawn(test).await;
        let args = ["-vf", "scale=8192:4320:flags=neighbor,format=yuv420p", "-preset", "ultrafast"];
        for clip in
            [Clip::h264("64x32", 1, "keyint=1", &args), Clip::h265("64x32", 1, "keyint=1", &args)]
        {
            let picture = worker.decode(&job(clip.codec, &clip.keyframes()[0])).await;
            let picture = picture.expect("8K is within the limits");
            assert_eq!((picture.width, picture.height), (8192, 4320));
            let (data, peak) = (worker.memory("VmData"), worker.memory("VmHWM"));
            println!(
                "{:?}: decode {:?}, peak {peak} KiB, data {data} KiB",
                clip.codec, picture.decode
            );
        }
        worker.end().await;
    });
}

#[test]
fn a_worker_stays_small_after_the_keyframes_of_150_cameras() {
    if role().is_some() {
        return serve();
    }
    let test = "decode_process::a_worker_stays_small_after_the_keyframes_of_150_cameras";
    block_on(async {
        let mut worker = Worker::spawn(test).await;
        let warm = worker.memory("VmRSS");
        // Cameras differ in size and codec: nine kinds.
        let kinds: Vec<Clip> =
            ["640x360", "704x576", "640x480"].into_iter().flat_map(clips).collect();
        let keyframes: Vec<(Codec, Bytes)> =
            kinds.iter().map(|clip| (clip.codec, clip.keyframes().remove(0))).collect();
        let mut resident = Vec::new();
        for round in 0..6 {
            for camera in 0..150 {
                let (codec, data) = &keyframes[camera % keyframes.len()];
                let widths = vec![160, 320];
                let job = DecodeJob { job: round, widths, ..job(*codec, data) };
                let picture = worker.decode(&job).await.expect("a whole keyframe");
                assert_eq!(picture.tiles.len(), 2);
            }
            resident.push(worker.memory("VmRSS"));
        }
        let (anon, peak) = (worker.memory("RssAnon"), worker.memory("VmHWM"));
        println!("KiB: warm {warm}, rounds {resident:?}, peak {peak}, of it its own {anon}");
        let grown = resident[5].saturating_sub(resident[1]);
        assert!(grown < 2 * 1024, "it grows: {resident:?}");
        assert!(peak < 96 * 1024, "peak {peak} KiB");
        worker.end().await;
    });
}
