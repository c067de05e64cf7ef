import { afterAll, expect, test } from "bun:test";
import { ERRORS, type ErrorCode, type ErrorForm, LIMITS, NetworkError, printErrorBody } from "@longwave/protocol";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { Filters } from "../channels/filters.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { createTracing } from "../observe/tracing.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { answerError } from "./answers.ts";
import { listen } from "./listener.ts";
import { RawConnection } from "./raw-connection.ts";
import type { Services } from "./services.ts";

const clock = new ManualClock();
const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
afterAll(() => network.stop());

const SCRIPT = 'text/javascript; charset="UTF-8"';

/** One request for every form of success that the protocol has. */
const SUCCESSES: Readonly<Record<string, RequestInit>> = {
  "/time/0": {},
  "/time/0?lw=1": {},
  "/publish/demo/demo/0/forms/0/%7B%22status%22%3A500%7D": {},
  "/publish/demo/demo/0/forms/0": { method: "POST", body: '{"status":500}' },
  "/v2/publish/demo/demo/0/forms/0": { method: "POST", body: '{"status":500}' },
  "/signal/demo/demo/0/forms/0/%7B%22status%22%3A500%7D": {},
  "/v2/subscribe/demo/forms/0": {},
  "/v2/subscribe/demo/forms/0?tt=1": {},
  "/subscribe/demo/forms/0/0": {},
  "/subscribe/demo/forms/0/1": {},
};
for (const [target, init] of Object.entries(SUCCESSES)) {
  test(`[EDG7 WIRE11 WIRE12] ${init.method ?? "GET"} ${target}`, async () => {
    const response = await fetch(network.url + target, init);
    const body: unknown = await response.json();
    expect(response.status).toBe(200);
    expect(headersOf(response, "Content-Type", "Cache-Control", "Access-Control-Allow-Origin")).toEqual([
      SCRIPT,
      "no-cache",
      "*",
    ]);
    expect(body).not.toMatchObject({ status: expect.any(Number) });
  });
}

test("[TIM4] the time is one number, and with lw=1 followed by what this network has beyond the protocol", async () => {
  const textOf = async (target: string): Promise<string> => (await fetch(network.url + target)).text();
  const now = `${clock.wallMs()}0000`;
  expect(await textOf("/time/0")).toBe(`[${now}]`);
  expect(await textOf("/time/0?lw=0")).toBe(`[${now}]`);
  expect(await textOf("/time/0?lw=1&uuid=a")).toBe(`[${now},{"ws":true,"sse":true,"idem":true}]`);
  expect(await textOf("/time/call?lw=1")).toBe(`call([${now},{"ws":true,"sse":true,"idem":true}])`);
});

for (const target of ["/health", "/ready", "/metrics", "/time/0", "/nowhere", "/time/()"]) {
  test(`[EDG7] ${target} may be read by pages of any origin and is not cached`, async () => {
    const response = await fetch(network.url + target);
    await response.text();
    expect(headersOf(response, "Cache-Control", "Access-Control-Allow-Origin")).toEqual(["no-cache", "*"]);
  });
}

const SCRIPT_TYPE = /^text\/javascript; charset=("UTF-8"|UTF-8)$/;
const ERROR_TYPES: Partial<Record<ErrorForm, RegExp>> = {
  objects: /^application\/json$/,
  files: /^application\/json$/,
  storage: /^application\/xml$/,
};

for (const code of Object.keys(ERRORS) as ErrorCode[]) {
  test(`answerError() [WIRE20 EDG7 EDG14 ERR1] ${code}`, async () => {
    const body = printErrorBody(code);
    const response = answerError(new NetworkError(code), body);
    const { status, form } = ERRORS[code];
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("Content-Type")).toMatch(ERROR_TYPES[form] ?? SCRIPT_TYPE);
    const isRetried = status === 429 || status === 503;
    const names = ["Cache-Control", "Access-Control-Allow-Origin", "Retry-After", "Access-Control-Expose-Headers"];
    expect(headersOf(response, ...names)).toEqual([
      "no-cache",
      "*",
      isRetried ? "1" : null,
      isRetried ? "Retry-After" : null,
    ]);
  });
}

test("[EDG8] OPTIONS on any path is 204, with every method and the headers that are asked for", async () => {
  const asked = "content-type,content-encoding,x-anything";
  for (const target of ["/time/0", "/publish/demo/demo/0/room/0", "/nowhere", "/", "/time/()"]) {
    const response = await fetch(network.url + target, {
      method: "OPTIONS",
      headers: { Origin: "http://page.example", "Access-Control-Request-Headers": asked },
    });
    expect([target, response.status, await response.text()]).toEqual([target, 204, ""]);
    expect(headersOf(response, "Access-Control-Allow-Origin", "Cache-Control")).toEqual(["*", "no-cache"]);
    expect(response.headers.get("Access-Control-Allow-Headers")).toBe(asked);
    const methods = response.headers.get("Access-Control-Allow-Methods")?.split(", ");
    expect(methods).toEqual(expect.arrayContaining(["GET", "POST", "DELETE", "PATCH", "OPTIONS"]));
  }
});

test("[EDG8] a preflight that asks for no headers is given those that clients of the protocol send", async () => {
  const { headers } = await fetch(`${network.url}/time/0`, { method: "OPTIONS" });
  const allowed = headers.get("Access-Control-Allow-Headers")?.split(", ");
  expect(allowed).toEqual(expect.arrayContaining(["Content-Type", "Content-Encoding", "If-Match"]));
});

interface Polled {
  readonly m: readonly unknown[];
}

test("[EDG11] HEAD answers where GET holds and changes nothing, with the headers of GET", async () => {
  for (const target of ["/time/0", "/health", "/ready", "/metrics"]) {
    const [head, get] = await Promise.all([
      fetch(network.url + target, { method: "HEAD" }),
      fetch(network.url + target),
    ]);
    expect([target, head.status, await head.text()]).toEqual([target, 200, ""]);
    expect(head.headers.get("Content-Type")).toBe(get.headers.get("Content-Type"));
    await get.text();
  }
});

test("[EDG11] HEAD publishes nothing and holds nothing", async () => {
  for (const target of [
    "/publish/demo/demo/0/head/0/1",
    "/signal/demo/demo/0/head/0/1",
    "/v2/subscribe/demo/head/0?tt=1",
  ]) {
    const response = await fetch(network.url + target, { method: "HEAD" });
    expect([target, response.status, response.headers.get("Allow")]).toEqual([target, 405, "GET, OPTIONS"]);
  }
  expect(network.heldPolls).toBe(0);
  await fetch(`${network.url}/publish/demo/demo/0/head/0/2`);
  const { m } = (await (await fetch(`${network.url}/v2/subscribe/demo/head/0?tt=1`)).json()) as Polled;
  expect(m).toHaveLength(1);
});

test("[EDG3] a path without a row is 404, one with other methods 405 with Allow", async () => {
  const unknown = await fetch(`${network.url}/nowhere`);
  expect([unknown.status, await unknown.text()]).toEqual([404, printErrorBody("pathUnknown")]);
  const other = await fetch(`${network.url}/publish/demo/demo/0/room/0`);
  expect([other.status, await other.text()]).toEqual([405, printErrorBody("methodNotAllowed")]);
  expect(other.headers.get("Allow")).toBe("POST, OPTIONS");
});

test("[EDG12] a target is let through up to 32,768 bytes and is 414 beyond, up to the parser's limit", async () => {
  const tooLong = printErrorBody("uriTooLong");
  for (const [bytes, status] of [
    [LIMITS.uriBytesMax, 200],
    [LIMITS.uriBytesMax + 1, 414],
    [98_304, 414],
    [130_000, 414],
  ] as const) {
    const start = "/time/0?x=";
    const connection = await RawConnection.open(network.url);
    connection.write(`GET ${start}${"a".repeat(bytes - start.length)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const answer = await connection.answer();
    if (answer === "closed") throw new Error("the connection was closed");
    const { headers } = answer;
    expect([bytes, answer.status]).toEqual([bytes, status]);
    if (status === 414) {
      expect([answer.body, headers.get("connection")]).toEqual([tooLong, "close"]);
      expect([headers.get("content-type"), headers.get("access-control-allow-origin")]).toEqual([
        "text/javascript; charset=UTF-8",
        "*",
      ]);
      await connection.closed;
    }
    connection.close();
  }
});

test("[EDG14] what a client may try again later says when, to pages too", async () => {
  const services = {
    clock,
    keysets: directoryOf(DEMO_KEYSET),
    log: SILENT_LOG,
    metrics: new Metrics(),
    admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
    turns: new Turns(new ManualClock()),
    filters: new Filters(),
    traced: createTracing(),
    isReady: () => false,
    subscriptions: { subscribe: async () => ({ kind: "tooMany" }) },
  } as unknown as Services; // only what these requests reach
  const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
  const REFUSALS = { "/v2/subscribe/demo/a/0?tt=1": 429, "/subscribe/demo/a/0/1": 429, "/ready": 503 };
  for (const [target, status] of Object.entries(REFUSALS)) {
    const response = await fetch(edge.url + target);
    expect([target, response.status]).toEqual([target, status]);
    await response.text();
    expect(headersOf(response, "Retry-After", "Access-Control-Expose-Headers")).toEqual(["1", "Retry-After"]);
  }
  await edge.stop();
});

test("[EDG16] /health answers 200 while the process runs, /ready until it drains", async () => {
  const time = new ManualClock();
  const draining = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG, clock: time });
  const ask = async (path: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(draining.url + path);
    return [response.status, await response.json()];
  };
  expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
  expect(await ask("/health")).toEqual([200, { status: "ok" }]);
  const polls = ["a", "b"].map((name) => fetch(`${draining.url}/v2/subscribe/demo/${name}/0?tt=1`));
  while (draining.heldPolls < polls.length) await Bun.sleep(1);
  const stopped = draining.stop(); // answers one of the two polls at once, the other when its time comes
  expect(await ask("/ready")).toEqual([503, { status: "draining" }]);
  expect(await ask("/health")).toEqual([200, { status: "ok" }]);
  time.advance(5_000);
  for (const poll of polls) expect((await poll).status).toBe(200);
  await stopped;
});

function headersOf({ headers }: Response, ...names: readonly string[]): readonly (string | null)[] {
  return names.map((name) => headers.get(name));
}
