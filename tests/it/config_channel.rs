//! `[[channel]]` as its user meets it. What is refused, and how that is told, is in
//! `tests/config/invalid/channels.toml`.

use std::{fs, path::Path, time::Duration};

use watchwall::config::{ChannelConfig, ChannelKind, Config, Environment, MailTls, Passwords};

use crate::config::{load, variables};

#[test]
fn the_channels_of_the_example_are_right_once_their_comment_marks_are_taken_away() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/watchwall.toml");
    let text = fs::read_to_string(path).expect("the example");
    let (_, channels) = text.split_once("\n#[[channel]]").expect("channels");
    let uncommented: String = format!("#[[channel]]{channels}")
        .lines()
        // Of two sources of a secret one is kept, and no authority of one's own.
        .filter(|line| !line.contains("_file = ") && !line.contains("tls_ca = "))
        .map(|line| {
            let key = line.strip_prefix("# ").filter(|rest| rest.split(' ').nth(1) == Some("="));
            let section = line.strip_prefix('#').filter(|rest| rest.starts_with('['));
            key.or(section).unwrap_or(line)
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let secret = "a secret of an example";
    let environment = variables([("SMS_SECRET", secret), ("MAIL_PASSWORD", secret)]);
    let passwords = Passwords::Read { directory: Path::new(""), environment: &environment };
    let config = Config::parse("example", &uncommented, &environment, &passwords);
    let told = config.expect_err("a name without its password").to_string();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("channel[2].password_file: is missing"), "{told}");
}

#[test]
fn a_channel_takes_its_defaults_from_its_kind() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/valid/channels.toml");
    let config = load(&path, &Environment::default()).expect("a valid file");
    let [sms, hook, mail, relay, broker, local] = &config.channels[..] else {
        panic!("{:?}", config.channels)
    };
    let secs = Duration::from_secs;
    assert_eq!((sms.deadline, sms.retry_for, sms.at_once), (secs(3), secs(7200), 1));
    assert_eq!((hook.deadline, hook.retry_for, hook.at_once), (secs(10), secs(3600), 4));
    let email = |channel: &ChannelConfig| match &channel.kind {
        ChannelKind::Email(email) => email.clone(),
        other => panic!("{other:?}"),
    };
    let mqtt = |channel: &ChannelConfig| match &channel.kind {
        ChannelKind::Mqtt(mqtt) => mqtt.clone(),
        other => panic!("{other:?}"),
    };
    let (mail, relay, broker, local) = (email(mail), email(relay), mqtt(broker), mqtt(local));
    assert_eq!((mail.server.port, mail.tls), (2525, MailTls::Tls));
    assert_eq!((relay.server.port, relay.tls), (25, MailTls::None));
    assert_eq!((broker.server.port, broker.tls), (8884, true));
    assert_eq!((local.server.port, local.tls), (1883, false));
    assert_eq!((broker.prefix.as_str(), local.prefix.as_str()), ("ha-tinh/watchwall", "watchwall"));
    let shown = format!("{:?}", config.channels);
    assert!(!shown.contains("not-a-secret"), "a secret is shown: {shown}");
    let warned: Vec<_> = config.warnings.iter().map(|warning| warning.key.as_str()).collect();
    let open = |key: &&str| !key.ends_with("_file");
    assert_eq!(warned.into_iter().filter(open).count(), 0, "{:?}", config.warnings);
    assert_eq!(config.password_files.len(), 2);
}

#[test]
fn what_goes_in_clear_beyond_this_machine_is_warned_of() {
    let text = "[[channel]]\nid = \"a\"\nkind = \"mqtt\"\nhost = \"192.0.2.1\"\ntls = \"none\"\n\
                [[channel]]\nid = \"b\"\nkind = \"webhook\"\nurl = \"http://sms.example\"\nsecret_env = \"S\"\n";
    let environment = variables([("S", "a secret of an example")]);
    let passwords = Passwords::Read { directory: Path::new(""), environment: &environment };
    let config = Config::parse("x", text, &environment, &passwords).expect("allowed");
    let warned: Vec<_> = config.warnings.iter().map(|warning| warning.key.as_str()).collect();
    assert_eq!(warned, ["channel[0].host", "channel[1].url"]);
}
