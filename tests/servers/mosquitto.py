"""Debian's MQTT broker Mosquitto, started for one test.

Prints its port. Ends when its standard input closes, and after five minutes in any case.
usage: mosquitto.py [--port PORT] [--certificate CERTIFICATE KEY] [--sign-in USER PASSWORD] [--read-only]
"""

import argparse
import ctypes
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--certificate", nargs=2)
parser.add_argument("--sign-in", nargs=2)
parser.add_argument("--read-only", action="store_true")
asked = parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ends_with_us():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def settings(folder, port):
    lines = [f"listener {port} 127.0.0.1", "user root", "persistence false"]
    if asked.certificate:
        certificate, key = asked.certificate
        lines += [f"certfile {certificate}", f"keyfile {key}"]
    if asked.sign_in:
        passwords = folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, *asked.sign_in], check=True)
        lines += [f"password_file {passwords}", "allow_anonymous false"]
    else:
        lines += ["allow_anonymous true"]
    if asked.read_only:
        rules = folder / "rules"
        rules.write_text("topic read #\n")
        rules.chmod(0o600)
        lines += [f"acl_file {rules}"]
    file = folder / "mosquitto.conf"
    file.write_text("\n".join(lines) + "\n")
    return file


def start(folder, until):
    """A broker that answers, and its port. Somebody else may take a port first: then another try."""
    while time.monotonic() < until:
        port = asked.port or free_port()
        command = ["/usr/sbin/mosquitto", "-c", settings(folder, port)]
        broker = subprocess.Popen(command, preexec_fn=ends_with_us, stderr=subprocess.DEVNULL)
        while broker.poll() is None and time.monotonic() < until:
            if answers(port):
                return broker, port
            time.sleep(0.02)
        broker.kill()
        broker.wait()
    sys.exit("mosquitto does not start")


with tempfile.TemporaryDirectory() as folder:
    broker, port = start(pathlib.Path(folder), time.monotonic() + 30)
    try:
        print(port, flush=True)
        select.select([sys.stdin], [], [], 300)
    finally:
        broker.kill()
        broker.wait()
