#!/usr/bin/env python3
"""A client for SSMP 1.1 in sixty lines, for Python 3.9 or later. It needs no other library.

    client = Client("tls://ssmp.example:8787", "pump", on_event, "ca.pem", "pump.pem", "pump.key")
    asyncio.run(client.run())

`run()` connects, logs in, and connects again whenever the connection is lost. For each event it
calls on_event(sender, verb, *fields) with the fields of the protocol. on_event must not block, but
it may make requests. A text payload is a str and a binary payload is bytes, in both directions.
`run()` adds two events without a sender: ONLINE after each login, when the application forgets
the members of all topics, and OFFLINE with a reason. docs/other-clients.md explains the program.
"""

import asyncio, random, re, ssl, time, urllib.parse

ID, TEXT, BINARY = rb"[A-Za-z0-9.:@/_+=~-]{1,64}", rb"[^\0-\3\n][^\n]{0,1023}", rb"[\0-\3].{2,1025}"
# The start of a message with a binary payload, and the two bytes of its length.
HEAD = re.compile(rb"(?:000 %b (?:[UM]CAST %b|BCAST)|(?!000)\d{3}) ([\0-\3].)" % (ID, ID), re.S)
MESSAGE = rb"(?:(000) (ID) (?:(PING|PONG)|(SUBSCRIBE) (ID)(?: (PRESENCE))?|(UNSUBSCRIBE) (ID)|" \
    rb"([UM]CAST) (ID) (ANY)|(BCAST) (ANY))|(?!000)(\d{3})(?: (ANY))?)\n"
MESSAGE = re.compile(MESSAGE.replace(b"ID", ID).replace(b"ANY", BINARY + b"|" + TEXT), re.S)


def line(*names, payload=None):
    """A request as bytes. A name or payload that the grammar forbids raises ValueError: an LF in a
    text payload, for example, would start another request."""
    parts = [(ID, name.encode()) for name in names]
    if isinstance(payload, str): parts += [(TEXT, payload.encode(errors="surrogateescape"))]
    elif payload is not None: parts += [(BINARY, bytes(divmod(len(payload) - 1, 256)) + payload)]
    if not all(re.fullmatch(r, p, re.S) for r, p in parts): raise ValueError("invalid request")
    return b" ".join(part for _, part in parts) + b"\n"


class Client:
    def __init__(self, url, name, on_event, ca=None, cert=None, key=None, secret=None, silence=30):
        url, scheme = urllib.parse.urlsplit(url), "cert" if cert else "secret" if secret else "open"
        tls = None if url.scheme == "tcp" else ssl.create_default_context(cafile=ca)
        if cert: tls.load_cert_chain(cert, key)
        self.server = {"host": url.hostname, "port": url.port or 8787, "ssl": tls}
        self.login, self.silence = line("LOGIN", name, scheme, payload=secret), silence
        self.on_event, self.writer, self.responses, self.topics = on_event, None, [], {}

    def request(self, *names, payload=None):
        """Sends a request, for example request("UCAST", "valve", payload="open"). Await the result
        for the code and the payload of the response. Code 0: the client is offline, or lost the
        connection before the response came. After each login, run() repeats the last SUBSCRIBE or
        UNSUBSCRIBE for each topic."""
        data, response = line(*names, payload=payload), asyncio.get_running_loop().create_future()
        if names[0] in ("SUBSCRIBE", "UNSUBSCRIBE"): self.topics[names[1]] = names
        self.responses.append(response)
        if self.writer and not self.writer.is_closing(): self.writer.write(data)
        else: self.responses.pop().set_result((0, ""))
        return asyncio.shield(response)  # A request that is cancelled still takes its response.

    async def run(self, delay=0.125):
        """Returns the response to LOGIN if it is 401: the same LOGIN would fail again."""
        while True:
            start = time.monotonic()
            try: return await self._converse()
            except Exception as error: self.on_event("", "OFFLINE", repr(error))
            finally:
                if self.writer: self.writer.close()
                while self.responses: self.responses.pop(0).set_result((0, ""))
            delay = min(2 * delay, 60) if time.monotonic() - start < 60 else 0.25
            await asyncio.sleep(random.uniform(0, delay))

    async def _converse(self):
        reader, self.writer = await asyncio.wait_for(asyncio.open_connection(**self.server), 30)
        self.writer.write(self.login)
        code, *rest = await self._message(reader)
        if code == "401": return code, *rest
        if code != "200": raise ConnectionError(code)
        self.on_event("", "ONLINE")
        for names in self.topics.values(): self.request(*names)
        while True:
            code, *fields = await self._message(reader)
            if code != "000": self.responses.pop(0).set_result((int(code), *(fields or [""])))
            elif fields[1] == "PING": self.writer.write(b"PONG\n")
            elif fields[1] != "PONG": self.on_event(*fields)

    async def _message(self, reader):
        """Returns the fields of the next message. Sends PING after `silence` seconds of silence."""
        try: data = await asyncio.wait_for(reader.readuntil(b"\n"), self.silence)
        except asyncio.TimeoutError:
            self.writer.write(b"PING\n")
            data = await asyncio.wait_for(reader.readuntil(b"\n"), self.silence)
        if head := HEAD.match(data):  # An LF in a binary payload does not end the message.
            missing = head.end() + int.from_bytes(head[1], "big") + 2 - len(data)
            data += await asyncio.wait_for(reader.readexactly(missing), self.silence)
        if not (m := MESSAGE.fullmatch(data)): raise ConnectionError(f"invalid: {data[:80]}")
        return [f[2:] if f < b"\4" else f.decode(errors="surrogateescape") for f in m.groups() if f]


if __name__ == "__main__":
    import argparse, sys, threading

    parser = argparse.ArgumentParser(
        description="Subscribes to TOPIC with PRESENCE, prints each event, and sends each line of "
        "standard input to TOPIC. The end of standard input ends the program.")
    for name in "--ca", "--cert", "--key", "--secret-file":
        parser.add_argument(name, metavar="FILE")
    for name in "url", "name", "topic":
        parser.add_argument(name)
    options = parser.parse_args()
    if options.cert and not options.url.startswith("tls:"):
        parser.error("--cert needs a URL that starts with tls:")

    def show(sender, verb, *fields):
        fields = [field if str(field).isprintable() else repr(field) for field in fields]
        print(sender or "*", verb, *fields, flush=True)
        if verb == "ONLINE" and not reading.is_alive():
            reading.start()

    async def publish(text):
        try:
            code, _ = await client.request("MCAST", options.topic, payload=text)
        except ValueError as error:
            code = error
        if code != 200:
            print("not sent:", code, file=sys.stderr, flush=True)

    def read_input():  # In a thread, because it blocks.
        for text in open(0, "rb", buffering=0):
            text = text.decode(errors="surrogateescape").rstrip("\n")
            asyncio.run_coroutine_threadsafe(publish(text), loop).result()
        loop.call_soon_threadsafe(running.cancel)

    async def main():
        global loop, running
        loop, running = asyncio.get_running_loop(), asyncio.ensure_future(client.run())
        client.request("SUBSCRIBE", options.topic, "PRESENCE")  # Takes effect at each login.
        sys.exit("login refused: " + " ".join(await running))

    files, secret_file = (options.ca, options.cert, options.key), options.secret_file
    reading = threading.Thread(target=read_input, daemon=True)
    try:
        secret = open(secret_file).read().rstrip("\n") if secret_file else None
        client = Client(options.url, options.name, show, *files, secret)
        asyncio.run(main())
    except (OSError, ValueError) as error:
        parser.error(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
