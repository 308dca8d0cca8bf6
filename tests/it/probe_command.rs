//! `watchwall probe` as people run it, at a server of other people's making: what it says and how
//! it exits.

use std::process::{Command, Output};

use url::Url;

use crate::{
    reels::{Reel, pipeline},
    servers::Server,
};

const USER: &str = "viewer";
const PASSWORD: &str = "s3cret";

/// Runs it with a password, if there is one.
fn probe(url: &Url, password: Option<&str>) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("password");
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchwall"));
    command.args(["probe", url.as_str()]);
    if let Some(password) = password {
        std::fs::write(&file, format!("{password}\n")).expect("room for a password");
        command.args(["--user", USER, "--password-file"]).arg(&file);
    }
    command.output().expect("the binary runs")
}

/// It exits with this code and says all of these lines: what about, and a part of what.
fn says(output: &Output, code: i32, lines: &[(&str, &str)]) {
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}{errors}");
    for (about, part) in lines {
        let found = |line: &str| {
            line.strip_prefix(about)
                .is_some_and(|rest| rest.starts_with("  ") && rest.contains(part))
        };
        assert!(said.lines().any(found), "no line {about:?} with {part:?}:\n{said}{errors}");
    }
    assert!(!said.contains(PASSWORD) && !errors.contains(PASSWORD), "the password is told");
}

#[test]
fn a_camera_that_works_is_described() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reels = [
        Reel::h264(folder.path(), "h264", 0),
        Reel::h265(folder.path(), "h265"),
        Reel::mjpeg(folder.path(), "mjpeg"),
    ];
    let [h264, h265, mjpeg] = reels.each_ref().map(pipeline);
    let closed = Server::gstreamer(Some((USER, PASSWORD)), &[("/h264", &h264), ("/h265", &h265)]);
    let open = Server::gstreamer(None, &[("/mjpeg", &mjpeg)]);

    let works = |codec, sign_in, keyframes| {
        [
            ("connected", "after"),
            ("video", codec),
            ("video", "640x360"),
            ("frame rate", "10.0 per second"),
            ("keyframe interval", keyframes),
            ("sign-in", sign_in),
            ("picture", "yes: 640x360"),
        ]
    };
    let h264 = probe(&closed.url("/h264"), Some(PASSWORD));
    says(&h264, 0, &works("H.264", "Digest with MD5", "1.0 s"));
    let h265 = probe(&closed.url("/h265"), Some(PASSWORD));
    says(&h265, 0, &works("H.265", "Digest with MD5", "1.0 s"));
    says(&probe(&open.url("/mjpeg"), None), 0, &works("MJPEG", "none asked for", "0.1 s"));
}

#[test]
fn what_stands_between_a_person_and_a_picture_is_told_with_what_to_try() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mjpeg = pipeline(&Reel::mjpeg(folder.path(), "mjpeg"));
    let closed = Server::gstreamer(Some((USER, PASSWORD)), &[("/mjpeg", &mjpeg)]);
    let open = Server::gstreamer(None, &[("/mjpeg", &mjpeg)]);

    let rejected = |fault| {
        [
            ("connected", "after"),
            ("fault", fault),
            ("try", "check the user name and password"),
            ("picture", "no"),
        ]
    };
    let url = closed.url("/mjpeg");
    says(&probe(&url, Some("wrong")), 1, &rejected("rejected the user name or password (401"));
    says(&probe(&url, None), 1, &rejected("none is configured"));
    let lost = [
        ("connected", "after"),
        ("fault", "404"),
        ("try", "check the path in the URL"),
        ("picture", "no"),
    ];
    says(&probe(&open.url("/nothing"), None), 1, &lost);
    // Nobody listens there any more.
    let url = open.url("/mjpeg");
    drop(open);
    let refused = [
        ("address", "127.0.0.1"),
        ("fault", "refused"),
        ("try", "check the port"),
        ("picture", "no"),
    ];
    says(&probe(&url, None), 1, &refused);
}
