//! An alert in plain text, for e-mail and the like: Vietnamese first, English below.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use super::{Alert, Priority, State, Subject, compact::Compact, delivery::Message, words};
use crate::domain::{time::UnixMicros, word::word};

/// What a text needs to know beside the alert itself.
#[derive(Clone, Debug)]
pub struct Wording<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// The number and the name of the camera to look at first.
    pub camera: Option<(u32, &'a str)>,
    /// The name of its site.
    pub site: Option<&'a str>,
    /// The screen of a wall that it is about.
    pub screen: Option<ScreenPlace<'a>>,
    /// What to do.
    pub procedure: &'a super::Procedure,
    /// Local time less UTC, minutes.
    pub utc_offset_min: i32,
}

/// Where a screen is, as people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenPlace<'a> {
    /// The wall's name.
    pub wall: &'a str,
    /// The screen's name.
    pub name: &'a str,
    /// Its column and row among the wall's screens, from 0; `None` where nobody configured them.
    pub place: Option<(u32, u32)>,
}

impl ScreenPlace<'_> {
    /// In Vietnamese and English: "LED wall, screen left (column 1, row 1)".
    pub fn words(&self) -> (String, String) {
        let Self { wall, name, place } = self;
        match place {
            Some((column, row)) => {
                let (column, row) = (column + 1, row + 1);
                (
                    format!("{wall}, màn hình {name} (cột {column}, hàng {row})"),
                    format!("{wall}, screen {name} (column {column}, row {row})"),
                )
            }
            None => (format!("{wall}, màn hình {name}"), format!("{wall}, screen {name}")),
        }
    }
}

impl Wording<'_> {
    /// All forms of it.
    pub fn message(&self) -> Message {
        let Alert { id, priority, count, raised_at, .. } = *self.alert;
        let screen = self.screen.map(|screen| format!("{} {}", screen.wall, screen.name));
        let compact = Compact {
            priority,
            kind: self.alert.source.kind.as_str(),
            number: self.camera.map(|(number, _)| number),
            camera: self.camera.map(|(_, name)| name),
            site: self.site.or(screen.as_deref()),
            time: self.local(raised_at).map_or((0, 0), |at| (at.hour() as u8, at.minute() as u8)),
            count,
            id,
            drill: self.alert.drill,
        };
        Message {
            priority,
            subject: self.subject(),
            text: self.text(),
            compact: compact.text(),
            json: serde_json::to_value(self.alert).unwrap_or_default(),
            closed: !self.alert.is_open(),
            drill: self.alert.drill,
            picture: None,
        }
    }

    /// One line: priority, what, where.
    pub fn subject(&self) -> String {
        let (vi, _) = self.kind();
        let drill = if self.alert.drill { "DIỄN TẬP / DRILL · " } else { "" };
        let over = if self.alert.is_open() { "" } else { "Đã xong · " };
        format!("{drill}{over}[{}] {vi} · {}", priority(self.alert.priority).0, self.place().0)
    }

    /// All that a person needs to begin: what, where, since when, how often, and what to do.
    pub fn text(&self) -> String {
        let (vi, en) = self.kind();
        let (priority_vi, priority_en) = priority(self.alert.priority);
        let since = self.local(self.alert.raised_at);
        let since = since.map(|at| at.strftime("%H:%M %d/%m/%Y").to_string()).unwrap_or_default();
        let Alert { id, evidence, count, state, .. } = self.alert;
        let (place_vi, place_en) = self.place();
        let procedure = self.procedure;
        format!(
            "{drill_vi}{vi}: {place_vi}\nTừ {since}, lần {count}. Mức: {priority_vi}. \
             Trạng thái: {state_vi}.\n{evidence}\nViệc cần làm: {do_vi}\n\n\
             {drill_en}{en}: {place_en}\nSince {since}, time {count}. Priority: {priority_en}. \
             State: {state_en}.\nWhat to do: {do_en}\n\n{id}\n",
            drill_vi = if self.alert.drill { "DIỄN TẬP. " } else { "" },
            drill_en = if self.alert.drill { "DRILL. " } else { "" },
            state_vi = state_words(*state),
            state_en = word(*state),
            do_vi = procedure.vi,
            do_en = procedure.en,
        )
    }

    fn kind(&self) -> (&str, &str) {
        match (&self.alert.source.subject, self.alert.source.kind.as_str()) {
            (Subject::Site(_), "unreachable") => ("Mất kết nối cả điểm", "Site down"),
            (_, kind) => words::kind_words(kind),
        }
    }

    /// "101 Ngã ba Kỳ Anh · Kỳ Anh", as far as it is known; of a screen, in Vietnamese and English.
    fn place(&self) -> (String, String) {
        if let Some(screen) = self.screen {
            return screen.words();
        }
        let camera = self.camera.map(|(number, name)| format!("{number} {name}"));
        let parts: Vec<String> = camera.into_iter().chain(self.site.map(str::to_owned)).collect();
        let place = parts.join(" · ");
        (place.clone(), place)
    }

    fn local(&self, at: UnixMicros) -> Option<DateTime> {
        let offset = Offset::from_seconds(self.utc_offset_min * 60).ok()?;
        let at = Timestamp::from_microsecond(i64::try_from(at.0).ok()?).ok()?;
        Some(offset.to_datetime(at))
    }
}

fn priority(priority: Priority) -> (&'static str, &'static str) {
    match priority {
        Priority::High => ("CAO", "high"),
        Priority::Medium => ("VỪA", "medium"),
        Priority::Low => ("THẤP", "low"),
    }
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Normal => "đã xong",
        State::Unacknowledged => "chưa ai nhận",
        State::Acknowledged => "đã nhận",
        State::ReturnedUnacknowledged => "đã hết, chưa ai nhận",
        State::Shelved => "tạm gác",
        State::Suppressed => "tạm ẩn",
        State::OutOfService => "ngừng phục vụ",
    }
}
