//! `watchwall user` and `watchwall token` as people run them, beside a store that is open.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use watchwall::{
    domain::{
        access::{AccountName, Role, Scope},
        availability::Window,
        time::UnixMicros,
    },
    http::secret,
    store::Store,
};

const PASSWORD: &str = "trời mưa ở kỳ anh";

struct Desk {
    folder: tempfile::TempDir,
}

/// A configuration with two sites and a person; its store is not there yet.
fn desk() -> Desk {
    let desk = Desk { folder: tempfile::tempdir().expect("a folder") };
    let text = format!(
        r#"
        store = {{ path = "{}" }}
        [[site]]
        id = "ha-tinh"
        [[site]]
        id = "ky-anh"
        parent = "ha-tinh"
        [[person]]
        id = "lan"
        name = "Nguyễn Thị Lan"
        "#,
        desk.store().display()
    );
    std::fs::write(desk.folder.path().join("watchwall.toml"), text).expect("room for a file");
    desk
}

impl Desk {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn store(&self) -> PathBuf {
        self.path().join("watchwall.db")
    }

    async fn open(&self) -> Store {
        Store::open(&self.store()).await.expect("the store")
    }

    /// Runs it with something on standard input.
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchwall"))
            .args(arguments)
            .arg("--config")
            .arg(self.path().join("watchwall.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        // It may end without reading.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the binary ends");
        let (said, errors) = texts(&output);
        println!("{arguments:?}\n{said}{errors}");
        assert!(!said.contains(PASSWORD) && !errors.contains(PASSWORD), "the password is told");
        output
    }

    /// It does it and says this.
    fn does(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success());
        texts(&output).0
    }

    /// It refuses, and says why.
    fn refuses(&self, arguments: &[&str], input: &str, why: &str) {
        let output = self.run(arguments, input);
        assert!(!output.status.success(), "{arguments:?} is refused");
        let (said, errors) = texts(&output);
        assert_eq!(said, "", "nothing was done");
        assert!(errors.contains(why), "{errors:?} says {why:?}");
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn name(text: &str) -> AccountName {
    text.try_into().expect("a name")
}

async fn noted(store: &Store) -> Vec<(String, String)> {
    let all = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
    let mut rows = store.audit(all, 100).await.expect("a read");
    assert!(rows.iter().all(|row| row.row.actor.user.starts_with("command-line:")));
    rows.reverse();
    rows.into_iter().map(|row| (row.row.action, row.row.object)).collect()
}

#[tokio::test]
async fn an_account_is_made_given_rights_disabled_and_let_in_again() {
    let desk = desk();
    let add = ["user", "add", "nguyen.lan", "--person", "lan", "--role", "duty"];
    let said = desk.does(&add, &format!("{PASSWORD}\n"));
    assert_eq!(said, "nguyen.lan: duty everywhere\n");
    desk.refuses(&add, PASSWORD, "an account of this name already");
    desk.does(&["user", "add", "chief", "--role", "admin", "--must-change"], PASSWORD);

    // The store is open, as a running service has it.
    let store = desk.open().await;
    let hash = store.password_hash(&name("nguyen.lan")).await.expect("a read").expect("a hash");
    assert!(secret::verify(PASSWORD, Some(&hash)), "the line's end is not part of it");
    let before = store.rights_epoch().await.expect("a read");
    let right = ["--role", "operator", "--site", "ky-anh", "--site", "ha-tinh"];
    let said = desk.does(&[&["user", "grant", "nguyen.lan"], &right[..]].concat(), "");
    assert_eq!(said, "nguyen.lan: duty everywhere, operator at ha-tinh and ky-anh, is lan\n");
    assert!(store.rights_epoch().await.expect("a read") > before, "the service sees it");
    let row = store.account(&name("nguyen.lan")).await.expect("a read").expect("an account");
    assert_eq!((row.grants[0].role, &row.grants[0].scope), (Role::Duty, &Scope::All));

    desk.does(&["user", "revoke", "nguyen.lan", "--role", "duty"], "");
    desk.does(&["user", "disable", "nguyen.lan"], "");
    desk.does(&["user", "password", "nguyen.lan", "--must-change"], "ổi mận xoài mít\r\n");
    let said = desk.does(&["user", "list"], "");
    assert_eq!(
        said,
        "chief: admin everywhere, must change the password\n\
        nguyen.lan: operator at ha-tinh and ky-anh, is lan, disabled, must change the password\n"
    );
    desk.does(&["user", "enable", "nguyen.lan"], "");
    let row = store.account(&name("nguyen.lan")).await.expect("a read").expect("an account");
    assert!(!row.disabled && row.must_change);
    let hash = store.password_hash(&name("nguyen.lan")).await.expect("a read").expect("a hash");
    assert!(secret::verify("ổi mận xoài mít", Some(&hash)));

    let lan = |action: &str| (action.to_owned(), "user:nguyen.lan".to_owned());
    let done = [
        lan("user-create"),
        ("user-create".to_owned(), "user:chief".to_owned()),
        lan("user-grant"),
        lan("user-revoke"),
        lan("user-disable"),
        lan("user-password"),
        lan("user-enable"),
    ];
    assert_eq!(noted(&store).await, done, "and nothing that was refused");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let desk = desk();
    desk.refuses(&["user", "list"], "", "there is no store at");
    desk.refuses(&["token", "list"], "", "there is no store at");
    let add = |more: &[&'static str]| [&["user", "add", "lan"], more].concat();
    desk.refuses(&add(&[]), "short", "12 characters at least");
    desk.refuses(&add(&[]), "Password2026!", "among the first that are tried");
    desk.refuses(&add(&[]), "lanlanlanlan", "the account's own name");
    desk.refuses(&add(&[]), "two lines of\na password", "no control characters");
    desk.refuses(&add(&[]), &"nắng to ".repeat(4000), "256 bytes at most");
    desk.refuses(&add(&[]), "", "12 characters at least");
    desk.refuses(&add(&["--role", "king"]), PASSWORD, "no role");
    desk.refuses(&add(&["--role", "screen"]), PASSWORD, "watchwall token create");
    desk.refuses(&add(&["--role", "duty", "--site", "vinh"]), PASSWORD, "there is no site vinh");
    desk.refuses(&add(&["--person", "minh"]), PASSWORD, "there is no person minh");
    desk.refuses(&["user", "add", "Lan"], PASSWORD, "no account name");
    // A password in an argument is one too many.
    desk.refuses(&add(&["--password", "x"]), PASSWORD, "unexpected argument");
    assert!(!desk.store().exists(), "nothing was made");

    desk.does(&add(&["--role", "admin"]), PASSWORD);
    desk.refuses(&["user", "disable", "lan"], "", "first make another admin everywhere");
    desk.refuses(&["user", "disable", "minh"], "", "no such account");
}

#[tokio::test]
async fn a_token_is_shown_once_and_found_by_what_was_shown() {
    let desk = desk();
    let create = |more: &[&'static str]| [&["token", "create", "left screen"], more].concat();
    let shown = desk.does(&create(&["--wall", "main", "--screen", "left"]), "");
    let secret_text = shown.trim_end();
    assert!(secret_text.starts_with("ww_") && !secret_text.contains(char::is_whitespace));
    let script = ["token", "create", "script", "--role", "supervisor", "--site", "ky-anh"];
    desk.does(&[&script[..], &["--expires", "90d"]].concat(), "");

    let store = desk.open().await;
    let hash = secret::hash_of(secret_text);
    let row = store.token_of(&hash).await.expect("a read").expect("a token");
    let place = row.screen.clone().expect("a place");
    assert_eq!((row.name.as_str(), row.grants.len()), ("left screen", 0));
    assert_eq!(place.wall.as_str(), "main");
    assert_eq!(place.screen.as_ref().map(|screen| screen.as_str()), Some("left"));
    let script = store.tokens().await.expect("a read").remove(0);
    let lasts = script.expires_at.expect("an end").since(script.created_at);
    assert_eq!(lasts.as_secs(), 90 * 24 * 60 * 60);

    let list = || desk.does(&["token", "list"], "");
    let said = list();
    assert!(
        said.contains("\"left screen\": screen left of the wall main; until revoked"),
        "{said}"
    );
    assert!(said.contains("\"script\": supervisor at ky-anh; until 2"), "{said}");
    assert!(!said.contains("ww_"), "what is listed is no token: {said}");
    let file = std::fs::read(desk.store()).expect("the file");
    let log = std::fs::read(desk.store().with_extension("db-wal")).unwrap_or_default();
    for bytes in [file, log] {
        assert!(!bytes.windows(secret_text.len()).any(|part| part == secret_text.as_bytes()));
    }

    let id = row.id.to_string();
    desk.does(&["token", "revoke", &id], "");
    assert!(list().contains("revoked 2"));
    desk.refuses(&["token", "revoke", &id], "", "revoked before");
    let row = store.token_of(&hash).await.expect("a read").expect("a token");
    assert!(row.revoked_at.is_some());
    let tokens = ["token-create", "token-create", "token-revoke"];
    let done: Vec<String> = noted(&store).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(done, tokens);

    desk.refuses(&create(&["--role", "screen"]), "", "a screen needs its wall");
    desk.refuses(&create(&["--wall", "other"]), "", "there is no wall other; the walls are main");
    desk.refuses(&create(&["--wall", "main", "--role", "admin"]), "", "a screen is no admin");
    desk.refuses(&create(&[]), "", "--role");
    desk.refuses(&create(&["--role", "duty", "--expires", "0s"]), "", "good for nothing");
    desk.refuses(&create(&["--role", "duty", "--expires", "-3d"]), "", "expires");
}
