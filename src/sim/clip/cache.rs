//! Coded clips on disk. A file that is not whole is as good as none.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use sha2::{Digest, Sha256};

use super::encode::{Coded, CodedFrame};
use crate::domain::media::Codec;

const MAGIC: &[u8; 8] = b"wwclip1\n";

fn file(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!("{key}.clip"))
}

/// The clip kept under a key, if there is one and it is whole.
pub(super) fn load(directory: &Path, key: &str) -> Option<Coded> {
    decode(&fs::read(file(directory, key)).ok()?)
}

/// Whether a clip is kept under a key, whole or not.
pub(super) fn has(directory: &Path, key: &str) -> bool {
    file(directory, key).exists()
}

/// Keeps a clip: written aside, then renamed, so a reader never sees half a file.
pub(super) fn store(directory: &Path, key: &str, coded: &Coded) -> io::Result<()> {
    static ASIDE: AtomicU32 = AtomicU32::new(0);
    fs::create_dir_all(directory)?;
    let number = ASIDE.fetch_add(1, Ordering::Relaxed);
    let aside = directory.join(format!("{key}.{}.{number}.part", std::process::id()));
    fs::write(&aside, encode(coded))?;
    fs::rename(&aside, file(directory, key))
}

fn encode(coded: &Coded) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(u8::from(coded.codec == Codec::H265));
    out.extend_from_slice(&coded.duration_us.to_le_bytes());
    for frame in &coded.frames {
        out.extend_from_slice(&frame.at_us.to_le_bytes());
        out.extend_from_slice(&(frame.data.len() as u64).to_le_bytes());
        out.extend_from_slice(&frame.data);
    }
    let sum = Sha256::digest(&out);
    out.extend_from_slice(&sum);
    out
}

fn decode(bytes: &[u8]) -> Option<Coded> {
    let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Sha256::digest(content)[..] != *sum {
        return None;
    }
    let (&codec, mut rest) = content.strip_prefix(MAGIC)?.split_first()?;
    let codec = if codec == 1 { Codec::H265 } else { Codec::H264 };
    let duration_us = number(&mut rest)?;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let at_us = number(&mut rest)?;
        let length = usize::try_from(number(&mut rest)?).ok()?;
        let (data, after) = rest.split_at_checked(length)?;
        frames.push(CodedFrame { at_us, data: data.to_vec() });
        rest = after;
    }
    Some(Coded { codec, duration_us, frames })
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_loaded_and_a_torn_file_is_not() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let coded = Coded {
            codec: Codec::H265,
            duration_us: 160_000,
            frames: vec![
                CodedFrame { at_us: 0, data: vec![1, 2, 3] },
                CodedFrame { at_us: 80_000, data: vec![] },
            ],
        };
        store(directory.path(), "a", &coded).expect("stored");
        assert_eq!(load(directory.path(), "a"), Some(coded));
        assert_eq!(load(directory.path(), "b"), None);
        let path = file(directory.path(), "a");
        let whole = fs::read(&path).expect("read");
        fs::write(&path, &whole[..whole.len() - 1]).expect("torn");
        assert_eq!(load(directory.path(), "a"), None);
    }
}
