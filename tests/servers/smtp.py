"""A mail server made of Debian's aiosmtpd: an implementation that is not ours, to test against.

Prints its port, then every mail that it takes as a line of JSON. Ends when its standard input
closes, and after five minutes in any case. The recipient decides what happens: busy@ is told to
come later (the first time), nobody@ is refused, silent@ gets no reply to its mail.
usage: smtp.py [--starttls | --tls] [--certificate CERTIFICATE KEY] [--sign-in USER PASSWORD]
"""

import argparse
import asyncio
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# It warns of what these tests are about.
warnings.simplefilter("ignore")
logging.disable()

parser = argparse.ArgumentParser()
parser.add_argument("--starttls", action="store_true")
parser.add_argument("--tls", action="store_true")
parser.add_argument("--certificate", nargs=2)
parser.add_argument("--sign-in", nargs=2)
asked = parser.parse_args()


class Letterbox:
    def __init__(self):
        self.busy = True
        self.taken = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of that name"
        if address.startswith("busy@") and self.busy:
            self.busy = False
            return "451 4.3.2 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("silent@"):
            await asyncio.sleep(300)
        self.taken += 1
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "mail": envelope.content.decode("ascii"),
            "tls": asked.tls or session.ssl is not None,
            "user": session.auth_data,
        }
        print(json.dumps(mail), flush=True)
        return f"250 2.0.0 taken as {self.taken}"


def sign_in(server, session, envelope, mechanism, data):
    user, password = (text.encode() for text in asked.sign_in)
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
    return AuthResult(success=right, handled=False, auth_data=asked.sign_in[0])


context = None
if asked.certificate:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*asked.certificate)
settings = {}
if asked.starttls:
    settings.update(tls_context=context, require_starttls=True)
if asked.sign_in:
    settings.update(authenticator=sign_in, auth_required=True, auth_require_tls=asked.starttls)


async def serve():
    letterbox = Letterbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(letterbox, hostname="localhost", **settings),
        "127.0.0.1",
        0,
        ssl=context if asked.tls else None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait([closed], timeout=300)
    # Connections that hang are not waited for.
    os._exit(0)


asyncio.run(serve())
