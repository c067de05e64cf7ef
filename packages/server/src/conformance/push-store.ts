/**
 * The suite that every push store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import type { PushApp, PushChangeOutcome, PushDevice, PushStore } from "../ports/push-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";

/** How a push store is opened for one case: with its bounds, where a case needs small ones. */
export interface PushStoreSettings {
  readonly pushDeviceChannelsMax: number;
  readonly pushRegistrationsPerKeysetMax: number;
  readonly pushChangesPerKeysetMax: number;
}

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface PushStorePlace extends AsyncDisposable {
  open(settings?: Partial<PushStoreSettings>): Promise<PushStore>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
}

const FCM: PushApp = { gateway: "fcm" };
const apple = (topic: string, environment: "development" | "production" = "production"): PushApp => ({
  gateway: "apns2",
  environment,
  topic,
});
const device = (token = "phone", app: PushApp = FCM, keyset = KEYSET): PushDevice => ({ keyset, app, token });
const NOW = 1_732_605_123_456;
const KEPT = { kind: "kept" } as const;
const TOO_MANY = { kind: "tooMany" } as const;
const UNAVAILABLE = { kind: "unavailable" } as const;

/** Registers the suite for an adapter. */
export function pushStoreConformance(adapter: string, makePlace: () => Promise<PushStorePlace>): void {
  const change = (
    store: PushStore,
    add: readonly string[],
    remove: readonly string[] = [],
    of = device(),
  ): Promise<PushChangeOutcome> => store.change(of, { add, remove, nowMs: NOW });
  const channels = (store: PushStore, of = device()): Promise<readonly string[]> =>
    store.channels(of, { after: "", channelsMax: 10_000 });
  const tokens = async (
    store: PushStore,
    channel: string,
    app: PushApp = FCM,
    keyset = KEYSET,
  ): Promise<readonly string[]> =>
    (await store.devices({ keyset, channel, app, after: undefined, devicesMax: 100 })).tokens.toSorted();

  test(`${adapter} [PSH20] a device has what was added less what was removed, and is gone with its last channel`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await change(store, ["b", "a"])).toEqual(KEPT);
    expect(await change(store, ["c", "a"])).toEqual(KEPT);
    expect(await channels(store)).toEqual(["a", "b", "c"]);
    expect(await change(store, [], ["b", "nobody"])).toEqual(KEPT);
    expect(await channels(store)).toEqual(["a", "c"]);
    expect(await change(store, ["c", "d"], ["a", "c"])).toEqual(KEPT);
    expect(await channels(store)).toEqual(["c", "d"]);
    expect(await tokens(store, "c")).toEqual(["phone"]);
    expect(await change(store, [], ["c", "d"])).toEqual(KEPT);
    expect(await channels(store)).toEqual([]);
    expect(await tokens(store, "c")).toEqual([]);
    expect(await change(store, [], ["c"])).toEqual(KEPT);
    expect(await store.removeDevice(device())).toEqual({ kind: "none" });
    await store.stop();
  });

  test(`${adapter} [PSH20] a page of channels is in the order of their bytes, as they came`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const names = ["Z", "a", "a:b", "it's", 'quo"te', "Ünder", "�", "🦊"];
    await change(store, names.toReversed());
    const page = (after: string, channelsMax: number): Promise<readonly string[]> =>
      store.channels(device(), { after, channelsMax });
    expect(await page("", 100)).toEqual(names);
    expect(await page("", 3)).toEqual(names.slice(0, 3));
    expect(await page("a:b", 2)).toEqual(names.slice(3, 5));
    expect(await page("aa", 1)).toEqual(["it's"]);
    expect(await page("🦊", 10)).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [PSH21] devices are apart by everything that names them`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const devices = [
      device(),
      device("phone", { gateway: "apns" }),
      device("phone", { gateway: "mpns" }),
      device("phone", apple("app")),
      device("phone", apple("app", "development")),
      device("phone", apple("app2")),
      device("Phone"),
      device("phone", FCM, OTHER_KEYSET),
    ];
    for (const [at, one] of devices.entries()) await change(store, ["all", `only-${at}`], [], one);
    for (const [at, one] of devices.entries()) expect(await channels(store, one)).toEqual(["all", `only-${at}`]);
    expect(await tokens(store, "all")).toEqual(["Phone", "phone"]);
    for (const one of devices.slice(3, 6)) expect(await tokens(store, "all", one.app)).toEqual(["phone"]);
    expect(await tokens(store, "only-4", apple("app"))).toEqual([]);
    expect(await tokens(store, "only-4", apple("app", "development"))).toEqual(["phone"]);
    expect(await store.removeDevice(device("phone", apple("app")))).toEqual({ kind: "removed" });
    expect(await channels(store, device("phone", apple("app")))).toEqual([]);
    for (const at of [0, 1, 2, 4, 5, 6, 7]) expect(await channels(store, devices[at])).toEqual(["all", `only-${at}`]);
    await store.stop();
  });

  test(`${adapter} [PSH22] bounds are exact and hold for what is there afterwards`, async () => {
    await using place = await makePlace();
    const store = await place.open({ pushDeviceChannelsMax: 3, pushRegistrationsPerKeysetMax: 5 });
    expect(await change(store, ["a", "b", "c", "d"])).toEqual(TOO_MANY);
    expect(await channels(store)).toEqual([]);
    expect(await store.removeDevice(device())).toEqual({ kind: "none" });
    expect(await change(store, ["a", "b", "c"])).toEqual(KEPT);
    expect(await change(store, ["d"], ["nobody"])).toEqual(TOO_MANY);
    expect(await change(store, ["d", "e"], ["a"])).toEqual(TOO_MANY);
    expect(await channels(store)).toEqual(["a", "b", "c"]);
    expect(await change(store, ["a", "b"])).toEqual(KEPT); // nothing is new
    expect(await change(store, ["d", "e"], ["a", "b"])).toEqual(KEPT);
    expect(await channels(store)).toEqual(["c", "d", "e"]);
    expect(await change(store, ["x", "y", "z"], [], device("tablet"))).toEqual(TOO_MANY);
    expect(await change(store, ["x", "y"], [], device("tablet"))).toEqual(KEPT);
    expect(await change(store, ["x"], [], device("watch"))).toEqual(TOO_MANY);
    expect(await change(store, ["x"], [], device("watch", FCM, OTHER_KEYSET))).toEqual(KEPT);
    await change(store, [], ["x"], device("tablet"));
    expect(await change(store, ["x"], [], device("watch"))).toEqual(KEPT);
    await store.removeDevice(device());
    expect(await change(store, ["x", "z"], [], device("tablet"))).toEqual(KEPT);
    await store.stop();
  });

  test(`${adapter} [PSH22] changes at once pass no bound between them`, async () => {
    await using place = await makePlace();
    const store = await place.open({ pushDeviceChannelsMax: 10, pushRegistrationsPerKeysetMax: 14 });
    const names = Array.from({ length: 30 }, (_, at) => `c${at}`);
    const outcomes = await Promise.all(names.map((name) => change(store, [name])));
    expect(outcomes.filter(({ kind }) => kind === "kept")).toHaveLength(10);
    expect(await channels(store)).toEqual(names.slice(0, 10).toSorted());
    const others = await Promise.all(names.map((name) => change(store, ["all"], [], device(name))));
    expect(others.filter(({ kind }) => kind === "kept")).toHaveLength(4);
    expect(await tokens(store, "all")).toHaveLength(4);
    await store.stop();
  });

  test(`${adapter} [PSH23] the devices of a channel come page by page, each once`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const all = Array.from({ length: 25 }, (_, at) => `phone-${at}`);
    for (const token of all) await change(store, ["room"], [], device(token));
    for (const token of all) await change(store, ["room"], [], device(token, apple("app")));
    await change(store, ["other"], [], device("elsewhere"));
    const found: string[] = [];
    let pages = 0;
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await store.devices({ keyset: KEYSET, channel: "room", app: FCM, after, devicesMax: 10 });
      found.push(...page.tokens);
      after = page.next;
      pages += 1;
    }
    expect(found.toSorted()).toEqual(all.toSorted());
    expect(pages).toBe(3);
    const exact = await store.devices({
      keyset: KEYSET,
      channel: "room",
      app: FCM,
      after: undefined,
      devicesMax: 25,
    });
    expect(exact.next).toBeUndefined();
    await store.stop();
  });

  test(`${adapter} [PSH24] a removal spares a device that was registered after its instant`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const at = (nowMs: number, add: readonly string[], remove: readonly string[] = []): Promise<PushChangeOutcome> =>
      store.change(device(), { add, remove, nowMs });
    await at(1_000, ["a", "b"]);
    expect(await store.removeDevice(device(), 999)).toEqual({ kind: "none" });
    await at(2_000, ["a"]); // registered already: registered again
    await at(3_000, [], ["b"]);
    expect(await store.removeDevice(device(), 1_999)).toEqual({ kind: "none" });
    await at(1_500, ["c"]); // a clock that was set back
    expect(await store.removeDevice(device(), 1_999)).toEqual({ kind: "none" });
    expect(await channels(store)).toEqual(["a", "c"]);
    expect(await store.removeDevice(device(), 2_000)).toEqual({ kind: "removed" });
    expect(await channels(store)).toEqual([]);
    expect(await tokens(store, "a")).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [PSH25] what waits is bounded for each keyset, and nothing that was refused is kept`, async () => {
    await using place = await makePlace();
    const store = await place.open({ pushChangesPerKeysetMax: 3 });
    place.setDisk("stalls");
    const names = ["a", "b", "c", "d", "e"];
    const changes = names.map((name) => change(store, [name]));
    for (const refused of await Promise.all(changes.slice(3))) expect(refused).toEqual({ kind: "overloaded" });
    expect(await store.removeDevice(device())).toEqual({ kind: "overloaded" });
    const elsewhere = change(store, ["a"], [], device("phone", FCM, OTHER_KEYSET));
    place.setDisk("takes");
    expect(await elsewhere).toEqual(KEPT);
    expect(await Promise.all(changes.slice(0, 3))).toEqual([KEPT, KEPT, KEPT]);
    expect(await channels(store)).toEqual(["a", "b", "c"]);
    expect(await change(store, ["later"])).toEqual(KEPT);
    await store.stop();
  });

  test(`${adapter} [PSH26] a change that the disk refuses does nothing, and the next one succeeds`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await change(store, ["a"]);
    place.setDisk("refuses");
    expect(await change(store, ["b"])).toEqual(UNAVAILABLE);
    expect(await change(store, [], ["a"])).toEqual(UNAVAILABLE);
    expect(await store.removeDevice(device())).toEqual(UNAVAILABLE);
    expect(await channels(store)).toEqual(["a"]);
    place.setDisk("takes");
    expect(await change(store, ["b"])).toEqual(KEPT);
    expect(await channels(store)).toEqual(["a", "b"]);
    await store.stop();
  });

  test(`${adapter} [PSH27] a later store finds what an earlier one kept, and counts it`, async () => {
    await using place = await makePlace();
    const first = await place.open();
    await change(first, ["a", "b"]);
    const last = change(first, ["c"], ["a"]);
    await first.stop();
    expect(await last).toEqual(KEPT);
    expect(await change(first, ["d"])).toEqual(UNAVAILABLE);
    expect(await first.removeDevice(device())).toEqual(UNAVAILABLE);
    await first.stop();
    const second = await place.open({ pushRegistrationsPerKeysetMax: 2 });
    expect(await channels(second)).toEqual(place.isDurable ? ["b", "c"] : []);
    expect(await change(second, ["d"])).toEqual(place.isDurable ? TOO_MANY : KEPT);
    await second.stop();
  });
}
