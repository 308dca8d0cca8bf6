//! Reads `[[person]]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::super::{
    ChannelKind,
    camera::NAME_MAX,
    channel::{Channels, is_address},
    document::Entry,
    fault::Fault,
    named::{Names, id},
    rules::several,
    section::Section,
};
use crate::domain::roster::{ChannelId, Person, PersonId, Reach};

/// The people, and every id that was declared.
pub(in crate::config) fn people(
    file: &Arc<str>,
    entries: Vec<Entry>,
    channels: &Channels,
) -> (Vec<Person>, BTreeSet<PersonId>, Vec<Fault>) {
    let mut seen = BTreeMap::new();
    let (people, faults) = several(file, "person", entries, |section| {
        let id = id(section, "person", &mut seen);
        let name = section.text("name", NAME_MAX).map(|name| name.value);
        let phone = section.text("phone", PHONE_MAX).map(|phone| phone.value);
        let email = section.text("email", ADDRESS_MAX).map(|email| email.value);
        let channels = reaches(section, channels);
        id.map(|id| {
            let name = name.unwrap_or_else(|| id.to_string());
            Person { id, name, phone, email, channels }
        })
    });
    (people.into_iter().flatten().collect(), seen.into_keys().collect(), faults)
}

/// `channels = [{ channel = "sms", address = "+84…" }]`, first the one to try first.
fn reaches(section: &mut Section, channels: &Channels) -> Vec<Reach> {
    let mut reaches: Vec<Reach> = Vec::new();
    let known = Names { sort: "channel", known: &channels.declared };
    let mut taken: BTreeSet<ChannelId> = BTreeSet::new();
    for mut inner in section.inners("channels") {
        let channel = if inner.has("channel") {
            known.one(&mut inner, "channel")
        } else {
            inner.missing("channel", "write channel = \"…\", the id of a [[channel]]");
            None
        };
        let address = inner.text("address", ADDRESS_MAX);
        if address.is_none() {
            inner.missing("address", "write address = \"…\", as that channel takes it");
        }
        if let Some(channel) = channel.as_ref().filter(|id| !taken.insert((*id).clone())) {
            let problem = format!("names the channel {channel} twice");
            inner.fault_here("channel", problem, "remove one of the two");
        }
        let is_mail = channels.channels.iter().any(|config| {
            Some(&config.id) == channel.as_ref() && matches!(config.kind, ChannelKind::Email(_))
        });
        if let Some(address) = address.as_ref().filter(|text| is_mail && !is_address(&text.value)) {
            let remedy = "this channel sends mail: write it as \"name@example.vn\"";
            inner.fault("address", address.at.clone(), "is not an e-mail address", remedy);
        }
        let address = address.map(|address| address.value);
        reaches.extend(channel.zip(address).map(|(channel, address)| Reach { channel, address }));
        section.absorb(inner);
    }
    reaches
}

/// Fifteen digits are the longest number there is (ITU-T E.164); the rest is for signs and an
/// extension.
const PHONE_MAX: usize = 40;
/// The longest mailbox (RFC 5321 §4.5.3.1), and long enough for a number or a topic.
const ADDRESS_MAX: usize = 254;
