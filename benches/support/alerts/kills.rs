//! The whole service killed again and again under 50 alerts a second: what was answered as stored
//! over HTTP is there, and two consoles that stay have every change once, over all the kills.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    net::{SocketAddr, TcpListener},
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::SmallRng};
use reqwest::Client;
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    consoles::{Book, Console, Manner},
    goals,
    processes::Program,
    service::configuration,
    storm::{self, event, kind, post},
};

/// Between two alerts: 50 a second.
const EVERY: Duration = Duration::from_millis(20);
/// Each with every kind: more sources than there are events.
const SITES: u64 = 50;
/// For consoles to connect again and read what they lack.
const LEVEL_WITHIN: Duration = Duration::from_secs(120);

/// Answered events by their number, with their alerts.
type Answered = Arc<Mutex<BTreeMap<u64, Uuid>>>;

pub(crate) async fn run(kills: u32, seed: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = free_address();
    let mut text = configuration(folder.path(), address, address, 0) + &storm::rules();
    for n in 0..SITES {
        write!(text, "\n[[site]]\nid = \"site-{n}\"\nname = \"Site {n}\"\n").expect("a String");
    }
    let config = folder.path().join("watchwall.toml");
    std::fs::write(&config, text).expect("a writable folder");

    let mut random = SmallRng::seed_from_u64(seed);
    let answered = Answered::default();
    let mut next = 0;
    let mut starts = Vec::new();
    let consoles = [0; 2].map(|_| Console::new(address, Manner::Steady, Book::default()));
    for _ in 0..kills {
        let began = Instant::now();
        let (centre, _) = Program::serve(&config);
        starts.push(began.elapsed());
        let lives = Duration::from_millis(random.random_range(100..900));
        next = storm(address, next, lives, &centre, &answered).await;
        // Told to end once more, gone as it is, and waited for.
        drop(centre);
    }
    let began = Instant::now();
    let (_centre, _) = Program::serve(&config);
    starts.push(began.elapsed());
    let head = storm::head(address).await;
    for console in &consoles {
        console.until(head, LEVEL_WITHIN).await;
    }
    let answered = answered.lock().expect("no panic").clone();
    verify(address, &answered, &consoles, head).await;

    println!("the service killed {kills} times under 50 alerts/s over HTTP, seed {seed}");
    println!(
        "  {next} events, {} answered as stored: all there, none twice; {head} changes without a hole",
        answered.len()
    );
    let worst = starts.into_iter().max().unwrap_or_default();
    goals::at_most("start to serving, the worst", worst.as_secs_f64(), 5.0, " s");
    println!();
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound")
}

/// Events until it is killed, from `next` on; which one is the next then.
async fn storm(
    address: SocketAddr,
    mut next: u64,
    lives: Duration,
    centre: &Program,
    answered: &Answered,
) -> u64 {
    let (client, killed_at) = (Client::new(), Instant::now() + lives);
    let mut posts = JoinSet::new();
    let mut tick = tokio::time::interval(EVERY);
    while Instant::now() < killed_at {
        tick.tick().await;
        let (client, answered, n) = (client.clone(), answered.clone(), next);
        next += 1;
        posts.spawn(async move {
            if let Some(told) = post(&client, address, &at(n)).await {
                answered.lock().expect("no panic").insert(n, told.alert);
            }
        });
    }
    let killed = Command::new("kill").args(["-KILL", &centre.pid().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()), "our own child");
    posts.join_all().await;
    next
}

fn at(n: u64) -> Value {
    event(n, &kind(n / SITES), "site", &format!("site-{}", n % SITES))
}

/// Looks whether all that was answered is there, none twice and without a hole.
async fn verify(
    address: SocketAddr,
    answered: &BTreeMap<u64, Uuid>,
    consoles: &[Console],
    head: u64,
) {
    let client = Client::new();
    for (n, alert) in answered {
        let told = post(&client, address, &at(*n)).await.expect("an answer");
        assert!(told.before, "event {n} was answered as stored and is not known");
        assert_eq!(told.alert, *alert, "event {n} is the alert that it was");
    }
    let (mut ids, mut sources) = (BTreeSet::<Uuid>::new(), BTreeSet::new());
    let mut after = 0;
    loop {
        let url = format!("http://{address}/api/v1/alerts?limit=1000&after={after}");
        let list: Value = reqwest::get(url).await.expect("answers").json().await.expect("JSON");
        let alerts = list["alerts"].as_array().expect("a list");
        let Some(last) = alerts.last() else { break };
        after = last["seq"].as_u64().expect("a number");
        for alert in alerts {
            ids.insert(alert["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
            let source = format!("{} {}", alert["subject"], alert["kind"]);
            assert!(sources.insert(source.clone()), "two alerts of {source}");
        }
    }
    assert!(answered.values().all(|alert| ids.contains(alert)), "an alert is gone");
    let books = consoles.iter().map(|console| console.book().clone());
    let changes: Vec<Vec<(u64, Uuid)>> = books
        .map(|book| {
            assert!(book.faults.is_empty(), "{:?}", book.faults);
            let changes = book.changes.iter().take_while(|change| change.seq <= head);
            changes.map(|change| (change.seq, change.alert)).collect()
        })
        .collect();
    assert!(changes.iter().all(|one| *one == changes[0]), "consoles differ");
    assert!(changes[0].iter().map(|(seq, _)| *seq).eq(1..=head), "a hole");
}
