import { expect, test } from "bun:test";
import { KEYSET, OTHER_KEYSET } from "../conformance/fixtures.ts";
import { GroupDirectory } from "./group-directory.ts";

/** A store whose reads end when the test says so, with what its groups held when the read began. */
class SlowReads {
  readonly groups = new Map<string, readonly string[]>();
  readonly asked: string[] = [];
  isSlow = false;
  readonly #ends: (() => void)[] = [];

  async members(keyset: string, group: string): Promise<readonly string[]> {
    this.asked.push(`${keyset}/${group}`);
    const read = this.groups.get(group) ?? [];
    if (this.isSlow) await new Promise<void>((resolve) => this.#ends.push(resolve));
    return read;
  }

  end(): void {
    for (const resolve of this.#ends.splice(0)) resolve();
  }
}

const WIDE = { cachedGroupsMax: 100, cachedGroupMembersMax: 100 };

test("a directory [GRP30] asks the store once, for an unknown group too", async () => {
  const store = new SlowReads();
  store.groups.set("g", ["a", "b"]);
  const directory = new GroupDirectory(store);
  for (let round = 0; round < 3; round++) {
    expect(await directory.members(KEYSET, "g")).toEqual(new Set(["a", "b"]));
    expect(await directory.members(KEYSET, "nobody")).toEqual(new Set());
  }
  await directory.members(OTHER_KEYSET, "g");
  expect(store.asked).toEqual([`${KEYSET}/g`, `${KEYSET}/nobody`, `${OTHER_KEYSET}/g`]);
});

test("a directory [GRP30] lets those who ask at once share a load", async () => {
  const store = new SlowReads();
  store.isSlow = true;
  const directory = new GroupDirectory(store);
  const asked = [directory.members(KEYSET, "g"), directory.members(KEYSET, "g")];
  store.end();
  await Promise.all(asked);
  expect(store.asked).toHaveLength(1);
});

test("a directory [GRP31] forgets a group that changed, and only that one", async () => {
  const store = new SlowReads();
  const directory = new GroupDirectory(store);
  await Promise.all(["g", "h"].map((group) => directory.members(KEYSET, group)));
  store.groups.set("g", ["new"]);
  directory.changed(KEYSET, "g");
  expect(await directory.members(KEYSET, "g")).toEqual(new Set(["new"]));
  await directory.members(KEYSET, "h");
  expect(store.asked).toHaveLength(3);
});

test("a directory [GRP32] does not keep a load that was under way when the group changed, nor lets anyone join it", async () => {
  const store = new SlowReads();
  const directory = new GroupDirectory(store);
  store.isSlow = true;
  store.groups.set("g", ["old"]);
  const before = directory.members(KEYSET, "g");
  store.groups.set("g", ["new"]);
  directory.changed(KEYSET, "g");
  const after = directory.members(KEYSET, "g");
  store.end();
  expect([await before, await after]).toEqual([new Set(["old"]), new Set(["new"])]);
  expect(await directory.members(KEYSET, "g")).toEqual(new Set(["new"]));
  expect(store.asked).toHaveLength(2);
});

test("a directory [GRP32] does not keep a load that nobody has asked for again since the group changed", async () => {
  const store = new SlowReads();
  const directory = new GroupDirectory(store);
  store.isSlow = true;
  store.groups.set("g", ["old"]);
  const before = directory.members(KEYSET, "g");
  store.groups.set("g", ["new"]);
  directory.changed(KEYSET, "g");
  store.end();
  await before;
  expect(directory.size.groups).toBe(0);
  store.isSlow = false;
  expect(await directory.members(KEYSET, "g")).toEqual(new Set(["new"]));
});

test("a directory [GRP32] keeps nothing of a load that failed, and tries again", async () => {
  let isBroken = true;
  const members = async (): Promise<readonly string[]> => {
    if (isBroken) throw new Error("broken");
    return ["a"];
  };
  const directory = new GroupDirectory({ members });
  const failure = await directory.members(KEYSET, "g").catch(String);
  expect(failure).toBe("Error: broken");
  isBroken = false;
  expect(await directory.members(KEYSET, "g")).toEqual(new Set(["a"]));
});

test("a directory [GRP33] counts the changes of each keyset", () => {
  const directory = new GroupDirectory(new SlowReads());
  expect(directory.version(KEYSET)).toBe(0);
  directory.changed(KEYSET, "g");
  directory.changed(KEYSET, "h");
  expect([directory.version(KEYSET), directory.version(OTHER_KEYSET)]).toEqual([2, 0]);
});

test("a directory [GRP34] keeps so many groups, and lets the one longest unused go", async () => {
  const store = new SlowReads();
  const directory = new GroupDirectory(store, { ...WIDE, cachedGroupsMax: 2 });
  for (const group of ["a", "b", "a", "c", "a", "b"]) await directory.members(KEYSET, group);
  expect(store.asked.map((asked) => asked.split("/")[1])).toEqual(["a", "b", "c", "b"]);
  expect(directory.size.groups).toBe(2);
});

test("a directory [GRP34] keeps so many members, and a larger group not at all", async () => {
  const store = new SlowReads();
  store.groups.set("a", ["1", "2"]);
  store.groups.set("b", ["1", "2", "3"]);
  store.groups.set("huge", ["1", "2", "3", "4", "5"]);
  const directory = new GroupDirectory(store, { ...WIDE, cachedGroupMembersMax: 4 });
  await directory.members(KEYSET, "a");
  await directory.members(KEYSET, "b");
  expect(directory.size).toEqual({ groups: 1, members: 3 });
  expect(await directory.members(KEYSET, "huge")).toHaveProperty("size", 5);
  expect(directory.size).toEqual({ groups: 0, members: 0 });
  directory.changed(KEYSET, "huge");
  expect(directory.size.members).toBe(0);
});
