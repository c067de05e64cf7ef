/**
 * The suite that every object store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import type { Condition, Field, Listing, SortKey } from "../ports/object-listing.ts";
import { type ContentPatch, METADATA_TEXTS, type ObjectKind, type TextName } from "../ports/object-record.ts";
import type {
  MetadataListing,
  MetadataPlace,
  MetadataRemoval,
  MetadataSet,
  ObjectStore,
  RelationsChange,
  RelationsPlace,
} from "../ports/object-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";
import { ObjectModel } from "./object-model.ts";

/** How an object store is opened for one case: with its limits, where a case needs small ones. */
export interface ObjectStoreSettings {
  readonly objectBytesMax: number;
  readonly membershipsPerUserMax: number;
  readonly objectChangesPerKeysetMax: number;
}

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface ObjectStorePlace extends AsyncDisposable {
  open(settings?: Partial<ObjectStoreSettings>): Promise<ObjectStore>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
  /** Whether all ranges count as too large to be ordered by ids where no order was asked for. */
  readonly isWalking?: boolean;
}

const NOW_US = 1_732_605_123_456_789;
const ANN: MetadataPlace = { keyset: KEYSET, kind: "uuid", id: "ann" };
const ROOM: MetadataPlace = { keyset: KEYSET, kind: "channel", id: "room" };
const ALL: Listing = { condition: undefined, sort: [], offset: 0, limit: 100, counts: false };

const setting = (place: MetadataPlace, patch: ContentPatch, more: Partial<MetadataSet> = {}): MetadataSet => ({
  ...place,
  patch,
  ifMatch: undefined,
  nowUs: NOW_US,
  ...more,
});
const named = (name: string): ContentPatch => ({ texts: { name } });
const relating = (
  place: RelationsPlace,
  set: readonly (string | readonly [string, ContentPatch])[],
  more: Partial<RelationsChange> = {},
): RelationsChange => ({
  ...place,
  set: set.map((entry) =>
    typeof entry === "string" ? { id: entry, patch: { texts: {} } } : { id: entry[0], patch: entry[1] },
  ),
  remove: [],
  requiresMetadata: false,
  nowUs: NOW_US,
  ...more,
});

async function tagOf(store: ObjectStore, place: MetadataPlace): Promise<string | undefined> {
  return (await store.metadata(place))?.eTag;
}

async function idsOf(store: ObjectStore, place: Omit<MetadataPlace, "id">): Promise<readonly string[]> {
  const page = await store.listMetadata({ ...ALL, ...place } satisfies MetadataListing);
  return page.kind === "page" ? page.items.map(({ id }) => id) : [];
}

async function othersOf(store: ObjectStore, place: RelationsPlace): Promise<readonly string[]> {
  const page = await store.listRelations({ ...ALL, ...place, includesOther: false });
  if (page.kind !== "page") return [];
  return page.items.map(({ relation }) => (place.kind === "uuid" ? relation.channel : relation.uuid));
}

/** Registers the suite for an adapter. */
export function objectStoreConformance(adapter: string, makePlace: () => Promise<ObjectStorePlace>): void {
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

  test(`${adapter} [OBJ21 OBJ22 OBJ23 OBJ24 OBJ26 OBJ29 OBJ47] listings are those of a plain model`, async () => {
    const property = fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 60 }), async (all) => {
      await using place = await makePlace();
      const store = await place.open();
      const model = new ObjectModel();
      for (const [at, step] of all.entries()) {
        await perform(store, model, place.isWalking ? inSomeOrder(step) : step, NOW_US + Math.floor(at / 2));
      }
      await store.stop();
    });
    await fc.assert(property, { numRuns: count({ quick: 40, full: 2_000 }), seed: seed() });
  });
}

type Step =
  | { readonly kind: "set"; readonly request: Omit<MetadataSet, "nowUs"> }
  | { readonly kind: "remove"; readonly request: MetadataRemoval }
  | { readonly kind: "relate"; readonly request: Omit<RelationsChange, "nowUs"> }
  | { readonly kind: "list"; readonly of: ObjectKind; readonly listing: Listing }
  | { readonly kind: "listRelations"; readonly place: RelationsPlace; readonly listing: Listing };

function inSomeOrder(step: Step): Step {
  if (!("listing" in step) || step.listing.sort.length > 0) return step;
  const sort: readonly SortKey[] = [{ field: { kind: "id", owner: "self" }, direction: "asc" }];
  return { ...step, listing: { ...step.listing, sort } };
}

async function perform(store: ObjectStore, model: ObjectModel, step: Step, nowUs: number): Promise<void> {
  switch (step.kind) {
    case "set": {
      const request = { ...step.request, nowUs };
      await store.setMetadata(request);
      model.set(request);
      const [stored, expected] = [await store.metadata(request), model.metadata(request.kind, request.id)];
      expect(new Map(Object.entries(stored?.texts ?? {}))).toEqual(new Map(expected?.texts));
      expect([JSON.parse(stored?.custom ?? "null"), stored?.updatedUs]).toEqual([
        expected?.custom ?? null,
        expected?.updatedUs,
      ]);
      return;
    }
    case "remove":
      await store.removeMetadata(step.request);
      return model.remove(step.request);
    case "relate": {
      const request = { ...step.request, nowUs };
      await store.changeRelations(request);
      return model.relate(request);
    }
    case "list": {
      const page = await store.listMetadata({ ...step.listing, keyset: KEYSET, kind: step.of });
      const { ids, total } = model.listMetadata(step.of, step.listing);
      expect(page).toMatchObject({ kind: "page", total });
      expect(page.kind === "page" && page.items.map(({ id }) => id)).toEqual([...ids]);
      return;
    }
    case "listRelations": {
      const page = await store.listRelations({
        ...step.listing,
        ...step.place,
        includesOther: step.listing.offset > 0,
      });
      const { ids, total } = model.listRelations(step.place, step.listing);
      const other = step.place.kind === "uuid" ? "channel" : "uuid";
      expect(page).toMatchObject({ kind: "page", total });
      expect(page.kind === "page" && page.items.map(({ relation }) => relation[other])).toEqual([...ids]);
    }
  }
}

const kinds = fc.constantFrom<ObjectKind>("uuid", "channel");
const ids = fc.constantFrom("a", "A", "ab", "B", "ä", "c*");
const words = fc.constantFrom("a", "A", "ab", "Ab", "abc", "b", "ä", "Ä", "*", "[a]", "a?c", "@", "Z", "z", "_");
const patterns = fc.constantFrom("*", "a*", "A", "*b", "*B*", "\\*", "ä", "[*", "*]", "a?*", "@*", "z*", "\\*a", "");
const keys = fc.constantFrom("k", "x y");
const values = fc.oneof(words, fc.integer({ min: -2, max: 2 }), fc.boolean(), fc.constant(0.5));

const customs = fc.oneof(
  fc.constant(null),
  fc
    .dictionary(keys, fc.oneof(values, fc.constant(null)), { maxKeys: 2, noNullPrototype: true })
    .map((custom) => JSON.stringify(custom)),
);

function patchesOf(names: readonly TextName[]): fc.Arbitrary<ContentPatch> {
  const texts = fc.dictionary(fc.constantFrom(...names), fc.option(words), { maxKeys: 3, noNullPrototype: true });
  return fc.record({ texts, custom: fc.option(customs, { nil: undefined, freq: 2 }) });
}

function fieldsOf(self: readonly TextName[], other: readonly TextName[] | undefined): fc.Arbitrary<Field> {
  const text = (owner: Field["owner"], names: readonly TextName[]): fc.Arbitrary<Field> =>
    fc.constantFrom(...names).map((name) => ({ kind: "text", owner, name }));
  const owners = fc.constantFrom<Field["owner"]>(...(other ? (["self", "other"] as const) : (["self"] as const)));
  return fc.oneof(
    fc.constant<Field>({ kind: "id", owner: "self" }),
    text("self", self),
    ...(other ? [text("other", other)] : []),
    owners.map((owner): Field => ({ kind: "updated", owner })),
    fc.record({ kind: fc.constant("custom" as const), owner: owners, key: keys }),
  );
}

const comparisons = fc.constantFrom("==" as const, "!=", "<", "<=", ">", ">=");

function leavesOf(fields: fc.Arbitrary<Field>): fc.Arbitrary<Condition> {
  return fc
    .tuple(fields, comparisons, words, values, patterns, fc.nat(30), fc.nat(9))
    .map(([field, comparison, word, value, pattern, later, die]): Condition => {
      if (die === 0) return { kind: "presence", field, isPresent: later % 2 === 0 };
      if (field.kind === "updated") return { kind: "compare", field, comparison, value: NOW_US + later };
      if (die < 4) return { kind: "like", field, pattern };
      if (field.kind !== "custom") return { kind: "compare", field, comparison, value: word };
      const isOrdered = typeof value !== "boolean";
      return { kind: "compare", field, comparison: isOrdered ? comparison : "!=", value };
    });
}

function listingsOf(fields: fc.Arbitrary<Field>): fc.Arbitrary<Listing> {
  const { condition } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
    leaf: leavesOf(fields),
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      tie("leaf"),
      fc.record({
        kind: fc.constantFrom("and" as const, "or"),
        conditions: fc.array(tie("condition"), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("not" as const), condition: tie("condition") }),
    ),
  }));
  const sorts: fc.Arbitrary<readonly SortKey[]> = fc.array(
    fc.record({ field: fields, direction: fc.constantFrom("asc" as const, "desc") }),
    { maxLength: 2 },
  );
  return fc.record({
    condition: fc.option(condition, { nil: undefined, freq: 4 }),
    sort: sorts,
    offset: fc.nat(3),
    limit: fc.nat(5),
    counts: fc.constant(true),
  });
}

const RELATION_NAMES = ["type", "status"] as const;
const sets = kinds.chain((kind) =>
  fc.record({
    keyset: fc.constant(KEYSET),
    kind: fc.constant(kind),
    id: ids,
    patch: patchesOf(METADATA_TEXTS[kind]),
    ifMatch: fc.constant(undefined),
  }),
);
const places = fc.record({ keyset: fc.constant(KEYSET), kind: kinds, id: ids });
const relates = fc.record({
  keyset: fc.constant(KEYSET),
  kind: kinds,
  id: ids,
  set: fc.array(fc.record({ id: ids, patch: patchesOf(RELATION_NAMES) }), { maxLength: 4 }),
  remove: fc.array(ids, { maxLength: 2 }),
  requiresMetadata: fc.constant(false),
});
const removals = fc.record({ keyset: fc.constant(KEYSET), kind: kinds, id: ids, cascades: fc.boolean() });

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: sets.map((request): Step => ({ kind: "set", request })) },
  { weight: 1, arbitrary: removals.map((request): Step => ({ kind: "remove", request })) },
  { weight: 4, arbitrary: relates.map((request): Step => ({ kind: "relate", request })) },
  {
    weight: 4,
    arbitrary: kinds.chain((of) =>
      listingsOf(fieldsOf(METADATA_TEXTS[of], undefined)).map((listing): Step => ({ kind: "list", of, listing })),
    ),
  },
  {
    weight: 4,
    arbitrary: places.chain((place) => {
      const other = METADATA_TEXTS[place.kind === "uuid" ? "channel" : "uuid"];
      return listingsOf(fieldsOf(RELATION_NAMES, other)).map((listing): Step => ({
        kind: "listRelations",
        place,
        listing,
      }));
    }),
  },
);
