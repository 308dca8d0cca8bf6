//! What things are and how they decide. Pure: no runtime, clock, file, network or logging; time is
//! an argument. Every machine has one shape: `new(policy)`, `apply(now, event)`,
//! `next_deadline()`, `tick(now)`.

pub mod access;
pub mod alert;
pub mod assignment;
pub mod audit;
pub mod availability;
pub mod backoff;
pub mod camera;
pub mod clock;
pub mod courtesy;
pub mod coverage;
pub mod escalation;
pub mod fanout;
pub mod fold;
pub mod handover;
pub mod health;
pub mod history;
pub mod keyframe;
pub mod kpi;
pub mod maintenance;
pub mod media;
pub mod nal;
pub mod picture;
pub mod rate;
pub mod refresh;
pub mod root_cause;
pub mod roster;
pub mod screen;
pub mod site;
pub mod time;
pub mod timetable;
pub mod viewing;
pub mod wall;
pub mod watching;
pub mod word;
