//! What to try next, per condition: one step a line, the likeliest cause first.

import type { advice as vi } from "./vi";

export const advice: Readonly<Record<keyof typeof vi, string>> = {
  "advice.unreachable":
    "Check the camera's power and the lights of its network port (PoE).\nPing its address from the server; if many cameras of a place are lost, check the switch or the link.\nSee whether the camera got another IP address.",
  "advice.refused":
    "The RTSP port is closed: check that RTSP is on at the camera, and the port in the configuration.\nRestart the camera if the port is open but connections are cut.\nCheck the firewall between the server and the camera.",
  "advice.credentials-rejected":
    "Check name and password in the configuration; the camera's may just have been changed.\nDo not try often: the camera will lock up. The service waits by itself before it tries again.\nIf the camera takes Basic only, consider allow_basic for it.",
  "advice.session-limit":
    "The camera has no session free: close other software or recorders that watch it.\nRestart the camera if old sessions hang.\nLet other systems take the picture from here or from a recorder instead of the camera.",
  "advice.unsupported":
    "Set the camera's small stream to H.264 (or H.265) in a usual size.\nTurn off the vendor's own codecs (H.264+, Smart Codec).\nUpdate the camera's firmware.",
  "advice.abusive":
    "The camera sends what no honest camera sends: read the evidence above.\nTake it off the network and check whether somebody took it over.\nUpdate or reload its firmware.",
  "advice.redirect":
    "The camera points elsewhere, which is not followed: check the RTSP address in the configuration.\nSee whether something between (a recorder, a proxy) answers in its place.",
  "advice.protocol":
    "Read the evidence; try the address with “watchwall probe”.\nChange the transport (tcp/udp) in the configuration and try again.\nUpdate the camera's firmware or restart it.",
  "advice.stalled":
    "The session is open but no video comes: restart the camera if that lasts.\nCheck the link's capacity, above all at busy hours.\nSee whether the small stream was turned off at the camera.",
  "advice.keyframe-overdue":
    "Set the small stream's keyframe interval (I-frame/GOP) to 1–2 seconds.\nCheck for packet loss: large keyframes suffer first.\nTurn off savings that stretch the keyframe interval.",
  "advice.decode-errors":
    "Check for packet loss; go to tcp if it is udp.\nSet the small stream to H.264 Main, and turn off the vendor's own codecs.\nRestart the camera or update its firmware.",
  "advice.quarantined":
    "The camera broke its reading process repeatedly: wait until the hold in the evidence ends.\nUpdate its firmware, change its codec settings.\nIf it happens again, take it off the network and check it.",
  "advice.unstable":
    "Check cable, plugs and PoE power: flapping mostly is a bad contact or weak power.\nSee whether it flaps with rain, heat or busy hours.\nTry another port of the switch.",
  "advice.packet-loss":
    "Check the link and the cable; wireless links suffer from interference.\nLower the small stream's bitrate, or go to tcp.\nSee whether a port of the switch is faulty or overloaded.",
  "advice.frozen":
    "Compare the present picture with the event: does the clock in the picture run?\nRestart the camera (a hung encoder is the usual cause).\nIf it happens again, update its firmware.",
  "advice.looped":
    "Treat it as a security matter: send somebody to look at once.\nCheck for a strange device between camera and switch; change the camera's password.\nKeep pictures and history to compare.",
  "advice.black":
    "Check the infra-red lamp and the day/night mode.\nSend somebody to see whether the lens is capped or painted over.\nRestart the camera if its sensor gives no picture.",
  "advice.overexposed":
    "See whether a lamp, headlights or the sun shine into the lens.\nReset automatic exposure, turn on WDR/BLC.\nCheck whether the infra-red filter is stuck in night mode by day.",
  "advice.defocused":
    "Clean lens and window: water, cobwebs and dust are the usual causes.\nRun the camera's automatic focus.\nIn fog or rain, wait; if this is how it should look, press “The present picture is right”.",
  "advice.covered":
    "Send somebody to look: the lens is covered, taped over, or something stands before it.\nCut branches, remove cobwebs, see whether a new sign was hung up.\nIf this is how it should look, press “The present picture is right”.",
  "advice.moved":
    "Compare reference and present picture: was the camera turned or hit?\nTurn it back and tighten its mount; recall the home position of a PTZ camera.\nIf the new view is meant, press “The present picture is right”.",
  "advice.clock-skew":
    "Turn on NTP at the camera and point it to the centre's time server.\nCheck the camera's time zone (UTC+7).\nFar off after a power cut: the battery of its clock may be empty.",
  "advice.low-frame-rate":
    "Check the frame rate that is set for the small stream.\nAt night a camera may lower it by itself (slow shutter): limit that in its settings.\nSee whether the camera is overloaded by viewers or by video analysis.",
  "advice.stream-changed":
    "Somebody changed codec, size or profile at the camera: see the camera's log.\nSet it back as [[order]] says, or change the order if the change is meant.\nA camera that fell back to its defaults after an update does this, too.",
};
