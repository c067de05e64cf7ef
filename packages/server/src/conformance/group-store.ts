/**
 * The suite that every group store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import type { GroupChange, GroupChangeOutcome, GroupStore } from "../ports/group-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";

/** How a group store is opened for one case: with its limits, where a case needs small ones. */
export interface GroupStoreSettings {
  readonly channelsPerGroupMax: number;
  readonly groupsPerKeysetMax: number;
  readonly groupChangesPerKeysetMax: number;
}

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface GroupStorePlace extends AsyncDisposable {
  open(settings?: Partial<GroupStoreSettings>): Promise<GroupStore>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
}

const edit = (group: string, add: readonly string[], remove: readonly string[] = []): GroupChange => ({
  kind: "edit",
  group,
  add,
  remove,
});
const kept = (...changed: readonly string[]): GroupChangeOutcome => ({ kind: "kept", changed });

/** Registers the suite for an adapter. */
export function groupStoreConformance(adapter: string, makePlace: () => Promise<GroupStorePlace>): void {
  const members = async (store: GroupStore, group = "g", keyset = KEYSET): Promise<readonly string[]> =>
    (await store.members(keyset, group)).toSorted();

  test(`${adapter} [GRP20] a group begins with its first member and ends with its last`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await store.groups(KEYSET, "")).toEqual([]);
    expect(await store.change(KEYSET, edit("g", ["a", "b"]))).toEqual(kept("g"));
    expect(await store.groups(KEYSET, "")).toEqual(["g"]);
    expect(await members(store)).toEqual(["a", "b"]);
    expect(await store.change(KEYSET, edit("g", [], ["a"]))).toEqual(kept("g"));
    expect(await members(store)).toEqual(["b"]);
    expect(await store.change(KEYSET, edit("g", [], ["b"]))).toEqual(kept("g"));
    expect(await members(store)).toEqual([]);
    expect(await store.groups(KEYSET, "")).toEqual([]);
    expect(await store.change(KEYSET, edit("g", ["c"]))).toEqual(kept("g"));
    expect(await members(store)).toEqual(["c"]);
    await store.stop();
  });

  test(`${adapter} [GRP20] names are kept as they came`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const channels = ["a:b", "Grüße", "🦊", "__proto__", "room-pnpres", "%22", "it's", 'quo"te', "A", "a"];
    await store.change(KEYSET, edit("ns:Gruppe", channels));
    expect(await members(store, "ns:Gruppe")).toEqual(channels.toSorted());
    expect(await store.change(KEYSET, edit("ns:Gruppe", ["b"], channels))).toEqual(kept("ns:Gruppe"));
    expect(await members(store, "ns:Gruppe")).toEqual(["b"]);
    await store.stop();
  });

  test(`${adapter} [GRP22] a change says which groups have other members, and none where nothing is new`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.change(KEYSET, edit("g", ["a", "b"]));
    expect(await store.change(KEYSET, edit("g", ["a", "b"]))).toEqual(kept());
    expect(await store.change(KEYSET, edit("g", [], ["c"]))).toEqual(kept());
    expect(await store.change(KEYSET, edit("h", [], ["a"]))).toEqual(kept());
    expect(await store.change(KEYSET, edit("g", ["c"], ["c"]))).toEqual(kept());
    expect(await store.change(KEYSET, edit("h", ["c"], ["c"]))).toEqual(kept());
    expect(await store.change(KEYSET, { kind: "deleteGroup", group: "h" })).toEqual(kept());
    expect(await store.change(KEYSET, { kind: "deleteNamespace", namespace: "ns" })).toEqual(kept());
    expect(await store.groups(KEYSET, "")).toEqual(["g"]);
    await store.stop();
  });

  test(`${adapter} [GRP20] one change adds and then removes`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.change(KEYSET, edit("g", ["a", "b"]));
    expect(await store.change(KEYSET, edit("g", ["c", "d"], ["a", "d"]))).toEqual(kept("g"));
    expect(await members(store)).toEqual(["b", "c"]);
    await store.stop();
  });

  test(`${adapter} [GRP23] keysets, namespaces and groups are apart`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.change(KEYSET, edit("g", ["a"]));
    await store.change(KEYSET, edit("ns:g", ["b"]));
    await store.change(KEYSET, edit("ns:h", ["c"]));
    await store.change(KEYSET, edit("other:g", ["d"]));
    await store.change(OTHER_KEYSET, edit("ns:g", ["e"]));
    expect(await store.groups(KEYSET, "")).toEqual(["g"]);
    expect((await store.groups(KEYSET, "ns")).toSorted()).toEqual(["g", "h"]);
    expect((await store.namespaces(KEYSET)).toSorted()).toEqual(["ns", "other"]);
    expect(await store.change(KEYSET, { kind: "deleteGroup", group: "ns:g" })).toEqual(kept("ns:g"));
    expect(await members(store, "ns:g")).toEqual([]);
    expect(await members(store, "g")).toEqual(["a"]);
    expect(await members(store, "ns:g", OTHER_KEYSET)).toEqual(["e"]);
    await store.change(KEYSET, edit("ns:g", ["f"]));
    const outcome = await store.change(KEYSET, { kind: "deleteNamespace", namespace: "ns" });
    expect(outcome.kind === "kept" && outcome.changed.toSorted()).toEqual(["ns:g", "ns:h"]);
    expect(await store.namespaces(KEYSET)).toEqual(["other"]);
    expect(await members(store, "ns:h")).toEqual([]);
    expect(await members(store, "other:g")).toEqual(["d"]);
    expect(await members(store, "ns:g", OTHER_KEYSET)).toEqual(["e"]);
    await store.stop();
  });

  test(`${adapter} [GRP24] a group's channels are bounded, and a change beyond it does nothing at all`, async () => {
    await using place = await makePlace();
    const store = await place.open({ channelsPerGroupMax: 3 });
    expect(await store.change(KEYSET, edit("g", ["a", "b", "c", "d"]))).toEqual({ kind: "tooMany" });
    expect(await store.groups(KEYSET, "")).toEqual([]);
    await store.change(KEYSET, edit("g", ["a", "b"]));
    expect(await store.change(KEYSET, edit("g", ["c", "d"]))).toEqual({ kind: "tooMany" });
    expect(await members(store)).toEqual(["a", "b"]);
    // What is removed in the same change is removed after what is added has found its room, or not.
    expect(await store.change(KEYSET, edit("g", ["c", "d"], ["a", "b"]))).toEqual({ kind: "tooMany" });
    expect(await store.change(KEYSET, edit("g", ["a", "b", "c"]))).toEqual(kept("g"));
    expect(await store.change(KEYSET, edit("g", ["a", "c"], ["b"]))).toEqual(kept("g"));
    await store.stop();
  });

  test(`${adapter} [GRP24] a keyset's groups are bounded, those of its namespaces included`, async () => {
    await using place = await makePlace();
    const store = await place.open({ groupsPerKeysetMax: 3 });
    await store.change(KEYSET, edit("g", ["a"]));
    await store.change(KEYSET, edit("ns:g", ["a"]));
    await store.change(KEYSET, edit("ns:h", ["a"]));
    expect(await store.change(KEYSET, edit("h", ["a"]))).toEqual({ kind: "tooMany" });
    expect(await store.change(KEYSET, edit("h", ["a"], ["a"]))).toEqual({ kind: "tooMany" });
    expect(await store.change(KEYSET, edit("g", ["b"]))).toEqual(kept("g"));
    expect(await store.change(OTHER_KEYSET, edit("h", ["a"]))).toEqual(kept("h"));
    await store.change(KEYSET, edit("g", [], ["a", "b"]));
    expect(await store.change(KEYSET, edit("h", ["a"]))).toEqual(kept("h"));
    expect(await store.change(KEYSET, edit("i", ["a"]))).toEqual({ kind: "tooMany" });
    await store.change(KEYSET, { kind: "deleteNamespace", namespace: "ns" });
    for (const group of ["i", "j"]) expect(await store.change(KEYSET, edit(group, ["a"]))).toEqual(kept(group));
    await store.change(KEYSET, { kind: "deleteGroup", group: "i" });
    expect(await store.change(KEYSET, edit("k", ["a"]))).toEqual(kept("k"));
    expect(await store.change(KEYSET, edit("l", ["a"]))).toEqual({ kind: "tooMany" });
    await store.stop();
  });

  test(`${adapter} [GRP21 GRP24] changes at once take turns, and no limit is passed between them`, async () => {
    await using place = await makePlace();
    const store = await place.open({ channelsPerGroupMax: 10, groupsPerKeysetMax: 2 });
    const channels = Array.from({ length: 30 }, (_, at) => `c${at}`);
    const outcomes = await Promise.all(channels.map((channel) => store.change(KEYSET, edit("g", [channel]))));
    expect(outcomes.filter(({ kind }) => kind === "kept")).toHaveLength(10);
    expect(await members(store)).toEqual(channels.slice(0, 10).toSorted());
    await Promise.all(channels.map((channel) => store.change(KEYSET, edit(channel, ["a"]))));
    expect(await store.groups(KEYSET, "")).toHaveLength(2);
    const both = [edit("g", [], channels), edit("g", ["last"])];
    expect(await Promise.all(both.map((change) => store.change(KEYSET, change)))).toEqual([kept("g"), kept("g")]);
    expect(await members(store)).toEqual(["last"]);
    await store.stop();
  });

  test(`${adapter} [GRP25] what waits is bounded for each keyset, and nothing that was refused is kept`, async () => {
    await using place = await makePlace();
    const store = await place.open({ groupChangesPerKeysetMax: 5 });
    place.setDisk("stalls");
    const groups = Array.from({ length: 8 }, (_, at) => `g${at}`);
    const changes = groups.map((group) => store.change(KEYSET, edit(group, ["a"])));
    for (const refused of await Promise.all(changes.slice(5))) expect(refused).toEqual({ kind: "overloaded" });
    const elsewhere = store.change(OTHER_KEYSET, edit("g", ["a"]));
    place.setDisk("takes");
    expect(await elsewhere).toEqual(kept("g"));
    expect(await Promise.all(changes.slice(0, 5))).toEqual(groups.slice(0, 5).map((group) => kept(group)));
    expect((await store.groups(KEYSET, "")).toSorted()).toEqual(groups.slice(0, 5));
    expect(await store.change(KEYSET, edit("later", ["a"]))).toEqual(kept("later"));
    await store.stop();
  });

  test(`${adapter} [GRP26] a change that the disk refuses does nothing, and the next one succeeds`, async () => {
    await using place = await makePlace();
    const store = await place.open({ groupsPerKeysetMax: 2 });
    await store.change(KEYSET, edit("g", ["a"]));
    place.setDisk("refuses");
    const changes = [edit("g", ["b"]), edit("h", ["a"]), edit("g", [], ["a"])];
    for (const change of changes) expect(await store.change(KEYSET, change)).toEqual({ kind: "unavailable" });
    expect(await store.change(KEYSET, { kind: "deleteGroup", group: "g" })).toEqual({ kind: "unavailable" });
    expect(await members(store)).toEqual(["a"]);
    place.setDisk("takes");
    expect(await store.change(KEYSET, edit("h", ["a"]))).toEqual(kept("h"));
    expect(await store.change(KEYSET, edit("i", ["a"]))).toEqual({ kind: "tooMany" });
    await store.stop();
  });

  test(`${adapter} [GRP27] a later store finds what an earlier one kept, and counts it`, async () => {
    await using place = await makePlace();
    const first = await place.open();
    await first.change(KEYSET, edit("ns:g", ["a", "b"]));
    const last = first.change(KEYSET, edit("ns:g", ["c"], ["a"]));
    await first.stop();
    expect(await last).toEqual(kept("ns:g"));
    const second = await place.open({ groupsPerKeysetMax: 1 });
    expect(await members(second, "ns:g")).toEqual(place.isDurable ? ["b", "c"] : []);
    const outcome = await second.change(KEYSET, edit("h", ["a"]));
    expect(outcome.kind).toBe(place.isDurable ? "tooMany" : "kept");
    await second.stop();
  });

  test(`${adapter} [GRP27] a stop waits for changes that are under way`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    place.setDisk("stalls");
    const changes = [edit("g", ["a"]), edit("g", ["b"])].map((change) => store.change(KEYSET, change));
    let hasStopped = false;
    const stopping = store.stop().then(() => (hasStopped = true));
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(hasStopped).toBe(false);
    place.setDisk("takes");
    expect(await Promise.all(changes)).toEqual([kept("g"), kept("g")]);
    await stopping;
  });

  test(`${adapter} [GRP27] a store that was stopped refuses`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const stopping = store.stop();
    expect(await store.change(KEYSET, edit("g", ["a"]))).toEqual({ kind: "unavailable" });
    await stopping;
    await store.stop();
  });

  test(`${adapter} [GRP24] a group holds as many channels as the limit says, added at once`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const channels = Array.from({ length: LIMITS.channelsPerGroupMax }, (_, at) => `channel-${at}`);
    expect(await store.change(KEYSET, edit("g", channels))).toEqual(kept("g"));
    expect(await members(store)).toEqual(channels.toSorted());
    expect(await store.change(KEYSET, edit("g", ["one-more"]))).toEqual({ kind: "tooMany" });
    await store.stop();
  });
}
