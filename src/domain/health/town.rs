//! A camera in tests that sends a stream, second by second.

use super::{
    tests::{Camera, format},
    *,
};
use crate::domain::clock::ClockReading;

/// A camera with 12.5 frames a second and a keyframe every so often, and what is wrong with it now.
pub(super) struct Town {
    pub(super) camera: Camera,
    pub(super) gop: u64,
    pub(super) second: u64,
    pub(super) figures: StreamFigures,
    pub(super) findings: Vec<Finding>,
}

impl Town {
    pub(super) fn new(gop: u64) -> Self {
        let mut camera = Camera::new();
        camera.sees(Observation::Connecting);
        let clock = ClockReading {
            offset_s: 0.02,
            error_s: 0.05,
            drift_ppm: Some(8.0),
            drift_error_ppm: 20.0,
        };
        let figures = StreamFigures {
            frame_rate: 12.5,
            bitrate: 400_000.0,
            packets: 50,
            packets_lost: 0,
            clock: Some(clock),
        };
        camera.sees(Observation::Packets { ago: Duration::ZERO });
        camera.sees(Observation::Format(format(640)));
        Self { camera, gop, second: 0, figures, findings: Vec::new() }
    }

    /// One second of a stream.
    pub(super) fn streams(&mut self) {
        if self.second.is_multiple_of(self.gop) {
            self.camera.sees(Observation::Picture);
            self.camera.sees(Observation::Findings(self.findings.clone()));
        }
        self.camera.receives_for(1);
        if self.second > self.gop {
            self.camera.sees(Observation::KeyframeInterval(Duration::from_secs(self.gop)));
        }
        self.camera.sees(Observation::Stream(self.figures));
        self.second += 1;
    }

    pub(super) fn streams_for(&mut self, secs: u64) {
        (0..secs).for_each(|_| self.streams());
    }

    pub(super) fn told(&self) -> Verdict {
        self.camera.health.verdict(self.camera.now)
    }

    /// Seconds until a condition is shown (`true`) or no longer is.
    pub(super) fn until(&mut self, condition: Condition, shown: bool, at_most: u64) -> u64 {
        for waited in 0..=at_most {
            if self.told().conditions().contains(&condition) == shown {
                return waited;
            }
            self.streams();
        }
        panic!("{condition:?} is not {shown} within {at_most} s: {:?}", self.told());
    }

    /// Nothing is wrong, and nothing will be.
    pub(super) fn is_well(&mut self) {
        for _ in 0..90 {
            self.streams();
            let told = self.told();
            let said = (told.state, &told.standing[..], told.rung, told.reason.as_deref());
            assert_eq!(said, (State::Online, &[][..], None, None));
        }
    }
}

pub(super) fn finding(condition: Condition) -> Vec<Finding> {
    vec![Finding { condition, evidence: format!("it is {condition:?}") }]
}
