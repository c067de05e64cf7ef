import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { PublishIds } from "./publish-ids.ts";

const NOW = 17_326_051_234_560_000n;
const AGE = BigInt(LIMITS.idempotencyIdAgeMsMax) * 10_000n;
const place = (id: string | number, keyset = "k"): Parameters<PublishIds["claim"]>[0] => ({
  keyset,
  channel: "room",
  id: String(id),
});
const kept = (at: number): Parameters<PublishIds["settle"]>[1] => ({
  timetoken: NOW + BigInt(at),
  digest: "d",
  state: "kept",
});

function fill(ids: PublishIds, count: number, keyset = "k"): void {
  for (let at = 0; at < count; at++) {
    expect(ids.claim(place(at, keyset), "d", NOW).kind).toBe("claimed");
    ids.settle(place(at, keyset), kept(at));
  }
}

test("[IDM9] a keyset's oldest ids leave first, and the store is asked for what left, for as long as it is young", () => {
  const ids = new PublishIds(0n, { idsPerKeysetMax: 10 });
  fill(ids, 10);
  expect([ids.size, ids.mayBeOnDisk(NOW)]).toEqual([10, false]);
  fill(ids, 3, "other");
  ids.claim(place(10), "d", NOW);
  ids.settle(place(10), kept(10));
  expect([ids.size, ids.mayBeOnDisk(NOW)]).toEqual([13, true]);
  expect(ids.mayBeOnDisk(NOW + AGE)).toBe(false);
  expect(ids.claim(place(1), "d", NOW).kind).toBe("duplicate");
  expect(ids.claim(place(0), "d", NOW)).toEqual({ kind: "claimed", first: undefined });
});

test("[IDM9] ids of unstored messages are not looked for on disk", () => {
  const ids = new PublishIds(0n, { idsPerKeysetMax: 1 });
  for (const id of ["a", "b", "c"]) {
    ids.claim(place(id), "d", NOW);
    ids.settle(place(id), { timetoken: NOW, digest: "d", state: "unstored" });
  }
  expect([ids.size, ids.mayBeOnDisk(NOW)]).toEqual([1, false]);
});

test("[IDM9] over the bound of all keysets the one with the most gives way", () => {
  const ids = new PublishIds(0n, { idsMax: 20 });
  fill(ids, 2, "small");
  fill(ids, 50, "large");
  expect(ids.size).toBe(20);
  expect(ids.claim(place(0, "small"), "d", NOW).kind).toBe("duplicate");
  expect(ids.claim(place(31, "large"), "d", NOW).kind).toBe("claimed");
  expect(ids.claim(place(32, "large"), "d", NOW).kind).toBe("duplicate");
});

test("[IDM9] repeats that wait are bounded for each keyset, and make room when they are answered", async () => {
  const ids = new PublishIds(0n, { repeatsPerKeysetMax: 2 });
  for (const keyset of ["k", "other"]) ids.claim(place(1, keyset), "d", NOW);
  const claims = [1, 2, 3].map(() => ids.claim(place(1), "d", NOW));
  expect(claims.map(({ kind }) => kind)).toEqual(["pending", "pending", "full"]);
  expect(ids.claim(place(1, "other"), "d", NOW).kind).toBe("pending");
  ids.release(place(1));
  for (const claim of claims) if (claim.kind === "pending") expect(await claim.settled).toBeUndefined();
  expect(ids.claim(place(1), "d", NOW).kind).toBe("claimed");
  expect(ids.claim(place(1), "d", NOW).kind).toBe("pending");
});

test("[IDM8] what has grown old is swept, ten thousand ids of a keyset at a time, and what was taken again stays", () => {
  const ids = new PublishIds(0n);
  fill(ids, 25_000);
  const later = NOW + AGE + 30_000n;
  expect(ids.claim(place(0), "d", later)).toEqual({ kind: "claimed", first: undefined });
  ids.settle(place(0), { timetoken: later, digest: "d", state: "kept" });
  const sizes = [1, 2, 3, 4].map(() => {
    ids.sweep(later);
    return ids.size;
  });
  expect(sizes).toEqual([15_001, 5_001, 1, 1]);
  expect(ids.claim(place(0), "d", later)).toEqual({ kind: "duplicate", timetoken: later });
});

test("[IDM8] the sweep leaves what is young", () => {
  const ids = new PublishIds(0n);
  fill(ids, 3);
  ids.sweep(NOW + AGE + 1n);
  expect(ids.size).toBe(1);
});
