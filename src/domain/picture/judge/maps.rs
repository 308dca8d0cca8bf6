//! Maps of bytes as text in JSON: base64 (RFC 4648, section 4), a third of what numbers would take.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A value for each cell or block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map(pub(super) Vec<u8>);

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len().div_ceil(3) * 4);
        for chunk in self.0.chunks(3) {
            let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
                text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
            }
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        let (mut bits, mut held) = (0_u32, 0);
        for letter in text.bytes().take_while(|letter| *letter != b'=') {
            let value = LETTERS
                .iter()
                .position(|known| *known == letter)
                .ok_or_else(|| D::Error::custom("a letter that base64 does not have"))?;
            bits = bits << 6 | value as u32;
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_map_of_any_length_comes_back_from_its_text(bytes: Vec<u8>) {
            let map = Map(bytes);
            let text = serde_json::to_string(&map).expect("text");
            prop_assert_eq!(serde_json::from_str::<Map>(&text).expect("the same"), map);
        }
    }

    #[test]
    fn a_map_is_written_as_any_reader_of_base64_expects() {
        let text = |bytes: &[u8]| serde_json::to_string(&Map(bytes.to_vec())).expect("text");
        for (bytes, expected) in [("f", "\"Zg==\""), ("fo", "\"Zm8=\""), ("foobar", "\"Zm9vYmFy\"")]
        {
            assert_eq!(text(bytes.as_bytes()), expected);
        }
    }
}
