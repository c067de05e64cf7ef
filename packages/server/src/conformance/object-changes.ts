/**
 * Cases that every object store passes: what changes keep, and what they say that they did.
 *
 * @module
 */
import { expect, test } from "bun:test";
import type { Condition } from "../ports/object-listing.ts";
import { METADATA_TEXTS } from "../ports/object-record.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";
import {
  ALL,
  ANN,
  type MakeObjectPlace,
  NOW_US,
  ROOM,
  idsOf,
  named,
  othersOf,
  relating,
  setting,
  tagOf,
} from "./object-cases.ts";

/** Registers them for an adapter. */
export function objectChangeCases(adapter: string, makePlace: MakeObjectPlace): void {
  test(`${adapter} [OBJ40] what was set is read back, every part of it`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const texts = Object.fromEntries(METADATA_TEXTS.uuid.map((name) => [name, `${name} 🦊'"%_*\u0000`]));
    const custom = '{"__proto__":1.50,"b":"ä","a":null,"2":true,"1":9007199254740991}';
    const outcome = await store.setMetadata(setting(ANN, { texts, custom }));
    expect(outcome).toMatchObject({ kind: "set", changed: { texts, custom }, channels: [] });
    const metadata = await store.metadata(ANN);
    expect(metadata).toEqual({ id: "ann", texts, custom, updatedUs: NOW_US, eTag: metadata?.eTag ?? "" });
    expect(metadata?.eTag).toMatch(/^[0-9a-f]{32}$/);
    for (const other of [{ id: "Ann" }, { kind: "channel" }, { keyset: OTHER_KEYSET }] as const) {
      expect(await store.metadata({ ...ANN, ...other })).toBeUndefined();
    }
    await store.changeRelations(relating(ANN, [["room", { texts: { type: "t", status: "s" }, custom }]]));
    const members = await store.listRelations({ ...ALL, ...ROOM, includesOther: true });
    expect(members).toMatchObject({
      items: [
        { relation: { uuid: "ann", channel: "room", texts: { type: "t", status: "s" }, custom }, other: metadata },
      ],
    });
    await store.stop();
  });

  test(`${adapter} [OBJ40] keysets, kinds and names are apart`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const ids = ["a", "A", "ä", "a ", "🦊", "__proto__", "'", "%"];
    for (const keyset of [KEYSET, OTHER_KEYSET]) {
      for (const kind of ["uuid", "channel"] as const) {
        for (const id of ids) await store.setMetadata(setting({ keyset, kind, id }, named(`${keyset} ${kind} ${id}`)));
      }
    }
    await store.removeMetadata({ ...ANN, id: "a", cascades: false });
    expect(await store.metadata({ ...ANN, id: "a" })).toBeUndefined();
    expect(await idsOf(store, { keyset: KEYSET, kind: "uuid" })).toHaveLength(ids.length - 1);
    expect(await idsOf(store, { keyset: OTHER_KEYSET, kind: "uuid" })).toHaveLength(ids.length);
    const channel = await store.metadata({ ...ROOM, id: "a" });
    expect(channel?.texts).toEqual({ name: `${KEYSET} channel a` });
    await store.stop();
  });

  test(`${adapter} [OBJ12 OBJ15 OBJ46] what changes nothing is unchanged, and the instant rises with what does`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await store.setMetadata(setting(ANN, { texts: {} }))).toMatchObject({ kind: "set", changed: { texts: {} } });
    const patch = { texts: { name: "Ann", email: null }, custom: '{"a":1,"b":2}' };
    const second = await store.setMetadata(setting(ANN, patch, { nowUs: NOW_US - 5 }));
    expect(second).toMatchObject({
      kind: "set",
      metadata: { updatedUs: NOW_US + 1 },
      changed: { texts: { name: "Ann" }, custom: '{"a":1,"b":2}' },
    });
    for (const same of [{ texts: {} }, named("Ann"), { texts: {}, custom: '{"b":2,"a":1.0}' }, patch]) {
      const outcome = await store.setMetadata(setting(ANN, same, { nowUs: NOW_US + 100 }));
      expect(outcome).toMatchObject({ kind: "unchanged", metadata: { updatedUs: NOW_US + 1, custom: patch.custom } });
    }
    const cleared = await store.setMetadata(
      setting(ANN, { texts: { name: null }, custom: null }, { nowUs: NOW_US + 100 }),
    );
    expect(cleared).toMatchObject({
      changed: { texts: { name: null }, custom: null },
      metadata: { updatedUs: NOW_US + 100 },
    });
    await store.stop();
  });

  test(`${adapter} [OBJ13] an eTag is another after a change, and the same for the same content`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const tags: (string | undefined)[] = [];
    for (const name of ["one", "other", "one"]) {
      await store.setMetadata(setting(ANN, named(name)));
      tags.push(await tagOf(store, ANN));
    }
    expect(tags[0]).not.toBe(tags[1] ?? "");
    expect(tags[2]).toBe(tags[0] ?? "");
    await store.changeRelations(relating(ANN, ["a", ["b", { texts: {}, custom: '{"x":1}' }], "c"]));
    const page = await store.listRelations({ ...ALL, ...ANN, includesOther: false });
    const [a, b, c] = page.kind === "page" ? page.items.map(({ relation }) => relation.eTag) : [];
    expect(a).toMatch(/^[A-Za-z0-9+/]{14}$/);
    expect(c).toBe(a ?? "");
    expect(b).not.toBe(a ?? "");
    await store.stop();
  });

  test(`${adapter} [OBJ14 OBJ41] of writes on the same eTag at the same time one succeeds`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await store.setMetadata(setting(ANN, named("x"), { ifMatch: "any" }))).toEqual({ kind: "modified" });
    expect(await store.metadata(ANN)).toBeUndefined();
    await store.setMetadata(setting(ANN, named("first")));
    const ifMatch = await tagOf(store, ANN);
    const writes = Array.from({ length: 10 }, (_, at) => store.setMetadata(setting(ANN, named(`${at}`), { ifMatch })));
    const kinds = (await Promise.all(writes)).map(({ kind }) => kind);
    expect(kinds).toEqual(["set", ...Array<"modified">(9).fill("modified")]);
    expect((await store.metadata(ANN))?.texts.name).toBe("0");
    await store.stop();
  });

  test(`${adapter} [OBJ41] changes at the same time happen in the order of the calls, each on what the others left`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const texts = ["name", "email", "status"] as const;
    await Promise.all(texts.map((name, at) => store.setMetadata(setting(ANN, { texts: { [name]: `${at}` } }))));
    expect((await store.metadata(ANN))?.texts).toEqual({ name: "0", email: "1", status: "2" });
    const outcomes = [
      store.removeMetadata({ ...ANN, cascades: false }),
      store.removeMetadata({ ...ANN, cascades: false }),
      store.setMetadata(setting(ANN, { texts: {} })),
    ];
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(["removed", "none", "set"]);
    expect((await store.metadata(ANN))?.texts).toEqual({});
    await store.stop();
  });

  test(`${adapter} [OBJ16 OBJ46] relations are set and then removed, and the outcome says what is different`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const active = { texts: { status: "active" } };
    const first = await store.changeRelations(relating(ANN, ["a", ["b", active]], { remove: ["c"] }));
    expect(first).toMatchObject({ kind: "kept", set: [{ channel: "a" }, { channel: "b" }], removed: [] });
    const typed = { texts: { type: "t" } };
    const second = await store.changeRelations(
      relating(ANN, ["a", ["b", typed], ["b", { texts: {}, custom: "{}" }], "d"], { remove: ["a", "d", "d"] }),
    );
    expect(second).toMatchObject({
      kind: "kept",
      set: [{ uuid: "ann", channel: "b", texts: { status: "active", type: "t" }, custom: "{}" }],
      removed: [{ uuid: "ann", channel: "a" }],
    });
    expect(await othersOf(store, ANN)).toEqual(["b"]);
    expect(await store.changeRelations(relating({ ...ROOM, id: "b" }, [["ann", active]]))).toEqual({
      kind: "kept",
      set: [],
      removed: [],
    });
    await store.stop();
  });

  test(`${adapter} [OBJ46] a user's change knows its channels, before it is deleted too`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.changeRelations(relating(ANN, ["b", "a"]));
    await store.changeRelations(relating({ ...ROOM, id: "c" }, ["ann", "bob"]));
    expect(await store.setMetadata(setting(ANN, named("Ann")))).toMatchObject({ channels: ["a", "b", "c"] });
    await store.setMetadata(setting({ ...ROOM, id: "c" }, named("C")));
    const removal = { ...ROOM, id: "c", cascades: true };
    expect(await store.removeMetadata(removal)).toEqual({ kind: "removed", channels: [] });
    expect(await store.removeMetadata(removal)).toEqual({ kind: "none" });
    expect(await store.removeMetadata({ ...ANN, cascades: true })).toEqual({ kind: "removed", channels: ["a", "b"] });
    expect(await othersOf(store, ANN)).toEqual([]);
    expect(await othersOf(store, { ...ROOM, id: "a" })).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [OBJ23] whoever has no metadata matches where one of several conditions asks for what is not there`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.changeRelations(relating(ROOM, ["ann", "bob"]));
    await store.setMetadata(setting(ANN, named("Ann")));
    const updated = { kind: "updated", owner: "other" } as const;
    const name = { kind: "text", name: "name", owner: "other" } as const;
    const matches = async (...conditions: readonly Condition[]): Promise<number | undefined> => {
      const listing = { ...ALL, condition: { kind: "or", conditions }, counts: true } as const;
      const page = await store.listRelations({ ...ROOM, ...listing, includesOther: true });
      return page.kind === "page" && page.items.length === page.total ? page.total : undefined;
    };
    const isNow = { kind: "compare", field: updated, comparison: "==", value: NOW_US } as const;
    const isAnn = { kind: "compare", field: name, comparison: "==", value: "Ann" } as const;
    expect(await matches(isNow, { kind: "presence", field: updated, isPresent: false })).toBe(2);
    expect(await matches(isAnn, { kind: "presence", field: name, isPresent: false })).toBe(2);
    expect(await matches(isNow, isAnn)).toBe(1);
    expect(
      await matches(isNow, { kind: "or", conditions: [isAnn, { kind: "presence", field: name, isPresent: false }] }),
    ).toBe(2);
    await store.stop();
  });
}
