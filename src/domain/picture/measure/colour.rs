//! Whether there is colour: at night many cameras switch to infra-red, and have none.

use super::{Planes, luma::middles};

/// Samples of each plane along its sides.
const SAMPLES: (usize, usize) = (48, 27);

/// Mean distance of the chroma samples from grey, the larger of both; 0 without chroma.
pub(super) fn of(planes: &Planes<'_>) -> f32 {
    let Some((blue, red, stride)) = planes.chroma.filter(|(.., stride)| *stride > 0) else {
        return 0.0;
    };
    // Half the width is there in every layout; rows are what the plane holds.
    let rows = middles(SAMPLES.1, blue.len().min(red.len()) / stride);
    let columns = middles(SAMPLES.0, (planes.width / 2).min(stride));
    let mut sum = 0_u32;
    for y in rows {
        for x in &columns {
            let at = y * stride + x;
            let far = |plane: &[u8]| plane.get(at).map_or(0, |sample| sample.abs_diff(128));
            sum += u32::from(far(blue).max(far(red)));
        }
    }
    sum as f32 / (SAMPLES.0 * SAMPLES.1) as f32
}
