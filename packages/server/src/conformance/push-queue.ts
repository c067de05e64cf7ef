/**
 * The suite that every push queue passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import type { PushNotice } from "../ports/push-gateway.ts";
import type { PushJob, PushMessage, PushQueue } from "../ports/push-queue.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";

/** How a push queue is opened for one case: with its bounds, where a case needs small ones. */
export interface PushQueueSettings {
  readonly pushQueueEntriesMax: number;
  readonly pushQueueEntriesPerKeysetMax: number;
}

/** A place that queues are opened on, one after the other; what one kept, the next finds. */
export interface PushQueuePlace extends AsyncDisposable {
  open(settings?: Partial<PushQueueSettings>): Promise<PushQueue>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two queues: one in memory does not. */
  readonly isDurable: boolean;
}

const NOW = 1_732_605_123_456;
const NOTICE: PushNotice = {
  app: { gateway: "apns2", environment: "production", topic: "app" },
  headers: { "apns-push-type": "alert" },
  body: '{"aps":{"alert":"Grüße 🦊"}}',
  excluded: ["ab"],
};
const DONE = { rest: undefined, again: [] };

const OTHER_NOTICE: PushNotice = { app: { gateway: "fcm" }, headers: {}, body: "{}", excluded: [] };

function sent(given: Partial<PushMessage> = {}): PushMessage {
  return {
    keyset: KEYSET,
    channel: "room",
    timetoken: 17_326_051_234_567_890n,
    isDebugged: false,
    expiresMs: NOW + 1_000,
    ...given,
  };
}

/** Registers the suite for an adapter. */
export function pushQueueConformance(adapter: string, makePlace: () => Promise<PushQueuePlace>): void {
  const claim = (queue: PushQueue, nowMs = NOW, jobsMax = 100, jobsPerKeysetMax = 100): Promise<readonly PushJob[]> =>
    queue.claim({ nowMs, jobsMax, jobsPerKeysetMax });
  const channels = (jobs: readonly PushJob[]): readonly string[] => jobs.map(({ channel }) => channel);
  const first = async (queue: PushQueue, nowMs = NOW): Promise<PushJob> => {
    const [one] = await claim(queue, nowMs);
    if (!one) throw new Error("nothing is due");
    return one;
  };

  test(`${adapter} [PSH50] a job is claimed as it was added, once, the longest due first`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    expect(await claim(queue)).toEqual([]);
    expect(await queue.add(sent({ isDebugged: true }), [NOTICE, OTHER_NOTICE], NOW)).toBe("kept");
    expect(await queue.add(sent({ channel: "earlier" }), [NOTICE], NOW - 1)).toBe("kept");
    expect(await queue.add(sent({ channel: "later" }), [NOTICE], NOW + 1)).toBe("kept");
    const jobs = await claim(queue);
    const fresh = { token: undefined, after: undefined, attempts: 0 };
    expect(jobs).toMatchObject([
      { ...sent({ channel: "earlier" }), notice: NOTICE, ...fresh },
      { ...sent({ isDebugged: true }), notice: NOTICE, ...fresh },
      { ...sent({ isDebugged: true }), notice: OTHER_NOTICE, ...fresh },
    ]);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(3);
    expect(await claim(queue)).toEqual([]);
    expect(channels(await claim(queue, NOW + 1))).toEqual(["later"]);
    await queue.stop();
  });

  test(`${adapter} [PSH51] a job that is done is gone, and one that is not goes on where it stands when it is due`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    await queue.add(sent(), [NOTICE], NOW);
    const rest = { after: "17", attempts: 2, dueMs: NOW + 50 };
    expect(await queue.settle(await first(queue), { rest, again: [] }, NOW)).toBe("kept");
    expect(await claim(queue, NOW + 49)).toEqual([]);
    const again = await first(queue, NOW + 50);
    expect(again).toMatchObject({ ...sent(), notice: NOTICE, token: undefined, after: "17", attempts: 2 });
    expect(await queue.settle(again, DONE, NOW)).toBe("kept");
    expect(await claim(queue, NOW + 1_000_000)).toEqual([]);
    await queue.stop();
  });

  test(`${adapter} [PSH52] devices that are to be sent to again become jobs of their own`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    await queue.add(sent({ isDebugged: true }), [NOTICE], NOW);
    const again = [
      { token: "phone", dueMs: NOW + 10 },
      { token: 'ta"blet', dueMs: NOW + 20 },
    ];
    expect(await queue.settle(await first(queue), { rest: undefined, again }, NOW)).toBe("kept");
    const notice = { ...NOTICE, excluded: [] };
    const phone = await first(queue, NOW + 10);
    const expected = { ...sent({ isDebugged: true }), notice, after: undefined, attempts: 1 };
    expect(phone).toMatchObject({ ...expected, token: "phone" });
    const rest = { after: undefined, attempts: 2, dueMs: NOW + 30 };
    await queue.settle(phone, { rest, again: [] }, NOW);
    expect(await claim(queue, NOW + 30)).toMatchObject([
      { ...expected, token: 'ta"blet' },
      { ...expected, token: "phone", attempts: 2 },
    ]);
    await queue.stop();
  });

  test(`${adapter} [PSH53] every keyset has its share of what is claimed`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    const many = Array.from({ length: 10 }, (_, at) => sent({ channel: `c${at}` }));
    for (const one of many) await queue.add(one, [NOTICE], NOW);
    await queue.add(sent({ keyset: OTHER_KEYSET, channel: "o" }), [NOTICE], NOW + 5);
    const jobs = await claim(queue, NOW + 5, 100, 3);
    expect(channels(jobs).toSorted()).toEqual(["c0", "c1", "c2", "o"]);
    expect(await claim(queue, NOW + 5, 100, 3)).toEqual([]); // as many are in hand as may be
    await queue.settle(jobs.find(({ channel }) => channel === "c1") as PushJob, DONE, NOW);
    expect(channels(await claim(queue, NOW + 5, 100, 3))).toEqual(["c3"]);
    expect(channels(await claim(queue, NOW + 5, 2, 100))).toEqual(["c4", "c5"]);
    const turns = new Set<string>();
    await queue.add(sent({ keyset: OTHER_KEYSET, channel: "o" }), [NOTICE], NOW);
    for (let turn = 0; turn < 2; turn++) {
      for (const one of await claim(queue, NOW + 5, 1, 100)) turns.add(one.keyset);
    }
    expect([...turns].toSorted()).toEqual([OTHER_KEYSET, KEYSET].toSorted());
    await queue.stop();
  });

  test(`${adapter} [PSH54] bounds are exact: the jobs of a message come all or none, and what leaves makes room`, async () => {
    await using place = await makePlace();
    const queue = await place.open({ pushQueueEntriesPerKeysetMax: 3, pushQueueEntriesMax: 4 });
    expect(await queue.add(sent(), [NOTICE, NOTICE, NOTICE, NOTICE], NOW)).toBe("full");
    expect(await claim(queue)).toEqual([]);
    expect(await queue.add(sent(), [NOTICE, NOTICE], NOW)).toBe("kept");
    expect(await queue.add(sent(), [NOTICE, NOTICE], NOW)).toBe("full");
    expect(await queue.add(sent({ keyset: OTHER_KEYSET }), [NOTICE, NOTICE], NOW)).toBe("kept");
    expect(await queue.add(sent(), [NOTICE], NOW)).toBe("full"); // of all keysets together
    const [one, two] = (await claim(queue)).filter(({ keyset }) => keyset === KEYSET) as [PushJob, PushJob];
    const devices = ["a", "b", "c"].map((token) => ({ token, dueMs: NOW }));
    const rest = { after: "1", attempts: 0, dueMs: NOW };
    expect(await queue.settle(one, { rest, again: devices }, NOW)).toBe("full");
    expect(await claim(queue)).toMatchObject([{ after: "1" }]);
    expect(await queue.settle(two, { rest: undefined, again: devices.slice(0, 1) }, NOW)).toBe("kept");
    expect(await claim(queue)).toMatchObject([{ token: "a" }]);
    await queue.stop();
  });

  test(`${adapter} [PSH55] what the disk refuses is not kept, and a job that could not be settled comes again`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    await queue.add(sent(), [NOTICE], NOW);
    const claimed = await first(queue);
    place.setDisk("refuses");
    expect(await queue.add(sent(), [NOTICE], NOW)).toBe("unavailable");
    expect(await queue.settle(claimed, DONE, NOW)).toBe("unavailable");
    expect(await claim(queue)).toEqual([]);
    place.setDisk("takes");
    const again = await claim(queue, NOW + 60_000);
    expect(again).toMatchObject([{ id: claimed.id }]);
    expect(await queue.settle(again[0] as PushJob, DONE, NOW)).toBe("kept");
    expect(await claim(queue, NOW + 600_000)).toEqual([]);
    await queue.stop();
  });

  test(`${adapter} [PSH56 PSH57] a later queue finds what waits, claimed or not; one that was stopped refuses`, async () => {
    await using place = await makePlace();
    const queue = await place.open();
    await queue.add(sent(), [NOTICE], NOW);
    await queue.add(sent({ channel: "done" }), [NOTICE], NOW);
    const [claimed, done] = (await claim(queue)) as [PushJob, PushJob];
    await queue.settle(done, DONE, NOW);
    const last = queue.add(sent({ channel: "last" }), [NOTICE], NOW);
    await queue.stop();
    expect(await last).toBe("kept");
    expect(await queue.add(sent(), [NOTICE], NOW)).toBe("unavailable");
    expect(await queue.settle(claimed, DONE, NOW)).toBe("unavailable");
    const later = await place.open();
    expect(channels(await claim(later))).toEqual(place.isDurable ? ["room", "last"] : []);
    await later.stop();
  });
}
