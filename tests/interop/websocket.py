# The other end of websocket.t: SIP by python3-websockets.  client PORT prints
# "ok" or "bad" and a text for each check; server PORT takes registrations, in
# messages of several frames, and at /other speaks another protocol.
import asyncio
import sys

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

OPTIONS = ("OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n"
           "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK%d\r\n"
           "Max-Forwards: 70\r\nFrom: <sip:b@c>;tag=1\r\nTo: <sip:a@c>\r\n"
           "Call-ID: %d@py\r\nCSeq: 1 OPTIONS\r\n\r\n")
number = 0


def options():
    global number
    number += 1
    return OPTIONS % (number, number)


def say(good, text):
    print("ok" if good else "bad", text, flush=True)


async def answered(ws, text):
    got = await asyncio.wait_for(ws.recv(), 5)
    say(isinstance(got, str) and got.startswith("SIP/2.0 200 ")
        and "branch=z9hG4bK%d" % number in got, text)


async def closes(url, text, code, send):
    async with websockets.connect(url, subprotocols=["sip"]) as ws:
        await send(ws)
        try:
            await asyncio.wait_for(ws.recv(), 5)
            say(False, text)
        except ConnectionClosed as e:
            say(e.rcvd is not None and e.rcvd.code == code, text)


async def raw(ws, octets):
    ws.transport.write(octets)


async def client(port):
    url = "ws://127.0.0.1:%d/any" % port
    async with websockets.connect(url, subprotocols=["x", "sip"]) as ws:
        say(ws.subprotocol == "sip", "the protocol is sip")
        say("permessage-deflate" not in
            ws.response_headers.get("Sec-WebSocket-Extensions", ""),
            "no extension, though it was offered")
        await ws.send(options())
        await answered(ws, "a text")
        await ws.send(options().encode())
        await answered(ws, "a binary message")
        t = options()
        await ws.send([t[:1], t[1:40], t[40:]])
        await answered(ws, "a text in three frames")
        pong = await ws.ping(b"x" * 125)
        await asyncio.wait_for(pong, 5)
        say(True, "a ping is answered")
    say(ws.close_code == 1000, "closed in order")
    try:
        async with websockets.connect(url, subprotocols=["msrp"]):
            say(False, "another protocol is refused with 400")
    except InvalidStatusCode as e:
        say(e.status_code == 400, "another protocol is refused with 400")
    await closes(url, "an unmasked frame: 1002", 1002,
                 lambda ws: raw(ws, b"\x81\x01a"))
    await closes(url, "a text that is no UTF-8: 1007", 1007,
                 lambda ws: raw(ws, b"\x81\x81\0\0\0\0\xff"))
    await closes(url, "too long: 1009", 1009,
                 lambda ws: ws.send("x" * 70000))


async def serve(ws, path):
    async for message in ws:
        lines = message.split("\r\n")
        if not lines[0].startswith("REGISTER "):
            continue
        keep = ("via:", "from:", "to:", "call-id:", "cseq:", "contact:")
        reply = ["SIP/2.0 200 OK"]
        reply += [line for line in lines if line.lower().startswith(keep)]
        text = "\r\n".join(reply + ["Expires: 60", "", ""])
        await ws.send([text[i:i + 50] for i in range(0, len(text), 50)])


class Server(websockets.WebSocketServerProtocol):
    def select_subprotocol(self, theirs, ours):
        return None if self.path == "/other" else "sip"


async def server(port):
    async with websockets.serve(serve, "127.0.0.1", port, subprotocols=["sip"],
                                create_protocol=Server):
        await asyncio.Future()


asyncio.run(globals()[sys.argv[1]](int(sys.argv[2])))
