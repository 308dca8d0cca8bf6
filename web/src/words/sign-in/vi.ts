//! Vietnamese of the sign-in page, and of what says who is signed in.

export const signIn = {
  "sign-in.title": "Đăng nhập",
  "sign-in.name": "Tên tài khoản",
  "sign-in.password": "Mật khẩu",
  "sign-in.show": "Hiện ký tự đã nhập",
  "sign-in.go": "Đăng nhập",
  "sign-in.going": "Đang kiểm tra …",
  "sign-in.refused": "Tên hoặc mật khẩu không đúng, hoặc tài khoản đang tạm khoá.",
  "sign-in.locked": "Sai quá nhiều lần. Hãy chờ vài phút rồi thử lại.",
  "sign-in.unreachable": "Không liên lạc được với máy chủ. Hãy thử lại.",
  "sign-in.failed":
    "Máy chủ không đăng nhập được lúc này. Hãy thử lại, nếu vẫn lỗi hãy báo quản trị.",
  "sign-in.change": "Đặt mật khẩu mới",
  "sign-in.change-why":
    "Mật khẩu vừa dùng chỉ dùng một lần. Hãy đặt mật khẩu của riêng bạn, ít nhất 12 ký tự; một câu dễ nhớ là tốt nhất.",
  "sign-in.new": "Mật khẩu mới",
  "sign-in.again": "Nhập lại mật khẩu mới",
  "sign-in.differ": "Hai lần nhập không giống nhau.",
  "sign-in.set": "Đặt và vào",
  "sign-in.screen": "Đây là màn hình của tường (dùng mã)",
  "sign-in.person": "Đăng nhập bằng tài khoản",
  "sign-in.token": "Mã của màn hình",
  "sign-in.token-why":
    "Quản trị tạo mã này ở trang Quản trị (/admin/token) hoặc bằng lệnh: watchwall token create --role screen",
  "sign-in.token-refused": "Mã không đúng, đã hết hạn hoặc đã bị thu hồi.",
  "sign-in.out": "Đăng xuất",
  "sign-in.as": "Đang đăng nhập: {user}",
  "role.screen": "Màn hình",
  "role.duty": "Trực ban",
  "role.operator": "Vận hành",
  "role.supervisor": "Giám sát",
  "role.admin": "Quản trị",
} as const;
