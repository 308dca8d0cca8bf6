//! Values that are one word, spelled as everywhere else: in the API, in files, in the store.

use serde::{Deserialize, Serialize, de::value};

/// The word of a value, as `keyframe-overdue` of a condition.
pub fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("only values that are one word are spelled so"),
    }
}

/// A value from its word; `None` if it is no word of that kind.
pub fn spelled<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    T::deserialize(value::StrDeserializer::<value::Error>::new(text)).ok()
}
