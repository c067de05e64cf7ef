import { afterAll, expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { type RawAnswer, RawConnection, exchange } from "./raw-connection.ts";

const written: string[] = [];
const clock = new ManualClock(); // it stands still, so every answer's instant is known
const log = createLog({ clock, format: "json", level: "warn", colour: false, write: (line) => written.push(line) });
const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0, holdSeconds: 1 }, { log, clock });
afterAll(() => network.stop());

const NOW = "17326051234560000";
type Row = readonly [status: number, body: string];

// The bodies are written out here, not printed by the table that they are to pin.
const publisher = (message: string): Row => [400, `[0,"${message}","${NOW}"]`];
const access = (message: string): Row => [
  400,
  `{"message":"${message}","error":true,"service":"Access Manager","status":400}`,
];
const subscriber = (message: string): Row => [
  400,
  `{"message":"${message}","error":true,"service":"Subscribe","status":400}`,
];
const balancer = (status: number, message: string): Row => [
  status,
  `{"status":${status},"service":"Balancer","error":true,"message":"${message}"}`,
];

const UNREADABLE = access("Could Not Parse Request");
const NOT_FOUND = balancer(404, "Not Found");
const NOT_ALLOWED = balancer(405, "Method Not Allowed");
const NOT_JSON = publisher("Invalid JSON");
const NO_CHANNEL = publisher("Invalid Channel");
const NO_NAME = subscriber("Invalid Channel");
const NO_CURSOR = subscriber("Invalid Timetoken");
const NO_CALLBACK = access("Invalid Callback");

const PUBLISH = "/publish/demo/demo/0";
const many = (unit: string, times: number): string => unit.repeat(times);
const names = (count: number): string => Array.from({ length: count }, (_, at) => `n${at}`).join(",");

/** What reaches the handler: a target, after a method where it is not GET. */
const HANDLED: Readonly<Record<string, Row>> = {
  // Percent-encoding and UTF-8.
  "/time/%": UNREADABLE,
  "/time/%2": UNREADABLE,
  "/time/%zz": UNREADABLE,
  "/time/%ff": UNREADABLE,
  [`${PUBLISH}/a%C3/0/1`]: UNREADABLE,
  [`${PUBLISH}/a%C0%AFb/0/1`]: UNREADABLE,
  [`${PUBLISH}/a%ED%A0%80/0/1`]: UNREADABLE,
  [`${PUBLISH}/a/0/%22%80%22`]: UNREADABLE,
  [`${PUBLISH}/a/0/1?meta=%`]: UNREADABLE,
  [`${PUBLISH}/a/0/1?uuid=%ff`]: UNREADABLE,
  "/publish/%zz/demo/0/a/0/1": UNREADABLE,
  "/publish/demo/%zz/0/a/0/1": UNREADABLE,
  "/v2/subscribe/demo/a,%F4%90%80%80/0": UNREADABLE,
  "/v2/subscribe/demo/a/0?tt=%": UNREADABLE,
  "/v2/subscribe/%C3/a/0": UNREADABLE,
  "/subscribe/demo/a/0/%zz": UNREADABLE,
  // Names.
  [`${PUBLISH}//0/1`]: NO_CHANNEL,
  [`${PUBLISH}/%20/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/a%00b/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/a%0Ab/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/a,b/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/a%2Fb/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/${many("n", 93)}/0/1`]: NO_CHANNEL,
  [`${PUBLISH}/${many("n", 20_000)}/0/1`]: NO_CHANNEL,
  "/v2/subscribe/demo/a%00b/0": NO_NAME,
  "/v2/subscribe/demo/a%7Fb/0": NO_NAME,
  [`/v2/subscribe/demo/${many("n", 20_000)}/0`]: NO_NAME,
  "/v2/subscribe/demo/,/0": subscriber("No Channel Specified"),
  "/v2/subscribe/demo//0": subscriber("No Channel Specified"),
  [`/v2/subscribe/demo/${names(2_001)}/0`]: subscriber("Too Many Channels"),
  [`/v2/subscribe/demo/a/0?uuid=${many("u", 93)}`]: access("Invalid UUID"),
  "/v2/subscribe/demo/a/0?uuid=%00": access("Invalid UUID"),
  // Keys.
  "/publish/demo//0/a/0/1": access("Invalid Subscribe Key"),
  "/publish/demo/__proto__/0/a/0/1": access("Invalid Subscribe Key"),
  [`/v2/subscribe/${many("k", 20_000)}/a/0`]: access("Invalid Subscribe Key"),
  "/publish//demo/0/a/0/1": publisher("Invalid Key"),
  "/publish/constructor/demo/0/a/0/1": publisher("Invalid Key"),
  // Cursors.
  "/v2/subscribe/demo/a/0?tt=-1": NO_CURSOR,
  "/v2/subscribe/demo/a/0?tt=1e9": NO_CURSOR,
  "/v2/subscribe/demo/a/0?tt=0x1": NO_CURSOR,
  "/v2/subscribe/demo/a/0?tt=1.5": NO_CURSOR,
  "/v2/subscribe/demo/a/0?tt=%00": NO_CURSOR,
  "/v2/subscribe/demo/a/0?tt=NaN": NO_CURSOR,
  [`/v2/subscribe/demo/a/0?tt=${many("9", 18)}`]: NO_CURSOR,
  [`/v2/subscribe/demo/a/0?tt=${many("9", 20_000)}`]: NO_CURSOR,
  "/v2/subscribe/demo/a/0?t=%7B": NO_CURSOR,
  [`/v2/subscribe/demo/a/0?t=${many("%5B", 5_000)}`]: NO_CURSOR,
  "/subscribe/demo/a/0/-1": NO_CURSOR,
  "/subscribe/demo/a/0/": NO_CURSOR,
  // Payloads and parameters.
  [`${PUBLISH}/a/0/`]: NOT_JSON,
  [`${PUBLISH}/a/0/hello`]: NOT_JSON,
  [`${PUBLISH}/a/0/%7B`]: NOT_JSON,
  [`${PUBLISH}/a/0/%00`]: NOT_JSON,
  [`${PUBLISH}/a/0/NaN`]: NOT_JSON,
  [`${PUBLISH}/a/0/1%202`]: NOT_JSON,
  [`${PUBLISH}/a/0/%22%0A%22`]: NOT_JSON,
  [`${PUBLISH}/a/0/${many("[", 129)}${many("]", 129)}`]: NOT_JSON,
  [`${PUBLISH}/a/0/${many("[", 16_000)}`]: NOT_JSON,
  [`${PUBLISH}/a/0/${many("%7B%22a%22:", 2_900)}`]: NOT_JSON,
  [`${PUBLISH}/a/0/1?meta=%7B`]: publisher("Invalid Arguments: meta"),
  [`${PUBLISH}/a/0/1?store=maybe`]: publisher("Invalid Arguments: store"),
  [`${PUBLISH}/a/0/1?store=toString`]: publisher("Invalid Arguments: store"),
  [`${PUBLISH}/a/0/1?ttl=-`]: publisher("Invalid Arguments: ttl"),
  [`${PUBLISH}/a/0/1?ttl=${many("9", 10_000)}`]: publisher("Invalid Arguments: ttl"),
  [`${PUBLISH}/a/0/1?seqn=-1`]: publisher("Invalid Arguments: seqn"),
  [`/signal/demo/demo/0/a/0/%22${many("x", 63)}%22`]: publisher("Signal size too large"),
  [`POST ${PUBLISH}/a/0`]: NOT_JSON, // without a body
  [`POST /v2/publish/demo/demo/0/a/0`]: NOT_JSON,
  // Callbacks.
  "/time/": NO_CALLBACK,
  "/time/alert(1)": NO_CALLBACK,
  [`/time/${many("c", 65)}`]: NO_CALLBACK,
  '/time/"0': NO_CALLBACK,
  "/time/\xff": NO_CALLBACK, // the runtime makes U+FFFD of bytes that are neither encoded nor UTF-8
  // Paths and methods.
  "/": NOT_FOUND,
  "//": NOT_FOUND,
  "/time": NOT_FOUND,
  "/time/0/": NOT_FOUND,
  "//time/0": NOT_FOUND,
  "/TIME/0": NOT_FOUND,
  "/time%2F0": NOT_FOUND,
  "/%2e%2e/%2e%2e/etc/passwd": NOT_FOUND,
  "/..\\..\\etc": NOT_FOUND,
  "/?/time/0": NOT_FOUND,
  "http://h": NOT_FOUND,
  "http://h?x=/time/0": NOT_FOUND,
  "http://h/": NOT_FOUND,
  [`/${many("/", 20_000)}`]: NOT_FOUND,
  "CONNECT h:80": NOT_FOUND,
  "POST /time/0": NOT_ALLOWED,
  "PUT /time/0": NOT_ALLOWED,
  "TRACE /time/0": NOT_ALLOWED,
  "CONNECT /time/0": NOT_ALLOWED,
  [`PATCH ${PUBLISH}/a/0/1`]: NOT_ALLOWED,
  "DELETE /v2/subscribe/demo/a/0": NOT_ALLOWED,
  // Length.
  [`/time/${many("a", 33 * 1024)}`]: balancer(414, "Request URI Too Long"),
  [`/time/0?${many("a=1&", 12_000)}`]: balancer(414, "Request URI Too Long"),
  [`${PUBLISH}/a/0/%22${many("%E2%82%AC", 10_000)}%22`]: balancer(414, "Request URI Too Long"),
  [`http://h/time/${many("a", 96 * 1024)}`]: balancer(414, "Request URI Too Long"),
};

for (const [asked, [status, body]] of Object.entries(HANDLED)) {
  test(`[OPS6 ERR1 WIRE20] ${shortened(asked)} is ${status} in its own form`, async () => {
    const line = asked.startsWith("/") || asked.startsWith("http") ? `GET ${asked}` : asked;
    const answer = await exchange(network.url, `${line} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(answer).toMatchObject({ status, body });
    const { headers } = answer as RawAnswer;
    expect(headers.get("content-type")).toStartWith("text/javascript");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
}

/** A request for the time with headers of one's own. */
const withHeaders = (headers: string): string => `GET /time/0 HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;
const withBody = (headers: string, body = ""): string =>
  `POST ${PUBLISH}/a/0 HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n${body}`;
const flood = (count: number): string => Array.from({ length: count }, (_, at) => `X-${at}: v\r\n`).join("");

/** What the parser refuses: bytes, and the status of an answer without a body; or that there is none. */
const PARSED: Readonly<Record<string, readonly [status: number | "closed", bytes: string]>> = {
  // The request line.
  "no request": [400, "garbage\r\n\r\n"],
  "a TLS handshake": [400, "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"],
  "the preface of HTTP/2": [400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  NULs: [400, `${many("\0", 100)}\r\n\r\n`],
  "an empty line first": [400, `\r\n${withHeaders("")}`],
  "a space first": [400, ` ${withHeaders("")}`],
  "no method": [400, " /time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a method that is no token": [400, "G@T /time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a method that nobody knows": ["closed", "FOO /time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a method in small letters": ["closed", "get /time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a method without end": ["closed", `${many("A", 5_000)} /time/0 HTTP/1.1\r\nHost: h\r\n\r\n`],
  "no target": [400, "GET HTTP/1.1\r\nHost: h\r\n\r\n"],
  "an empty target": [400, "GET  HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a relative target": [400, "GET time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "the target *": [400, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a target of another scheme": [400, "GET ftp://h/time/0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a space in the target": [505, "GET /time/ 0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a tab in the target": [505, "GET /time/\t0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a carriage return in the target": [505, "GET /time/\r0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "a NUL in the target": [505, "GET /time/\0 HTTP/1.1\r\nHost: h\r\n\r\n"],
  "no version": [505, "GET /time/0\r\nHost: h\r\n\r\n"],
  "version 1.2": [505, "GET /time/0 HTTP/1.2\r\nHost: h\r\n\r\n"],
  "version 9.9": [505, "GET /time/0 HTTP/9.9\r\nHost: h\r\n\r\n"],
  "another protocol": [505, "GET /time/0 XTTP/1.1\r\nHost: h\r\n\r\n"],
  "lines that end with a line feed alone": [505, "GET /time/0 HTTP/1.1\nHost: h\n\n"],
  // Headers.
  "no host": [400, "GET /time/0 HTTP/1.1\r\n\r\n"],
  "a NUL in a header": [400, withHeaders("X-A: a\0b\r\n")],
  "a NUL in a header's name": [400, withHeaders("X\0A: b\r\n")],
  "a control character in a header": [400, withHeaders("X-A: a\x01b\r\n")],
  "a header without a colon": [400, withHeaders("nothing\r\n")],
  "a header without a name": [400, withHeaders(": v\r\n")],
  "a space before the colon": [400, withHeaders("X-A : v\r\n")],
  "a folded header": [400, withHeaders("X-A: v\r\n  w\r\n")],
  "300 headers": [431, withHeaders(flood(300))],
  "5,000 headers": [431, withHeaders(flood(5_000))],
  "a header of 129 KiB": [431, withHeaders(`X-A: ${many("v", 129 * 1024)}\r\n`)],
  "a header of a megabyte": [431, withHeaders(`X-A: ${many("v", 1024 * 1024)}\r\n`)],
  "a target of 130 KiB": [431, `GET /time/${many("a", 130 * 1024)} HTTP/1.1\r\nHost: h\r\n\r\n`],
  // Bodies.
  "a negative length": [400, withBody("Content-Length: -1")],
  "a length that is no number": [400, withBody("Content-Length: abc")],
  "a length with a sign": [400, withBody("Content-Length: +1", "1")],
  "a length beyond all numbers": [400, withBody(`Content-Length: ${many("9", 30)}`)],
  "two lengths": [400, withBody("Content-Length: 1\r\nContent-Length: 2", "12")],
  "a length and chunks": [400, withBody("Content-Length: 1\r\nTransfer-Encoding: chunked", "1\r\n1\r\n0\r\n\r\n")],
  "a length beyond the largest upload": [413, withBody("Content-Length: 1100000000")],
  "an unknown transfer coding": [400, withBody("Transfer-Encoding: foo", "1")],
  "a transfer coding before chunked": [400, withBody("Transfer-Encoding: gzip, chunked", "1\r\n1\r\n0\r\n\r\n")],
  "a chunk without a length": [400, withBody("Transfer-Encoding: chunked", "zz\r\n1\r\n0\r\n\r\n")],
  "a chunk of negative length": [400, withBody("Transfer-Encoding: chunked", "-1\r\n1\r\n0\r\n\r\n")],
  "a chunk beyond all numbers": [400, withBody("Transfer-Encoding: chunked", `${many("f", 16)}\r\n1\r\n0\r\n\r\n`)],
};

for (const [what, [status, bytes]] of Object.entries(PARSED)) {
  test(`[EDG20 OPS6] ${what} is ${status}, without a body`, async () => {
    const answer = await exchange(network.url, bytes);
    if (status === "closed") expect(answer).toBe("closed");
    else expect(answer).toMatchObject({ status, body: "" });
    if (answer !== "closed") expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
}

/** What looks malformed and is let through, so that a stricter runtime is noticed as well. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "an absolute target": "GET http://h/time/0 HTTP/1.1\r\nHost: h\r\n\r\n",
  "an absolute target of another host": "GET http://other.example:99/time/0 HTTP/1.1\r\nHost: h\r\n\r\n",
  "an absolute target in capitals": "GET HTTP://h/time/0 HTTP/1.1\r\nHost: h\r\n\r\n",
  "an absolute target with TLS's scheme": "GET https://h/time/0?x=1 HTTP/1.1\r\nHost: h\r\n\r\n",
  "version 1.0 without a host": "GET /time/0 HTTP/1.0\r\n\r\n",
  "an empty host": "GET /time/0 HTTP/1.1\r\nHost:\r\n\r\n",
  "a host that is none": "GET /time/0 HTTP/1.1\r\nHost: a b/c?d#e\r\n\r\n",
  "a host that is a path": "GET /time/0 HTTP/1.1\r\nHost: /nowhere\r\n\r\n",
  "two hosts": "GET /time/0 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "a fragment": "GET /time/0#x?y/z HTTP/1.1\r\nHost: h\r\n\r\n",
  "dots that lead back": "GET /nowhere/%2e%2e/time/./0 HTTP/1.1\r\nHost: h\r\n\r\n",
  "a backslash for a slash": "GET /time\\0 HTTP/1.1\r\nHost: h\r\n\r\n",
  "a broken parameter that nobody asks for": "GET /time/0?x=%zz&%ff HTTP/1.1\r\nHost: h\r\n\r\n",
  "a body where none is read": withHeaders("Content-Length: 3\r\n") + "abc",
  "an upgrade to what this path is not": withHeaders(
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n",
  ),
  "90 headers": withHeaders(flood(90)),
  "a header of 120 KiB": withHeaders(`X-A: ${many("v", 120 * 1024)}\r\n`),
};

for (const [what, bytes] of Object.entries(ACCEPTED)) {
  test(`[EDG6 EDG20 OPS6] ${what} is let through`, async () => {
    expect(await exchange(network.url, bytes)).toMatchObject({ status: 200, body: `[${NOW}]` });
  });
}

test("[OPS6 EDG20] a request that breaks off anywhere leaves nothing behind", async () => {
  const request = withBody("Content-Length: 3", '"x"').replace(PUBLISH, "/v2/publish/demo/demo/0");
  for (let end = 0; end < request.length; end++) {
    const connection = await RawConnection.open(network.url);
    connection.write(request.slice(0, end));
    connection.close();
  }
  expect(await exchange(network.url, request)).toMatchObject({ status: 200, body: `[1,"Sent","${NOW}"]` });
});

test("[OPS6] there are at least 60 malformed requests, and none was taken for a bug", async () => {
  expect(Object.keys(HANDLED).length + Object.keys(PARSED).length).toBeGreaterThanOrEqual(60);
  expect(await (await fetch(`${network.url}/time/0`)).text()).toBe(`[${NOW}]`);
  const metrics = await (await fetch(`${network.url}/metrics`)).text();
  expect(metrics).toContain('error="requestMalformed"');
  expect(metrics).not.toContain('error="internal"');
  expect(network.heldPolls).toBe(0);
  expect(written).toEqual([]);
});

/** A target as a test's name shows it. */
function shortened(target: string): string {
  const shown = target.length > 60 ? `${target.slice(0, 40)}… of ${target.length}` : target;
  return JSON.stringify(shown).replaceAll("\u00ff", "\\xff");
}
