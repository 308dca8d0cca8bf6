//! Finding a camera by what somebody types, with or without Vietnamese marks.

/// Lower case without marks: `Kỳ Anh` and `Đồng Lộc` become `ky anh` and `dong loc`.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(base).collect()
}

/// The plain letter of a Vietnamese one, composed or not; `None` for a combining mark.
fn base(letter: char) -> Option<char> {
    let plain = match letter {
        '\u{300}'..='\u{36f}' => return None,
        'à' | 'á' | 'â' | 'ã' | 'ă' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ' | 'ằ' | 'ẳ'
        | 'ẵ' | 'ặ' => 'a',
        'è' | 'é' | 'ê' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ĩ' | 'ỉ' | 'ị' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ơ' | 'ọ' | 'ỏ' | 'ố' | 'ồ' | 'ổ' | 'ỗ' | 'ộ' | 'ớ' | 'ờ' | 'ở'
        | 'ỡ' | 'ợ' => 'o',
        'ù' | 'ú' | 'ũ' | 'ư' | 'ụ' | 'ủ' | 'ứ' | 'ừ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỵ' | 'ỷ' | 'ỹ' => 'y',
        'đ' => 'd',
        other => other,
    };
    Some(plain)
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
        ] {
            assert_eq!(fold(text), plain);
        }
    }
}
