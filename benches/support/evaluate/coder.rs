//! H.264 as cameras code it: 640x360 at 400 kbit/s and 12.5 pictures a second, a keyframe every 2 s.
//!
//! A judge sees keyframes only, so most pictures are coded as keyframes alone, at the quality that
//! gives them the size they have in a whole stream of the same view: [`calibrate`].

use ffmpeg_next::{Dictionary, Packet, Rational, codec, decoder, encoder, format::Pixel, frame};
use watchwall::{
    domain::{media::Codec, nal},
    sim::scene::Canvas,
};

use crate::footage;

/// Pictures from one keyframe to the next: 2 s.
pub(crate) const GROUP: u32 = 25;
/// Of an ordinary small stream.
pub(crate) const KBIT_PER_S: usize = 400;
/// Of a stream that was coded too thinly before.
pub(crate) const THIN_KBIT_PER_S: usize = 200;

/// How an encoder spends bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rate {
    /// A whole stream of so many kbit/s.
    Stream(usize),
    /// Keyframes only, at a constant quality: smaller is better.
    Keyframes(f32),
}

/// An x264 encoder.
pub(crate) struct Coder {
    inner: encoder::video::Encoder,
    sent: i64,
}

impl Coder {
    pub(crate) fn open(width: usize, height: usize, rate: Rate) -> Self {
        Self::try_open(width, height, rate).expect("FFmpeg was built with libx264")
    }

    fn try_open(width: usize, height: usize, rate: Rate) -> Result<Self, ffmpeg_next::Error> {
        let found = encoder::find_by_name("libx264").ok_or(ffmpeg_next::Error::EncoderNotFound)?;
        let mut video = codec::Context::new_with_codec(found).encoder().video()?;
        video.set_width(width as u32);
        video.set_height(height as u32);
        video.set_format(Pixel::YUV420P);
        let frame_us = footage::FRAME_US as i32;
        video.set_time_base(Rational(frame_us, 1_000_000).reduce());
        video.set_frame_rate(Some(Rational(1_000_000, frame_us).reduce()));
        video.set_max_b_frames(0);
        let mut options = Dictionary::new();
        let every = match rate {
            Rate::Stream(kbit_per_s) => {
                video.set_bit_rate(kbit_per_s * 1_000);
                video.set_max_bit_rate(kbit_per_s * 1_200);
                options.set("bufsize", &format!("{}k", kbit_per_s * 2));
                GROUP
            }
            Rate::Keyframes(quality) => {
                video.set_bit_rate(0);
                options.set("crf", &format!("{quality:.2}"));
                1
            }
        };
        video.set_gop(every);
        options.set("threads", "1");
        options.set("tune", "zerolatency");
        options.set("forced-idr", "1");
        options.set("preset", "veryfast");
        options.set("profile", "main");
        options.set(
            "x264-params",
            &format!("keyint={every}:min-keyint={every}:scenecut=0:open-gop=0:sliced-threads=0"),
        );
        Ok(Self { inner: video.open_with(options)?, sent: 0 })
    }

    /// Codes a picture; the encoder is told to hold none back.
    pub(crate) fn code(&mut self, canvas: &Canvas) -> Vec<u8> {
        let mut picture = frame(canvas);
        picture.set_pts(Some(self.sent));
        self.sent += 1;
        self.inner.send_frame(&picture).expect("x264 takes any picture of its size");
        let mut packet = Packet::empty();
        self.inner.receive_packet(&mut packet).expect("zerolatency holds no picture back");
        packet.data().unwrap_or_default().to_vec()
    }
}

fn frame(canvas: &Canvas) -> frame::Video {
    let (width, height) = (canvas.width(), canvas.height());
    let mut picture = frame::Video::new(Pixel::YUV420P, width as u32, height as u32);
    for (index, plane) in canvas.planes().iter().enumerate() {
        let row = if index == 0 { width } else { width / 2 };
        let stride = picture.stride(index);
        let rows = picture.data_mut(index).chunks_mut(stride);
        for (to, from) in rows.zip(plane.chunks_exact(row)) {
            to[..row].copy_from_slice(from);
        }
    }
    picture
}

/// Whether decoding can start at an access unit.
pub(crate) fn is_keyframe(unit: &[u8]) -> bool {
    nal::is_random_access(Codec::H264, unit)
}

/// Decodes keyframes that are to be coded again.
pub(crate) struct Decoder(decoder::Video);

impl Decoder {
    pub(crate) fn open() -> Self {
        let found = decoder::find(codec::Id::H264).expect("FFmpeg has a decoder for H.264");
        let opened = codec::Context::new_with_codec(found).decoder().video();
        Self(opened.expect("the decoder opens without parameters"))
    }

    pub(crate) fn decode(&mut self, unit: &[u8]) -> Canvas {
        let mut picture = frame::Video::empty();
        self.0.send_packet(&Packet::copy(unit)).expect("a whole keyframe");
        self.0.send_eof().expect("a decoder that is open");
        self.0.receive_frame(&mut picture).expect("a keyframe gives a picture");
        self.0.flush();
        footage::canvas(&picture)
    }
}

/// The quality at which a keyframe alone is as large as in a whole stream of `kbit_per_s`: three
/// groups of pictures are coded, and the first, before the rate has settled, is not looked at.
pub(crate) fn calibrate(kbit_per_s: usize, mut picture: impl FnMut(u32) -> Canvas) -> f32 {
    let first = picture(0);
    let (width, height) = (first.width(), first.height());
    let mut stream = Coder::open(width, height, Rate::Stream(kbit_per_s));
    stream.code(&first);
    let mut keyframes = Vec::new();
    for n in 1..=2 * GROUP {
        let canvas = picture(n);
        let unit = stream.code(&canvas);
        if is_keyframe(&unit) {
            keyframes.push((unit.len(), canvas));
        }
    }
    assert_eq!(keyframes.len(), 2, "a keyframe every {GROUP} pictures");
    let goal: usize = keyframes.iter().map(|(length, _)| length).sum();
    // Larger numbers are smaller keyframes: halve the range until it is a quarter of a step wide.
    let (mut low, mut high) = (4.0_f32, 51.0_f32);
    while high - low > 0.25 {
        let middle = (low + high) / 2.0;
        let mut alone = Coder::open(width, height, Rate::Keyframes(middle));
        let size: usize = keyframes.iter().map(|(_, canvas)| alone.code(canvas).len()).sum();
        if size > goal { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}
