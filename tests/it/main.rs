//! Tests of whole parts through their public faces; one binary, because linking takes longer than
//! they do.

mod accounts;
mod alert_delivery;
mod alert_rows;
#[path = "../support/alerts.rs"]
mod alerts;
mod audit;
mod canary;
mod centre;
#[path = "../support/clips.rs"]
mod clips;
mod clock;
mod config;
mod config_channel;
mod config_csv;
mod config_duties;
mod config_watch;
mod configuration;
#[path = "../support/consoles.rs"]
mod consoles;
#[path = "../support/crash.rs"]
mod crash;
mod decode;
mod decode_process;
mod fake_camera;
mod fanout;
mod faults;
mod gstreamer;
#[path = "../support/guarded.rs"]
mod guarded;
mod handed;
mod history;
mod hostile;
mod http;
mod ingest;
mod live;
mod measured;
mod never_lost;
mod notify;
mod notify_mqtt;
mod origins;
#[path = "../support/outbox.rs"]
mod outbox;
#[path = "../support/paced.rs"]
mod paced;
mod past;
mod people;
mod postman;
mod probe_command;
#[path = "../support/receivers.rs"]
mod receivers;
#[path = "../support/reels.rs"]
mod reels;
mod revoked;
mod rights;
mod screens;
mod serve;
#[path = "../support/served.rs"]
mod served;
#[path = "../support/servers.rs"]
mod servers;
mod service;
mod sessions;
mod sign_in;
mod sim;
mod site_fault;
#[path = "../support/station.rs"]
mod station;
mod store;
mod store_access;
#[path = "../support/storm.rs"]
mod storm;
mod third_party;
mod tls;
#[path = "../support/town.rs"]
mod town;
mod training;
mod walls;
mod watched;
