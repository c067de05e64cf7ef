/**
 * The suite that every blob store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { BlobStore, ByteRange, PutOutcome } from "../ports/blob-store.ts";

/** A place that stores are opened on, one after the other; what one kept, the next finds where that is its kind. */
export interface BlobStorePlace extends AsyncDisposable {
  open(): Promise<BlobStore>;
  /** Whether it keeps anything between two stores. */
  readonly isDurable: boolean;
  /** Lets it refuse from now on, or take again. */
  setRefusing(isRefusing: boolean): void;
  /** Everything that it holds anywhere, half of something included; told apart by name. */
  holds(): Promise<readonly string[]>;
}

const [FIRST, SECOND, THIRD] = [1, 2, 3].map(
  (digit) => `${digit}${"0".repeat(7)}-0000-4000-8000-${"0".repeat(12)}`,
) as [string, string, string];

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* failing(failure: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from("begun");
  throw failure;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const kept = (text: string): PutOutcome => ({ kind: "kept", bytes: Buffer.byteLength(text), digest: digestOf(text) });

async function textOf(store: BlobStore, id: string, range?: ByteRange): Promise<string> {
  const got = await store.get(id, range);
  return got.kind === "blob" ? new Response(got.content).text() : got.kind;
}

/** Registers the suite for an adapter. */
export function blobStoreConformance(adapter: string, makePlace: () => Promise<BlobStorePlace>): void {
  test(`${adapter} [FIL30] content is there as a whole, with its size and digest, and empty content is content`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await store.put(FIRST, pieces("one ", "", "two ", "żółć"), 100)).toEqual(kept("one two żółć"));
    expect(await textOf(store, FIRST)).toBe("one two żółć");
    expect(await store.put(SECOND, pieces(), 100)).toEqual(kept(""));
    expect(await textOf(store, SECOND)).toBe("");
    expect(await textOf(store, THIRD)).toBe("none");
  });

  test(`${adapter} [FIL31] content is not there before its put has ended`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const more = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one ");
      begun.resolve(); // the first piece has been taken
      await more.promise;
      yield Buffer.from("two");
    }
    const putting = store.put(FIRST, slow(), 100);
    await begun.promise;
    expect(await textOf(store, FIRST)).toBe("none");
    expect(await store.list("", 10)).toEqual([]);
    more.resolve();
    expect(await putting).toEqual(kept("one two"));
    expect(await store.list("", 10)).toEqual([FIRST]);
  });

  test(`${adapter} [FIL32] content of as many bytes as it may have is kept, and of one more not`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    expect(await store.put(FIRST, pieces("12345", "67890"), 10)).toEqual(kept("1234567890"));
    expect(await store.put(SECOND, pieces("12345", "678901"), 10)).toEqual({ kind: "tooLarge", bytes: 11 });
    expect(await textOf(store, SECOND)).toBe("none");
    expect(await place.holds()).toEqual([FIRST]);
  });

  test(`${adapter} [FIL32] what is too large is told that nobody wants more of it`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    let asked = 0;
    let isEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          asked += 1;
          yield new Uint8Array(10);
        }
      } finally {
        isEnded = true;
      }
    }
    expect(await store.put(FIRST, endless(), 95)).toEqual({ kind: "tooLarge", bytes: 100 });
    expect([asked, isEnded]).toEqual([10, true]);
  });

  test(`${adapter} [FIL33] of content that fails nothing is left`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const failure = new Error("the client went away");
    expect(await store.put(FIRST, failing(failure), 100)).toEqual({ kind: "broken", failure });
    expect(await textOf(store, FIRST)).toBe("none");
    expect(await place.holds()).toEqual([]);
  });

  test(`${adapter} [FIL34] deleting takes content away, and what is not there is deleted too`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(FIRST, pieces("one"), 100);
    expect(await store.delete(FIRST)).toBe("deleted");
    expect(await store.delete(FIRST)).toBe("deleted");
    expect(await textOf(store, FIRST)).toBe("none");
    expect(await place.holds()).toEqual([]);
  });

  test(`${adapter} [FIL37] any part of content can be had by itself`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(FIRST, pieces("01234", "56789"), 100);
    const parts: readonly (readonly [from: number, to: number, text: string])[] = [
      [0, 1, "0"],
      [9, 10, "9"],
      [3, 7, "3456"],
      [5, 10, "56789"],
      [0, 10, "0123456789"],
    ];
    for (const [from, to, text] of parts) expect(await textOf(store, FIRST, { from, to })).toBe(text);
    expect(await textOf(store, SECOND, { from: 0, to: 1 })).toBe("none");
  });

  test(`${adapter} [FIL35] lists what it keeps, in order, page by page`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const beside = FIRST.replace(/0$/, "1"); // begins alike
    for (const id of [THIRD, beside, FIRST, SECOND]) await store.put(id, pieces("x"), 1);
    expect(await store.list("", 10)).toEqual([FIRST, beside, SECOND, THIRD]);
    expect(await store.list("", 3)).toEqual([FIRST, beside, SECOND]);
    expect(await store.list(FIRST, 1)).toEqual([beside]);
    expect(await store.list(SECOND, 3)).toEqual([THIRD]);
    expect(await store.list(THIRD, 3)).toEqual([]);
  });

  test(`${adapter} [FIL36] a store that refuses says so, keeps nothing, and takes again when it can`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.put(FIRST, pieces("one"), 100);
    place.setRefusing(true);
    expect(await store.put(SECOND, pieces("two"), 100)).toEqual({ kind: "unavailable" });
    place.setRefusing(false);
    expect(await place.holds()).toEqual([FIRST]);
    expect(await store.put(THIRD, pieces("two"), 100)).toEqual(kept("two"));
    expect(await textOf(store, FIRST)).toBe("one");
  });

  test(`${adapter} [FIL31] what was kept is found by the next store, where that is its kind`, async () => {
    await using place = await makePlace();
    await (await place.open()).put(FIRST, pieces("one"), 100);
    expect(await textOf(await place.open(), FIRST)).toBe(place.isDurable ? "one" : "none");
  });
}
