//! Vietnamese without its marks, for finding by what somebody types: as the service's own search
//! does it.

/** Combining diacritical marks: all that Vietnamese letters are taken apart into. */
const MARKS = /[\u0300-\u036f]/g;

/** The text as it is searched: `Kỳ Anh` and `Đường` become `ky anh` and `duong`, composed or not. */
export function searchable(text: string): string {
  // đ is the one letter that Unicode does not take apart.
  return text.normalize("NFD").replace(MARKS, "").toLowerCase().replaceAll("đ", "d");
}

/** Whether every word that was typed is somewhere in the text, which is `searchable` already. */
export function finds(wish: string, text: string): boolean {
  const words = searchable(wish).split(/\s+/);
  return words.every((word) => text.includes(word));
}
