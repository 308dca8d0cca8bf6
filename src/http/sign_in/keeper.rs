//! Who is in use: sessions and tokens that have sent something, each judged anew when the store says
//! that rights, accounts or sessions are others.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    sync::{Mutex as Turn, Semaphore},
    time::{self, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use super::{
    Who,
    known::{Live, People},
    sockets::{Own, Sockets},
};
use crate::{
    config::Sessions,
    desk::view::View,
    domain::{
        access::{Lockout, Scope},
        time::UnixMicros,
    },
    http::Problem,
    hub::fanout::FanoutHandle,
    store::{Changed, SecretHash, SessionRow, Store, StoreError},
};

/// Between two looks at whether rights are others: with a fan-out that closes at once, well within
/// the two seconds that are promised.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two times that it is written down when sessions were used last.
const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Passwords that are hashed at once: 19 MiB and 20 ms of a core each, beside 150 cameras.
pub(super) const HASHES: usize = 2;

/// Knows who is signed in.
pub struct Keeper {
    pub(super) store: Store,
    pub(super) policy: Sessions,
    lockout: Mutex<Lockout>,
    /// Whoever waits longer than a few seconds for a turn is told to come again.
    pub(super) hashing: Semaphore,
    sockets: Sockets,
    table: Mutex<Table>,
    /// One reads the store at a time.
    refreshing: Turn<()>,
    view: Arc<View>,
    fanout: FanoutHandle,
}

/// Bounded by the store's own limits on sessions and tokens.
#[derive(Default)]
struct Table {
    /// As of which all were judged.
    epoch: Option<i64>,
    /// By the hash of the session's id or of the token.
    lives: HashMap<SecretHash, Live>,
    /// Which site is where, and each camera: what a scope covers. `None` before the first look.
    places: Option<u64>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Knows nobody yet. [`Keeper::keep`] is to be run beside the service.
    pub fn new(store: Store, policy: Sessions, view: Arc<View>, fanout: FanoutHandle) -> Arc<Self> {
        Arc::new(Self {
            lockout: Mutex::new(Lockout::new(policy.lockout)),
            hashing: Semaphore::new(HASHES),
            sockets: Sockets::default(),
            table: Mutex::default(),
            refreshing: Turn::default(),
            store,
            policy,
            view,
            fanout,
        })
    }

    /// Looks after sessions until the service stops.
    pub async fn keep(self: Arc<Self>, shutdown: CancellationToken) {
        let mut look = time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut written_at = Instant::now();
        let mut failing = false;
        loop {
            tokio::select! {
                _ = look.tick() => {}
                () = shutdown.cancelled() => break,
            }
            match self.refresh_if_changed().await {
                Ok(()) => failing = false,
                // Nobody new gets in while the store fails; who is in stays.
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "changes of rights are not seen");
                }
                Err(_) => {}
            }
            self.lock_lockout().tick(Instant::now());
            self.end_those_over().await;
            self.follow_places();
            if written_at.elapsed() >= WRITE_EVERY {
                written_at = Instant::now();
                self.write_down().await;
            }
        }
        self.write_down().await;
    }

    /// The one of a session or a token, if it is good. Reads the store for one that was not in use.
    pub(super) async fn find(&self, hash: SecretHash) -> Result<Option<Arc<Who>>, StoreError> {
        let now = UnixMicros::from(SystemTime::now());
        if let Some(live) = self.table().lives.get_mut(&hash) {
            return Ok(live.use_at(now, &self.policy));
        }
        // Before it is read: what changes meanwhile is judged again.
        let as_of = self.store.rights_epoch().await?;
        let Some(mut live) = Live::read(&self.store, hash, as_of, now, &self.policy).await? else {
            return Ok(None);
        };
        let who = live.use_at(now, &self.policy);
        let mut table = self.table();
        if table.epoch != Some(as_of) {
            table.epoch = None;
        }
        // Two requests that came together are one.
        if let Some(live) = table.lives.get_mut(&hash) {
            return Ok(live.use_at(now, &self.policy));
        }
        table.lives.insert(hash, live);
        Ok(who)
    }

    /// Judges all again now: after a change of one's own.
    pub(super) async fn refresh(&self) {
        if let Err(error) = self.refresh_if_changed().await {
            tracing::error!(%error, "changes of rights are not seen");
        }
    }

    /// Those in use, with their sessions.
    pub(super) fn in_use(&self) -> HashMap<SecretHash, UnixMicros> {
        self.table().lives.iter().map(|(hash, live)| (*hash, live.seen_at)).collect()
    }

    async fn refresh_if_changed(&self) -> Result<(), StoreError> {
        let _turn = self.refreshing.lock().await;
        let epoch = self.store.rights_epoch().await?;
        if self.table().epoch == Some(epoch) {
            return Ok(());
        }
        let now = UnixMicros::from(SystemTime::now());
        let people = People::read(&self.store, now).await?;
        let mut any = false;
        {
            let mut table = self.table();
            table.lives.retain(|_, live| {
                // Read later than these were.
                if live.as_of > epoch {
                    return true;
                }
                live.as_of = epoch;
                let stays = live.judge(&people, now);
                any |= stays != Some(true);
                stays.is_some()
            });
            table.epoch = Some(epoch);
        }
        if any {
            self.fanout.part_with_the_ended();
        }
        Ok(())
    }

    /// Ends sessions that were idle for too long or have lasted long enough.
    async fn end_those_over(&self) {
        let now = UnixMicros::from(SystemTime::now());
        let mut over = Vec::new();
        self.table().lives.retain(|hash, live| {
            if live.who.open.load(Ordering::Relaxed) > 0 {
                live.seen_at = now;
            }
            let good = live.is_good(now, &self.policy);
            if !good {
                live.who.ended.cancel();
                over.extend(live.who.session.map(|_| *hash));
            }
            good
        });
        if over.is_empty() {
            return;
        }
        self.fanout.part_with_the_ended();
        for hash in over {
            if let Err(error) = self.store.end_session(hash).await {
                tracing::warn!(%error, "a session that is over stays in the store for now");
            }
        }
    }

    /// A camera that moved to another site is another one's: sockets of those who do not see
    /// everything begin anew.
    fn follow_places(&self) {
        let mut hasher = DefaultHasher::new();
        for site in self.view.sites.load().iter() {
            (&site.id, &site.parent).hash(&mut hasher);
        }
        let cameras = self.view.cameras.iter().map(|camera| {
            let mut hasher = DefaultHasher::new();
            (&camera.id, &camera.site).hash(&mut hasher);
            hasher.finish()
        });
        // The map has no order.
        cameras.fold(0_u64, u64::wrapping_add).hash(&mut hasher);
        let places = hasher.finish();
        let mut table = self.table();
        if table.places.replace(places).is_none_or(|before| before == places) {
            return;
        }
        let somewhere = |who: &Who| {
            who.rights.grants.iter().any(|grant| matches!(grant.scope, Scope::Sites(_)))
        };
        let mut any = false;
        for live in table.lives.values_mut().filter(|live| somewhere(&live.who)) {
            live.begin_anew();
            any = true;
        }
        drop(table);
        if any {
            self.fanout.part_with_the_ended();
        }
    }

    async fn write_down(&self) {
        let mut sessions = Vec::new();
        let mut tokens = Vec::new();
        for (hash, live) in &mut self.table().lives {
            if std::mem::replace(&mut live.written_at, live.seen_at) != live.seen_at {
                match live.token() {
                    Some(id) if live.who.session.is_none() => tokens.push((id, live.seen_at)),
                    _ => sessions.push((*hash, live.seen_at)),
                }
            }
        }
        if sessions.is_empty() && tokens.is_empty() {
            return;
        }
        if let Err(error) = self.store.seen(sessions, tokens).await {
            tracing::warn!(%error, "when sessions were used last is not written down");
        }
    }

    /// Takes a session that was just begun.
    pub(super) async fn begin(&self, row: SessionRow) -> Result<Option<Arc<Who>>, StoreError> {
        let hash = row.hash;
        match self.store.begin_session(row).await? {
            Changed::Done => self.find(hash).await,
            _ => Ok(None),
        }
    }

    /// Ends a session; its sockets close at once.
    pub(super) async fn end(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.store.end_session(hash).await?;
        if let Some(live) = self.table().lives.remove(&hash) {
            live.who.ended.cancel();
        }
        self.fanout.part_with_the_ended();
        Ok(())
    }

    /// A place for one more socket of this account or token.
    pub(in crate::http) fn socket(&self, who: &Arc<Who>) -> Result<Own, Problem> {
        self.sockets.take(who)
    }

    pub(super) fn lock_lockout(&self) -> MutexGuard<'_, Lockout> {
        self.lockout.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sessions that are in the store, by hash.
pub(super) type Hashes = HashSet<SecretHash>;
