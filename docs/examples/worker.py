#!/usr/bin/env python3
"""A worker of Carillon's steps in plain Python: sockets and JSON, no packages. It counts words. The protocol: docs/step-protocol.md."""
import json, os, socket, sys, uuid
from urllib.parse import urlparse


class Nats:
    """As much of the NATS text protocol as requests need."""

    def __init__(self, url):
        server = urlparse(url)
        self.socket = socket.create_connection((server.hostname, server.port or 4222), timeout=60)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()  # INFO
        login = {"user": server.username, "pass": server.password} if server.username else {}
        self.inbox = "_INBOX_worker." + uuid.uuid4().hex
        self.send(f"CONNECT {json.dumps({'verbose': False, 'pedantic': False, 'name': 'worker.py', **login})}\r\nSUB {self.inbox} 1")

    def send(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def request(self, subject, **message):
        payload = json.dumps(message)  # ASCII, so its length is its size
        self.send(f"PUB {subject} {self.inbox} {len(payload)}\r\n{payload}")
        while True:
            line = self.lines.readline().decode().strip()
            if line == "PING":
                self.send("PONG")
            elif line.startswith("MSG"):
                return json.loads(self.lines.read(int(line.split()[-1]) + 2))
            elif line.startswith("-ERR") or not line:
                raise ConnectionError(line or "the server is gone")


def count_words(nats, owner, step, me):
    texts, words = step["params"].get("texts", []), 0
    for n, text in enumerate(texts):
        words += len(text.split())
        beat = nats.request(f"work.{owner}.beat", **me, done=n + 1, total=len(texts))
        if beat.get("lost"):
            return None
        if "stop" in beat:
            return {"outcome": "cancelled", "reason": f"told to stop: {beat['stop']}"}
    return {"outcome": "done", "counts": {"texts": len(texts), "words": words}, "output": {"words": words}}


nats, owner = Nats(os.environ["NATS_URL"]), sys.argv[1]
while True:
    reply = nats.request(f"work.{owner}.claim", worker=f"{socket.gethostname()} {os.getpid()}", waitSeconds=20)
    if "error" in reply:
        sys.exit(reply["error"]["message"])
    if step := reply["step"]:
        me = {key: step[key] for key in ("stepId", "runId", "fence")}
        print("claimed", step["runId"], step["name"], step["attempt"], flush=True)
        if outcome := count_words(nats, owner, step, me):
            print("settled", json.dumps(nats.request(f"work.{owner}.settle", **me, **outcome)), flush=True)
