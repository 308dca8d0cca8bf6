//! Consoles that drop at random while 20 alerts come each second: all of them end with the same
//! changes, without a hole, in one order.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use uuid::Uuid;

use crate::{
    consoles::{Book, Console, Manner},
    figures::Times,
    service::{CAMERAS, Service},
    storm::{self, Storm},
};

/// Events a second.
const RATE: u32 = 20;
/// For the last of them to have all; far more than it takes.
const LEVEL_WITHIN: Duration = Duration::from_secs(120);

/// So many consoles, each staying for so many milliseconds at a time.
pub(crate) async fn run(consoles: u64, stays: Range<u64>, lasts: Duration, seed: u64) {
    let service = Service::start();
    let address = service.address;
    let console = |n| {
        let manner = Manner::Drops(stays.clone(), seed * 1000 + n);
        Console::new(address, manner, Book::default())
    };
    let consoles: Vec<Console> = (0..consoles).map(console).collect();
    let told = Storm::new(address, CAMERAS).blow(RATE, lasts).await;
    let head = storm::head(address).await;
    let mut level = Vec::new();
    for console in &consoles {
        level.push(console.until(head, LEVEL_WITHIN).await);
    }

    let books: Vec<Book> = consoles.iter().map(|console| console.book().clone()).collect();
    let changes = |book: &Book| -> Vec<(u64, Uuid)> {
        let changes = book.changes.iter().take_while(|change| change.seq <= head);
        changes.map(|change| (change.seq, change.alert)).collect()
    };
    let all = changes(&books[0]);
    for book in &books {
        assert!(book.faults.is_empty(), "{:?}", book.faults);
        assert_eq!(changes(book), all, "the same changes in the same order");
    }
    let seqs = all.iter().map(|(seq, _)| *seq);
    assert!(seqs.eq(1..=head), "from the first to the newest, without a hole");
    let known: BTreeSet<Uuid> = all.iter().map(|(_, alert)| *alert).collect();
    let stored = storm::ids(&told);
    assert!(stored.is_subset(&known), "every alert that was answered as stored");

    let sum = |figure: fn(&Book) -> u64| books.iter().map(figure).sum::<u64>();
    println!(
        "{} consoles that drop every {stays:?} ms, {RATE} alerts/s for {lasts:?}, seed {seed}",
        books.len()
    );
    println!(
        "  {} alerts, {} changes; each console has all of them, once and in order",
        stored.len(),
        head
    );
    println!(
        "  {} connections; {} changes came again and were left out",
        sum(|book| book.connections),
        sum(|book| book.again),
    );
    let answered = told.iter().map(|told| told.answered - told.asked);
    println!("  an event until it is answered as stored: {}", Times::of(answered));
    let level = level.into_iter().max().unwrap_or_default();
    println!("  the last console had all {:.1} s after the storm\n", level.as_secs_f64());
}
