/**
 * Cases that every object store passes: changes that are refused, by limits and by the disk, and what a stop leaves.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { OTHER_KEYSET } from "./fixtures.ts";
import { ALL, ANN, type MakeObjectPlace, ROOM, idsOf, named, othersOf, relating, setting } from "./object-cases.ts";

/** Registers them for an adapter. */
export function objectRefusalCases(adapter: string, makePlace: MakeObjectPlace): void {
  test(`${adapter} [OBJ18 OBJ42] where metadata is required, one end without it refuses the whole change`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const requiresMetadata = true;
    await store.setMetadata(setting(ROOM, { texts: {} }));
    expect(await store.changeRelations(relating(ANN, ["room"], { requiresMetadata }))).toEqual({
      kind: "metadataMissing",
    });
    await store.setMetadata(setting(ANN, { texts: {} }));
    const both = relating(ANN, ["room", "nowhere"], { requiresMetadata });
    expect(await store.changeRelations(both)).toEqual({ kind: "metadataMissing" });
    expect(await othersOf(store, ANN)).toEqual([]);
    expect(await store.changeRelations(relating(ANN, ["room"], { requiresMetadata }))).toMatchObject({ kind: "kept" });
    const removal = relating(ANN, [], { remove: ["nowhere"], requiresMetadata });
    expect(await store.changeRelations(removal)).toMatchObject({ kind: "kept" });
    await store.stop();
  });

  test(`${adapter} [OBJ19 OBJ33 OBJ42] a change beyond a limit does nothing at all`, async () => {
    await using place = await makePlace();
    const store = await place.open({ membershipsPerUserMax: 2, objectBytesMax: 10 });
    expect(await store.setMetadata(setting(ANN, named("12345678901")))).toEqual({ kind: "tooLarge" });
    expect(await store.setMetadata(setting(ANN, named("ääääää")))).toEqual({ kind: "tooLarge" });
    expect(await store.setMetadata(setting(ANN, named("12345")))).toMatchObject({ kind: "set" });
    expect(await store.setMetadata(setting(ANN, { texts: { email: "123456" } }))).toEqual({ kind: "tooLarge" });
    expect((await store.metadata(ANN))?.texts).toEqual({ name: "12345" });
    expect(await store.changeRelations(relating(ANN, ["a", "b", "c"]))).toEqual({ kind: "tooMany" });
    expect(await othersOf(store, ANN)).toEqual([]);
    await store.changeRelations(relating(ANN, ["a", "b"]));
    expect(await store.changeRelations(relating({ ...ROOM, id: "c" }, ["bob", "ann"]))).toEqual({ kind: "tooMany" });
    expect(await othersOf(store, { ...ROOM, id: "c" })).toEqual([]);
    expect(await store.changeRelations(relating(ANN, ["a", "c"], { remove: ["b"] }))).toMatchObject({ kind: "kept" });
    expect(await othersOf(store, ANN)).toEqual(["a", "c"]);
    const large = relating(ANN, ["a", ["c", { texts: { type: "12345678901" } }]]);
    expect(await store.changeRelations(large)).toEqual({ kind: "tooLarge" });
    await store.stop();
  });

  test(`${adapter} [OBJ43] a change that the disk refuses does nothing, and the next one succeeds`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.setMetadata(setting(ANN, named("kept")));
    await store.changeRelations(relating(ANN, ["a"]));
    place.setDisk("refuses");
    const refused = [
      await store.setMetadata(setting(ANN, named("lost"))),
      await store.removeMetadata({ ...ANN, cascades: true }),
      await store.changeRelations(relating(ANN, ["b"], { remove: ["a"] })),
    ];
    for (const outcome of refused) expect(outcome).toEqual({ kind: "unavailable" });
    expect((await store.metadata(ANN))?.texts).toEqual({ name: "kept" });
    expect(await othersOf(store, ANN)).toEqual(["a"]);
    place.setDisk("takes");
    expect(await store.setMetadata(setting(ANN, named("next")))).toMatchObject({ kind: "set" });
    await store.stop();
  });

  test(`${adapter} [OBJ44] what waits is bounded for each keyset, and nothing that was refused is kept`, async () => {
    await using place = await makePlace();
    const store = await place.open({ objectChangesPerKeysetMax: 3 });
    place.setDisk("stalls");
    const ids = ["a", "b", "c", "d", "e"];
    const changes = ids.map((id) => store.setMetadata(setting({ ...ANN, id }, { texts: {} })));
    for (const refused of await Promise.all(changes.slice(3))) expect(refused).toEqual({ kind: "overloaded" });
    const elsewhere = store.setMetadata(setting({ ...ANN, keyset: OTHER_KEYSET }, { texts: {} }));
    place.setDisk("takes");
    expect(await elsewhere).toMatchObject({ kind: "set" });
    for (const kept of await Promise.all(changes.slice(0, 3))) expect(kept).toMatchObject({ kind: "set" });
    expect(await idsOf(store, ANN)).toEqual(["a", "b", "c"]);
    await store.stop();
  });

  test(`${adapter} [OBJ45] a later store finds what an earlier one kept; a stop waits for what is under way`, async () => {
    await using place = await makePlace();
    const first = await place.open();
    await first.setMetadata(setting(ANN, named("Ann")));
    const last = first.changeRelations(relating(ANN, ["room"]));
    await Promise.all([first.stop(), first.stop()]);
    expect(await last).toMatchObject({ kind: "kept" });
    expect(await first.setMetadata(setting(ANN, named("late")))).toEqual({ kind: "unavailable" });
    const second = await place.open();
    expect((await second.metadata(ANN))?.texts.name).toBe(place.isDurable ? "Ann" : undefined);
    expect(await othersOf(second, ROOM)).toEqual(place.isDurable ? ["ann"] : []);
    const page = await second.listRelations({ ...ALL, ...ROOM, counts: true, includesOther: false });
    expect(page).toMatchObject({ total: place.isDurable ? 1 : 0 });
    await second.stop();
  });
}
