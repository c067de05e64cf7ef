import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Envelope, LIMITS } from "@longwave/protocol";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryPresenceStore } from "../adapters/embedded/memory-presence-store.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { Presence } from "../presence/presence.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

/** A network and short ways to ask it. Each case has channels and uuids of its own. */
class Asked {
  readonly #base: string;

  constructor(url: string) {
    this.#base = url;
  }

  async text(path: string): Promise<string> {
    const response = await fetch(`${this.#base}/v2/presence${path}`);
    return `${response.status} ${await response.text()}`;
  }

  async events(channel: string): Promise<readonly Envelope[]> {
    const answer = await fetch(`${this.#base}/v2/subscribe/demo/${encodeURIComponent(channel)}-pnpres/0?tt=1`);
    return ((await answer.json()) as { m: readonly Envelope[] }).m;
  }
}

const clock = new ManualClock();
const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
afterAll(() => network.stop());
const asked = new Asked(network.url);
const KEY = "/sub-key/demo";
const ok = (rest: string): string => `200 {"status":200,"message":"OK",${rest}"service":"Presence"}`;

describe("bodies", () => {
  // In order: each line sees what the ones before it did.
  const STEPS: readonly (readonly [rules: string, path: string, body: string])[] = [
    ["PRE52", "/channel/room", ok('"occupancy":0,"uuids":[],')],
    ["PRE52 PRE54", "/channel/room?disable_uuids=1", ok('"occupancy":0,')],
    ["PRE57", "/uuid/alice", ok('"payload":{"channels":[]},')],
    ["PRE2", "/channel/room,lobby/heartbeat?uuid=alice&heartbeat=300", ok("")],
    ["PRE2 WIRE13", "/channel/room/heartbeat?uuid=bob&state=%7B%7D", ok("")],
    ["PRE52", "/channel/room", ok('"occupancy":2,"uuids":["alice","bob"],')],
    ["PRE54", "/channel/room?limit=1&offset=1", ok('"occupancy":2,"uuids":["bob"],')],
    ["PRE54", "/channel/room?limit=1", ok('"occupancy":2,"uuids":["alice"],')],
    ["PRE54", "/channel/room?offset=2&limit=5000", ok('"occupancy":2,"uuids":[],')],
    ["PRE54", "/channel/room?limit=0", ok('"occupancy":2,')],
    ["PRE54", "/channel/room?disable_uuids=1&limit=9", ok('"occupancy":2,')],
    [
      "PRE53",
      "/channel/room,nobody,lobby",
      ok(
        '"payload":{"channels":{"room":{"occupancy":2,"uuids":["alice","bob"]},"lobby":{"occupancy":1,"uuids":["alice"]}},"total_channels":2,"total_occupancy":3},',
      ),
    ],
    [
      "PRE53 WIRE16",
      "/channel/,?channel-group=g",
      ok('"payload":{"channels":{},"total_channels":0,"total_occupancy":0},'),
    ],
    [
      "PRE53",
      "/channel/lobby?channel-group=g",
      ok('"payload":{"channels":{"lobby":{"occupancy":1,"uuids":["alice"]}},"total_channels":1,"total_occupancy":1},'),
    ],
    [
      "PRE53 PRE54",
      "?disable_uuids=1",
      ok(
        '"payload":{"channels":{"room":{"occupancy":2},"lobby":{"occupancy":1}},"total_channels":2,"total_occupancy":3},',
      ),
    ],
    ["PRE57", "/uuid/alice", ok('"payload":{"channels":["room","lobby"]},')],
    ["PRE13", "/channel/room/uuid/alice/data?state=%7B%22a%22:%201,%22b%22:2%7D", ok('"payload":{"a":1,"b":2},')],
    ["PRE13", "/channel/room/uuid/alice", ok('"payload":{"a":1,"b":2},"uuid":"alice","channel":"room",')],
    ["PRE13", "/channel/room/uuid/bob", ok('"payload":{},"uuid":"bob","channel":"room",')],
    ["PRE13", "/channel/room,lobby/uuid/alice", ok('"payload":{"channels":{"room":{"a":1,"b":2}}},"uuid":"alice",')],
    ["PRE13 WIRE16", "/channel/,/uuid/alice?channel-group=g", ok('"payload":{"channels":{}},"uuid":"alice",')],
    [
      "PRE55",
      "/channel/room?state=1",
      ok('"occupancy":2,"uuids":[{"uuid":"alice","state":{"a":1,"b":2}},{"uuid":"bob"}],'),
    ],
    ["PRE14 WIRE13", "/channel/room/heartbeat?uuid=alice&state=%7B%7D", ok("")],
    ["PRE14 WIRE13", "/channel/room/heartbeat?uuid=alice&state=%7B%22room%22:%7B%7D%7D", ok("")],
    ["PRE14 WIRE13", "/channel/room/uuid/alice", ok('"payload":{"a":1,"b":2},"uuid":"alice","channel":"room",')],
    ["PRE14", "/channel/room/heartbeat?uuid=alice&state=%7B%22room%22:%7B%22c%22:1e3%7D%7D", ok("")],
    ["PRE14 PRE16", "/channel/room/uuid/alice", ok('"payload":{"c":1e3},"uuid":"alice","channel":"room",')],
    ["PRE13", "/channel/room/uuid/alice/data?state=%7B%7D", ok('"payload":{},')],
    ["PRE13", "/channel/room/uuid/alice", ok('"payload":{},"uuid":"alice","channel":"room",')],
    [
      "PRE59",
      "/channel/lobby?callback=jQuery1.cb",
      '200 jQuery1.cb({"status":200,"message":"OK","occupancy":1,"uuids":["alice"],"service":"Presence"})',
    ],
    ["PRE56", "/channel/a.*", ok('"occupancy":0,"uuids":[],')],
    ["PRE4 PRE56", "/channel/a.*,x-pnpres/heartbeat?uuid=alice", ok("")],
    ["PRE4 PRE56", "/channel/a.*", ok('"occupancy":1,"uuids":["alice"],')],
    ["PRE3", "/channel/x-pnpres", ok('"occupancy":0,"uuids":[],')],
    ["PRE9", "/channel/room/leave?uuid=alice", ok('"action":"leave",')],
    ["PRE9", "/channel/room/leave?uuid=alice", ok('"action":"leave",')],
    ["PRE52", "/channel/room", ok('"occupancy":1,"uuids":["bob"],')],
  ];
  for (const [at, [rules, path, body]] of STEPS.entries()) {
    test(`[PRE50 PRE52 PRE53 PRE54 PRE55 PRE56 PRE57 PRE59 WIRE13 WIRE16] ${at} ${rules}: ${path}`, async () =>
      expect(await asked.text(`${KEY}${path}`)).toBe(body));
  }
});

test("[WIRE15] both spellings of every path are answered alike", async () => {
  const paths = [
    "/channel/spelt/heartbeat?uuid=u",
    "/channel/spelt",
    "?limit=0",
    "/uuid/u",
    "/channel/spelt/uuid/u/data?state=%7B%22a%22:1%7D",
    "/channel/spelt/uuid/u",
    "/channel/spelt/leave?uuid=u",
  ];
  for (const path of paths) {
    const [one, other] = [await asked.text(`/sub-key/demo${path}`), await asked.text(`/sub_key/demo${path}`)];
    expect(one.startsWith("200 ")).toBe(true);
    expect(other).toBe(one);
  }
});

describe("refusals", () => {
  const error = (status: number, message: string): string =>
    `${status} {"status":${status},"error":1,"message":"${message}","service":"Presence"}`;
  const channels = (count: number): string => Array.from({ length: count }, (_, at) => `c${at}`).join(",");
  const CASES: Readonly<Record<string, string>> = {
    "/channel/refused/heartbeat": error(400, "No uuid specified"),
    "/channel/refused/heartbeat?uuid=": error(400, "No uuid specified"),
    [`/channel/refused/heartbeat?uuid=${"x".repeat(93)}`]: error(400, "No uuid specified"),
    "/channel/refused/leave": error(400, "No uuid specified"),
    [`/uuid/${"x".repeat(93)}`]: error(400, "No uuid specified"),
    "/channel/refused/uuid//data?state=%7B%7D": error(400, "No uuid specified"),
    "/channel/refused/uuid/u/data": error(400, "No state specified."),
    "/channel/refused/uuid/u/data?state=": error(400, "No state specified."),
    "/channel/refused/uuid/u/data?state=%7B": error(400, "Invalid JSON specified."),
    "/channel/refused/uuid/u/data?state=%5B1%5D": error(400, "Invalid JSON specified."),
    "/channel/refused/uuid/u/data?state=null": error(400, "Invalid JSON specified."),
    "/channel/refused/heartbeat?uuid=u&state=1": error(400, "Invalid JSON specified."),
    "/channel/refused/heartbeat?uuid=u&state=%7B%22refused%22:1%7D": error(400, "Invalid JSON specified."),
    "/channel/refused/heartbeat?uuid=u&heartbeat=soon": error(400, "Invalid Arguments: heartbeat"),
    "/channel/refused/heartbeat?uuid=u&heartbeat=-5": error(400, "Invalid Arguments: heartbeat"),
    "/channel/,/heartbeat?uuid=u": error(400, "No Channel Specified"),
    "/channel/,": error(400, "No Channel Specified"),
    "/channel/a%2Fb": error(400, "Invalid Channel"),
    "/channel/a%20b/heartbeat?uuid=u": error(400, "Invalid Channel"),
    "/channel/,?channel-group=a%2Fb": error(400, "Invalid Channel"),
    [`/channel/${"x".repeat(120)}/leave?uuid=u`]: error(400, "Invalid Channel"),
    [`/channel/${channels(2_001)}`]: error(400, "Too Many Channels"),
    [`/channel/,?channel-group=${channels(11)}`]: error(400, "Too Many Channels"),
    "/channel/refused?limit=many": error(400, "Invalid Arguments: limit"),
    "/channel/refused?limit=-1": error(400, "Invalid Arguments: limit"),
    "/channel/refused?offset=1.5": error(400, "Invalid Arguments: offset"),
    "/channel/refused/other": `404 {"message":"Not found: '/v2/presence/sub-key/demo/channel/refused/other'","error":1,"service":"Presence"}`,
    "/channel/refused?callback=a(b)":
      '400 {"message":"Invalid Callback","error":true,"service":"Access Manager","status":400}',
    "/channel/refused/heartbeat?uuid=%ff":
      '400 {"message":"Could Not Parse Request","error":true,"service":"Access Manager","status":400}',
  };
  for (const [path, body] of Object.entries(CASES)) {
    test(`[PRE50 PRE51 PRE54 PRE58 PRE60] ${path.slice(0, 70)}`, async () => {
      expect(await asked.text(`${KEY}${path}`)).toBe(body);
      expect(await asked.text(`${KEY}/channel/refused`)).toBe(ok('"occupancy":0,"uuids":[],'));
    });
  }

  test("[PRE60] an unknown key is refused as everywhere", async () => {
    const body = '400 {"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}';
    expect(await asked.text("/sub-key/nobody/channel/room")).toBe(body);
  });

  test("[PRE60 PRE10] state is bounded by itself", async () => {
    const set = (text: string): Promise<string> => {
      return asked.text(`${KEY}/channel/large/uuid/u/data?state=${encodeURIComponent(JSON.stringify({ a: text }))}`);
    };
    expect(await set("x".repeat(LIMITS.presenceStateBytesMax - 8))).toStartWith("200 ");
    expect(await set("x".repeat(LIMITS.presenceStateBytesMax - 7))).toBe(error(400, "State too large."));
  });
});

const CLAMPED = { "1": 5, "0": 300, "20": 20, "5000": 3_600 };
for (const [heartbeat, seconds] of Object.entries(CLAMPED)) {
  test(`[PRE6] heartbeat=${heartbeat} is ${seconds} seconds`, async () => {
    const room = `clamped${heartbeat}`;
    const occupancy = async (): Promise<string> => asked.text(`${KEY}/channel/${room}?limit=0`);
    await asked.text(`${KEY}/channel/${room}/heartbeat?uuid=u&heartbeat=${heartbeat}`);
    clock.advance(seconds * 1_000 - 1_000);
    expect(await occupancy()).toBe(ok('"occupancy":1,'));
    clock.advance(2_000);
    expect(await occupancy()).toBe(ok('"occupancy":0,'));
  });
}

test("[PRE20 PRE21 PRE22 WIRE1 WIRE19] events arrive as envelopes on the presence channel", async () => {
  const startSeconds = Math.floor(clock.wallMs() / 1_000);
  await asked.text(`${KEY}/channel/seen/heartbeat?uuid=alice&state=%7B%22seen%22:%7B%22a%22:1%7D%7D`);
  await asked.text(`${KEY}/channel/seen/heartbeat?uuid=bob&heartbeat=5`);
  await asked.text(`${KEY}/channel/seen/uuid/bob/data?state=%7B%22b%22:2%7D`);
  clock.advance(6_000);
  await asked.text(`${KEY}/channel/seen/leave?uuid=alice`);
  const events = await asked.events("seen");
  expect(events.map(({ d }) => d)).toMatchObject([
    { action: "join", uuid: "alice", occupancy: 1, timestamp: startSeconds, data: { a: 1 } },
    { action: "join", uuid: "bob", occupancy: 2 },
    { action: "state-change", uuid: "bob", occupancy: 2, data: { b: 2 } },
    { action: "timeout", uuid: "bob", occupancy: 1, data: { b: 2 } },
    { action: "leave", uuid: "alice", occupancy: 0, data: { a: 1 } },
  ]);
  const [join] = events;
  expect(Object.keys(join ?? {}).toSorted()).toEqual(["a", "c", "d", "f", "k", "p", "u"]);
  expect(join?.u).toMatchObject({
    pn_action: "join",
    pn_uuid: "alice",
    pn_ispresence: 1,
    pn_channel: "seen",
    pn_state_a: 1,
  });
});

test("[PRE10 PRE11 PRE56 PRE60] what a keyset does not have or hold is refused", async () => {
  const small = { ...DEMO_KEYSET, subscribeKey: "small", globalHereNow: false };
  const keysets = directoryOf({ ...DEMO_KEYSET, subscribeKey: "without", hasPresence: false }, small);
  const bounds = { membersPerKeysetMax: 1 };
  const store = new MemoryPresenceStore({ clock, announceMaxOf: () => 20, bounds });
  const ports = {
    emit: async () => {},
    settingsOf: () => small,
    failed: () => {},
    membersOf: async () => new Set<string>(),
  };
  const presence = new Presence({ store, clock, ...ports });
  const services = {
    clock,
    keysets,
    log: SILENT_LOG,
    metrics: new Metrics(),
    admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
    turns: new Turns(new ManualClock()),
    presence,
  } as unknown as Services;
  const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
  const direct = new Asked(edge.url);
  const disabled = '402 {"status":402,"error":1,"message":"Not Enabled","service":"Presence"}';
  const paths = [
    "/channel/r/heartbeat?uuid=u",
    "/channel/r/leave?uuid=u",
    "/channel/r",
    "",
    "/uuid/u",
    "/channel/r/uuid/u",
  ];
  for (const path of paths) expect(await direct.text(`/sub-key/without${path}`)).toBe(disabled);
  expect(await direct.text("/sub-key/without/channel/r/uuid/u/data?state=%7B%7D")).toBe(disabled);
  expect(await direct.text("/sub-key/small")).toBe(disabled);
  const full = '429 {"status":429,"error":1,"message":"Too Many Occupants","service":"Presence"}';
  expect(await direct.text("/sub-key/small/channel/a,b/heartbeat?uuid=u")).toBe(full);
  expect(await direct.text("/sub-key/small/channel/a/heartbeat?uuid=u")).toBe(ok(""));
  await edge.stop();
  await presence.stop();
});

type Start = (memory: boolean) => Promise<Network>;

/** Starts networks one after the other in one directory. */
async function restarted(run: (start: Start, dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-presence-"));
  const start: Start = (memory) =>
    startNetwork({ memory, dataDir, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock: new ManualClock() });
  await run(start, dataDir);
  rmSync(dataDir, { recursive: true, force: true });
}

test("[PRE40 PRE42] a restart keeps members and states, and announces nothing", async () => {
  await restarted(async (start) => {
    const first = await start(false);
    const state = encodeURIComponent('{"kept":{"a":1}}');
    await new Asked(first.url).text(`${KEY}/channel/kept/heartbeat?uuid=alice&state=${state}`);
    await first.stop();
    const second = await start(false);
    const asks = new Asked(second.url);
    expect(await asks.text(`${KEY}/channel/kept?state=1`)).toBe(
      ok('"occupancy":1,"uuids":[{"uuid":"alice","state":{"a":1}}],'),
    );
    await asks.text(`${KEY}/channel/kept/heartbeat?uuid=alice`);
    expect((await asks.events("kept")).map(({ d }) => (d as { action: string }).action)).toEqual(["join"]); // the first one
    await second.stop();
  });
});

test("[PRE41 PRE42] kill -9 loses nothing that has been written behind", async () => {
  await restarted(async (start, dataDir) => {
    const main = JSON.stringify(new URL("../main.ts", import.meta.url).href);
    const options = JSON.stringify({ dataDir, port: 0, logLevel: "error" });
    const program = `const { startNetwork } = await import(${main}); console.log((await startNetwork(${options})).url);`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
    const { value } = await child.stdout.getReader().read();
    const state = encodeURIComponent('{"killed":{"a":1}}');
    const url = new TextDecoder().decode(value).trim();
    await new Asked(url).text(`${KEY}/channel/killed/heartbeat?uuid=alice&state=${state}`);
    const database = new Database(join(dataDir, "longwave.db"), { readonly: true });
    const isWritten = (): boolean => database.query("SELECT 1 FROM presence").get() !== null;
    while (!isWritten()) await Bun.sleep(20); // a second of real time at most; the test's own limit ends it otherwise
    child.kill("SIGKILL");
    await child.exited;
    database.close();
    const second = await start(false);
    const asks = new Asked(second.url);
    expect(await asks.text(`${KEY}/channel/killed?state=1`)).toBe(
      ok('"occupancy":1,"uuids":[{"uuid":"alice","state":{"a":1}}],'),
    );
    expect(await asks.text(`${KEY}/channel/killed/leave?uuid=alice`)).toBe(ok('"action":"leave",'));
    const actions = (await asks.events("killed")).map(({ d }) => (d as { action: string }).action);
    expect(actions.at(-1)).toBe("leave");
    expect(actions.filter((action) => action !== "join")).toEqual(["leave"]);
    await second.stop();
  });
});

test("[PRE43] with --memory nothing is kept", async () => {
  await restarted(async (start) => {
    for (let round = 0; round < 2; round++) {
      const one = await start(true);
      const asks = new Asked(one.url);
      expect(await asks.text(`${KEY}?limit=0`)).toContain('"total_occupancy":0');
      await asks.text(`${KEY}/channel/kept/heartbeat?uuid=alice`);
      await one.stop();
    }
  });
});
