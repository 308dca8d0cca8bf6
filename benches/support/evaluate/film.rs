//! Films: the keyframes of one camera over some time, coded as its stream would code them.

use watchwall::sim::scene::{Canvas, Light};

use crate::{
    cache::Cache,
    chance::{Chance, word},
    coder::{self, Coder, Decoder, GROUP, KBIT_PER_S, Rate, THIN_KBIT_PER_S},
    effect::Effect,
    footage::FRAME_US,
    lighting::Lighting,
    shot::{Easel, Shot},
    source::Walk,
};

/// Between keyframes of an ordinary small stream, seconds.
pub(crate) const KEYFRAME_S: f64 = 2.0;

/// A camera being filmed.
pub(crate) struct Camera<'a> {
    pub(crate) easel: Easel,
    cache: &'a Cache,
    key: String,
    qualities: Vec<((Light, bool, Effect, usize), f32)>,
}

/// What a film is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    /// What happens in it.
    pub(crate) effect: Effect,
    /// Its first keyframe's local time of day, seconds.
    pub(crate) from_s: f64,
    /// Between keyframes.
    pub(crate) spacing_s: f64,
    /// Keyframes.
    pub(crate) count: usize,
    /// The light; of the hour if none is said.
    pub(crate) light: Option<Light>,
}

impl<'a> Camera<'a> {
    pub(crate) fn new(easel: Easel, cache: &'a Cache) -> Self {
        let key = easel.source.key();
        Self { easel, cache, key, qualities: Vec::new() }
    }

    fn lighting(&self, script: &Script, at_s: f64) -> Lighting {
        let infrared = self.easel.source.infrared();
        match script.light {
            Some(light) => Lighting::of(light, infrared),
            None => Lighting::at(at_s / 3_600.0, infrared),
        }
    }

    /// The pictures that a script tells to take.
    pub(crate) fn shots(&self, script: &Script) -> Vec<Shot> {
        let seed = Chance::of(&[word(&script.effect.name()), script.from_s as u64]).bits();
        let mut walk = Walk::new(&self.easel.view, Chance::of(&[self.easel.source.seed(), seed]));
        (0..script.count)
            .map(|n| {
                let since_s = n as f64 * script.spacing_s;
                let at_s = script.from_s + since_s;
                Shot {
                    effect: script.effect,
                    lighting: self.lighting(script, at_s),
                    at_s,
                    motion_s: walk.step(script.spacing_s),
                    since_s,
                    number: n as u64,
                    seed,
                }
            })
            .collect()
    }

    /// The keyframes of a script.
    pub(crate) fn film(&mut self, script: &Script) -> Vec<Vec<u8>> {
        let (cache, key) = (self.cache, format!("{} {script:?}", self.key));
        cache.film(&key, || {
            let mut coders = Coders::default();
            self.shots(script).iter().map(|shot| self.take(shot, &mut coders)).collect()
        })
    }

    /// A frozen sensor: the picture of `shot` coded by a stream that goes on, for `count`
    /// keyframes. With `clock` the caption goes on too.
    pub(crate) fn frozen(&mut self, shot: &Shot, clock: bool, count: usize) -> Vec<Vec<u8>> {
        let (cache, key) = (self.cache, format!("{} frozen {clock} {count} {shot:?}", self.key));
        cache.film(&key, || {
            let still = self.easel.uncaptioned(shot);
            let rate = Rate::Stream(KBIT_PER_S);
            let mut stream = Coder::open(still.width(), still.height(), rate);
            let mut keyframes = Vec::new();
            for n in 0..count as u32 * GROUP {
                let mut canvas = still.clone();
                let passed_s = f64::from(n) * FRAME_US as f64 / 1e6;
                self.easel.caption(&mut canvas, shot.at_s + if clock { passed_s } else { 0.0 });
                let unit = stream.code(&canvas);
                if coder::is_keyframe(&unit) {
                    keyframes.push(unit);
                }
            }
            keyframes
        })
    }

    fn take(&mut self, shot: &Shot, coders: &mut Coders) -> Vec<u8> {
        let mut canvas = self.easel.draw(shot);
        if shot.effect == Effect::Artefacts {
            let thin = self.quality(shot, Effect::Untouched, THIN_KBIT_PER_S);
            for _ in 0..2 {
                canvas = Decoder::open().decode(&coders.code(&canvas, thin));
            }
        }
        let quality = self.quality(shot, alike(shot.effect), KBIT_PER_S);
        coders.code(&canvas, quality)
    }

    /// How well a stream under an effect codes its keyframes in this light.
    fn quality(&mut self, shot: &Shot, effect: Effect, kbit_per_s: usize) -> f32 {
        let Lighting { light, infrared, .. } = shot.lighting;
        let kind = (light, infrared, effect, kbit_per_s);
        if let Some((_, quality)) = self.qualities.iter().find(|(known, _)| *known == kind) {
            return *quality;
        }
        let (cache, key) = (self.cache, format!("{} quality {kind:?}", self.key));
        let kept = cache.film(&key, || {
            let lighting = Lighting { light, next: None, infrared };
            let picture = |n: u32| {
                let passed_s = f64::from(n) * FRAME_US as f64 / 1e6;
                self.easel.draw(&Shot {
                    effect,
                    lighting,
                    at_s: 43_200.0 + passed_s,
                    motion_s: 1.0 + passed_s,
                    since_s: passed_s,
                    number: u64::from(n),
                    seed: 0x0061_6c6c,
                })
            };
            vec![coder::calibrate(kbit_per_s, picture).to_le_bytes().to_vec()]
        });
        let bytes = kept.first().and_then(|bytes| bytes.as_slice().try_into().ok());
        let quality = f32::from_le_bytes(bytes.expect("a number was kept"));
        self.qualities.push((kind, quality));
        quality
    }
}

/// One encoder for each quality. They live for one film: what a film is coded like must not depend
/// on others.
#[derive(Default)]
struct Coders(Vec<(f32, Coder)>);

impl Coders {
    fn code(&mut self, canvas: &Canvas, quality: f32) -> Vec<u8> {
        let at = self.0.iter().position(|(known, _)| *known == quality).unwrap_or_else(|| {
            let rate = Rate::Keyframes(quality);
            self.0.push((quality, Coder::open(canvas.width(), canvas.height(), rate)));
            self.0.len() - 1
        });
        self.0[at].1.code(canvas)
    }
}

/// The effect whose stream a keyframe's size is taken from: most leave it as it is.
fn alike(effect: Effect) -> Effect {
    match effect {
        Effect::Rain
        | Effect::Noise
        | Effect::Quiet
        | Effect::Black
        | Effect::White
        | Effect::Blur(_)
        | Effect::Cover(100)
        | Effect::CoverTextured(100) => effect,
        _ => Effect::Untouched,
    }
}
