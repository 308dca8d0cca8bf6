//! Consoles that drop, crawl and do not read: each ends with every change, once and in order. The
//! long form is measured by `make measure-alerts`.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::watch;
use uuid::Uuid;
use watchwall::config::{Config, Environment, Passwords};

use crate::{
    consoles::{Book, Console, Manner},
    storm::{self, Storm, Told},
    town::{Town, WITHIN},
};

const CAMERAS: u32 = 3;

async fn town() -> Town {
    let environment = Environment::default();
    let rules = Config::parse("storm.toml", &storm::rules(), &environment, &Passwords::Unread);
    let rules = rules.unwrap_or_else(|faults| panic!("{faults}"));
    Town::with(CAMERAS, None, |config| {
        config.roster = rules.roster;
        config.alert_rules = rules.alert_rules;
    })
    .await
}

/// Waits until all of them have all that there is, and looks at what each has.
async fn all_have_all(town: &Town, consoles: &[Console], told: &[Told]) {
    let head = storm::head(town.centre.address()).await;
    let mut first: Option<Vec<(u64, Uuid)>> = None;
    for console in consoles {
        console.until(head, WITHIN).await;
        let book: Book = console.book().clone();
        assert!(book.faults.is_empty(), "{:?}", book.faults);
        let changes = book.changes.iter().take_while(|change| change.seq <= head);
        let changes: Vec<_> = changes.map(|change| (change.seq, change.alert)).collect();
        let first = first.get_or_insert_with(|| changes.clone());
        assert_eq!(*first, changes, "one console has another order than the first");
    }
    let known: BTreeSet<Uuid> = first.expect("a console").into_iter().map(|(_, id)| id).collect();
    assert!(storm::ids(told).is_subset(&known), "an alert that was stored is on no console");
}

#[tokio::test]
async fn consoles_that_drop_at_random_end_with_every_change_once_and_in_order() {
    let town = town().await;
    let address = town.centre.address();
    let console = |seed| Console::new(address, Manner::Drops(300..1500, seed), Book::default());
    let consoles: Vec<Console> = (0..6).map(console).collect();
    let told = Storm::new(address, CAMERAS).blow(20, Duration::from_secs(4)).await;
    assert!(!told.is_empty(), "something was stored");
    all_have_all(&town, &consoles, &told).await;
    let connections: u64 = consoles.iter().map(|console| console.book().connections).sum();
    assert!(connections > 6, "they did drop");
    drop(consoles);
    town.stop().await;
}

#[tokio::test]
async fn a_console_that_crawls_and_one_that_does_not_read_end_with_every_change_too() {
    let town = town().await;
    let address = town.centre.address();
    let (deaf, is_deaf) = watch::channel(true);
    let manners = [Manner::Steady, Manner::Slow(32_000), Manner::Deaf(is_deaf)];
    let consoles = manners.map(|manner| Console::new(address, manner, Book::default()));
    let told = Storm::new(address, CAMERAS).blow(20, Duration::from_secs(4)).await;
    let head = storm::head(address).await;
    consoles[0].until(head, WITHIN).await;
    assert_eq!(consoles[2].book().last(), 0, "it reads nothing");
    deaf.send_replace(false);
    all_have_all(&town, &consoles, &told).await;
    drop(consoles);
    town.stop().await;
}
