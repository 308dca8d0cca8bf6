//! An alert in one line for radio, satellite and the cheapest text message: at most 140 bytes of
//! printable ASCII, Vietnamese without its marks. As in
//! `H stalled 101 Nga ba Ky Anh @Ky Anh 14:05 x3 #a1b2c3`.

use super::{AlertId, Priority};
use crate::domain::fold::unmarked;

/// Bytes of a short message of 8-bit data (3GPP TS 23.040 §9.2.3.16), and of what satellite and
/// radio gateways take in one piece.
pub const COMPACT_BYTES: usize = 140;

/// What the line says. Names are cut where they do not fit; all else never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compact<'a> {
    /// Its first letter.
    pub priority: Priority,
    /// A condition's word, or an outside system's; of one longer than 24 bytes the beginning.
    pub kind: &'a str,
    /// The first camera, by what operators type.
    pub number: Option<u32>,
    /// And by its name.
    pub camera: Option<&'a str>,
    /// The site's name.
    pub site: Option<&'a str>,
    /// Local time of the newest activation: hour and minute.
    pub time: (u8, u8),
    /// Activations; one is not worth saying.
    pub count: u32,
    /// The alert, see [`short_id`].
    pub id: AlertId,
    /// It was injected to train people.
    pub drill: bool,
}

/// Six letters that tell an alert from others of the same days: the end of its id, which is
/// random, where the beginning is the time.
pub fn short_id(id: AlertId) -> String {
    let mut hex = id.0.simple().to_string();
    hex.split_off(hex.len() - 6)
}

impl Compact<'_> {
    /// The line.
    pub fn text(&self) -> String {
        let drill = if self.drill { "DRILL " } else { "" };
        let letter = match self.priority {
            Priority::High => 'H',
            Priority::Medium => 'M',
            Priority::Low => 'L',
        };
        let kind = cut(&plain(self.kind), KIND_BYTES);
        let mut head = format!("{drill}{letter} {kind}");
        if let Some(number) = self.number {
            head.push_str(&format!(" {number}"));
        }
        let (hour, minute) = self.time;
        let mut tail = format!(" {hour:02}:{minute:02}");
        if self.count > 1 {
            tail.push_str(&format!(" x{}", self.count));
        }
        tail.push_str(&format!(" #{}", short_id(self.id)));

        let camera = self.camera.map(plain).filter(|name| !name.is_empty());
        let site = self.site.map(plain).filter(|name| !name.is_empty());
        let marks =
            camera.as_ref().map_or(0, |_| " ".len()) + site.as_ref().map_or(0, |_| " @".len());
        let room = COMPACT_BYTES - head.len() - tail.len() - marks;
        let wanted = |name: &Option<String>| name.as_ref().map_or(0, String::len);
        // Each has half for sure, and what the other leaves.
        let for_site = wanted(&site).min((room / 2).max(room.saturating_sub(wanted(&camera))));
        if let Some(camera) = camera {
            head.push(' ');
            head.push_str(&cut(&camera, room - for_site));
        }
        if let Some(site) = site {
            head.push_str(" @");
            head.push_str(&cut(&site, for_site));
        }
        head + &tail
    }
}

/// Printable ASCII in single spaces: marks are left out, what has no plain form is `?`.
fn plain(text: &str) -> String {
    let unmarked = unmarked(text);
    let words = unmarked.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect())
        .collect();
    words.join(" ")
}

/// At most so many bytes; a cut shows as a dot.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let kept = text.get(..bytes_max.saturating_sub(1)).unwrap_or(text).trim_end();
    if bytes_max == 0 { String::new() } else { format!("{kept}.") }
}

/// The longest condition has 20.
const KIND_BYTES: usize = 24;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const ID: AlertId = AlertId(Uuid::from_u128(0x0193_5a7e_0000_7000_8000_0000_00a1_b2c3));

    fn stalled<'a>() -> Compact<'a> {
        Compact {
            priority: Priority::High,
            kind: "stalled",
            number: Some(101),
            camera: Some("Ngã ba Đồng Lộc"),
            site: Some("Kỳ Anh"),
            time: (14, 5),
            count: 3,
            id: ID,
            drill: false,
        }
    }

    #[test]
    fn vietnamese_stays_readable_without_its_marks() {
        let line = "H stalled 101 Nga ba Dong Loc @Ky Anh 14:05 x3 #a1b2c3";
        assert_eq!(stalled().text(), line);
    }

    #[test]
    fn a_drill_says_so_first_and_a_single_activation_is_not_counted() {
        let alert = Compact { drill: true, count: 1, number: None, camera: None, ..stalled() };
        assert_eq!(alert.text(), "DRILL H stalled @Ky Anh 14:05 #a1b2c3");
    }

    #[test]
    fn long_names_are_cut_and_the_rest_stays() {
        let (camera, site) = ("Đường Nguyễn Huệ ".repeat(9), "Hà Tĩnh ".repeat(20));
        let alert = Compact { camera: Some(&camera), site: Some(&site), ..stalled() };
        let line = alert.text();
        assert_eq!(line.len(), COMPACT_BYTES, "{line}");
        assert!(line.starts_with("H stalled 101 Duong Nguyen Hue Duong Nguyen"), "{line}");
        assert!(line.contains(". @Ha Tinh Ha Tinh"), "{line}");
        assert!(line.ends_with(". 14:05 x3 #a1b2c3"), "{line}");
    }

    #[test]
    fn a_short_name_leaves_its_room_to_the_long_one() {
        let camera = "Cau ".repeat(40);
        let line = Compact { camera: Some(&camera), ..stalled() }.text();
        assert!(line.contains("@Ky Anh 14:05"), "{line}");
        assert!(line.len() > COMPACT_BYTES - 3, "{line}");
    }

    #[test]
    fn the_longest_words_leave_room_for_names() {
        let alert = Compact {
            kind: &"k".repeat(64),
            number: Some(u32::MAX),
            count: u32::MAX,
            time: (u8::MAX, u8::MAX),
            drill: true,
            ..stalled()
        };
        assert!(alert.text().contains(" Nga ba Dong Loc @Ky Anh "), "{}", alert.text());
    }

    #[test]
    fn line_breaks_and_letters_of_other_scripts_cannot_forge_a_line() {
        let alert = Compact { camera: Some("a\r\n\u{7}b 中文 \u{202e}x"), ..stalled() };
        assert!(alert.text().contains(" a b ?? ?x @"), "{}", alert.text());
    }

    proptest! {
        #[test]
        fn no_name_breaks_the_bound_or_pushes_out_what_matters(
            kind in ".{0,80}",
            camera in prop::option::of(".{0,200}"),
            site in prop::option::of(".{0,200}"),
            number in prop::option::of(any::<u32>()),
            (hour, minute) in (0..24u8, 0..60u8),
            count in any::<u32>(),
            id in any::<u128>(),
            drill in any::<bool>(),
        ) {
            let alert = Compact {
                priority: Priority::Medium,
                kind: &kind,
                number,
                camera: camera.as_deref(),
                site: site.as_deref(),
                time: (hour, minute),
                count,
                id: AlertId(Uuid::from_u128(id)),
                drill,
            };
            let line = alert.text();
            prop_assert!(line.len() <= COMPACT_BYTES, "{} bytes: {line}", line.len());
            prop_assert!(line.bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{line:?}");
            let start = if drill { "DRILL M " } else { "M " };
            prop_assert!(line.starts_with(start), "{line}");
            let time = format!(" {hour:02}:{minute:02} ");
            prop_assert!(line.contains(&time), "{line}");
            let end = format!(" #{}", short_id(alert.id));
            prop_assert!(line.ends_with(&end), "{line}");
            if let Some(number) = number {
                let number = format!(" {number} ");
                prop_assert!(line.contains(&number), "{line}");
            }
            if count > 1 {
                let count = format!(" x{count} ");
                prop_assert!(line.contains(&count), "{line}");
            }
        }
    }
}
