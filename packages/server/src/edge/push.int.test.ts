import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ErrorCode, LIMITS, printErrorBody } from "@longwave/protocol";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { PushChangeOutcome, PushStore } from "../ports/push-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

const OFF = { ...DEMO_KEYSET, name: "off", subscribeKey: "off", publishKey: "off", hasPush: false };
const COUNTED = {
  ...DEMO_KEYSET,
  name: "counted",
  subscribeKey: "counted",
  publishKey: "counted",
  limitsRequests: true,
  requestsPerSecondMax: 1,
};

let network: Network;
beforeAll(async () => {
  const parts = { log: SILENT_LOG, clock: new ManualClock(), keysets: [OFF, COUNTED] };
  network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, parts);
});
afterAll(() => network.stop());

type Answered = readonly [status: number, body: string];
const MODIFIED: Answered = [200, '[1,"Modified Channels"]'];
const REMOVED: Answered = [200, '[1,"Removed Device"]'];
const refused = (message: string, status = 400): Answered => [status, `{"error":"${message}"}`];
const listed = (...channels: readonly string[]): Answered => [200, JSON.stringify(channels)];

async function get(target: string, url = network.url): Promise<Answered> {
  const response = await fetch(url + target);
  return [response.status, await response.text()];
}
const v1 = (token: string, query: string, key = "demo"): string =>
  `/v1/push/sub-key/${key}/devices/${encodeURIComponent(token)}?${query}`;
const v1Remove = (token: string, query: string): string =>
  `/v1/push/sub-key/demo/devices/${encodeURIComponent(token)}/remove?${query}`;
const v2 = (token: string, query: string, key = "demo"): string =>
  `/v2/push/sub-key/${key}/devices-apns2/${encodeURIComponent(token)}?${query}`;
const v2Remove = (token: string, query: string): string =>
  `/v2/push/sub-key/demo/devices-apns2/${encodeURIComponent(token)}/remove?${query}`;

for (const [type, token] of [
  ["apns", "0123456789abcdef"],
  ["fcm", "fcm:APA91-_x"],
  ["gcm", "0123456789abcdef"],
  ["mpns", "http://phone.example/a b"],
] as const) {
  test(`[PSH1] v1 ${type}: channels are added, listed, removed, and the device is`, async () => {
    const query = `type=${type}`;
    expect(await get(v1(token, query))).toEqual(listed());
    expect(await get(v1(token, `${query}&add=b,a`))).toEqual(MODIFIED);
    expect(await get(v1(token, `${query}&add=a,c%2C%C3%BC`))).toEqual(MODIFIED);
    expect(await get(v1(token, query))).toEqual(listed("a", "b", "c", "ü"));
    expect(await get(v1(token, `${query}&remove=b,nobody`))).toEqual(MODIFIED);
    expect(await get(v1(token, `${query}&add=d,c&remove=a,c`))).toEqual(MODIFIED);
    expect(await get(v1(token, query))).toEqual(listed("c", "d", "ü"));
    expect(await get(v1(token, `${query}&add=`))).toEqual(MODIFIED);
    expect(await get(v1(token, `${query}&remove=,`))).toEqual(MODIFIED);
    expect(await get(v1(token, query))).toEqual(listed("c", "d", "ü"));
    expect(await get(v1Remove(token, query))).toEqual(REMOVED);
    expect(await get(v1(token, query))).toEqual(listed());
    expect(await get(v1Remove(token, query))).toEqual(REMOVED);
  });
}

test("[PSH2] fcm and gcm are the same registrations, and those of other types are others", async () => {
  await get(v1("ab", "type=gcm&add=a"));
  await get(v1("ab", "type=apns&add=b"));
  expect(await get(v1("ab", "type=fcm"))).toEqual(listed("a"));
  expect(await get(v1("ab", "type=apns"))).toEqual(listed("b"));
  expect(await get(v1("ab", "type=mpns"))).toEqual(listed());
  expect(await get(v1Remove("ab", "type=fcm"))).toEqual(REMOVED);
  expect(await get(v1("ab", "type=gcm"))).toEqual(listed());
  expect(await get(v1("ab", "type=apns"))).toEqual(listed("b"));
});

test("[PSH4 PSH12] v2 registrations are apart by environment and topic, and from those of v1", async () => {
  const token = "abcdef";
  expect(await get(v2(token, "topic=app&add=dev"))).toEqual(MODIFIED);
  expect(await get(v2(token, "topic=app&environment=production&add=prod&type=apns2"))).toEqual(MODIFIED);
  expect(await get(v2(token, "topic=app.two&add=two&type=fcm"))).toEqual(MODIFIED);
  expect(await get(v1(token, "type=apns&add=one"))).toEqual(MODIFIED);
  expect(await get(v2(token, "topic=app"))).toEqual(listed("dev"));
  expect(await get(v2(token, "topic=app&environment=development"))).toEqual(listed("dev"));
  expect(await get(v2(token, "topic=app&environment="))).toEqual(listed("dev"));
  expect(await get(v2(token, "topic=app&environment=production"))).toEqual(listed("prod"));
  expect(await get(v2(token, "topic=app&environment=production&add=more&remove=prod"))).toEqual(MODIFIED);
  expect(await get(v2Remove(token, "topic=app"))).toEqual(REMOVED);
  expect(await get(v2(token, "topic=app"))).toEqual(listed());
  expect(await get(v2(token, "topic=app&environment=production"))).toEqual(listed("more"));
  expect(await get(v2(token, "topic=app.two"))).toEqual(listed("two"));
  expect(await get(v1(token, "type=apns"))).toEqual(listed("one"));
});

test("[PSH3] the case of Apple's digits means nothing, that of other tokens does", async () => {
  await get(v2("AABBcc", "topic=case&add=a"));
  expect(await get(v2("aabbCC", "topic=case"))).toEqual(listed("a"));
  await get(v1("AABBdd", "type=fcm&add=a"));
  expect(await get(v1("aabbDD", "type=fcm"))).toEqual(listed());
});

test("[PSH5] a list goes on after a channel, and has as many as asked for", async () => {
  const names = Array.from({ length: 1_003 }, (_, at) => `c${String(at).padStart(4, "0")}`);
  for (const from of [0, 500, 1_000]) {
    await get(v1("many", `type=fcm&add=${names.slice(from, from + 500).join(",")}`));
  }
  const page = (query: string): Promise<Answered> => get(v1("many", `type=fcm&${query}`));
  expect(await page("")).toEqual(listed(...names.slice(0, 500)));
  expect(await page("count=2")).toEqual(listed("c0000", "c0001"));
  expect(await page("count=2&start=c0001")).toEqual(listed("c0002", "c0003"));
  expect(await page("count=2&start=c0001a")).toEqual(listed("c0002", "c0003"));
  expect(await page("count=1000")).toEqual(listed(...names.slice(0, 1_000)));
  expect(await page("count=5000&start=")).toEqual(listed(...names.slice(0, 1_000)));
  expect(await page("start=c0999&count=")).toEqual(listed("c1000", "c1001", "c1002"));
  expect(await page("start=z")).toEqual(listed());
  const response = await fetch(network.url + v1("many", "type=fcm"), { headers: { "Accept-Encoding": "gzip" } });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(response.headers.get("content-type")).toBe('text/javascript; charset="UTF-8"');
});

const names = (count: number): string => Array.from({ length: count }, (_, at) => `n${at}`).join(",");
const OFF_SENTENCE =
  "Use of the mobile push notifications API requires Push Notifications which is not enabled for this subscribe key. " +
  "Login to your PubNub Dashboard Account and enable Push Notifications. Contact support@pubnub.com if you require " +
  "further assistance.";
const UNKNOWN_KEY: Answered = [
  400,
  '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
];
const UNREADABLE: Answered = [
  400,
  '{"message":"Could Not Parse Request","error":true,"service":"Access Manager","status":400}',
];
const TYPE = refused("Invalid type argument");
const TOKEN = refused("Invalid device token");
const TOPIC = refused("Invalid topic argument");
const ENVIRONMENT = refused("Invalid environment argument");
const CHANNEL = refused("Invalid channel argument");
const COUNT = refused("Invalid count argument");
const CHANNELS = refused("Too many channels");

type Row = readonly [target: string, answer: Answered];
const TYPES: readonly Row[] = [
  [v1("ab", ""), TYPE],
  [v1("ab", "type="), TYPE],
  [v1("ab", "type=apns2"), TYPE],
  [v1("ab", "type=APNS"), TYPE],
  [v1("ab", "type=constructor&add=a"), TYPE],
  [v1Remove("ab", ""), TYPE],
];
const TOKENS: readonly Row[] = [
  [v1("xyz", "type=apns&add=a"), TOKEN],
  [v2("xyz", "topic=t&add=a"), TOKEN],
  [v2("ab cd", "topic=t&add=a"), TOKEN],
  [v1("", "type=fcm&add=a"), TOKEN],
  [v1("a\nb", "type=gcm&add=a"), TOKEN],
  [v1("x".repeat(4_097), "type=fcm&add=a"), TOKEN],
  [v1("xyz", "type=apns&remove=a"), MODIFIED],
  [v1("xyz", "type=apns&add=&remove=a"), MODIFIED],
  [v2("Ünicode 🦊", "topic=t&remove=a"), MODIFIED],
  [v2Remove("xyz", "topic=t"), REMOVED],
  [v1Remove("x".repeat(10_000), "type=apns"), REMOVED],
  [v1("xyz", "type=apns"), listed()],
];
const TOPICS: readonly Row[] = [
  [v2("ab", ""), TOPIC],
  [v2("ab", "topic="), TOPIC],
  [v2("ab", "topic=a%20b&add=a"), TOPIC],
  [v2("ab", "topic=%C3%BC&add=a"), TOPIC],
  [v2("ab", `topic=${"t".repeat(257)}`), TOPIC],
  [v2Remove("ab", ""), TOPIC],
  [v2("ab", "topic=t&environment=prod"), ENVIRONMENT],
  [v2Remove("ab", "topic=t&environment=Production"), ENVIRONMENT],
];
const COUNTS: readonly Row[] = [
  [v1("ab", "type=apns&count=0"), COUNT],
  [v1("ab", "type=apns&count=-1"), COUNT],
  [v1("ab", "type=apns&count=ten"), COUNT],
  [v2("ab", "topic=t&count=1.5"), COUNT],
  [v2("ab", "topic=t&count=1e3"), COUNT],
];
const CHANNEL_NAMES: readonly Row[] = [
  [v1("ab", "type=apns&add=a,b*"), CHANNEL],
  [v1("ab", "type=apns&add=a.*"), CHANNEL],
  [v1("ab", "type=apns&add=room-pnpres"), CHANNEL],
  [v1("ab", "type=apns&add=a%2Fb"), CHANNEL],
  [v1("ab", `type=apns&add=${"n".repeat(93)}`), CHANNEL],
  [v1("ab", "type=apns&remove=a.*,a%2Fb,room-pnpres"), MODIFIED],
];
const ORDER: readonly Row[] = [
  [v1("ab", "type=apns&add=a", "nobody"), UNKNOWN_KEY],
  [v2("ab", "add=a", "nobody"), UNKNOWN_KEY],
  [v2("ab", "topic=&environment=x"), ENVIRONMENT],
  [v2("xyz", "topic=&add=a*"), TOPIC],
  [v2("xyz", "topic=t&add=a*"), CHANNEL],
  ["/v1/push/sub-key/demo/devices/%ff?type=apns", UNREADABLE],
  ["/v1/push/sub-key/%ff/devices/ab/remove?type=apns", UNREADABLE],
];
const SWITCHED_OFF: readonly Row[] = [
  [v1("ab", "type=apns&add=a", "off"), refused(OFF_SENTENCE, 403)],
  [v1("ab", "", "off"), refused(OFF_SENTENCE, 403)],
  [v2("ab", "", "off"), refused(OFF_SENTENCE, 403)],
];
const MANY: readonly Row[] = [
  [v1("ab", `type=apns&add=${names(1_001)}`), CHANNELS],
  [v1("ab", `type=apns&remove=${names(1_001)}`), CHANNELS],
  [v1("ab", `type=apns&remove=${names(1_000)}`), MODIFIED],
];

const shown = (target: string): string => (target.length > 100 ? `${target.slice(0, 60)}…${target.length}` : target);
const answersAs = async ([target, answer]: Row): Promise<void> => expect(await get(target)).toEqual(answer);
for (const row of TYPES) test(`[PSH2 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of TOKENS) test(`[PSH3 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of TOPICS) test(`[PSH4 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of COUNTS) test(`[PSH5 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of CHANNEL_NAMES) test(`[PSH6 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of ORDER) test(`[PSH7 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of SWITCHED_OFF) test(`[PSH8 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));
for (const row of MANY) test(`[PSH9 EDG14] ${shown(row[0])}: ${row[1][0]}`, () => answersAs(row));

test("[PSH7] a refused request changed nothing", async () => {
  await get(v1("unchanged", "type=fcm&add=a"));
  expect(await get(v1("unchanged", "type=fcm&add=b,c*&remove=a"))).toEqual(CHANNEL);
  expect(await get(v1("unchanged", "type=fcm"))).toEqual(listed("a"));
});

test("[PSH9] a device has a bounded number of channels", async () => {
  const all = Array.from({ length: LIMITS.pushDeviceChannelsMax }, (_, at) => `c${at}`);
  for (let from = 0; from < all.length; from += 1_000) {
    expect(await get(v1("full", `type=fcm&add=${all.slice(from, from + 1_000).join(",")}`))).toEqual(MODIFIED);
  }
  expect(await get(v1("full", "type=fcm&add=more"))).toEqual(refused("Maximum number of registrations reached"));
  expect(await get(v1("full", "type=fcm&add=more&remove=c0"))).toEqual(MODIFIED);
});

test("[PSH1 EDG11] only GET changes anything", async () => {
  for (const method of ["POST", "DELETE", "HEAD"]) {
    const response = await fetch(network.url + v1("method", "type=fcm&add=a"), { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, OPTIONS"]);
  }
  expect(await get(v1("method", "type=fcm"))).toEqual(listed());
});

test("[PSH10] a restart keeps registrations", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-push-"));
  const start = (): Promise<Network> => startNetwork({ dataDir, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
  const first = await start();
  for (const [target, answer] of [
    [v1("phone", "type=fcm&add=a,b"), MODIFIED],
    [v1("phone", "type=fcm&remove=a"), MODIFIED],
    [v2("ab", "topic=app&add=c"), MODIFIED],
    [v1("gone", "type=fcm&add=a"), MODIFIED],
    [v1Remove("gone", "type=fcm"), REMOVED],
  ] as const) {
    expect(await get(target, first.url)).toEqual(answer);
  }
  await first.stop();
  const second = await start();
  expect(await get(v1("phone", "type=fcm"), second.url)).toEqual(listed("b"));
  expect(await get(v2("ab", "topic=app"), second.url)).toEqual(listed("c"));
  expect(await get(v1("gone", "type=fcm"), second.url)).toEqual(listed());
  await second.stop();
  rmSync(dataDir, { recursive: true });
});

const FAILURES: readonly (readonly [PushChangeOutcome["kind"], ErrorCode, number])[] = [
  ["tooMany", "pushRegistrationsTooMany", 400],
  ["unavailable", "pushUnavailable", 503],
  ["overloaded", "pushOverloaded", 503],
];
for (const [kind, code, status] of FAILURES) {
  test(`[PSH9 PSH10] a change that the store answers with ${kind} is ${code}`, async () => {
    const outcome = { kind } as never;
    const store: Partial<PushStore> = { change: async () => outcome, removeDevice: async () => outcome };
    const clock = new ManualClock();
    const services = {
      clock,
      keysets: directoryOf(DEMO_KEYSET),
      log: SILENT_LOG,
      metrics: new Metrics(),
      admission: new Admission(clock, UNLIMITED_ADDRESSES),
      turns: new Turns(clock),
      push: { store, clock },
    } as unknown as Services; // the others are not reached
    const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
    for (const target of [v1("ab", "type=fcm&add=a"), v2("ab", "topic=t&remove=a"), v1Remove("ab", "type=fcm")]) {
      expect(await get(target, edge.url)).toEqual([status, printErrorBody(code)]);
    }
    await edge.stop();
  });
}

test("[PSH11 ACC40] where Access Manager is on, channels that are named need read, and the token alone does for the rest", async () => {
  const denied = (channels: string): Answered => [
    403,
    `{"message":"Forbidden","payload":{"channels":[${channels}]},"error":true,"service":"Access Manager","status":403}\n`,
  ];
  for (const form of [
    (query: string): string => v1("ab", `type=fcm&${query}`, "guarded-sub"),
    (query: string): string => v2("ab", `topic=t&${query}`, "guarded-sub"),
  ]) {
    expect(await get(form("add=a,b"))).toEqual(denied('"a","b"'));
    expect(await get(form("remove=b"))).toEqual(denied('"b"'));
    expect(await get(form("add=a&remove=b"))).toEqual(denied('"a","b"'));
    expect(await get(form(""))).toEqual(listed());
  }
  expect(await get("/v1/push/sub-key/guarded-sub/devices/ab/remove?type=fcm")).toEqual(REMOVED);
  expect(await get("/v2/push/sub-key/guarded-sub/devices-apns2/ab/remove?topic=t")).toEqual(REMOVED);
});

test("[LMT4] removing a device counts like every request of its keyset", async () => {
  const answers: number[] = [];
  for (let at = 0; at < 4; at++) {
    const [status] = await get("/v1/push/sub-key/counted/devices/ab/remove?type=fcm");
    answers.push(status);
  }
  expect(answers).toEqual([200, 200, 429, 429]);
});
