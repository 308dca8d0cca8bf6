//! An alert in plain text, for e-mail and the like: Vietnamese first, English below.

use super::{Alert, Priority, State, Subject, words};
use crate::domain::{time::UnixMicros, word::word};

/// What a text needs to know beside the alert itself.
#[derive(Clone, Debug)]
pub struct Wording<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// What people call whatever it concerns: "101 Ngã ba Kỳ Anh".
    pub place: String,
    /// The name of its site, where that is not the place itself.
    pub site: Option<&'a str>,
    /// What to do.
    pub procedure: &'a super::Procedure,
    /// Local time less UTC, minutes.
    pub utc_offset_min: i32,
}

impl Wording<'_> {
    /// One line: priority, what, where.
    pub fn subject(&self) -> String {
        let (vi, _) = self.kind();
        let drill = if self.alert.drill { "DIỄN TẬP / DRILL · " } else { "" };
        let over = if self.alert.is_open() { "" } else { "Đã xong · " };
        format!(
            "{drill}{over}[{}] {vi} · {}{}",
            priority(self.alert.priority).0,
            self.place,
            self.site()
        )
    }

    /// All that a person needs to begin: what, where, since when, how often, and what to do.
    pub fn text(&self) -> String {
        let (vi, en) = self.kind();
        let (priority_vi, priority_en) = priority(self.alert.priority);
        let since = self.local(self.alert.raised_at);
        let Alert { id, evidence, count, state, .. } = self.alert;
        let (place, site) = (&self.place, self.site());
        let procedure = self.procedure;
        format!(
            "{drill_vi}{vi}: {place}{site}\nTừ {since}, lần {count}. Mức: {priority_vi}. \
             Trạng thái: {state_vi}.\n{evidence}\nViệc cần làm: {do_vi}\n\n\
             {drill_en}{en}: {place}{site}\nSince {since}, time {count}. Priority: {priority_en}. \
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
        let kind = self.alert.source.kind.as_str();
        let kind = kind.strip_prefix(words::DRILL).unwrap_or(kind);
        match self.alert.source.subject {
            Subject::Site(_) if kind == "unreachable" => ("Mất kết nối cả điểm", "Site down"),
            _ => words::kind_words(kind),
        }
    }

    fn site(&self) -> String {
        self.site.map(|site| format!(" · {site}")).unwrap_or_default()
    }

    fn local(&self, at: UnixMicros) -> String {
        let offset = jiff::tz::Offset::from_seconds(self.utc_offset_min * 60);
        let micros =
            i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_microsecond(at).ok());
        match (offset, micros) {
            (Ok(offset), Some(at)) => offset.to_datetime(at).strftime("%H:%M %d/%m/%Y").to_string(),
            _ => "?".to_owned(),
        }
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
