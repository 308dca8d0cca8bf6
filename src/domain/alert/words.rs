//! Kinds of alerts in words, as the pages write them: for texts that leave the service.

/// A kind in Vietnamese and English. A kind that an outside system made up stays as it is.
pub fn kind_words(kind: &str) -> (&str, &str) {
    match kind {
        "unreachable" => ("Không liên lạc được", "Unreachable"),
        "refused" => ("Bị từ chối", "Refused"),
        "credentials-rejected" => ("Sai mật khẩu", "Credentials rejected"),
        "session-limit" => ("Camera bận", "Camera busy"),
        "unsupported" => ("Không hỗ trợ", "Unsupported"),
        "abusive" => ("Luồng bất thường", "Abnormal stream"),
        "redirect" => ("Bị chuyển hướng", "Redirected"),
        "protocol" => ("Lỗi giao thức", "Protocol error"),
        "stalled" => ("Mất hình", "No video"),
        "keyframe-overdue" => ("Không có hình mới", "No new picture"),
        "decode-errors" => ("Không giải mã được", "Not decodable"),
        "quarantined" => ("Đang cách ly", "Quarantined"),
        "low-frame-rate" => ("Ít khung hình", "Low frame rate"),
        "packet-loss" => ("Mất gói tin", "Packet loss"),
        "frozen" => ("Hình đứng", "Frozen"),
        "looped" => ("Hình lặp lại", "Looped"),
        "black" => ("Hình đen", "Black"),
        "overexposed" => ("Hình cháy sáng", "Overexposed"),
        "defocused" => ("Hình mờ", "Out of focus"),
        "covered" => ("Bị che", "Covered"),
        "moved" => ("Bị xoay lệch", "Moved"),
        "clock-skew" => ("Sai giờ", "Clock wrong"),
        "stream-changed" => ("Luồng thay đổi", "Stream changed"),
        "unstable" => ("Chập chờn", "Unstable"),
        "screen-gone" => ("Màn hình tường mất tín hiệu", "Wall screen gone"),
        "screen-blank" => ("Màn hình tường trống", "Wall screen blank"),
        "screen-frozen" => ("Màn hình tường đứng hình", "Wall screen frozen"),
        "screen-behind" => ("Màn hình tường chậm", "Wall screen behind"),
        other => (other, other),
    }
}
