//! Accounts, tokens and sessions in the store: what is committed together, what ends with what, and
//! that whoever watches the epoch misses nothing.

use std::{collections::BTreeSet, path::Path, time::Duration};

use uuid::Uuid;
use watchwall::{
    domain::{
        access::{AccountName, Grant, Role, Scope, ScreenPlace},
        alert::Actor,
        availability::Window,
        camera::SiteId,
        time::UnixMicros,
    },
    store::{
        AccountChange, AccountRow, AuditRow, Changed, NewAccount, PREFERENCE_MAX, Retention,
        SecretHash, SessionRow, SignedIn, Store, TokenRow,
    },
};

const NOW: UnixMicros = UnixMicros(1_800_000_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

async fn open(folder: &Path) -> Store {
    Store::open(&folder.join("watchwall.db")).await.expect("a store")
}

fn name(text: &str) -> AccountName {
    text.try_into().expect("a name")
}

fn note(action: &str) -> AuditRow {
    AuditRow {
        id: Uuid::now_v7(),
        at: NOW,
        actor: Actor { user: "tester".to_owned(), person: None },
        action: action.to_owned(),
        object: "user:somebody".to_owned(),
        detail: None,
        address: None,
    }
}

fn at(role: Role, sites: &[&str]) -> Grant {
    let sites: BTreeSet<SiteId> =
        sites.iter().map(|site| (*site).try_into().expect("an id")).collect();
    Grant { role, scope: if sites.is_empty() { Scope::All } else { Scope::Sites(sites) } }
}

fn account(text: &str, grants: &[Grant]) -> NewAccount {
    NewAccount {
        name: name(text),
        hash: format!("hash of {text}"),
        person: None,
        must_change: false,
        grants: grants.to_vec(),
    }
}

fn token(n: u8) -> (TokenRow, SecretHash) {
    let row = TokenRow {
        id: Uuid::now_v7(),
        name: format!("screen {n}"),
        grants: Vec::new(),
        screen: Some(ScreenPlace { wall: "main".try_into().expect("an id"), screen: None }),
        created_by: "tester".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        seen_at: None,
    };
    (row, SecretHash([n; 32]))
}

fn session(n: u8, who: SignedIn) -> SessionRow {
    SessionRow {
        hash: SecretHash([n; 32]),
        who,
        created_at: NOW.plus(Duration::from_secs(n.into())),
        seen_at: NOW.plus(Duration::from_secs(n.into())),
        expires_at: NOW.plus(60 * MINUTE),
        address: "192.0.2.7".to_owned(),
        agent: "a browser".to_owned(),
    }
}

async fn made(store: &Store, text: &str, grants: &[Grant]) {
    let made = store.create_account(account(text, grants), note("user-create")).await;
    assert_eq!(made.expect("a write"), Changed::Done);
}

async fn changed(store: &Store, text: &str, change: AccountChange) -> Changed {
    store.change_account(name(text), change, note("user-change")).await.expect("a write")
}

async fn row(store: &Store, text: &str) -> AccountRow {
    store.account(&name(text)).await.expect("a read").expect("an account")
}

async fn epoch(store: &Store) -> i64 {
    store.rights_epoch().await.expect("a read")
}

async fn noted(store: &Store) -> usize {
    let all = Window { from: UnixMicros(0), until: UnixMicros(u64::MAX) };
    store.audit(all, 1000).await.expect("a read").len()
}

#[tokio::test]
async fn an_account_is_there_with_its_rights_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    assert!(!store.has_accounts().await.expect("a read"));
    let grants = [at(Role::Supervisor, &[]), at(Role::Operator, &["ky-anh", "ha-tinh"])];
    let new = NewAccount {
        person: Some("lan".try_into().expect("an id")),
        must_change: true,
        ..account("nguyen.lan", &grants)
    };
    let first = store.create_first(new.clone(), note("user-create")).await.expect("a write");
    assert_eq!(first, Changed::Done);
    store.close().await;

    let store = open(folder.path()).await;
    assert!(store.has_accounts().await.expect("a read"));
    let row = row(&store, "nguyen.lan").await;
    assert_eq!((&row.name, &row.person, row.must_change), (&new.name, &new.person, true));
    assert_eq!((row.disabled, row.created_at, row.changed_at), (false, NOW, NOW));
    assert_eq!(row.grants, grants, "everywhere first, then at sites");
    assert_eq!(store.accounts().await.expect("a read"), [row]);
    let hash = store.password_hash(&name("nguyen.lan")).await.expect("a read");
    assert_eq!(hash.as_deref(), Some("hash of nguyen.lan"));
    assert_eq!(store.password_hash(&name("nobody")).await.expect("a read"), None);
}

#[tokio::test]
async fn of_many_first_accounts_at_once_one_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = store.clone();
        tries.spawn(async move {
            let first = account(&format!("admin-{n}"), &[at(Role::Admin, &[])]);
            store.create_first(first, note("user-create")).await.expect("a write")
        });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|answer| **answer == Changed::Done).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == Changed::Taken).count(), 19);
    assert_eq!(store.accounts().await.expect("a read").len(), 1);
    assert_eq!(noted(&store).await, 1, "only what happened is in the audit");
}

#[tokio::test]
async fn rights_are_given_and_taken_one_by_one_and_all_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    made(&store, "lan", &[]).await;
    let grant = |grant| AccountChange::Grant(grant);
    let (two, third) = (at(Role::Operator, &["a", "b"]), at(Role::Operator, &["c"]));
    assert_eq!(changed(&store, "lan", grant(two)).await, Changed::Done);
    assert_eq!(changed(&store, "lan", grant(third.clone())).await, Changed::Done);
    assert_eq!(row(&store, "lan").await.grants, [at(Role::Operator, &["a", "b", "c"])]);
    let less = AccountChange::Revoke(at(Role::Operator, &["a", "c"]));
    assert_eq!(changed(&store, "lan", less).await, Changed::Done);
    assert_eq!(row(&store, "lan").await.grants, [at(Role::Operator, &["b"])]);
    let instead = vec![at(Role::Duty, &[]), third];
    let all = AccountChange::Grants(instead.clone());
    assert_eq!(changed(&store, "lan", all).await, Changed::Done);
    assert_eq!(row(&store, "lan").await.grants, instead);
    assert_eq!(changed(&store, "nobody", grant(at(Role::Duty, &[]))).await, Changed::Unknown);
    assert_eq!(noted(&store).await, 5, "what was done, and not what was not");
}

#[tokio::test]
async fn the_last_who_may_change_accounts_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    let admin = at(Role::Admin, &[]);
    made(&store, "first", std::slice::from_ref(&admin)).await;
    // Who administers a site changes no accounts.
    made(&store, "local", &[at(Role::Admin, &["ky-anh"])]).await;
    let before = (epoch(&store).await, noted(&store).await);
    for change in [
        AccountChange::Disable,
        AccountChange::Revoke(admin.clone()),
        AccountChange::Grants(vec![at(Role::Operator, &[])]),
    ] {
        assert_eq!(changed(&store, "first", change).await, Changed::LastAdmin);
    }
    assert_eq!((epoch(&store).await, noted(&store).await), before, "nothing was written");
    made(&store, "second", std::slice::from_ref(&admin)).await;
    assert_eq!(changed(&store, "first", AccountChange::Disable).await, Changed::Done);
    // Who is disabled does not count.
    assert_eq!(changed(&store, "second", AccountChange::Revoke(admin)).await, Changed::LastAdmin);
}

#[tokio::test]
async fn a_new_password_and_a_closed_door_end_the_sessions_and_nobody_elses() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    made(&store, "lan", &[at(Role::Duty, &[])]).await;
    made(&store, "minh", &[at(Role::Duty, &[])]).await;
    let of = |text| SignedIn::Account(name(text));
    let begin = async |n, text| store.begin_session(session(n, of(text))).await.expect("a write");
    for (n, text) in [(1, "lan"), (2, "lan"), (3, "minh")] {
        assert_eq!(begin(n, text).await, Changed::Done);
    }
    let alive = async || -> Vec<SecretHash> {
        let rows = store.sessions(NOW).await.expect("a read");
        rows.into_iter().map(|row| row.hash).collect()
    };
    assert_eq!(alive().await, [3, 2, 1].map(|n| SecretHash([n; 32])), "newest first");

    let password = AccountChange::Password { hash: "another".to_owned(), must_change: false };
    assert_eq!(changed(&store, "lan", password).await, Changed::Done);
    assert_eq!(alive().await, [SecretHash([3; 32])]);
    let hash = store.password_hash(&name("lan")).await.expect("a read");
    assert_eq!(hash.as_deref(), Some("another"));

    assert_eq!(begin(4, "lan").await, Changed::Done);
    assert_eq!(changed(&store, "lan", AccountChange::Disable).await, Changed::Done);
    assert_eq!(alive().await, [SecretHash([3; 32])]);
    assert_eq!(begin(5, "lan").await, Changed::Unknown, "a sign-in that was under way");
    assert_eq!(begin(6, "nobody").await, Changed::Unknown);
    assert_eq!(changed(&store, "lan", AccountChange::Enable).await, Changed::Done);
    assert_eq!(begin(7, "lan").await, Changed::Done);

    let found = store.session(&SecretHash([7; 32])).await.expect("a read");
    assert_eq!(found, Some(session(7, of("lan"))));
    let end = async |n| store.end_session(SecretHash([n; 32])).await.expect("a write");
    assert_eq!((end(7).await, end(7).await), (Changed::Done, Changed::Unknown));
    let all = store.end_sessions_of(of("minh")).await.expect("a write");
    assert_eq!((all, alive().await), (Changed::Done, Vec::new()));
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_and_ends_with_its_sessions() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    let ((screen, hash), (script, script_hash)) = (token(1), token(2));
    let grants = vec![at(Role::Operator, &["ky-anh"])];
    let script = TokenRow { grants, screen: None, expires_at: Some(NOW.plus(MINUTE)), ..script };
    for (row, hash) in [(&screen, hash), (&script, script_hash)] {
        let made = store.create_token(row.clone(), hash, note("token-create")).await;
        assert_eq!(made.expect("a write"), Changed::Done);
    }
    assert_eq!(store.token_of(&hash).await.expect("a read"), Some(screen.clone()));
    assert_eq!(store.token_of(&SecretHash([9; 32])).await.expect("a read"), None);
    assert_eq!(store.tokens().await.expect("a read"), [script.clone(), screen.clone()]);
    assert!(script.is_good(NOW) && !script.is_good(NOW.plus(MINUTE)));

    let of = |row: &TokenRow| SignedIn::Token(row.id);
    let begin =
        async |n, row: &TokenRow| store.begin_session(session(n, of(row))).await.expect("a write");
    assert_eq!(begin(3, &screen).await, Changed::Done);
    assert_eq!(begin(4, &script).await, Changed::Done);
    assert_eq!(begin(61, &script).await, Changed::Unknown, "a minute later it is expired");
    let revoke = async || store.revoke_token(screen.id, note("token-revoke")).await;
    assert_eq!(revoke().await.expect("a write"), Changed::Done);
    assert_eq!(revoke().await.expect("a write"), Changed::Unknown);
    let rows = store.sessions(NOW).await.expect("a read");
    assert_eq!(rows, [session(4, of(&script))]);
    assert_eq!(begin(5, &screen).await, Changed::Unknown);
    let row = store.token_of(&hash).await.expect("a read").expect("it stays in the list");
    assert_eq!((row.revoked_at, row.is_good(NOW)), (Some(NOW), false));
    assert_eq!(noted(&store).await, 3);
}

#[tokio::test]
async fn the_epoch_rises_with_every_right_given_or_taken_and_with_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    // As another process would do it.
    let other = open(folder.path()).await;
    let mut last = epoch(&store).await;
    let mut rises = async |what: &str, expected: bool| {
        let now = epoch(&store).await;
        assert_eq!(now > last, expected, "{what}: {last} -> {now}");
        last = now;
    };
    made(&other, "lan", &[at(Role::Duty, &[])]).await;
    rises("a new account", true).await;
    let lan = || SignedIn::Account(name("lan"));
    other.begin_session(session(1, lan())).await.expect("a write");
    rises("a session that begins takes nothing from anybody", false).await;
    let used = vec![(SecretHash([1; 32]), NOW.plus(MINUTE))];
    other.seen(used, Vec::new()).await.expect("a write");
    let seen = other.session(&SecretHash([1; 32])).await.expect("a read").expect("a session");
    assert_eq!(seen.seen_at, NOW.plus(MINUTE));
    rises("a session that is used", false).await;
    other.end_session(SecretHash([1; 32])).await.expect("a write");
    rises("a session that ends", true).await;
    for change in [
        AccountChange::Grant(at(Role::Operator, &["a"])),
        AccountChange::Revoke(at(Role::Operator, &["a"])),
        AccountChange::Grants(vec![at(Role::Duty, &[])]),
        AccountChange::Person(Some("lan".try_into().expect("an id"))),
        AccountChange::Password { hash: "another".to_owned(), must_change: true },
        AccountChange::Disable,
        AccountChange::Enable,
    ] {
        let what = format!("{change:?}");
        assert!(!what.contains("another"), "a hash is not for logs");
        assert_eq!(changed(&other, "lan", change).await, Changed::Done);
        rises(&what, true).await;
    }
    let (row, hash) = token(1);
    other.create_token(row.clone(), hash, note("token-create")).await.expect("a write");
    rises("a new token", true).await;
    other.seen(Vec::new(), vec![(row.id, NOW)]).await.expect("a write");
    let seen = other.token_of(&hash).await.expect("a read").expect("a token");
    assert_eq!(seen.seen_at, Some(NOW));
    rises("a token that is used", false).await;
    other.revoke_token(row.id, note("token-revoke")).await.expect("a write");
    rises("a token that is revoked", true).await;
}

#[tokio::test]
async fn nobody_has_more_than_64_sessions_and_those_that_expired_are_pruned() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    made(&store, "lan", &[]).await;
    made(&store, "minh", &[]).await;
    let of = |text| SignedIn::Account(name(text));
    store.begin_session(session(200, of("minh"))).await.expect("a write");
    for n in 0..100 {
        store.begin_session(session(n, of("lan"))).await.expect("a write");
    }
    let rows = store.sessions(NOW).await.expect("a read");
    let mine: Vec<u8> =
        rows.iter().filter(|row| row.who == of("lan")).map(|row| row.hash.0[0]).collect();
    assert_eq!(mine, (36..100).rev().collect::<Vec<u8>>(), "the newest stay");
    assert_eq!(rows.len(), 65);
    let end = NOW.plus(60 * MINUTE);
    assert_eq!(store.sessions(end).await.expect("a read"), [], "expired is not alive");
    let keep = Retention::default();
    assert_eq!(store.prune(end, &keep).await.expect("a prune"), 0, "not before its end");
    assert_eq!(store.prune(end.plus(MINUTE), &keep).await.expect("a prune"), 65);
}

#[tokio::test]
async fn preferences_are_kept_per_account_and_bounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    made(&store, "lan", &[]).await;
    made(&store, "minh", &[]).await;
    let keep = async |text: &str, key: &str, value: Option<&serde_json::Value>| {
        store.keep_preference(name(text), key, value).await.expect("an answer")
    };
    let layout = serde_json::json!({ "cells": ["ky-anh-01", null], "name": "Ngã ba" });
    assert_eq!(keep("lan", "layout", Some(&layout)).await, Changed::Done);
    assert_eq!(keep("lan", "layout", Some(&layout)).await, Changed::Done);
    let kept = store.preferences(&name("lan")).await.expect("a read");
    assert_eq!(kept, [("layout".to_owned(), layout.clone())]);
    let one = store.preference(&name("lan"), "layout").await.expect("a read");
    assert_eq!(one, Some(layout.clone()));
    assert_eq!(store.preferences(&name("minh")).await.expect("a read"), []);

    let of = |bytes| serde_json::Value::String("x".repeat(bytes - 2));
    assert_eq!(keep("lan", "big", Some(&of(PREFERENCE_MAX))).await, Changed::Done);
    assert_eq!(keep("lan", "big", Some(&of(PREFERENCE_MAX + 1))).await, Changed::TooMuch);
    for n in 0..62 {
        assert_eq!(keep("lan", &format!("key-{n}"), Some(&layout)).await, Changed::Done);
    }
    assert_eq!(keep("lan", "one more", Some(&layout)).await, Changed::TooMuch);
    assert_eq!(keep("lan", "layout", Some(&of(10))).await, Changed::Done, "in its own place");
    assert_eq!(keep("lan", "big", None).await, Changed::Done);
    assert_eq!(keep("lan", "one more", Some(&layout)).await, Changed::Done);
    for key in ["", &"k".repeat(65)] {
        assert_eq!(keep("lan", key, Some(&layout)).await, Changed::TooMuch);
    }
    assert_eq!(keep("nobody", "layout", Some(&layout)).await, Changed::Unknown);
}
