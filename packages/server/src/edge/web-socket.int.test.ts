import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { SocketClient } from "./socket-client.ts";

async function withNetwork(run: (network: Network) => Promise<void>): Promise<void> {
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  try {
    await run(network);
  } finally {
    await network.stop();
  }
}

const publish = async ({ url }: Network, channel: string, payload: string): Promise<string> => {
  const response = await fetch(`${url}/publish/demo/demo/0/${channel}/0/${encodeURIComponent(payload)}`);
  const [, , timetoken] = (await response.json()) as [number, string, string];
  return timetoken;
};

test("[STR1 STR2 STR20] every frame is a subscribe answer, the same that a poll is given", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/room/0?uuid=anna&tt=1");
    await client.frame(0);
    const timetoken = await publish(network, "room", '{"price":12345678901234567890}');
    const polled = await (await fetch(`${network.url}/v2/subscribe/demo/room/0?tt=1`)).text();
    expect(await client.frame(1)).toBe(polled);
    expect(polled).toContain(`"t":"${timetoken}"`);
  }));

test("[SUB21 SUB20] lw=1 is answered with what this network can do, once, and only where it is asked", () =>
  withNetwork(async (network) => {
    await using asked = new SocketClient(network.url, "/v2/subscribe/demo/room/0?lw=1");
    await using plain = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    expect(await asked.frame(0)).toEndWith(',"m":[],"lw":{"ws":true,"sse":true,"idem":true}}');
    expect(await plain.frame(0)).toEndWith(',"m":[]}');
    await publish(network, "room", "1");
    expect(await asked.frame(1)).not.toContain('"lw"');
    const poll = await (await fetch(`${network.url}/v2/subscribe/demo/room/0?lw=1`)).text();
    expect(poll).toEndWith(',"m":[],"lw":{"ws":true,"sse":true,"idem":true}}');
  }));

test("[STR22] a subscribe frame changes channels, filter and cursor, and is answered at once", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/a/0");
    await client.frame(0);
    await publish(network, "b", "1");
    client.send({ subscribe: { channels: ["b", "a"], tt: "1", filter: "data > 0" } });
    expect(await client.json(1)).toMatchObject({ m: [{ c: "b", d: 1, b: "b" }] });
    client.send({ subscribe: { filter: null } });
    expect(await client.json(2)).toMatchObject({ m: [] });
    await publish(network, "a", "0");
    expect(await client.json(3)).toMatchObject({ m: [{ c: "a", d: 0 }] });
    client.send({ subscribe: { tt: "0", channels: ["c.*"] } });
    expect(await client.json(4)).toMatchObject({ m: [] });
    await publish(network, "c.d", '"last"');
    expect(await client.json(5)).toMatchObject({ m: [{ c: "c.d", d: "last", b: "c.*" }] });
  }));

test("[STR23 IDM1 IDM2] a publish frame with an id is sent once, over whatever transport it is repeated", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/elsewhere/0");
    await client.frame(0);
    const frame = { key: "demo", channel: "room", message: 1 };
    for (const lwId of ["x", "x", 7, null, "", "a\nb", "\ud800"]) client.send({ publish: { ...frame, lw_id: lwId } });
    client.send({ publish: { ...frame, message: 2, lw_id: "x" } });
    const first = await client.frame(1);
    expect(await client.frame(2)).toBe(first);
    const answers = await Promise.all([3, 4, 5, 6, 7, 8].map((at) => client.json(at)));
    const malformed = { publish: [0, "Invalid Arguments: lw_id", expect.any(String)], status: 400 };
    const frameMalformed = { publish: expect.objectContaining({ message: "Invalid Frame" }), status: 400 };
    expect(answers).toEqual([
      frameMalformed,
      frameMalformed,
      { publish: [1, "Sent", expect.any(String)] },
      malformed,
      malformed,
      { publish: [0, expect.stringContaining("Already Used"), expect.any(String)], status: 409 },
    ]);
    const byGet = await fetch(`${network.url}/publish/demo/demo/0/room/0/1?lw_id=x`);
    expect(`{"publish":${await byGet.text()}}`).toBe(first);
  }));

test("[STR23] publishes are answered in order, with the connection's uuid, byte for byte", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/room/0?uuid=anna");
    await client.frame(0);
    const message = '{"n":12345678901234567890,"e":1.50e3,"s":"\\u00e9\\/"}';
    client.send(`{"publish":{"key":"demo","channel":"elsewhere","message":${message},"meta":{"a":1},"store":1}}`);
    client.send({ publish: { key: "wrong", channel: "elsewhere", message: 1 } });
    client.send({ publish: { key: "demo", channel: "a,b", message: 1 } });
    client.send({ publish: { key: "demo", channel: "elsewhere", message: "x".repeat(33_000), store: "0" } });
    client.send({ publish: { key: "demo", channel: "elsewhere", message: "kind", custom_message_type: "note" } });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((at) => client.json(at)));
    expect(answers).toMatchObject([
      { publish: [1, "Sent", expect.stringMatching(/^\d{17}$/)] },
      { publish: [0, "Invalid Key", expect.any(String)], status: 400 },
      { publish: [0, "Invalid Channel", expect.any(String)], status: 400 },
      { publish: [0, "Message Too Large", expect.any(String)], status: 400 },
      { publish: [1, "Sent", expect.any(String)] },
    ]);
    const poll = await (await fetch(`${network.url}/v2/subscribe/demo/elsewhere/0?tt=1`)).text();
    expect(poll).toContain(`"d":${message},"u":{"a":1}}`);
    expect(poll).toContain('"i":"anna"');
    expect(poll).toContain('"d":"kind","cmt":"note"');
  }));

const MALFORMED: Readonly<Record<string, string>> = {
  "no JSON": "hello",
  "a number": "1",
  "an array": "[]",
  "an empty object": "{}",
  "subscribe that is no object": '{"subscribe":[]}',
  "channels that are no list": '{"subscribe":{"channels":"a"}}',
  "a channel that is no text": '{"subscribe":{"channels":[1]}}',
  "a filter that is no text": '{"subscribe":{"filter":{}}}',
  "a publish without a message": '{"publish":{"key":"demo","channel":"a"}}',
  "a publish without a channel": '{"publish":{"key":"demo","message":1}}',
  "too deep": `{"publish":${"[".repeat(200)}${"]".repeat(200)}}`,
};
for (const [why, frame] of Object.entries(MALFORMED)) {
  test(`[STR21 STR23 STR24] ${why} is answered as malformed, and the connection goes on`, () =>
    withNetwork(async (network) => {
      await using client = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
      await client.frame(0);
      client.send(frame);
      const body = { message: "Invalid Frame", error: true, service: "Subscribe", status: 400 };
      const kind = /^\{"(subscribe|publish)":\{/.exec(frame)?.[1] ?? "error"; // of a frame that is no frame
      expect(await client.json(1)).toEqual({ [kind]: body, status: 400 });
      await publish(network, "room", "1");
      expect(await client.json(2)).toMatchObject({ m: [{ d: 1 }] });
    }));
}

test("[STR21] a binary frame is answered as malformed", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await client.frame(0);
    client.socket.send(new Uint8Array([1, 2, 3]));
    expect(await client.json(1)).toMatchObject({ status: 400 });
  }));

test("[STR24] a refused subscribe frame changes nothing", () =>
  withNetwork(async (network) => {
    await using client = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await client.frame(0);
    const groups = Array.from({ length: LIMITS.groupsPerSubscribeMax + 1 }, (_, at) => `g${at}`);
    for (const subscribe of [{ channels: ["a/b"] }, { channels: [] }, { tt: "x" }, { groups }]) {
      client.send({ subscribe });
    }
    const refusals = await Promise.all([1, 2, 3, 4].map((at) => client.json(at)));
    expect(refusals).toMatchObject(
      ["Invalid Channel", "No Channel Specified", "Invalid Timetoken", "Too Many Channel Groups"].map((message) => ({
        subscribe: { message, service: "Subscribe" },
        status: 400,
      })),
    );
    await publish(network, "room", "1");
    expect(await client.json(5)).toMatchObject({ m: [{ d: 1 }] });
  }));

test("[STR25] a frame that is too large closes, and so does a flood of them", () =>
  withNetwork(async (network) => {
    const large = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await large.frame(0);
    large.send("x".repeat(LIMITS.frameBytesMax + 1));
    expect((await large.closed).code).toBe(1009);
    const flood = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await flood.frame(0);
    const frame = JSON.stringify({ publish: { key: "demo", channel: "elsewhere", message: 1 } });
    for (let sent = 0; sent < LIMITS.waitingFramesMax * 5; sent++) flood.socket.send(frame);
    expect((await flood.closed).code).toBe(1008);
    while (network.streams > 0) await Bun.sleep(1);
  }));

test("[STR26 STR7] draining closes with 1001", () =>
  withNetwork(async (network) => {
    const client = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await client.frame(0);
    await network.stop();
    expect((await client.closed).code).toBe(1001);
    expect(network.streams).toBe(0);
  }));

test("[STR6] what a poll is refused with, a WebSocket is refused with before it is one", () =>
  withNetwork(async ({ url }) => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const refused = async (path: string, without = ""): Promise<string> => {
      const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== without));
      const response = await fetch(url + path, { headers: kept });
      return `${response.status} ${await response.text()}`;
    };
    expect(await refused("/v2/subscribe/unknown/room/0")).toContain("Invalid Subscribe Key");
    expect(await refused("/v2/subscribe/demo/,/0?channel-group=none")).toContain("empty subscription set");
    expect(await refused("/v2/subscribe/demo/room/0?tt=x")).toContain("Invalid Timetoken");
    expect(await refused("/v2/subscribe/demo/room/0", "sec-websocket-key")).toContain("426 ");
  }));

test("[STR5] a reader that takes nothing does not hold up others, and memory does not grow with what it misses", () =>
  withNetwork(async (network) => {
    await using quick = new SocketClient(network.url, "/v2/subscribe/demo/room/0");
    await quick.frame(0);
    const { port } = new URL(network.url);
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const slow = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(port),
      socket: {
        open: (open) => {
          open.write(
            "GET /v2/subscribe/demo/room/0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          );
        },
        data: (open) => {
          open.pause();
          begin();
        },
      },
    });
    await begun;
    const large = JSON.stringify("x".repeat(30_000));
    const messages = 400;
    for (let sent = 0; sent < messages; sent++) {
      await fetch(`${network.url}/publish/demo/demo/0/room/0?store=0`, { method: "POST", body: large });
    }
    const count = (): number =>
      quick.frames.reduce((sum, frame) => sum + (JSON.parse(frame) as { m: unknown[] }).m.length, 0);
    while (count() < messages) await Bun.sleep(1);
    slow.end();
    while (network.streams > 1) await Bun.sleep(1);
  }));
