//! The light of a day: when a place is seen how, and when a camera changes to infra-red.

use watchwall::sim::scene::Light;

use crate::chance::Chance;

/// How a place is lit at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lighting {
    /// Mostly.
    pub(crate) light: Light,
    /// And so much of another, from 0 to 1.
    pub(crate) next: Option<(Light, f32)>,
    /// The camera's filter is out and its lamps are on: no colour.
    pub(crate) infrared: bool,
}

impl Lighting {
    /// A plain one.
    pub(crate) fn of(light: Light, has_infrared: bool) -> Self {
        Self { light, next: None, infrared: has_infrared && light == Light::Night }
    }

    /// At an hour of the local day, as in Hà Tĩnh in November.
    pub(crate) fn at(hour: f64, has_infrared: bool) -> Self {
        let hour = hour.rem_euclid(24.0);
        let turns = [
            (5.0, 5.5, Light::Night, Light::Dusk),
            (5.5, 6.0, Light::Dusk, Light::Day),
            (17.0, 17.5, Light::Day, Light::Dusk),
            (18.0, 18.5, Light::Dusk, Light::Night),
        ];
        for (from, to, before, after) in turns {
            if (from..to).contains(&hour) {
                if has_infrared && (before == Light::Night || after == Light::Night) {
                    // The filter clicks once, in the middle.
                    let past = hour >= (from + to) / 2.0;
                    return Self::of(if past { after } else { before }, true);
                }
                let share = ((hour - from) / (to - from)) as f32;
                return Self { light: before, next: Some((after, share)), infrared: false };
            }
        }
        let light = match hour {
            hour if (6.0..17.0).contains(&hour) => Light::Day,
            hour if (17.0..18.5).contains(&hour) => Light::Dusk,
            _ => Light::Night,
        };
        Self::of(light, has_infrared)
    }

    /// Whether lamps are brighter than the sky.
    pub(crate) fn is_dark(self) -> bool {
        self.light == Light::Night
    }

    /// The sensor's noise, as a deviation of luma.
    pub(crate) fn noise(self) -> f32 {
        match self.light {
            Light::Day => 1.4,
            Light::Dusk => 2.2,
            Light::Night => 3.2,
        }
    }
}

/// What clouds and the camera's own exposure do to the brightness: some per cent over minutes.
pub(crate) fn drift(at_s: f64, camera: u64) -> f32 {
    let mut own = Chance::of(&[camera, 0x6472_6966]);
    let mut wave = |period_s: f64, reach: f64| {
        let phase = f64::from(own.share()) * std::f64::consts::TAU;
        (at_s / period_s * std::f64::consts::TAU + phase).sin() * reach
    };
    (1.0 + wave(2_820.0, 0.05) + wave(431.0, 0.03)) as f32
}
