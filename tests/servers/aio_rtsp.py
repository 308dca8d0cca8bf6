"""Cameras made of aio-rtsp-toolkit's RTSP server: each file of a folder, over TCP alone.

Prints its port. Ends when its standard input closes, and after five minutes in any case. The
package's own command is not used: it binds a second, fixed port, so only one could run at a time.
usage: aio_rtsp.py FOLDER
"""

import asyncio
import os
import sys

from aio_rtsp_toolkit import server


class Quiet:
    """The package logs every request to standard output, where the port goes."""

    def __getattr__(self, _):
        return lambda *_args, **_more: None


server.logger = Quiet()


async def main():
    cameras = server.RtspServer(sys.argv[1], host="127.0.0.1", port=0)
    await cameras.start()
    print(cameras._server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait([ended], timeout=300)


asyncio.new_event_loop().run_until_complete(main())
# Now, and not when the thread that reads standard input or a session ends.
os._exit(0)
