//! What a person can try at a camera that cannot be watched.

use crate::{domain::camera::Condition, worker::message::Step};

/// What to try, by where it failed.
pub(super) fn advice(condition: Condition, reached: Option<Step>) -> &'static str {
    match condition {
        Condition::Unreachable if reached.is_none() => {
            "check the address, the cable and the network between this machine and the camera"
        }
        Condition::Unreachable => {
            "the port is open but no RTSP server answers: check the port, or restart the camera"
        }
        Condition::Refused if reached.is_none() => {
            "check the port (554 is usual) and that RTSP is switched on in the camera"
        }
        Condition::Refused => {
            "try again: the camera may be restarting; if it stays, look at its log"
        }
        Condition::CredentialsRejected => {
            "check the user name and password in the camera's own web page; wait before trying again, many cameras lock up"
        }
        Condition::SessionLimit => {
            "close other viewers and recorders of this camera, or raise its limit"
        }
        Condition::Unsupported => {
            "check the path in the URL, and set the stream to H.264 in the camera"
        }
        Condition::Redirect => "use the address that the camera points to, if it is really its own",
        Condition::Stalled => "try the other transport: a firewall may hold the video back",
        Condition::KeyframeOverdue => "set a keyframe (I-frame) interval of 2 s in the camera",
        Condition::Protocol => "restart the camera and update its firmware",
        // What a session never ends with.
        Condition::Unstable
        | Condition::PacketLoss
        | Condition::Frozen
        | Condition::Looped
        | Condition::Black
        | Condition::Overexposed
        | Condition::Defocused
        | Condition::Covered
        | Condition::Moved
        | Condition::ClockSkew
        | Condition::LowFrameRate
        | Condition::StreamChanged => "look at the camera's page in the service",
        Condition::Abusive | Condition::DecodeErrors | Condition::Quarantined => {
            "check whether this is a camera at all, and update its firmware"
        }
    }
}
