//! What to try next, per condition: one step a line, the likeliest cause first.

export const advice = {
  "advice.unreachable":
    "Kiểm tra nguồn điện của camera và đèn ở cổng mạng (PoE).\nThử ping địa chỉ camera từ máy chủ; nếu nhiều camera cùng điểm mất, kiểm tra switch hoặc đường truyền.\nXem camera có bị đổi địa chỉ IP không.",
  "advice.refused":
    "Cổng RTSP đóng: kiểm tra dịch vụ RTSP đã bật trên camera và số cổng trong cấu hình.\nKhởi động lại camera nếu cổng mở nhưng kết nối vẫn bị ngắt.\nKiểm tra tường lửa giữa máy chủ và camera.",
  "advice.credentials-rejected":
    "Kiểm tra tên và mật khẩu trong cấu hình; mật khẩu trên camera có thể vừa được đổi.\nĐừng thử nhiều lần: camera sẽ khoá. Máy chủ tự chờ trước khi thử lại.\nNếu camera chỉ chấp nhận Basic, cân nhắc bật allow_basic cho camera đó.",
  "advice.session-limit":
    "Camera hết phiên: tắt bớt phần mềm hoặc đầu ghi khác đang xem camera này.\nKhởi động lại camera nếu các phiên cũ bị treo.\nCho các hệ thống khác lấy hình từ máy chủ này hoặc đầu ghi thay vì từ camera.",
  "advice.unsupported":
    "Đặt luồng phụ của camera về H.264 (hoặc H.265), độ phân giải thường dùng.\nTắt các chế độ mã hóa riêng của hãng (H.264+, Smart Codec).\nCập nhật phần mềm của camera.",
  "advice.abusive":
    "Camera gửi dữ liệu vượt mọi giới hạn bình thường: đọc bằng chứng bên trên.\nTách camera khỏi mạng và kiểm tra xem nó có bị chiếm quyền không.\nCập nhật hoặc nạp lại phần mềm của camera.",
  "advice.redirect":
    "Camera chỉ sang địa chỉ khác, điều này không được làm theo: kiểm tra địa chỉ RTSP trong cấu hình.\nXem có thiết bị trung gian (đầu ghi, proxy) trả lời thay camera không.",
  "advice.protocol":
    "Đọc bằng chứng; thử mở địa chỉ bằng “watchwall probe”.\nĐổi cách truyền (tcp/udp) trong cấu hình rồi thử lại.\nCập nhật phần mềm của camera hoặc khởi động lại.",
  "advice.stalled":
    "Phiên còn mở nhưng không có video: khởi động lại camera nếu kéo dài.\nKiểm tra băng thông đường truyền, nhất là giờ cao điểm.\nXem luồng phụ có bị tắt trong cài đặt camera không.",
  "advice.keyframe-overdue":
    "Đặt khoảng cách khung khóa (I-frame/GOP) của luồng phụ về 1–2 giây.\nKiểm tra mất gói: khung khóa lớn hay bị mất trước.\nTắt chế độ tiết kiệm băng thông làm giãn khung khóa.",
  "advice.decode-errors":
    "Kiểm tra mất gói; chuyển sang tcp nếu đang dùng udp.\nĐặt luồng phụ về H.264 Main, tắt chế độ mã hóa riêng của hãng.\nKhởi động lại hoặc cập nhật phần mềm của camera.",
  "advice.quarantined":
    "Camera đã nhiều lần làm hỏng tiến trình đọc nó: chờ hết thời hạn cách ly ghi trong bằng chứng.\nCập nhật phần mềm của camera, đổi cài đặt mã hóa.\nNếu lặp lại, tách camera khỏi mạng và kiểm tra.",
  "advice.unstable":
    "Kiểm tra dây mạng, đầu nối và nguồn PoE: chập chờn thường do tiếp xúc hoặc nguồn yếu.\nXem giờ chập chờn có trùng với mưa, nắng nóng hoặc giờ cao điểm không.\nThử cổng khác của switch.",
  "advice.packet-loss":
    "Kiểm tra đường truyền và dây mạng; sóng không dây hay bị nhiễu.\nGiảm bitrate của luồng phụ, hoặc chuyển sang tcp.\nXem switch có cổng bị lỗi hoặc quá tải không.",
  "advice.frozen":
    "So ảnh hiện tại với lúc xảy ra: đồng hồ trong hình có chạy không?\nKhởi động lại camera (treo bộ mã hóa là nguyên nhân thường gặp).\nNếu lặp lại, cập nhật phần mềm của camera.",
  "advice.looped":
    "Coi là nghi vấn an ninh: cho người đến tận nơi xem ngay.\nKiểm tra có thiết bị lạ giữa camera và switch không; đổi mật khẩu camera.\nLưu lại hình và lịch sử để đối chiếu.",
  "advice.black":
    "Xem đèn hồng ngoại và chế độ ngày/đêm của camera.\nCho người đến xem ống kính có bị bịt hoặc phun sơn không.\nKhởi động lại camera nếu cảm biến không cho hình.",
  "advice.overexposed":
    "Xem có đèn, đèn pha hoặc nắng chiếu thẳng vào ống kính không.\nĐặt lại phơi sáng tự động, bật WDR/BLC.\nKiểm tra bộ lọc hồng ngoại có bị kẹt ở chế độ đêm vào ban ngày không.",
  "advice.defocused":
    "Lau ống kính và mặt kính: nước, mạng nhện, bụi là nguyên nhân thường gặp.\nChạy lấy nét tự động trong cài đặt camera.\nNếu do sương hoặc mưa, chờ tạnh; nếu hình nay đúng là như vậy, bấm “Ảnh hiện tại là đúng”.",
  "advice.covered":
    "Cho người đến xem: ống kính bị che, bị dán, hoặc có vật chắn phía trước.\nPhát quang cành lá, gỡ mạng nhện, biển quảng cáo mới treo.\nNếu cảnh nay đúng là như vậy, bấm “Ảnh hiện tại là đúng”.",
  "advice.moved":
    "So ảnh mẫu với ảnh hiện tại: camera có bị xoay hoặc va đập không?\nChỉnh lại hướng và siết chặt giá đỡ; camera quay quét thì gọi lại vị trí gốc.\nNếu hướng mới là chủ ý, bấm “Ảnh hiện tại là đúng”.",
  "advice.clock-skew":
    "Bật NTP trên camera và trỏ về máy chủ giờ của trung tâm.\nKiểm tra múi giờ của camera (UTC+7).\nGiờ sai nhiều sau khi mất điện: pin đồng hồ của camera có thể đã hết.",
  "advice.low-frame-rate":
    "Kiểm tra số khung hình đặt cho luồng phụ.\nBan đêm camera có thể tự giảm khung hình (màn trập chậm): hạn chế trong cài đặt.\nXem camera có quá tải vì nhiều người xem hoặc phân tích hình không.",
  "advice.stream-changed":
    "Có người đã đổi mã hóa, kích thước hoặc profile của camera: xem nhật ký của camera.\nĐặt lại như đã quy định trong [[order]], hoặc sửa quy định nếu thay đổi là chủ ý.\nCamera được đặt lại về mặc định sau khi cập nhật phần mềm cũng gây ra điều này.",
} as const;
