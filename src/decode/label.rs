//! Names on a snapshot: an 8x8 ASCII font, and Vietnamese folded into it. The screens draw names as
//! they are written; only the snapshot, which is drawn in the sandbox without a font file, does not.

use font8x8::legacy::BASIC_LEGACY;

use crate::domain::fold::unmarked;

/// Side of one character, pixels at scale 1.
pub(super) const SIDE: usize = 8;

/// The ASCII form: accents dropped, anything else that is not ASCII a question mark.
pub(super) fn fold(text: &str) -> String {
    unmarked(text)
        .chars()
        .map(|letter| match letter {
            control if control.is_ascii_control() => ' ',
            ascii if ascii.is_ascii() => ascii,
            '–' | '—' => '-',
            _ => '?',
        })
        .collect()
}

/// Calls `dot(x, y)` for every dot of `text` (already folded) at scale 1.
pub(super) fn dots(text: &str, mut dot: impl FnMut(usize, usize)) {
    for (place, letter) in text.bytes().enumerate() {
        // Folded text is ASCII, which the font covers.
        let glyph = &BASIC_LEGACY[usize::from(letter & 0x7f)];
        for (y, row) in glyph.iter().enumerate() {
            (0..SIDE).filter(|x| row >> x & 1 == 1).for_each(|x| dot(place * SIDE + x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_is_folded_and_the_unknown_is_a_question_mark() {
        let cases = [
            ("Cổng chợ Đông Ba", "Cong cho Dong Ba"),
            ("Ngã tư Trường Chinh – ĐƯỜNG SỐ 1", "Nga tu Truong Chinh - DUONG SO 1"),
            ("Co\u{302}\u{309}ng", "Cong"),
            ("門 7\n", "? 7 "),
        ];
        for (text, folded) in cases {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn a_letter_has_dots_inside_its_own_square() {
        let mut found = Vec::new();
        dots("AB", |x, y| found.push((x, y)));
        assert!(found.iter().any(|(x, _)| *x < 8) && found.iter().any(|(x, _)| *x >= 8));
        assert!(found.iter().all(|(x, y)| *x < 16 && *y < 8));
    }
}
