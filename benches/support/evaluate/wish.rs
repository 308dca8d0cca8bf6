//! What was asked for on the command line, and what follows from it.

use std::path::PathBuf;

use watchwall::sim::scene::Light;

use crate::{
    effect::{Effect, NEGATIVES, POSITIVES},
    plan::Plan,
    source::Source,
};

/// What was asked for.
pub(crate) struct Wish {
    /// Two cameras by day.
    quick: bool,
    /// Each miss in words.
    pub(crate) verbose: bool,
    /// The 24 hours too.
    day: bool,
    /// How the names of cameras and effects begin.
    only: Vec<String>,
    /// What a new judge sees first.
    lead_in_s: f64,
    /// Where to write what effects look like.
    pub(crate) pictures: Option<PathBuf>,
}

/// Reads the arguments.
pub(crate) fn wish(args: &[String]) -> Wish {
    let mut wish = Wish {
        quick: false,
        verbose: false,
        day: true,
        only: Vec::new(),
        lead_in_s: 600.0,
        pictures: None,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => {}
            "--quick" => (wish.quick, wish.day) = (true, false),
            "--verbose" => wish.verbose = true,
            "--no-day" => wish.day = false,
            "--only" => {
                let names = args.next().expect("--only is followed by names");
                wish.only.extend(names.split(',').map(str::to_lowercase));
            }
            "--pictures" => {
                wish.pictures =
                    Some(args.next().expect("--pictures is followed by a folder").into());
            }
            "--lead-in" => {
                let minutes = args.next().and_then(|text| text.parse::<f64>().ok());
                wish.lead_in_s = 60.0 * minutes.expect("--lead-in is followed by minutes");
            }
            other => panic!("{other} is not known; see the top of benches/evaluate.rs"),
        }
    }
    wish
}

/// Whether a name is among those that were asked for; all are where none of its kind was.
fn chosen(name: &str, all: &[String], only: &[String]) -> bool {
    let begins = |name: &str| only.iter().any(|wanted| name.to_lowercase().starts_with(wanted));
    begins(name) || !all.iter().any(|name| begins(name))
}

/// The cameras to try.
pub(crate) fn sources(wish: &Wish, files: &[PathBuf]) -> Vec<Source> {
    let all = Source::all(files);
    let names: Vec<String> = all.iter().map(Source::name).collect();
    let mut sources: Vec<Source> =
        all.into_iter().filter(|source| chosen(&source.name(), &names, &wish.only)).collect();
    if wish.quick {
        sources.truncate(2);
    }
    sources
}

/// What to try with them.
pub(crate) fn plan(wish: &Wish, sources: &[Source]) -> Plan {
    let all: Vec<Effect> = NEGATIVES.into_iter().chain(POSITIVES).collect();
    let names: Vec<String> = all.iter().map(|effect| effect.name()).collect();
    let effects: Vec<Effect> =
        all.into_iter().filter(|effect| chosen(&effect.name(), &names, &wish.only)).collect();
    let unknown = wish.only.iter().find(|wanted| {
        let all = names.iter().cloned().chain(sources.iter().map(Source::name));
        !all.into_iter().any(|name| name.to_lowercase().starts_with(wanted.as_str()))
    });
    assert!(unknown.is_none(), "--only: no camera or effect begins with {unknown:?}");
    let mut lights = vec![(Light::Day, 13.0 * 3_600.0), (Light::Night, 23.0 * 3_600.0)];
    if wish.quick {
        lights.truncate(1);
    }
    Plan {
        effects,
        lights,
        lead_in_s: wish.lead_in_s,
        harmless_s: 120.0,
        day: wish.day,
        day_spacing_s: 20.0,
    }
}
