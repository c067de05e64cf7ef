import { expect, test } from "bun:test";
import { type Keyset, DEMO_KEYSET } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Events } from "./event-client.ts";
import { SocketClient } from "./socket-client.ts";
import { letSecondsPass } from "./wire-network.ts";

const LEAVING: Keyset = {
  ...DEMO_KEYSET,
  name: "leaving",
  publishKey: "leaving",
  subscribeKey: "leaving",
  presenceLeaveOnDisconnect: true,
};

const WITHOUT: Keyset = { ...DEMO_KEYSET, name: "without", subscribeKey: "without", hasPresence: false };

/** A network, its clock, and questions about who is there. */
class Place {
  readonly network: Network;
  readonly clock: ManualClock;

  constructor(network: Network, clock: ManualClock) {
    this.network = network;
    this.clock = clock;
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.network.url + path, init);
  }

  async uuids(channel: string, key = "demo"): Promise<readonly string[]> {
    const response = await this.get(`/v2/presence/sub-key/${key}/channel/${channel}`);
    return ((await response.json()) as { readonly uuids: readonly string[] }).uuids;
  }

  async whereIs(uuid: string): Promise<readonly string[]> {
    const response = await this.get(`/v2/presence/sub-key/demo/uuid/${uuid}`);
    return ((await response.json()) as { readonly payload: { readonly channels: readonly string[] } }).payload.channels;
  }

  async subscribe(
    names: string,
    query: string,
  ): Promise<{ readonly t: { readonly t: string }; readonly m: readonly Seen[] }> {
    return (await this.get(`/v2/subscribe/demo/${names}/0?${query}`)).json() as never;
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await Bun.sleep(2);
  }
}

interface Seen {
  readonly c: string;
  readonly d: { readonly action: string; readonly uuid: string; readonly occupancy: number; readonly data?: unknown };
}

async function at(run: (place: Place) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const parts = { log: SILENT_LOG, clock, keysets: [LEAVING, WITHOUT] };
  const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, parts);
  try {
    await run(new Place(network, clock));
  } finally {
    await network.stop();
  }
}

test("[PRE70 WIRE1 WIRE19] a subscriber is told of its own join, behind its handshake, once", () =>
  at(async (place) => {
    for (const ee of ["", "&ee=", "&ee=1"]) {
      const uuid = `alice${ee.length}`;
      const { t, m } = await place.subscribe("room,room-pnpres", `uuid=${uuid}${ee}`);
      expect(m).toEqual([]);
      const seen = await place.subscribe("room,room-pnpres", `uuid=${uuid}&tt=${t.t}${ee}`);
      expect(seen.m).toHaveLength(1);
      expect(seen.m[0]).toMatchObject({ c: "room-pnpres", d: { action: "join", uuid } });
      expect(seen.m[0]).not.toHaveProperty("e");
    }
    expect(await place.uuids("room")).toEqual(["alice0", "alice4", "alice5"]);
  }));

test("[PRE70] channels, a wildcard's pseudo-channel and a group's members count; presence names and nobody do not", () =>
  at(async (place) => {
    await place.get("/v1/channel-registration/sub-key/demo/channel-group/g?add=one,two");
    await place.subscribe("room,a.*,other-pnpres,b.*-pnpres", "uuid=alice&channel-group=g,h-pnpres");
    expect([...(await place.whereIs("alice"))].toSorted()).toEqual(["a.*", "one", "room", "two"]);
    await place.subscribe("room", "");
    expect(await place.uuids("room")).toEqual(["alice"]);
  }));

test("[PRE70] heartbeat sets the timeout, state the state, and the join carries it", () =>
  at(async (place) => {
    const state = encodeURIComponent('{"room":{"mood":"good"}}');
    const { t } = await place.subscribe("watch,room-pnpres", "uuid=watcher");
    await place.subscribe("room", `uuid=alice&heartbeat=20&state=${state}`);
    const { m } = await place.subscribe("watch,room-pnpres", `uuid=watcher&tt=${t.t}`);
    expect(m[0]?.d).toMatchObject({ action: "join", uuid: "alice", data: { mood: "good" } });
    place.clock.advance(22_000);
    await place.until(async () => (await place.uuids("room")).length === 0);
    const malformed = await place.get("/v2/subscribe/demo/room/0?uuid=alice&state=1");
    expect(malformed.status).toBe(400);
  }));

test("[PRE71] each poll moves the deadline, and being held does not", () =>
  at(async (place) => {
    let cursor = (await place.subscribe("room", "uuid=alice&heartbeat=60")).t.t;
    for (let poll = 0; poll < 3; poll++) {
      place.clock.advance(50_000);
      const held = place.subscribe("room", `uuid=alice&tt=${cursor}`);
      await place.until(async () => place.network.heldPolls === 1);
      expect(await place.uuids("room")).toEqual(["alice"]);
      await place.get(`/publish/demo/demo/0/room/0/${poll}`);
      cursor = (await held).t.t;
    }
    const held = place.get(`/v2/subscribe/demo/room/0?uuid=alice&tt=${cursor}`);
    await place.until(async () => place.network.heldPolls === 1);
    place.clock.advance(62_000);
    await place.until(async () => (await place.uuids("room")).length === 0);
    place.clock.advance(300_000);
    await (await held).text();
  }));

test("[PRE72] an event stream's keep-alives keep its uuid present, for as long as they are written", () =>
  at(async (place) => {
    const events = await Events.open(`${place.network.url}/v2/subscribe/demo/room/0?uuid=alice&heartbeat=20`);
    await events.until(() => events.seen.length === 1);
    expect(await place.uuids("room")).toEqual(["alice"]);
    for (let beat = 1; beat <= 4; beat++) {
      place.clock.advance(15_000);
      await events.until(() => events.comments.length === beat);
    }
    expect(await place.uuids("room")).toEqual(["alice"]);
    await events[Symbol.asyncDispose]();
    await place.until(async () => place.network.streams === 0);
    expect(await place.uuids("room")).toEqual(["alice"]); // its end is no leave
    place.clock.advance(22_000);
    await place.until(async () => (await place.uuids("room")).length === 0);
  }));

// A pong that nobody asked for, as RFC 6455 allows, masked with zeros.
const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);

test("[PRE72] a WebSocket's pongs keep its uuid present, on what it is subscribed to by now", () =>
  at(async (place) => {
    const { port } = new URL(place.network.url);
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(port),
      socket: {
        open: (open) => {
          open.write(
            "GET /v2/subscribe/demo/room/0?uuid=alice&heartbeat=20 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" +
              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          );
        },
        data: () => {},
      },
    });
    await place.until(async () => (await place.uuids("room")).length === 1);
    place.clock.advance(19_000);
    socket.write(PONG);
    await Bun.sleep(50); // the pong is on its way
    place.clock.advance(10_000);
    await Bun.sleep(20);
    expect(await place.uuids("room")).toEqual(["alice"]);
    place.clock.advance(12_000);
    await place.until(async () => (await place.uuids("room")).length === 0);
    socket.end();
  }));

test("[PRE73] where the keyset says so the end of a poll, an event stream or a WebSocket by its client is a leave", () =>
  at(async (place) => {
    const path = "/v2/subscribe/leaving/room/0";
    const { t } = (await (await place.get(path)).json()) as { readonly t: { readonly t: string } };
    const abort = new AbortController();
    const held = place.get(`${path}?uuid=polls&tt=${t.t}`, { signal: abort.signal }).catch(() => {});
    const events = await Events.open(`${place.network.url}${path}?uuid=events`);
    const socket = new SocketClient(place.network.url, `${path}?uuid=sockets`);
    await Promise.all([socket.frame(0), events.until(() => events.seen.length === 1)]);
    await place.until(async () => place.network.heldPolls === 1);
    expect([...(await place.uuids("room", "leaving"))].toSorted()).toEqual(["events", "polls", "sockets"]);
    abort.abort();
    await Promise.all([held, events[Symbol.asyncDispose](), socket[Symbol.asyncDispose]()]);
    await letSecondsPass(place.clock, place.network.url, () => place.network.heldPolls === 0);
    await place.until(async () => (await place.uuids("room", "leaving")).length === 0);
  }));

test("[PRE73] nor is it overlooked where a message ends the poll before anybody has looked whether its client is there", () =>
  at(async (place) => {
    const path = "/v2/subscribe/leaving/room/0";
    const { t } = (await (await place.get(path)).json()) as { readonly t: { readonly t: string } };
    const abort = new AbortController();
    const held = place.get(`${path}?uuid=polls&tt=${t.t}`, { signal: abort.signal }).catch(() => {});
    await place.until(async () => place.network.heldPolls === 1);
    abort.abort();
    await held;
    expect(await place.uuids("room", "leaving")).toEqual(["polls"]); // and the network has been told of the end
    expect((await place.get("/publish/leaving/leaving/0/room/0/1")).status).toBe(200);
    await place.until(async () => (await place.uuids("room", "leaving")).length === 0);
  }));

test("[PRE73] without that setting they are not, nor is their end by the network", () =>
  at(async (place) => {
    const { t } = await place.subscribe("room", "");
    const abort = new AbortController();
    const held = place.get(`/v2/subscribe/demo/room/0?uuid=polls&tt=${t.t}`, { signal: abort.signal }).catch(() => {});
    const socket = new SocketClient(place.network.url, "/v2/subscribe/demo/room/0?uuid=sockets");
    await socket.frame(0);
    await place.until(async () => place.network.heldPolls === 1);
    abort.abort();
    await Promise.all([held, socket[Symbol.asyncDispose]()]);
    await letSecondsPass(place.clock, place.network.url, () => place.network.heldPolls + place.network.streams === 0);
    expect([...(await place.uuids("room"))].toSorted()).toEqual(["polls", "sockets"]);
  }));

test("[PRE74] a keyset without presence does not refuse a subscription for it", () =>
  at(async (place) => {
    const response = await place.get("/v2/subscribe/without/room/0?uuid=alice&heartbeat=20");
    expect(response.status).toBe(200);
  }));
