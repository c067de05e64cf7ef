import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { type EmbeddedStorage, openInMemory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MoodyWriter } from "../adapters/embedded/moody-writer.ts";
import { SqlitePushQueue } from "../adapters/embedded/sqlite-push-queue.ts";
import { SqlitePushStore } from "../adapters/embedded/sqlite-push-store.ts";
import { appleCredentials, googleCredentials } from "../adapters/push/test-credentials.ts";
import { KEYSET, OTHER_KEYSET } from "../conformance/fixtures.ts";
import type { PushCredentials, PushLetter, SendOutcome } from "../ports/push-gateway.ts";
import type { PushApp } from "../ports/push-store.ts";
import { Notifier } from "./notifier.ts";

const FCM: PushApp = { gateway: "fcm" };
const APP: PushApp = { gateway: "apns2", environment: "production", topic: "app" };
const MESSAGE = '{"pn_fcm":{"data":{"a":"b"}}}';
const TIMETOKEN = 17_326_051_234_560_000n;
const later = (afterMs?: number): SendOutcome => ({ kind: "later", reason: "BUSY", afterMs });

/** What a notifier sends, and what the providers make of it. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly storage: EmbeddedStorage = openInMemory();
  readonly writer = new MoodyWriter(this.storage.writer);
  readonly store = new SqlitePushStore(this.storage.reading, this.writer, () => {});
  readonly queue: SqlitePushQueue;
  readonly sent: string[] = [];
  readonly reports: { readonly keyset: string; readonly channel: string; readonly report: object }[] = [];
  readonly counts: Record<string, number> = {};
  readonly failures: unknown[] = [];
  credentials: PushCredentials | undefined = { fcm: googleCredentials(), apns: appleCredentials() };
  answer: (letter: PushLetter) => SendOutcome | Promise<SendOutcome> = () => ({ kind: "sent" });
  notifier: Notifier;

  constructor(bounds: Partial<Record<keyof typeof LIMITS, number>> = {}) {
    this.queue = new SqlitePushQueue(this.storage.reading, this.writer, () => {}, { ...LIMITS, ...bounds });
    this.notifier = this.start();
  }

  start(): Notifier {
    const send = async (_credentials: unknown, letter: PushLetter): Promise<SendOutcome> => {
      this.sent.push(letter.token);
      return this.answer(letter);
    };
    const gateway = { send, stop: async () => {} };
    const notifier = new Notifier({
      queue: this.queue,
      store: this.store,
      gateways: { fcm: gateway, apns: gateway },
      clock: this.clock,
      credentialsOf: () => this.credentials,
      emit: async (keyset, { channel, payload, stored }) => {
        expect(stored).toBe(false);
        this.reports.push({ keyset, channel, report: JSON.parse(payload) as object });
      },
      count: (provider, outcome, notifications) => {
        const key = `${provider} ${outcome}`;
        this.counts[key] = (this.counts[key] ?? 0) + notifications;
      },
      failed: (failure) => this.failures.push(failure),
      chance: () => 0,
    });
    notifier.start();
    return notifier;
  }

  async register(token: string, app = FCM, channel = "room", keyset = KEYSET): Promise<void> {
    const nowMs = this.clock.wallMs();
    await this.store.change({ keyset, app, token }, { add: [channel], remove: [], nowMs });
  }

  async publish(payload = MESSAGE, channel = "room", keyset = KEYSET): Promise<void> {
    await this.notifier.accept({ keyset, channel, timetoken: TIMETOKEN, payload });
  }

  /** Lets everything that is due come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** What was sent since it was asked the last time, in no order. */
  take(): readonly string[] {
    return this.sent.splice(0).toSorted();
  }

  channels(token: string, app = FCM): Promise<readonly string[]> {
    return this.store.channels({ keyset: KEYSET, app, token }, { after: "", channelsMax: 10 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.notifier.stop();
    await this.store.stop();
    await this.queue.stop();
    this.storage.close();
    expect(this.failures).toEqual([]);
  }
}

test("[PSH41] a message reaches the devices of its apps that are registered for its channel, and nobody else", async () => {
  await using world = new World();
  for (const token of ["a", "b", "c"]) await world.register(token);
  await world.register("elsewhere", FCM, "room2");
  await world.register("foreign", FCM, "room", OTHER_KEYSET);
  await world.register("aa", APP);
  await world.register("bb", { ...APP, environment: "development" });
  await world.register("cc", { gateway: "apns" });
  await world.publish('{"pn_gcm":{"data":{"a":"b"},"pn_exceptions":["b"]},"text":"hi"}');
  await world.settle();
  expect(world.take()).toEqual(["a", "c"]);
  await world.publish(
    '{"pn_apns":{"aps":{"alert":"x"},"pn_push":[{"targets":[{"topic":"app","environment":"production"}]}]}}',
  );
  await world.settle();
  expect(world.take()).toEqual(["aa", "cc"]);
  await world.publish(
    '{"pn_apns":{"aps":{"alert":"x"},"pn_push":[{"targets":[{"topic":"app","excluded_devices":["BB"]}]}]}}',
  );
  await world.settle();
  expect(world.take()).toEqual(["cc"]);
  await world.publish('{"text":"pn_gcm"}');
  await world.settle();
  expect(world.take()).toEqual([]);
  expect(world.counts).toEqual({ "fcm sent": 2, "apns sent": 3 });
});

test("[PSH41 PSH23] a crowd is sent to page by page, each device once", async () => {
  await using world = new World();
  const crowd = Array.from({ length: LIMITS.pushDevicesPerPageMax * 2 + 1 }, (_, at) => `d${at}`);
  await Promise.all(crowd.map((token) => world.register(token)));
  let under = 0;
  let most = 0;
  world.answer = async () => {
    under += 1;
    most = Math.max(most, under);
    await new Promise<void>((resolve) => setImmediate(resolve));
    under -= 1;
    return { kind: "sent" };
  };
  await world.publish();
  await world.settle();
  expect(world.take()).toEqual(crowd.toSorted());
  expect(most).toBe(LIMITS.pushDevicesPerPageMax);
  expect(world.queue.size).toBe(0);
});

test("[PSH40] what a message asks for is in the queue when its publisher is answered", async () => {
  await using world = new World();
  await world.notifier.stop();
  await world.publish();
  expect(world.queue.size).toBe(1);
  await world.publish('{"pn_apns":{"aps":{}},"pn_gcm":{"data":{}}}');
  expect(world.queue.size).toBe(3);
  expect(world.notifier.accept({ keyset: KEYSET, channel: "room", timetoken: 1n, payload: '{"a":1}' })).toBeUndefined();
});

test("[PSH40 PSH48] a full queue and a disk that refuses stop no publish, and are told", async () => {
  await using world = new World({ pushQueueEntriesPerKeysetMax: 1 });
  const debugged = '{"pn_apns":{"aps":{}},"pn_fcm":{"data":{}},"pn_debug":true}';
  await world.publish(debugged);
  world.writer.setDisk("refuses");
  await world.publish('{"pn_fcm":{"data":{}},"pn_debug":true}');
  expect(world.counts).toEqual({ "apns full": 1, "fcm full": 1, "fcm unavailable": 1 });
  const told = world.reports.map(({ report }) => report);
  expect(told).toEqual([
    { timetoken: String(TIMETOKEN), problems: ["too many notifications wait"] },
    { timetoken: String(TIMETOKEN), problems: ["the storage takes no notifications"] },
  ]);
  world.writer.setDisk("takes");
});

test("[PSH43] a device that is gone is removed, unless it was registered again meanwhile", async () => {
  await using world = new World();
  const start = world.clock.wallMs();
  for (const token of ["old", "again", "here"]) await world.register(token);
  world.clock.advance(1_000);
  await world.register("again");
  await world.register("meanwhile");
  world.answer = async ({ token }) => {
    if (token === "here") return { kind: "sent" };
    if (token === "meanwhile") {
      world.clock.advance(5);
      await world.register("meanwhile");
    }
    const sinceMs = token === "meanwhile" ? undefined : start + 500;
    return { kind: "gone", reason: "Unregistered", sinceMs };
  };
  await world.publish();
  await world.settle();
  expect(await world.channels("old")).toEqual([]);
  for (const token of ["again", "here", "meanwhile"]) expect(await world.channels(token)).toEqual(["room"]);
  world.answer = () => ({ kind: "gone", reason: "UNREGISTERED", sinceMs: undefined });
  await world.publish();
  await world.settle();
  for (const token of ["again", "here", "meanwhile"]) expect(await world.channels(token)).toEqual([]);
  expect(world.counts).toEqual({ "fcm gone": 6, "fcm sent": 1 });
});

test("[PSH44] what is put off is tried again, later each time, and not before the provider asks for it", async () => {
  await using world = new World();
  await world.register("a");
  await world.register("b");
  world.answer = ({ token }) => (token === "a" ? later() : { kind: "sent" });
  await world.publish();
  await world.settle();
  expect(world.take()).toEqual(["a", "b"]);
  await world.advance(9_000);
  expect(world.take()).toEqual([]);
  await world.advance(1_000);
  expect(world.take()).toEqual(["a"]);
  await world.advance(19_000);
  expect(world.take()).toEqual([]);
  world.answer = () => later(60_000);
  await world.advance(1_000);
  expect(world.take()).toEqual(["a"]);
  await world.advance(59_000);
  expect(world.take()).toEqual([]);
  world.answer = () => ({ kind: "sent" });
  await world.advance(1_000);
  expect(world.take()).toEqual(["a"]);
  expect(world.queue.size).toBe(0);
  expect(world.counts).toEqual({ "fcm later": 3, "fcm sent": 2 });
});

test("[PSH44 PSH48] after an hour nothing is tried any more", async () => {
  await using world = new World();
  await world.register("a");
  world.answer = () => later();
  await world.publish();
  await world.settle();
  for (let second = 0; second < 3_700; second += 10) await world.advance(10_000);
  expect(world.queue.size).toBe(0);
  expect(world.counts["fcm expired"]).toBe(1);
  expect(world.take()).toHaveLength(1 + 6 + 4); // doubled up to ten minutes, and then as often as an hour has room for
});

test("[PSH45] where a page is put off, its devices are tried by themselves and the next page waits", async () => {
  await using world = new World();
  const crowd = Array.from({ length: LIMITS.pushDevicesPerPageMax + 10 }, (_, at) => `d${at}`);
  for (const token of crowd) await world.register(token);
  world.answer = ({ token }) => (token === "d3" ? later() : { kind: "sent" });
  await world.publish();
  await world.settle();
  expect(world.take()).toHaveLength(LIMITS.pushDevicesPerPageMax);
  expect(world.queue.size).toBe(2);
  world.answer = () => ({ kind: "sent" });
  await world.advance(10_000);
  expect(world.take()).toEqual(["d3", ...crowd.slice(LIMITS.pushDevicesPerPageMax)].toSorted());
  expect(world.queue.size).toBe(0);
});

test("[PSH45] what no device would take ends the notice", async () => {
  await using world = new World();
  const crowd = Array.from({ length: LIMITS.pushDevicesPerPageMax + 10 }, (_, at) => `d${at}`);
  for (const token of crowd) await world.register(token);
  world.answer = ({ token }) => (token === "d0" ? { kind: "unsendable", reason: "BAD" } : later());
  await world.publish();
  await world.advance(60_000);
  expect(world.take()).toHaveLength(LIMITS.pushDevicesPerPageMax);
  expect(world.queue.size).toBe(0);
});

test("[PSH42] what waits is sent after a restart, from where it was", async () => {
  await using world = new World();
  const crowd = Array.from({ length: LIMITS.pushDevicesPerPageMax + 10 }, (_, at) => `d${at}`);
  for (const token of crowd) await world.register(token);
  const gate = Promise.withResolvers<SendOutcome>();
  world.answer = () => gate.promise;
  await world.publish();
  await world.settle();
  const stopping = world.notifier.stop();
  gate.resolve({ kind: "sent" });
  await stopping;
  expect(world.take()).toHaveLength(LIMITS.pushDevicesPerPageMax);
  await world.publish(); // nobody sends it now
  await world.settle();
  expect(world.take()).toEqual([]);
  world.notifier = world.start();
  await world.settle();
  const rest = crowd.slice(LIMITS.pushDevicesPerPageMax);
  expect(world.take()).toEqual([...rest, ...crowd].toSorted());
});

test("[PSH69] a stop waits five seconds for providers, and no longer", async () => {
  await using world = new World();
  await world.register("a");
  const gate = Promise.withResolvers<SendOutcome>();
  world.answer = () => gate.promise;
  await world.publish();
  await world.settle();
  const stopping = world.notifier.stop();
  await world.advance(4_999);
  expect(Bun.peek.status(stopping)).toBe("pending");
  await world.advance(1);
  gate.resolve(later()); // what a gateway answers when it is stopped
  await stopping;
  expect(world.queue.size).toBe(1);
});

test("[PSH46 PSH47] a publisher who asks is told what is wrong and what became of each page, and no whole token", async () => {
  await using world = new World();
  const outcomes: Record<string, SendOutcome> = {
    "token-of-anna-1": { kind: "sent" },
    "token-of-bert-2": { kind: "gone", reason: "UNREGISTERED", sinceMs: undefined },
    "token-of-carl-3": { kind: "refused", reason: "SENDER_ID_MISMATCH" },
    "token-of-dora-4": later(),
    short: { kind: "refused", reason: "BAD" },
  };
  for (const token of Object.keys(outcomes)) await world.register(token);
  world.answer = ({ token }) => outcomes[token] ?? later();
  await world.publish('{"pn_fcm":{"data":{"a":"SECRET"}},"pn_apns":[],"pn_debug":true}');
  await world.settle();
  const timetoken = String(TIMETOKEN);
  const place = { keyset: KEYSET, channel: "room-pndebug" };
  expect(world.reports).toEqual([
    { ...place, report: { timetoken, problems: ["pn_apns must be an object"] } },
    {
      ...place,
      report: {
        timetoken,
        gateway: "fcm",
        sent: 1,
        removed: 1,
        refused: 2,
        retried: 1,
        devices: [
          { device: "…f-bert-2", outcome: "removed", reason: "UNREGISTERED" },
          { device: "…f-carl-3", outcome: "refused", reason: "SENDER_ID_MISMATCH" },
          { device: "…f-dora-4", outcome: "retried", reason: "BUSY" },
          { device: "…", outcome: "refused", reason: "BAD" },
        ],
      },
    },
  ]);
  world.reports.length = 0;
  await world.publish('{"pn_fcm":{"data":{"a":"SECRET"}},"pn_apns":[]}');
  await world.settle();
  expect(world.reports).toEqual([]);
});

test("[PSH49 PSH48] without credentials nothing is sent, and who asks is told", async () => {
  await using world = new World();
  await world.register("a");
  world.credentials = { fcm: undefined, apns: undefined };
  await world.publish(
    '{"pn_fcm":{"data":{}},"pn_apns":{"aps":{},"pn_push":[{"targets":[{"topic":"t"}]}]},"pn_debug":true}',
  );
  expect(world.reports.map(({ report }) => report)).toEqual([
    {
      timetoken: String(TIMETOKEN),
      problems: ["the keyset has no credentials for Apple", "the keyset has no credentials for Google"],
    },
  ]);
  expect([world.queue.size, world.counts]).toEqual([0, { "apns unconfigured": 1, "fcm unconfigured": 1 }]);
  world.credentials = undefined;
  await world.publish('{"pn_fcm":{"data":{}},"pn_debug":true}');
  expect([world.queue.size, world.reports.length]).toEqual([0, 1]);
  world.credentials = { fcm: undefined, apns: appleCredentials({ topic: undefined }) };
  await world.publish('{"pn_apns":{"aps":{}},"pn_debug":true}'); // for devices without a topic, of which there may be none
  expect([world.queue.size, world.reports.length]).toEqual([0, 1]);
});

test("[PSH49] credentials that are taken away meanwhile end what waits for them", async () => {
  await using world = new World();
  await world.register("a");
  world.answer = () => later();
  await world.publish();
  await world.settle();
  world.credentials = { fcm: undefined, apns: undefined };
  await world.advance(10_000);
  expect([world.queue.size, world.counts]).toEqual([0, { "fcm later": 1, "fcm unconfigured": 1 }]);
});

test("[PSH49] a keyset with a crowd does not keep another one waiting", async () => {
  await using world = new World();
  const gate = Promise.withResolvers<SendOutcome>();
  await world.register("crowd");
  await world.register("other", FCM, "room", OTHER_KEYSET);
  world.answer = ({ token }) => (token === "crowd" ? gate.promise : { kind: "sent" });
  for (let at = 0; at < 30; at++) await world.publish();
  await world.publish(MESSAGE, "room", OTHER_KEYSET);
  await world.settle();
  expect(world.take().filter((token) => token === "other")).toEqual(["other"]);
  gate.resolve({ kind: "sent" });
  await world.settle();
  expect(world.queue.size).toBe(0);
});

test("[PSH40] a bug with one job is told, and ends it alone", async () => {
  await using world = new World();
  await world.register("a");
  world.answer = () => {
    throw new Error("a bug");
  };
  await world.publish();
  await world.settle();
  expect(world.failures.splice(0)).toEqual([new Error("a bug")]);
  world.answer = () => ({ kind: "sent" });
  await world.publish();
  await world.settle();
  expect([world.take(), world.queue.size]).toEqual([["a", "a"], 0]);
});
