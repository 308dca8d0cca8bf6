"""Cameras made of GStreamer's RTSP server: an implementation that is not ours, to test against.

Prints its port. Ends when its standard input closes, and after five minutes in any case.
usage: gstreamer.py [--sign-in USER PASSWORD] PATH=PIPELINE...
"""

import sys

import gi

for module in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
streams = sys.argv[1:]
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
role = None
if streams[0] == "--sign-in":
    _, user, password, *streams = streams
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    role = Gst.Structure.new_empty("viewer")
    role.set_value("media.factory.access", True)
    role.set_value("media.factory.construct", True)
for stream in streams:
    path, pipeline = stream.split("=", 1)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline)
    factory.set_shared(True)
    if role:
        factory.add_role_from_structure(role)
    server.get_mount_points().add_factory(path, factory)
server.attach(None)
print(server.get_bound_port(), flush=True)

loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
GLib.timeout_add_seconds(300, loop.quit)
loop.run()
