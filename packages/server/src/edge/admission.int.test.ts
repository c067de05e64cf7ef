import { expect, test } from "bun:test";
import { DEMO_KEYSET, type Keyset } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import type { ServerOptions } from "../options.ts";
import { Events } from "./event-client.ts";
import { SocketClient } from "./socket-client.ts";
import { letSecondsPass } from "./wire-network.ts";

const LIMITED: Keyset = {
  ...DEMO_KEYSET,
  name: "limited",
  publishKey: "pub",
  subscribeKey: "sub",
  limitsRequests: true,
  requestsPerSecondMax: 6,
  requestsPerSecondPerUuidMax: 2,
  heldPollsPerUuidMax: 2,
};
const TOO_MANY = '{"status":429,"service":"Balancer","error":true,"message":"Too Many Requests"}';
const PUBLISH = "/publish/pub/sub/0/room/0/1";

interface World extends AsyncDisposable {
  readonly network: Network;
  readonly clock: ManualClock;
  /** How many of so many requests were let in. */
  letIn(requests: number, target: string, headers?: Readonly<Record<string, string>>): Promise<number>;
  refusals(error: string): Promise<number>;
}

async function world(options: Partial<ServerOptions> = {}, keyset: Keyset = LIMITED): Promise<World> {
  const clock = new ManualClock();
  const settings = { memory: true, port: 0, drainSeconds: 0, ...options };
  const network = await startNetwork(settings, { log: SILENT_LOG, clock, keysets: [keyset] });
  return {
    network,
    clock,
    letIn: async (requests, target, headers = {}) => {
      let count = 0;
      for (let at = 0; at < requests; at++) {
        const answer = await fetch(network.url + target, { headers: { ...headers } });
        await answer.text();
        count += Number(answer.status !== 429);
      }
      return count;
    },
    refusals: async (error) => {
      const text = await (await fetch(`${network.url}/metrics`)).text();
      return Number(new RegExp(`refused_total\\{error="${error}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
    },
    [Symbol.asyncDispose]: () => network.stop(),
  };
}

async function holds(network: Network, held: number, streams = 0): Promise<void> {
  while (network.heldPolls !== held || network.streams !== streams)
    await new Promise<void>((done) => setImmediate(done));
}

test("[LMT1 LMT4 EDG14] a keyset's rate: 429 in the Balancer form, readable everywhere, and nothing has happened", async () => {
  await using one = await world();
  const { network, clock } = one;
  expect(await one.letIn(20, PUBLISH)).toBe(12);
  const refused = await fetch(network.url + PUBLISH);
  expect([refused.status, await refused.text()]).toEqual([429, TOO_MANY]);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("access-control-expose-headers")).toBe("Retry-After");
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  clock.advance(1_000);
  const kept = (await (
    await fetch(`${network.url}/v2/history/sub-key/sub/channel/room?count=100`)
  ).json()) as unknown[][];
  expect(kept[0]).toHaveLength(12);
  expect(await one.letIn(20, PUBLISH)).toBe(5);
  expect(await one.letIn(20, "/publish/demo/demo/0/room/0/1")).toBe(20); // another keyset, without limits
  expect(await one.letIn(20, "/time/0")).toBe(20);
});

test("[LMT4 LMT10] a uuid's rate is its own, takes nothing from its keyset, and each limit is counted by its name", async () => {
  await using one = await world();
  expect(await one.letIn(20, `${PUBLISH}?uuid=anna`)).toBe(4);
  expect(await one.letIn(20, `${PUBLISH}?uuid=bert`)).toBe(4);
  expect(await one.letIn(20, PUBLISH)).toBe(4); // what is left of twelve
  expect(await one.letIn(1, `${PUBLISH}?uuid=carl`)).toBe(0);
  expect(await one.refusals("uuidRateExceeded")).toBe(32);
  expect(await one.refusals("keysetRateExceeded")).toBe(17);
});

test("[LMT4] every route of the keyset counts, before access is decided", async () => {
  await using one = await world({}, { ...LIMITED, accessManager: true, requestsPerSecondMax: 1 });
  const statuses = [];
  for (const target of [PUBLISH, "/v2/presence/sub-key/sub/channel/room", "/v3/pam/sub/grant/x", PUBLISH]) {
    statuses.push((await fetch(one.network.url + target)).status);
  }
  expect(statuses).toEqual([403, 403, 405, 429]); // a path that has other methods is no request of the keyset
});

test("[LMT4] frames of a WebSocket count like requests, and are answered by their kind", async () => {
  await using one = await world({}, { ...LIMITED, requestsPerSecondPerUuidMax: 100, requestsPerSecondMax: 2 });
  await using client = new SocketClient(one.network.url, "/v2/subscribe/sub/other/0?uuid=anna");
  await client.frame(0); // the request that opened it was the first
  const publish = { publish: { key: "pub", channel: "room", message: 1 } };
  for (const frame of [publish, "malformed", publish, publish, { subscribe: { channels: ["x"] } }]) client.send(frame);
  expect(await client.frame(1)).toStartWith('{"publish":[1,"Sent",');
  expect(await client.json(2)).toMatchObject({ status: 400 });
  expect(await client.frame(3)).toStartWith('{"publish":[1,"Sent",');
  expect(await client.frame(4)).toBe(`{"publish":${TOO_MANY},"status":429}`);
  expect(await client.frame(5)).toBe(`{"subscribe":${TOO_MANY},"status":429}`);
  one.clock.advance(1_000);
  client.send(publish);
  expect(await client.frame(6)).toStartWith('{"publish":[1,"Sent",');
});

test("[LMT5] a uuid holds as many polls and streams as it may, and each way to end gives its place back", async () => {
  await using one = await world({}, { ...LIMITED, limitsRequests: false });
  const { network, clock } = one;
  const path = "/v2/subscribe/sub/room/0";
  const poll = `${network.url}${path}?tt=1&uuid=anna`;
  const isFull = async (): Promise<boolean> => {
    const answer = await fetch(poll);
    const text = await answer.text();
    return answer.status === 429 && text === TOO_MANY;
  };
  const gone = new AbortController();
  const aborted = fetch(poll, { signal: gone.signal }).catch(() => {});
  const expired = fetch(poll);
  await holds(network, 2);
  expect(await isFull()).toBe(true);
  expect((await fetch(`${network.url}${path}?tt=0&uuid=anna`)).status).toBe(200); // a handshake holds nothing
  const other = fetch(poll.replace("anna", "bert"));
  await holds(network, 3);
  gone.abort();
  await aborted;
  await letSecondsPass(clock, network.url, () => network.heldPolls === 2);
  const events = await Events.open(poll); // in its place
  await holds(network, 2, 1);
  expect(await isFull()).toBe(true);
  await events[Symbol.asyncDispose]();
  await holds(network, 2, 0);
  const socket = new SocketClient(network.url, `${path}?tt=1&uuid=anna`);
  await holds(network, 2, 1);
  expect(await isFull()).toBe(true);
  await socket[Symbol.asyncDispose]();
  await holds(network, 2, 0);
  const noSocket = await fetch(poll, { headers: { upgrade: "websocket" } }); // refused after it had its place
  expect(noSocket.status).toBe(426);
  const last = fetch(poll);
  await holds(network, 3);
  expect(await isFull()).toBe(true);
  clock.advance(300_000);
  for (const answered of [expired, other, last]) expect((await answered).status).toBe(200);
  expect(await one.refusals("tooManyPollsOfUuid")).toBe(4);
  await using reopened = await Events.open(poll);
  expect(reopened.response.status).toBe(200);
});

test("[LMT6 LMT10] an address's rate counts whatever it asks for", async () => {
  await using one = await world({ requestsPerSecondPerAddress: 3 });
  const { network } = one;
  const statuses = [];
  for (const [target, method] of [
    ["/time/0", "GET"],
    ["/nowhere", "GET"],
    ["/admin/v1/keysets", "GET"],
    [PUBLISH, "OPTIONS"],
    ["/health", "GET"],
    [PUBLISH, "GET"],
    ["/time/0", "GET"],
    [PUBLISH, "OPTIONS"],
    ["/admin/v1/keysets", "GET"],
  ] as const) {
    statuses.push((await fetch(network.url + target, { method })).status);
  }
  expect(statuses).toEqual([200, 404, 401, 204, 200, 200, 429, 429, 429]);
  one.clock.advance(2_000);
  expect(await one.refusals("addressRateExceeded")).toBe(3);
});

test("[LMT7] behind a proxy that is trusted each client has a rate of its own; of others the header means nothing", async () => {
  await using trusting = await world({ requestsPerSecondPerAddress: 1, trustedProxies: "127.0.0.0/8" });
  await using plain = await world({ requestsPerSecondPerAddress: 1 });
  for (const [one, letIn] of [
    [trusting, 2],
    [plain, 0],
  ] as const) {
    expect(await one.letIn(5, "/time/0", { "x-forwarded-for": "1.1.1.1" })).toBe(2);
    expect(await one.letIn(5, "/time/0", { "x-forwarded-for": "1.1.1.1, 2.2.2.2" })).toBe(letIn);
    expect(await one.letIn(5, "/time/0", { "x-forwarded-for": "3.3.3.3, 2.2.2.2" })).toBe(0); // the same client again
  }
});

test("[LMT5 LMT7] an address holds as many polls as it may, whatever uuids it names", async () => {
  await using one = await world(
    { pollsPerAddress: 2, trustedProxies: "127.0.0.1" },
    { ...LIMITED, limitsRequests: false },
  );
  const { network, clock } = one;
  const poll = (uuid: string, address: string): Promise<Response> =>
    fetch(`${network.url}/v2/subscribe/sub/room/0?tt=1&uuid=${uuid}`, { headers: { "x-forwarded-for": address } });
  const held = [poll("a", "1.1.1.1"), poll("b", "1.1.1.1"), poll("c", "2.2.2.2")];
  await holds(network, 3);
  const refused = await poll("d", "1.1.1.1");
  expect([refused.status, await refused.text()]).toEqual([429, TOO_MANY]);
  clock.advance(300_000);
  for (const answer of held) expect((await answer).status).toBe(200);
  const again = [poll("d", "1.1.1.1"), poll("d", "1.1.1.1")]; // its refusal had left no place taken for the uuid
  await holds(network, 2);
  clock.advance(300_000);
  for (const answer of again) expect((await answer).status).toBe(200);
});

test("[LMT9 ACC11] a limit that the admin API sets counts from the next request on", async () => {
  const adminToken = "0123456789abcdef";
  await using one = await world({ adminToken });
  const set = async (settings: object): Promise<number> => {
    const init = {
      method: "PATCH",
      body: JSON.stringify(settings),
      headers: { authorization: `Bearer ${adminToken}` },
    };
    return (await fetch(`${one.network.url}/admin/v1/keysets/demo`, init)).status;
  };
  const target = "/publish/demo/demo/0/room/0/1";
  expect(await one.letIn(5, target)).toBe(5);
  expect(await set({ limitsRequests: true, requestsPerSecondMax: 1 })).toBe(200);
  expect(await one.letIn(5, target)).toBe(2);
  expect(await set({ limitsRequests: false })).toBe(200);
  expect(await one.letIn(5, target)).toBe(5);
  expect(await set({ requestsPerSecondMax: 0 })).toBe(400); // zero would mean none at all
});
