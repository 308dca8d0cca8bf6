//! The sites as people see them: how many of their cameras can be watched, and which are down.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Desk, Moment, sub};
use crate::{
    desk::{event::Effect, view::SiteView},
    domain::{
        camera::{Condition, SiteId},
        health::Severity,
        history::{Record, Subject},
        root_cause::SiteDown,
        time::UnixMicros,
    },
};

/// Counts are told at most this often: of a site that goes, each camera is lost by itself.
const COUNTED_EVERY: Duration = Duration::from_secs(1);

/// What is told of sites.
#[derive(Debug, Default)]
pub(super) struct Sites {
    down: BTreeMap<SiteId, Down>,
    shown: Vec<Arc<SiteView>>,
    counted_at: Option<Instant>,
}

#[derive(Debug)]
struct Down {
    raised_at: UnixMicros,
    evidence: String,
    /// When its cameras were last tried out of their turn.
    hurried_at: Option<Instant>,
}

/// The cameras of a site that returns are tried out of their turn at most this often.
const HURRY_EVERY: Duration = Duration::from_secs(10);

impl Desk {
    /// Writes down which sites went down and came up.
    pub(super) fn note_sites(&mut self, at: Moment) {
        let down = self.root_cause.down();
        let records = &mut self.records;
        self.sites.down.retain(|site, was| {
            let stays = down.iter().any(|down| down.site == *site);
            if !stays {
                records.push(Record::Cleared {
                    subject: Subject::Site(site.clone()),
                    condition: Condition::Unreachable,
                    raised_at: was.raised_at,
                    at: at.unix.max(was.raised_at),
                });
            }
            stays
        });
        for SiteDown { site, since, evidence } in down {
            self.sites.down.entry(site.clone()).or_insert_with(|| {
                let raised_at = at.unix_of(since);
                records.push(Record::Raised {
                    subject: Subject::Site(site),
                    condition: Condition::Unreachable,
                    at: raised_at,
                    severity: Severity::Critical,
                    evidence: evidence.clone(),
                    masked_by: None,
                    told_by: Some(Condition::Unreachable),
                });
                Down { raised_at, evidence, hurried_at: None }
            });
        }
    }

    /// A camera of a site that is down is back: the others may be too, and should not be blamed for
    /// the back-off that they wait for.
    pub(super) fn hurry(&mut self, at: Moment, site: &SiteId) {
        let Some(down) = self.sites.down.get_mut(site) else { return };
        let lately = |then: Instant| at.now.saturating_duration_since(then) < HURRY_EVERY;
        if down.hurried_at.is_some_and(lately) {
            return;
        }
        down.hurried_at = Some(at.now);
        for camera in self.cameras.keys() {
            if self.root_cause.masked_by(*camera) == Some(site) {
                self.courtesy.hurry(at.now, sub(*camera));
            }
        }
    }

    /// Shows the sites again once a second, if a count has changed.
    pub(super) fn look_at_sites(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let due = self
            .sites
            .counted_at
            .is_none_or(|then| at.now.saturating_duration_since(then) >= COUNTED_EVERY);
        if due {
            self.show_sites(at, effects);
        }
    }

    /// Shows the sites, if anything is another than was shown.
    pub(super) fn show_sites(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        self.sites.counted_at = Some(at.now);
        let mut counts: BTreeMap<&SiteId, (u32, u32)> = BTreeMap::new();
        for camera in self.cameras.values() {
            let watchable = u32::from(camera.watchable());
            for site in &camera.sites {
                let (cameras, watched) = counts.entry(site).or_default();
                *cameras += 1;
                *watched += watchable;
            }
        }
        let down = &self.sites.down;
        let sites: Vec<Arc<SiteView>> = self
            .config
            .sites
            .iter()
            .map(|site| {
                let (cameras, watchable) = counts.get(&site.id).copied().unwrap_or_default();
                let down = down.get(&site.id);
                Arc::new(SiteView {
                    id: site.id.clone(),
                    name: site.name.clone(),
                    parent: site.parent.clone(),
                    cameras,
                    watchable,
                    down_since: down.map(|down| down.raised_at),
                    evidence: down.map(|down| down.evidence.clone()),
                })
            })
            .collect();
        if sites != self.sites.shown {
            self.sites.shown.clone_from(&sites);
            effects.push(Effect::ShowSites(sites));
        }
    }

    /// Another tree, or other cameras in it.
    pub(super) fn configure_sites(&mut self, at: Moment, effects: &mut Vec<Effect>) {
        let cameras: Vec<_> = self
            .cameras
            .values()
            .map(|camera| (camera.handle, camera.config.camera.site.clone()))
            .collect();
        self.root_cause.configure(&self.config.sites, &cameras);
        self.sites_changed(at, effects);
    }
}
