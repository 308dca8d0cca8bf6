//! Vietnamese of the console's alert side.

export const handling = {
  "handling.list": "Danh sách cảnh báo. j và k để chọn, a để nhận, ? để xem các phím.",
  "handling.tabs": "Nhóm cảnh báo",
  "handling.none": "Không có cảnh báo nào.",
  "handling.ringing": "Có cảnh báo CAO chưa ai xem. Chạm hoặc bấm phím bất kỳ để tắt chuông.",
  "handling.queued": "chờ gửi: {what}",
  "handling.group-open": "phím ← để gập lại",
  "handling.group-folded": "phím → để mở ra",
  "handling.by-itself": "Tự hiện lên, chưa ai mở. Phím a để nhận.",
  "handling.not-now": "Không làm được lúc này: {what}",
  "handling.key-next": "Cảnh báo sau",
  "handling.key-before": "Cảnh báo trước",
  "handling.key-fold": "Mở, gập nhóm",
  "handling.key-open": "Sang phần chi tiết",
  "handling.key-choice": "Trong biểu mẫu: chọn mục 1, 2, 3",
  "handling.key-send": "Trong biểu mẫu: gửi",
  "handling.key-search": "Tìm trong danh sách",
  "handling.key-tab": "Nhóm tiếp theo",
  "handling.key-back": "Quay lại",
} as const;
