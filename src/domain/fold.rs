//! Vietnamese without its marks: for finding by what somebody types, and for fonts that have none.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Combining diacritical marks: all that Vietnamese letters are taken apart into.
const MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// The text without marks, its case kept: `Kỳ Anh` and `Đồng Lộc` become `Ky Anh` and `Dong Loc`,
/// composed or not.
pub fn unmarked(text: &str) -> String {
    DecomposingNormalizerBorrowed::new_nfd()
        .normalize(text)
        .chars()
        .filter(|letter| !MARKS.contains(letter))
        // The one pair that Unicode does not take apart.
        .map(|letter| match letter {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

/// The text as it is searched: without marks and in lower case.
pub fn searchable(text: &str) -> String {
    unmarked(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_case_do_not_matter_composed_or_not() {
        for (text, plain) in [
            ("Ngã ba Đồng Lộc", "nga ba dong loc"),
            ("KỲ ANH", "ky anh"),
            ("Ky\u{300} Anh", "ky anh"),
            ("Trường Nguyễn Huệ 2", "truong nguyen hue 2"),
            ("ĐƯỜNG SỐ 1", "duong so 1"),
        ] {
            assert_eq!(searchable(text), plain);
        }
    }
}
