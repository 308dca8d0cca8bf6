//! What was seen of a camera, and what was learnt of it: to its health, its judge and its figures.

use std::time::Duration;

use super::{CameraDesk, minute::Brought, tenths};
use crate::{
    desk::{event::Effect, state::Moment},
    domain::{
        camera::CameraId,
        courtesy::Budget,
        health::{Learnt, Observation, StreamFigures},
        history::{Keep, Record},
        media::StreamFormat,
        picture::{Measures, ReferenceCommand},
        time::UnixMicros,
    },
    worker::message::StreamStats,
};

/// What was learnt is stored this often, if it has changed: a crash costs no more of it, and a disk
/// with little endurance is spared.
pub(super) const LEARNT_EVERY: Duration = Duration::from_secs(600);

impl CameraDesk {
    pub(in crate::desk) fn picture(
        &mut self,
        at: Moment,
        received_at: UnixMicros,
        decode_us: u64,
        measures: Option<&Measures>,
        effects: &mut Vec<Effect>,
    ) {
        self.health.apply(at.now, Observation::Picture);
        if let Some(measures) = measures {
            self.judge.apply(at.now, received_at, measures);
            self.health.apply(at.now, Observation::Findings(self.judge.findings()));
            self.figures.sight = Some(self.judge.sight());
            self.minute.picture(measures.mean, self.judge.sharpness());
            self.keep_renewed(effects);
        }
        self.last_frame_at = Some(received_at);
        self.figures.decode_us = decode_us;
        self.moved = true;
    }

    fn keep_renewed(&self, effects: &mut Vec<Effect>) {
        if let Some(light) = self.judge.renewed() {
            let id = self.config.camera.id.clone();
            effects.push(Effect::Keep(id, self.handle, Keep::Reference(light)));
        }
    }

    /// A keyframe could not be decoded.
    pub(in crate::desk) fn undecodable(&mut self, at: Moment, why: String) {
        self.health.apply(at.now, Observation::DecodeFailed(why));
    }

    pub(in crate::desk) fn format(&mut self, at: Moment, format: StreamFormat) {
        self.health.apply(at.now, Observation::Format(format.clone()));
        self.format = Some(format);
        self.moved = true;
    }

    pub(in crate::desk) fn stats(&mut self, at: Moment, stats: StreamStats) {
        // Answers are bytes too: a session that is open proves nothing.
        if self.receiving {
            self.health.apply(at.now, Observation::Packets { ago: stats.since_rtp });
        }
        if let Some(interval) = stats.keyframe_interval {
            self.health.apply(at.now, Observation::KeyframeInterval(interval));
        }
        if let Some((then, before)) = &self.counted {
            let elapsed = at.now.saturating_duration_since(*then);
            let brought = Brought::between(elapsed, before, &stats);
            let figures = StreamFigures {
                frame_rate: brought.frame_rate(),
                bitrate: brought.bitrate(),
                packets: brought.packets,
                packets_lost: brought.packets_lost,
                clock: stats.clock,
            };
            self.health.apply(at.now, Observation::Stream(figures));
            self.minute.stream(&brought, &stats);
            self.figures.frame_rate = tenths(brought.frame_rate());
            self.figures.bitrate = brought.bitrate().round();
        }
        self.figures.of(&stats);
        self.counted = Some((at.now, stats));
        self.moved = true;
    }

    /// What it has spent on signing in.
    pub(in crate::desk) fn spent(&mut self, budget: &Budget) {
        self.figures.sign_in_attempts = budget.sign_in_attempts;
        self.moved = true;
    }

    /// The figures of the minute that is over.
    pub(in crate::desk) fn minute(&mut self, at: UnixMicros) -> Option<Record> {
        let figures = self.minute.take()?;
        Some(Record::Minute { camera: self.config.camera.id.clone(), at, figures })
    }

    /// A person confirms or resets what was learnt.
    pub(in crate::desk) fn references(
        &mut self,
        at: Moment,
        command: ReferenceCommand,
        effects: &mut Vec<Effect>,
    ) {
        self.judge.command(command);
        self.health.apply(at.now, Observation::Confirmed);
        self.health.apply(at.now, Observation::Findings(self.judge.findings()));
        self.keep_renewed(effects);
        effects.extend(self.learn(at));
    }

    /// Whether it is time to look for what is new of what was learnt.
    pub(in crate::desk) fn may_learn(&self, at: Moment) -> bool {
        self.store_at <= at.now
    }

    /// What was learnt, if the store keeps something else.
    pub(in crate::desk) fn learn(&mut self, at: Moment) -> Option<Effect> {
        self.store_at = at.now + LEARNT_EVERY;
        let references = self.judge.references().clone();
        let learnt = Learnt { references, ..self.health.learnt() };
        if learnt == self.stored {
            return None;
        }
        self.stored = learnt.clone();
        Some(Effect::Learnt(self.config.camera.id.clone(), Box::new(learnt)))
    }

    /// What was learnt, for when it is added again.
    pub(in crate::desk) fn into_learnt(self) -> (CameraId, Learnt) {
        let references = self.judge.references().clone();
        (self.config.camera.id, Learnt { references, ..self.health.learnt() })
    }
}
