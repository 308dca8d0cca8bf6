//! Vietnamese of the operator's console.

export const operator = {
  "console.title": "Bàn điều khiển",
  "console.nobody": "chưa đăng nhập",
} as const;
