/**
 * The suite that every file store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import type { FileRecord, FileStore } from "../ports/file-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";

/** A place that stores are opened on, one after the other; what one kept, the next finds where that is its kind. */
export interface FileStorePlace extends AsyncDisposable {
  open(): Promise<FileStore>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  readonly isDurable: boolean;
}

const ROOM_ENOUGH = { filesMax: 1_000, bytesMax: 1_000_000 };
const NOW = 1_732_605_123_456;
const BEFORE = NOW - 1;

/** A file; what matters to a case is given. Its blob is its identifier's unless a case says otherwise. */
function file(given: Partial<FileRecord> = {}): FileRecord {
  const id = given.id ?? "a";
  return {
    keyset: KEYSET,
    channel: "room",
    id,
    name: "Grüße 🦊.txt",
    bytes: 10,
    mediaType: "text/plain",
    createdMs: NOW,
    expiresMs: undefined,
    digest: "d".repeat(64),
    blob: `blob-${given.keyset ?? KEYSET}-${given.channel ?? "room"}-${id}`,
    ...given,
  };
}

const everything = { keyset: KEYSET, channel: "room", after: "", filesMax: 100, nowMs: NOW };
const placeOf = (id: string): { keyset: string; channel: string; id: string } => ({
  keyset: KEYSET,
  channel: "room",
  id,
});

/** Registers the suite for an adapter. */
export function fileStoreConformance(adapter: string, makePlace: () => Promise<FileStorePlace>): void {
  const ids = async (store: FileStore, given: Partial<typeof everything> = {}): Promise<readonly string[]> =>
    (await store.page({ ...everything, ...given })).map(({ id }) => id);

  test(`${adapter} [FIL40] a file is found as it was put, with everything that is known of it`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const files = [file({ id: "a" }), file({ id: "b", name: 'it\'s a "b"', expiresMs: NOW + 1, bytes: 2 ** 33 })];
    for (const one of files)
      expect(await store.put(one, { ...ROOM_ENOUGH, bytesMax: 2 ** 40 })).toEqual({ kind: "kept" });
    expect(await store.find(placeOf("a"), NOW)).toEqual(files[0] as FileRecord);
    expect(await store.find(placeOf("b"), NOW)).toEqual(files[1] as FileRecord);
    expect(await store.page(everything)).toEqual(files);
    expect(await store.find(placeOf("c"), NOW)).toBeUndefined();
    await store.stop();
  });

  test(`${adapter} [FIL40] a place takes one file; a second one is told of the first and changes nothing`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(file(), ROOM_ENOUGH);
    const second = file({ name: "other", blob: "other", bytes: 1 });
    expect(await store.put(second, ROOM_ENOUGH)).toEqual({ kind: "exists", file: file() });
    expect(await store.page(everything)).toEqual([file()]);
    const [first, again] = await Promise.all([
      store.put(file({ id: "b", blob: "b1" }), ROOM_ENOUGH),
      store.put(file({ id: "b", blob: "b2" }), ROOM_ENOUGH),
    ]);
    expect([first.kind, again.kind]).toEqual(["kept", "exists"]);
    await store.stop();
  });

  test(`${adapter} [FIL41] other channels and keysets have files of their own`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(file(), ROOM_ENOUGH);
    await store.put(file({ channel: "other" }), ROOM_ENOUGH);
    await store.put(file({ keyset: OTHER_KEYSET }), ROOM_ENOUGH);
    expect(await store.remove(placeOf("a"), file().name)).toEqual({ kind: "removed", blob: file().blob });
    expect(await ids(store)).toEqual([]);
    expect(await ids(store, { channel: "other" })).toEqual(["a"]);
    expect(await ids(store, { keyset: OTHER_KEYSET })).toEqual(["a"]);
    await store.stop();
  });

  test(`${adapter} [FIL42] a removal takes a file of its name, once`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(file(), ROOM_ENOUGH);
    expect(await store.remove(placeOf("a"), "another name")).toEqual({ kind: "none" });
    expect(await store.remove(placeOf("b"), file().name)).toEqual({ kind: "none" });
    const removals = await Promise.all([1, 2, 3].map(() => store.remove(placeOf("a"), file().name)));
    expect(removals.filter(({ kind }) => kind === "removed")).toEqual([{ kind: "removed", blob: file().blob }]);
    expect(await store.find(placeOf("a"), NOW)).toBeUndefined();
    expect(await store.put(file(), ROOM_ENOUGH)).toEqual({ kind: "kept" });
    await store.stop();
  });

  test(`${adapter} [FIL43] pages go through identifiers in ascending order`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    for (const id of ["c", "a", "d", "b"]) await store.put(file({ id }), ROOM_ENOUGH);
    expect(await ids(store)).toEqual(["a", "b", "c", "d"]);
    expect(await ids(store, { filesMax: 3 })).toEqual(["a", "b", "c"]);
    expect(await ids(store, { after: "b" })).toEqual(["c", "d"]);
    expect(await ids(store, { after: "bb", filesMax: 1 })).toEqual(["c"]);
    expect(await ids(store, { after: "d" })).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [FIL44] bounds are exact, and what leaves makes room`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const put = async (id: string, bounds: Partial<typeof ROOM_ENOUGH>): Promise<string> =>
      (await store.put(file({ id }), { ...ROOM_ENOUGH, ...bounds })).kind;
    expect(await put("a", { filesMax: 0 })).toBe("noRoom");
    expect(await put("a", { bytesMax: 9 })).toBe("noRoom");
    expect(await put("a", { filesMax: 1, bytesMax: 10 })).toBe("kept");
    expect(await put("b", { filesMax: 1 })).toBe("noRoom");
    expect(await put("b", { bytesMax: 19 })).toBe("noRoom");
    const bounds = { filesMax: 5, bytesMax: 50 };
    const kinds = await Promise.all(["b", "c", "d", "e", "f", "g"].map((id) => put(id, bounds)));
    expect(kinds).toEqual(["kept", "kept", "kept", "kept", "noRoom", "noRoom"]);
    await store.remove(placeOf("b"), file().name);
    expect(await put("f", bounds)).toBe("kept");
    expect((await store.put(file({ keyset: OTHER_KEYSET }), { filesMax: 1, bytesMax: 10 })).kind).toBe("kept");
    await store.stop();
  });

  test(`${adapter} [FIL45] what has expired is shown to nobody from that instant on, and leaves when it is swept`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    for (const [id, expiresMs] of [
      ["a", NOW],
      ["b", NOW - 5],
      ["c", NOW + 1],
      ["d", undefined],
    ] as const) {
      await store.put(file({ id, expiresMs }), { filesMax: 4, bytesMax: 40 });
    }
    expect(await ids(store, { nowMs: BEFORE })).toEqual(["a", "c", "d"]);
    expect(await ids(store)).toEqual(["c", "d"]);
    expect((await store.find(placeOf("a"), BEFORE))?.id).toBe("a");
    expect(await store.find(placeOf("a"), NOW)).toBeUndefined();
    const blob = (id: string): string => file({ id }).blob;
    expect(await store.expire(NOW, 1)).toEqual([blob("b")]); // the one that has been over the longest
    expect(await store.expire(NOW, 10)).toEqual([blob("a")]);
    expect(await store.expire(NOW, 10)).toEqual([]);
    expect(await ids(store, { nowMs: 0 })).toEqual(["c", "d"]);
    expect((await store.put(file({ id: "e" }), { filesMax: 3, bytesMax: 30 })).kind).toBe("kept");
    await store.stop();
  });

  test(`${adapter} [FIL46] knows which blobs a file names, expired or not`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(file({ id: "a" }), ROOM_ENOUGH);
    await store.put(file({ id: "b", expiresMs: 1 }), ROOM_ENOUGH);
    const [a, b] = [file({ id: "a" }).blob, file({ id: "b" }).blob];
    expect((await store.named(["x", b, "y", a])).toSorted()).toEqual([a, b].toSorted());
    expect(await store.named([])).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [FIL47] all files of a keyset leave, so many at a time, and no others`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const own = [
      file({ id: "a" }),
      file({ id: "b", channel: "other" }),
      file({ id: "c", expiresMs: 1 }),
      file({ id: "d", expiresMs: NOW + 1 }),
    ];
    for (const one of own) await store.put(one, ROOM_ENOUGH);
    const other = file({ keyset: OTHER_KEYSET });
    await store.put(other, ROOM_ENOUGH);
    expect((await store.keysets()).toSorted()).toEqual([KEYSET, OTHER_KEYSET].toSorted());
    const first = await store.removeOf(KEYSET, 3);
    const rest = await store.removeOf(KEYSET, 3);
    expect([first.length, rest.length]).toEqual([3, 1]);
    expect([...first, ...rest].toSorted()).toEqual(own.map(({ blob }) => blob).toSorted());
    expect(await store.removeOf(KEYSET, 3)).toEqual([]);
    expect(await store.keysets()).toEqual([OTHER_KEYSET]);
    expect(await store.find(other, NOW)).toEqual(other);
    expect(await store.put(own[0] as FileRecord, { filesMax: 1, bytesMax: 10 })).toEqual({ kind: "kept" });
    await store.stop();
  });

  test(`${adapter} [FIL47] of a keyset that leaves, what is being put leaves too`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const putting = ["a", "b", "c"].map((id) => store.put(file({ id }), ROOM_ENOUGH));
    const left = await store.removeOf(KEYSET, 10);
    expect((await Promise.all(putting)).map(({ kind }) => kind)).toEqual(["kept", "kept", "kept"]);
    expect(left.toSorted()).toEqual(["a", "b", "c"].map((id) => file({ id }).blob));
    expect(await store.keysets()).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [FIL40] what a disk refuses is not there, and what is kept is found by the next store`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(file({ id: "a" }), ROOM_ENOUGH);
    place.setDisk("refuses");
    expect(await store.put(file({ id: "b" }), ROOM_ENOUGH)).toEqual({ kind: "unavailable" });
    expect(await store.remove(placeOf("a"), file().name)).toEqual({ kind: "unavailable" });
    expect(await store.expire(NOW, 1)).toEqual([]);
    expect(await store.removeOf(KEYSET, 1)).toEqual([]);
    place.setDisk("takes");
    expect(await ids(store)).toEqual(["a"]);
    await store.stop();
    expect(await store.put(file({ id: "c" }), ROOM_ENOUGH)).toEqual({ kind: "unavailable" });
    const next = await place.open();
    expect(await ids(next)).toEqual(place.isDurable ? ["a"] : []);
    await next.stop();
  });
}
