/**
 * The suite that every keyset store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import type { AccessChange, AuditEntry, GrantRecord, KeysetRecord, KeysetStore } from "../ports/keyset-store.ts";

/** A place that stores are opened on, one after the other; what one kept, the next finds where the place is durable. */
export interface KeysetStorePlace extends AsyncDisposable {
  open(): Promise<KeysetStore>;
  readonly isDurable: boolean;
}

const record = (subscribeKey: string, given: Partial<KeysetRecord> = {}): KeysetRecord => ({
  subscribeKey,
  publishKey: `pub-${subscribeKey}`,
  name: `name of ${subscribeKey}`,
  settings: "{}",
  sealed: "sealed",
  ...given,
});
const put = (one: KeysetRecord): AccessChange => ({ kind: "keyset", record: one });
const GRANT: GrantRecord = {
  keyset: "one",
  level: "channel",
  resource: "room",
  auth: "key",
  mask: 3,
  ttlMinutes: 60,
  expiresMs: 1_800_000_000_000,
};
const entry = (action: string, keyset = "one"): AuditEntry => ({ atMs: 1, actor: "admin", action, keyset, detail: "" });
const audit = (one: AuditEntry): AccessChange => ({ kind: "audit", entry: one });

/** Registers the suite for an adapter. */
export function keysetStoreConformance(adapter: string, makePlace: () => Promise<KeysetStorePlace>): void {
  test(`${adapter} [ACC14] keysets, grants, revoked tokens and notes are read back, every member of them`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const revoked = { keyset: "one", tokenId: "t", expiresMs: 1_800_000_000_001 };
    const changes: readonly AccessChange[] = [
      put(record("two")),
      put(record("one")),
      { kind: "grant", grant: GRANT },
      { kind: "revoked", revoked },
      { kind: "note", name: "n", value: "v" },
    ];
    expect(await store.keep(changes)).toBe("kept");
    const later = place.isDurable ? await place.open() : store;
    expect(await later.load()).toEqual({
      keysets: [record("two"), record("one")],
      grants: [GRANT],
      revoked: [revoked],
      notes: new Map([["n", "v"]]),
    });
  });

  test(`${adapter} [ACC14] what was kept is replaced, taken back, and dropped when it is void`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const forEver: GrantRecord = { ...GRANT, resource: "hall", expiresMs: 0, ttlMinutes: 0 };
    await store.keep([put(record("one")), { kind: "grant", grant: GRANT }, { kind: "grant", grant: forEver }]);
    await store.keep([
      put(record("one", { settings: '{"a":1}' })),
      { kind: "grant", grant: { ...GRANT, mask: 1 } },
      { kind: "note", name: "n", value: "1" },
      { kind: "note", name: "n", value: "2" },
      { kind: "revoked", revoked: { keyset: "one", tokenId: "early", expiresMs: 10 } },
      { kind: "revoked", revoked: { keyset: "one", tokenId: "late", expiresMs: 20 } },
    ]);
    const replaced = await store.load();
    expect(replaced.keysets).toEqual([record("one", { settings: '{"a":1}' })]);
    expect(replaced.grants.find(({ resource }) => resource === "room")?.mask).toBe(1);
    expect(replaced.notes.get("n")).toBe("2");
    await store.keep([
      { kind: "grantRemoved", keyset: "one", subject: GRANT },
      { kind: "expired", nowMs: 10 },
    ]);
    const left = await store.load();
    expect(left.grants).toEqual([forEver]);
    expect(left.revoked.map(({ tokenId }) => tokenId)).toEqual(["late"]);
    await store.keep([
      { kind: "grant", grant: GRANT },
      { kind: "expired", nowMs: GRANT.expiresMs },
    ]);
    expect((await store.load()).grants).toEqual([forEver]);
  });

  test(`${adapter} [ACC15] a removed keyset takes its grants and revoked tokens with it, and nothing of another`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const owned = (keyset: string): readonly AccessChange[] => [
      put(record(keyset)),
      { kind: "grant", grant: { ...GRANT, keyset } },
      { kind: "revoked", revoked: { keyset, tokenId: "t", expiresMs: 9 } },
    ];
    await store.keep([...owned("one"), ...owned("two")]);
    await store.keep([{ kind: "keysetRemoved", subscribeKey: "one" }]);
    const { keysets, grants, revoked } = await store.load();
    expect([keysets, grants, revoked].map((list) => list.length)).toEqual([1, 1, 1]);
    expect([keysets[0]?.subscribeKey, grants[0]?.keyset, revoked[0]?.keyset]).toEqual(["two", "two", "two"]);
  });

  test(`${adapter} [ACC14] changes of one call are kept together or not at all`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.keep([put(record("one"))]);
    const clash = put(record("two", { name: "name of one" })); // names are unique: the one thing a store itself refuses
    expect(await store.keep([{ kind: "note", name: "n", value: "v" }, clash])).toBe("unavailable");
    expect((await store.load()).notes.size).toBe(0);
    expect(await store.keep([put(record("three"))])).toBe("kept");
    expect((await store.load()).keysets.map(({ subscribeKey }) => subscribeKey)).toEqual(["one", "three"]);
  });

  test(`${adapter} [ACC16] the trail is read newest first, of all keysets or of one, and is bounded`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    await store.keep(["a", "b", "c"].map((action, at) => audit(entry(action, at === 1 ? "two" : "one"))));
    const actions = async (keyset: string | undefined, entriesMax = 10): Promise<readonly string[]> =>
      (await store.readAudit({ keyset, entriesMax })).map(({ action }) => action);
    expect(await actions(undefined)).toEqual(["c", "b", "a"]);
    expect(await actions("one")).toEqual(["c", "a"]);
    expect(await actions(undefined, 2)).toEqual(["c", "b"]);
    expect(await store.readAudit({ keyset: "two", entriesMax: 1 })).toEqual([entry("b", "two")]);
    const many = Array.from({ length: 1_000 }, () => audit(entry("x")));
    for (let kept = 0; kept < LIMITS.auditEntriesMax; kept += 50_000) {
      await store.keep(Array.from({ length: 50 }, () => many).flat());
    }
    const trail = await store.readAudit({ entriesMax: LIMITS.auditEntriesMax * 2 });
    expect(trail).toHaveLength(LIMITS.auditEntriesMax);
    expect(trail.at(-1)?.action).toBe("x");
  }, 60_000);
}
