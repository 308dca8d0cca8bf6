//! How entries lie in the spool: one line each, `length checksum JSON`, the first two in
//! hexadecimal. What was torn by a crash or damaged by the disk is told apart from what is whole.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::store::AlertRows;

/// `0000002a 0123456789abcdef `
const HEAD: usize = 8 + 1 + SUM + 1;

/// Digits of the checksum: half of 128 bits suffice against accidents.
const SUM: usize = 16;

/// What lies next in a spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// An entry, in so many bytes.
    Whole(&'a [u8], usize),
    /// So many bytes that are none; more follows.
    Damaged(usize),
    /// The rest is no whole entry: more must be read or, at the file's end, it was torn.
    Cut,
}

/// An entry as a line; none where it is too long for one.
pub(super) fn frame(json: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(json.len()).ok()?;
    let mut line = format!("{length:08x} {} ", sum(json)).into_bytes();
    line.extend_from_slice(json);
    line.push(b'\n');
    Some(line)
}

/// Entries as lines.
pub(super) fn lines(entries: &[Arc<AlertRows>]) -> Vec<u8> {
    let lines = entries.iter().flat_map(|rows| {
        let json = serde_json::to_vec(&**rows).expect("rows are plain data");
        frame(&json).expect("an entry is far below 4 GiB")
    });
    lines.collect()
}

/// What lies at the beginning of `bytes`, which are not empty.
pub(super) fn next(bytes: &[u8]) -> Piece<'_> {
    if let Some(json) = head(bytes).and_then(|(length, sum)| whole(bytes, length, sum)) {
        let end = HEAD + json.len();
        // A line's end that was damaged costs nothing.
        return Piece::Whole(json, bytes.len().min(end + 1));
    }
    // JSON has no bare line break, so an entry that is only cut has none either.
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => Piece::Damaged(end + 1),
        None => Piece::Cut,
    }
}

fn head(bytes: &[u8]) -> Option<(usize, &str)> {
    let head = std::str::from_utf8(bytes.get(..HEAD)?).ok()?;
    let mut parts = head.split(' ');
    let length = parts.next().filter(|length| length.len() == 8)?;
    let sum = parts.next().filter(|sum| sum.len() == SUM)?;
    Some((usize::from_str_radix(length, 16).ok()?, sum))
}

fn whole<'a>(bytes: &'a [u8], length: usize, expected: &str) -> Option<&'a [u8]> {
    let json = bytes.get(HEAD..HEAD.checked_add(length)?)?;
    (sum(json) == expected).then_some(json)
}

fn sum(json: &[u8]) -> String {
    Sha256::digest(json).iter().take(SUM / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All entries of a file, and how many bytes of it are none.
    fn read(mut bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let (mut entries, mut lost) = (Vec::new(), 0);
        while !bytes.is_empty() {
            let taken = match next(bytes) {
                Piece::Whole(json, taken) => {
                    entries.push(json.to_vec());
                    taken
                }
                Piece::Damaged(taken) => {
                    lost += taken;
                    taken
                }
                Piece::Cut => {
                    lost += bytes.len();
                    bytes.len()
                }
            };
            bytes = &bytes[taken..];
        }
        (entries, lost)
    }

    fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec("[ -~à-ỹ]{0,60}".prop_map(String::into_bytes), 0..20)
    }

    fn file(entries: &[Vec<u8>]) -> Vec<u8> {
        entries.iter().flat_map(|entry| frame(entry).expect("a short one")).collect()
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(entries in entries()) {
            prop_assert_eq!(read(&file(&entries)), (entries, 0));
        }

        #[test]
        fn a_torn_file_loses_only_the_entry_that_is_torn(entries in entries(), at in any::<prop::sample::Index>()) {
            let file = file(&entries);
            let kept = &file[..at.index(file.len() + 1)];
            let (read, lost) = read(kept);
            prop_assert!(entries.starts_with(&read));
            let whole: usize = read.iter().map(|entry| HEAD + entry.len() + 1).sum();
            // The end of the last line may be what was torn off.
            prop_assert!(lost == 0 || whole + lost == kept.len());
            let next = entries.get(read.len()).map_or(usize::MAX, |entry| HEAD + entry.len());
            prop_assert!(lost < next, "{lost} bytes lost of {next}");
        }

        #[test]
        fn a_damaged_byte_costs_one_entry_and_invents_none(
            entries in entries(),
            at in any::<prop::sample::Index>(),
            flip in 1..=255u8,
        ) {
            let mut file = file(&entries);
            prop_assume!(!file.is_empty());
            let at = at.index(file.len());
            file[at] ^= flip;
            let (read, _) = read(&file);
            prop_assert!(read.iter().all(|entry| entries.contains(entry)));
            prop_assert!(read.len() + 2 > entries.len(), "{} of {}", read.len(), entries.len());
        }

        #[test]
        fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            read(&bytes);
        }
    }
}
