//! Every fault of the simulator as the desk hears it, on a virtual clock: it leads to its condition
//! within its time, and when it is over the condition clears.

mod player;
mod scene;

use std::{collections::BTreeMap, sync::Arc};

use watchwall::{
    domain::{
        camera::{Condition, State},
        history::Record,
        media::Codec,
    },
    sim::FaultKind,
    worker::message::Step,
};

use player::{Ending, HEALTHY, Nature, Player, Stream};
use scene::{Look, Street};

/// What a fault is to be told as, and what the camera is meanwhile.
struct Told {
    nature: Nature,
    condition: Option<Condition>,
    /// Raised within so many seconds.
    within_s: u32,
    states: &'static [State],
    /// A minute after the fault is over, or so much later as the camera is left alone for.
    held_s: u32,
}

use State::{Offline, Online, Stalled, Suspect, WaitingKeyframe};

/// A stream with something wrong.
fn stream(condition: impl Into<Option<Condition>>, within_s: u32, stream: Stream) -> Told {
    let nature = Nature::Plays(stream);
    Told { nature, condition: condition.into(), within_s, states: &[Online], held_s: 0 }
}

/// A picture with something wrong.
fn picture(condition: Condition, look: Look) -> Told {
    Told { states: &[Suspect], ..stream(condition, 30, Stream { look, ..HEALTHY }) }
}

fn ending(condition: Condition, evidence: &'static str) -> Ending {
    Ending { after_s: 0, condition, evidence, rejected: false }
}

/// Running sessions are closed, and new ones get no further than these steps.
fn ends(condition: Condition, evidence: &'static str, next: &[Step]) -> Told {
    let closed = ending(Condition::Refused, "the camera closed the connection");
    let nature =
        Nature::Ends { running: closed, next: next.to_vec(), then: ending(condition, evidence) };
    Told { nature, condition: Some(condition), within_s: 20, states: &[Offline], held_s: 0 }
}

/// A running session feels it too.
fn felt(condition: Condition, evidence: &'static str, next: &[Step]) -> Told {
    let ending = ending(condition, evidence);
    let nature = Nature::Ends { running: ending.clone(), next: next.to_vec(), then: ending };
    Told { nature, ..ends(condition, evidence, next) }
}

/// As a session that runs, and each new one, tell it.
fn told(fault: FaultKind) -> Told {
    use FaultKind as Kind;
    let (connected, playing) =
        ([Step::Connected], [Step::Connected, Step::Described, Step::Playing]);
    let received = [&playing[..], &[Step::Receiving]].concat();
    let silence = Ending { after_s: 10, ..ending(Condition::Stalled, "no video for 10 s") };
    match fault {
        Kind::Refuse => ends(Condition::Refused, "the camera reset the connection", &connected),
        Kind::Close => ends(Condition::Refused, "the camera closed the connection", &received),
        Kind::Stall => Told {
            nature: Nature::Ends {
                running: silence.clone(),
                next: playing.to_vec(),
                then: silence,
            },
            states: &[Stalled],
            ..ends(Condition::Stalled, "", &[])
        },
        Kind::Silent => Told {
            nature: Nature::Ends {
                running: silence,
                next: connected.to_vec(),
                then: Ending {
                    after_s: 5,
                    ..ending(Condition::Unreachable, "the camera did not answer OPTIONS within 5 s")
                },
            },
            within_s: 60,
            ..ends(Condition::Unreachable, "", &[])
        },
        Kind::Auth => {
            let said = ends(Condition::CredentialsRejected, "", &[]);
            let rejected = Ending {
                rejected: true,
                ..ending(Condition::CredentialsRejected, "the camera rejected the password (401)")
            };
            let running = ending(Condition::Refused, "the camera closed the connection");
            let nature = Nature::Ends { running, next: connected.to_vec(), then: rejected };
            Told { nature, held_s: 30 * 60, ..said }
        }
        Kind::Busy => {
            ends(Condition::SessionLimit, "the camera has no free session (453)", &connected)
        }
        // The small stream's session is there already, and goes on.
        Kind::SessionLimit => stream(None, 0, HEALTHY),
        Kind::Freeze => picture(Condition::Frozen, Look::Frozen),
        Kind::Loop => picture(Condition::Looped, Look::Looped(2)),
        Kind::Black => picture(Condition::Black, Look::Black),
        Kind::White => picture(Condition::Overexposed, Look::White),
        Kind::Blur => picture(Condition::Defocused, Look::Blurred),
        Kind::Cover => picture(Condition::Covered, Look::Covered),
        Kind::Move => picture(Condition::Moved, Look::Turned),
        Kind::LowFps => stream(Condition::LowFrameRate, 60, Stream { frame_rate: 2, ..HEALTHY }),
        Kind::Loss => stream(Condition::PacketLoss, 40, Stream { lost_percent: 5, ..HEALTHY }),
        // What stands between packets is skipped.
        Kind::Garbage => stream(None, 0, HEALTHY),
        Kind::BadKeyframe => Told {
            states: &[Stalled, WaitingKeyframe],
            ..stream(Condition::DecodeErrors, 20, Stream { decodable: false, ..HEALTHY })
        },
        // Until the stream is taken whole.
        Kind::LongGop => Told {
            states: &[Online, WaitingKeyframe],
            ..stream(None, 0, Stream { gop_s: 10, ..HEALTHY })
        },
        Kind::Gop30 => Told {
            states: &[Online, WaitingKeyframe],
            ..stream(None, 0, Stream { gop_s: 30, ..HEALTHY })
        },
        Kind::Resolution => {
            stream(Condition::StreamChanged, 30, Stream { alternates: true, ..HEALTHY })
        }
        Kind::Clock => {
            stream(Condition::ClockSkew, 60, Stream { clock_offset_s: -86_400.0, ..HEALTHY })
        }
        Kind::OversizeUnit => felt(Condition::Abusive, "one picture of more than 8 MiB", &received),
        Kind::EndlessHeader => ends(Condition::Abusive, "a header of more than 64 KiB", &connected),
        Kind::HugeContentLength => {
            ends(Condition::Abusive, "an answer of 100000000000 bytes", &connected)
        }
        Kind::Redirect => {
            ends(Condition::Redirect, "a redirect, which is not followed", &connected)
        }
        Kind::ForeignBase => ends(Condition::Redirect, "it points to another host", &connected),
        Kind::GiantSps => {
            felt(Condition::Unsupported, "the picture is 16384x8192 pixels", &playing)
        }
        Kind::CodecSwap => {
            stream(Condition::StreamChanged, 40, Stream { codec: Codec::H265, ..HEALTHY })
        }
    }
}

/// What is said of one fault from its beginning to well after its end.
fn story(fault: FaultKind, street: &Arc<Street>) -> Result<(), String> {
    let Told { nature, condition, within_s, states, held_s } = told(fault);
    let mut player = Player::new(street.clone());
    (0..600).for_each(|_| player.second());
    let problem = |player: &Player, what: &str| {
        let view = player.view();
        Err(format!(
            "{}: {what}: {:?} {:?}, {:?}",
            fault.name(),
            view.state,
            view.conditions,
            view.reason
        ))
    };
    if player.view().state != Online || !player.view().conditions.is_empty() {
        return problem(&player, "not well before it");
    }

    player.nature = nature;
    if fault == FaultKind::CodecSwap {
        player.reconnects();
    }
    let mut raised = None;
    for second in 0..120 {
        player.second();
        let stands = condition.is_some_and(|c| player.view().conditions.contains(&c));
        raised = raised.or_else(|| stands.then_some(second));
        match condition {
            None if !states.contains(&player.view().state) => {
                return problem(&player, "a false alarm");
            }
            None if !player.view().conditions.is_empty() => {
                return problem(&player, "a false alarm");
            }
            _ => {}
        }
    }
    if condition.is_some() && raised.is_none_or(|raised| raised > within_s) {
        return problem(&player, &format!("raised after {raised:?} s, not within {within_s} s"));
    }
    if !states.contains(&player.view().state) {
        return problem(&player, "not in its state");
    }
    let named = player.view().standing.iter().all(|standing| !standing.evidence.is_empty());
    if !named || player.view().standing.len() != player.view().conditions.len() {
        return problem(&player, "without its evidence");
    }

    player.nature = Nature::Plays(HEALTHY);
    if fault == FaultKind::CodecSwap {
        player.reconnects();
    }
    (0..180 + held_s).for_each(|_| player.second());
    if player.view().state != Online || !player.view().conditions.is_empty() {
        return problem(&player, "not cleared");
    }
    every_raise_has_its_clear(&player.records);
    Ok(())
}

fn every_raise_has_its_clear(records: &[Record]) {
    let mut open = BTreeMap::new();
    for record in records {
        match record {
            Record::Raised { condition, at, .. } => {
                assert_eq!(open.insert(*condition, *at), None, "{condition:?} was raised twice");
            }
            Record::Cleared { condition, raised_at, at, .. } => {
                assert_eq!(open.remove(condition), Some(*raised_at), "{condition:?}");
                assert!(at >= raised_at);
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?} still stand");
}

#[test]
fn every_fault_is_told_as_its_condition_within_its_time_and_clears_after_it() {
    let street = Arc::new(Street::new(7));
    let failed: Vec<String> =
        FaultKind::ALL.iter().filter_map(|fault| story(*fault, &street).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
