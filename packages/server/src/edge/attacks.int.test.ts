import { afterAll, expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { type RawAnswer, exchange } from "./raw-connection.ts";
import { SocketClient } from "./socket-client.ts";

const written: string[] = [];
const clock = new ManualClock();
const log = createLog({ clock, format: "json", level: "debug", colour: false, write: (line) => written.push(line) });
const adminToken = "0123456789abcdef-admin";
const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0, adminToken }, { log, clock });
afterAll(() => network.stop());
const before = written.length;

const get = (target: string, headers = ""): string => `GET ${target} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;
const send = (method: string, target: string, body: string, headers = ""): string =>
  `${method} ${target} HTTP/1.1\r\nHost: h\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
const ADMIN = `Authorization: Bearer ${adminToken}\r\n`;
const POLLUTION = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
const ENCODED = encodeURIComponent(POLLUTION);

/** Bytes, and the status that they are answered with. */
const ATTACKS: Readonly<Record<string, readonly [status: number, bytes: string]>> = {
  "a line break in a callback": [400, get("/time/a%0D%0AX-Evil:1")],
  "a script for a callback": [400, get("/time/%3Cscript%3E")],
  "a call for a callback": [400, get("/time/a;b")],
  "a line break in a channel": [400, get("/publish/demo/demo/0/a%0D%0AX-Evil:%201/0/1")],
  "a line break in a uuid": [400, get("/publish/demo/demo/0/a/0/1?uuid=a%0D%0AX-Evil:%201")],
  "a line break in a presence path": [404, get("/v2/presence/a%0D%0AX-Evil:%201")],
  "a script in a presence path": [404, get("/v2/presence/%3Cscript%3E")],
  "a control character among the headers of a preflight": [
    400,
    get("/time/0", "Access-Control-Request-Headers: a\x01b\r\n"),
  ],
  "a markup among the headers of a preflight": [
    204,
    "OPTIONS /time/0 HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Headers: <script>X-Evil\r\n\r\n",
  ],
  "__proto__ in a message": [200, get(`/publish/demo/demo/0/a/0/${ENCODED}`)],
  "__proto__ in a meta": [200, get(`/publish/demo/demo/0/a/0/1?meta=${ENCODED}`)],
  "__proto__ in a state": [200, get(`/v2/presence/sub-key/demo/channel/a/uuid/u/data?state=${ENCODED}`)],
  "__proto__ in states of a heartbeat": [
    200,
    get(`/v2/presence/sub-key/demo/channel/a/heartbeat?uuid=u&state=${ENCODED}`),
  ],
  "__proto__ in settings": [400, send("PATCH", "/admin/v1/keysets/demo", POLLUTION, ADMIN)],
  "__proto__ in settings of a new keyset": [
    400,
    send("POST", "/admin/v1/keysets", `{"name":"x","settings":{"__proto__":{"polluted":1}}}`, ADMIN),
  ],
  "__proto__ for a name of a new keyset's parts": [400, send("POST", "/admin/v1/keysets", POLLUTION, ADMIN)],
  "a keyset called __proto__": [404, send("PATCH", "/admin/v1/keysets/__proto__", "{}", ADMIN)],
  "a channel called __proto__": [200, get("/publish/demo/demo/0/__proto__/0/1")],
  "a filter over __proto__": [200, get("/v2/subscribe/demo/a/0?filter-expr=meta.__proto__.polluted%20%3D%3D%201")],
};
for (const [what, [status, bytes]] of Object.entries(ATTACKS)) {
  test(`[EDG21] ${what} is ${status}, and changes nothing else`, async () => {
    const answer = (await exchange(network.url, bytes)) as RawAnswer;
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-evil")).toBeNull();
    expect([...answer.headers].join()).not.toMatch(/<script|x-evil/i);
    if (status >= 400 && answer.body !== "") expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(answer.headers.get("content-type") ?? "").not.toContain("html");
  });
}

const SEEDS = [
  get("/publish/demo/demo/0/a/0/%7B%22a%22%3A1%7D?uuid=u&meta=%7B%7D&store=1&ttl=1"),
  get("/v2/subscribe/demo/a,b.*/0?tt=0&uuid=u&filter-expr=a%20%3D%3D%20%22b%22"),
  get("/v3/history/sub-key/demo/channel/a?max=10&start=1"),
  get("/v2/presence/sub-key/demo/channel/a/uuid/u/data?state=%7B%22a%22%3A1%7D"),
  get("/v1/channel-registration/sub-key/demo/channel-group/g?add=a,b"),
  send("POST", "/publish/demo/demo/0/a/0", '{"text":"hello"}'),
  send("POST", "/v1/message-actions/demo/channel/a/message/15000000000000000?uuid=u", '{"type":"t","value":"v"}'),
  send("POST", "/v3/pam/guarded-sub/grant?timestamp=1&signature=v2.x", '{"ttl":1,"permissions":{}}'),
];
const PIECES = [
  "%",
  "%00",
  "\0",
  "/",
  "?",
  "&",
  "=",
  ",",
  "\r\n",
  "é",
  "%ff",
  "[",
  '"',
  "9".repeat(30),
  "a".repeat(300),
  " ",
];

function mutated(text: string, random: () => number): string {
  let bytes = text;
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
    const at = Math.floor(random() * bytes.length);
    const cut = Math.floor(random() * 6);
    bytes = bytes.slice(0, at) + (PIECES[Math.floor(random() * PIECES.length)] ?? "") + bytes.slice(at + cut);
  }
  return bytes;
}

test("[EDG22] requests that were changed at random are answered or closed, none as a bug, and leave nothing behind", async () => {
  const start = seed();
  console.log(`seed ${start}`);
  const random = randomFrom(start);
  for (let left = count({ quick: 400, full: 20_000 }); left > 0; left--) {
    const bytes = mutated(SEEDS[Math.floor(random() * SEEDS.length)] ?? "", random);
    // What follows ends a request that lost its end, or is refused; either way there is an answer.
    const answer = await exchange(network.url, `${bytes}\r\n\r\n${" ".repeat(400)}`);
    if (answer !== "closed" && answer.status === 500) throw new Error(`500 for ${JSON.stringify(bytes)}`);
  }
  expect([network.heldPolls, network.streams, network.awaitedNames]).toEqual([0, 0, 0]);
}, 120_000);

test("[EDG22] frames that were changed at random are answered each, none as a bug", async () => {
  const start = seed();
  console.log(`seed ${start}`);
  const random = randomFrom(start);
  const frames = [
    '{"subscribe":{"channels":["a"],"groups":[],"tt":"0","filter":"a == 1"}}',
    '{"publish":{"key":"demo","channel":"b","message":{"a":1}}}',
  ];
  await using client = new SocketClient(network.url, "/v2/subscribe/demo/other/0?uuid=u");
  await client.frame(0);
  for (let left = count({ quick: 400, full: 20_000 }); left > 0; left--) {
    const frame = mutated(frames[left % 2] ?? "", random);
    const { length } = client.frames;
    client.send(frame);
    const answer = await client.frame(length);
    if (answer.includes('"status":500')) throw new Error(`500 for ${JSON.stringify(frame)}`);
  }
}, 120_000);

test("[ACC80 OPS7] nothing of all that is in the log at any level, and no line of it was forged", () => {
  const lines = written.slice(before);
  expect(lines.join("\n")).not.toMatch(/polluted|evil|0123456789abcdef|demo-secret|guarded-secret/i);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
});
