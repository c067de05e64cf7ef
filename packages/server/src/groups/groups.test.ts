import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import { openInMemory } from "../adapters/embedded/data-directory.ts";
import { SqliteGroupStore } from "../adapters/embedded/sqlite-group-store.ts";
import { KEYSET, OTHER_KEYSET } from "../conformance/fixtures.ts";
import type { GroupChange, GroupChangeOutcome, GroupStore } from "../ports/group-store.ts";
import { type GroupPorts, changeGroups, listChannels, listGroups, listNamespaces } from "./groups.ts";

const SMALL = { channelsPerGroupMax: 4, groupsPerKeysetMax: 5 };

/** What the service should do, on a plain map from a keyset and a group's full name to its channels. */
class Model {
  readonly #groups = new Map<string, ReadonlySet<string>>();

  /** @returns the groups that changed, or nothing where a limit refuses. */
  change(keyset: string, change: GroupChange): readonly string[] | undefined {
    if (change.kind === "edit") return this.#edit(keyset, change);
    const doomed = [...this.#groups.keys()].filter((key) =>
      change.kind === "deleteGroup"
        ? key === `${keyset} ${change.group}`
        : key.startsWith(`${keyset} ${change.namespace}:`),
    );
    for (const key of doomed) this.#groups.delete(key);
    return doomed.map((key) => key.slice(keyset.length + 1));
  }

  #edit(keyset: string, { group, add, remove }: Extract<GroupChange, { kind: "edit" }>): readonly string[] | undefined {
    const key = `${keyset} ${group}`;
    const before = this.#groups.get(key) ?? new Set<string>();
    const full = new Set([...before, ...add]);
    if (full.size > before.size && full.size > SMALL.channelsPerGroupMax) return undefined;
    if (before.size === 0 && full.size > 0 && this.#count(keyset) >= SMALL.groupsPerKeysetMax) return undefined;
    const after = new Set([...full].filter((channel) => !remove.includes(channel)));
    if (after.size === 0) this.#groups.delete(key);
    else this.#groups.set(key, after);
    const isSame = after.size === before.size && [...after].every((channel) => before.has(channel));
    return isSame ? [] : [group];
  }

  channels(keyset: string, group: string): readonly string[] {
    return [...(this.#groups.get(`${keyset} ${group}`) ?? [])].toSorted();
  }

  groups(keyset: string, namespace: string): readonly string[] {
    const names = this.#names(keyset).map((name) => (name.includes(":") ? name : `:${name}`).split(":"));
    return names.flatMap(([space, name = ""]) => (space === namespace ? [name] : [])).toSorted();
  }

  namespaces(keyset: string): readonly string[] {
    const named = this.#names(keyset).filter((name) => name.includes(":"));
    return [...new Set(named.map((name) => name.slice(0, name.indexOf(":"))))].toSorted();
  }

  #names(keyset: string): readonly string[] {
    const own = [...this.#groups.keys()].filter((key) => key.startsWith(`${keyset} `));
    return own.map((key) => key.slice(keyset.length + 1));
  }

  #count(keyset: string): number {
    return this.#names(keyset).length;
  }
}

const NAMESPACES = ["", "ns", "n"] as const;
const GROUPS = ["g", "h", "ns:g", "ns:h", "n:g", "s"] as const;
const channels = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f-pnpres"), { maxLength: 4 });
const group = fc.constantFrom(...GROUPS);
const change: fc.Arbitrary<GroupChange> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("edit"), group, add: channels, remove: channels }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteGroup"), group }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteNamespace"), namespace: fc.constantFrom("ns", "n") }) },
);
const step = fc.record({ keyset: fc.constantFrom(KEYSET, OTHER_KEYSET), change, isAtOnce: fc.boolean() });

const SEED = seed();
test(`[GRP5 GRP6 GRP7 GRP9 GRP10 GRP12] groups agree with a plain map, whatever is changed (seed ${SEED})`, async () => {
  const runs = count({ quick: 100, full: 2_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const storage = openInMemory();
      const store = new SqliteGroupStore(
        storage.reading,
        storage.writer,
        { refused: () => {} },
        { ...LIMITS, ...SMALL },
      );
      const announced: string[] = [];
      const expected: string[] = [];
      const announce = async (keyset: string, name: string): Promise<void> => void announced.push(`${keyset} ${name}`);
      const ports: GroupPorts = { store, announce };
      const model = new Model();
      const underWay: Promise<void>[] = [];
      for (const { keyset, change: asked, isAtOnce } of steps) {
        const changed = model.change(keyset, asked);
        expected.push(...(changed ?? []).map((name) => `${keyset} ${name}`));
        const kind = changed === undefined ? "tooMany" : "done";
        underWay.push(changeGroups(ports, keyset, asked).then((outcome) => expect(outcome).toEqual({ kind })));
        if (!isAtOnce) await Promise.all(underWay.splice(0));
        if (!isAtOnce) await expectSame(ports, model, keyset);
      }
      await Promise.all(underWay);
      expect(announced.toSorted()).toEqual(expected.toSorted());
      for (const keyset of [KEYSET, OTHER_KEYSET]) await expectSame(ports, model, keyset);
      storage.close();
    }),
    { numRuns: runs, seed: SEED },
  );
});

async function expectSame(ports: GroupPorts, model: Model, keyset: string): Promise<void> {
  for (const name of GROUPS) expect(await listChannels(ports, keyset, name)).toEqual(model.channels(keyset, name));
  for (const name of NAMESPACES) expect(await listGroups(ports, keyset, name)).toEqual(model.groups(keyset, name));
  expect(await listNamespaces(ports, keyset)).toEqual(model.namespaces(keyset));
}

/** A store that gives one outcome to every change. */
function storeThat(outcome: GroupChangeOutcome): GroupStore {
  const none = async (): Promise<readonly string[]> => [];
  return { change: async () => outcome, members: none, groups: none, namespaces: none, stop: async () => {} };
}

const EDIT: GroupChange = { kind: "edit", group: "g", add: ["a"], remove: [] };

test("[GRP12] a change is acknowledged only after each group that changed has been announced, in order", async () => {
  const events: string[] = [];
  const announce = async (keyset: string, name: string): Promise<void> => {
    events.push(`${keyset} ${name} begins`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    events.push(`${keyset} ${name} ends`);
  };
  const ports = { store: storeThat({ kind: "kept", changed: ["ns:g", "ns:h"] }), announce };
  expect(await changeGroups(ports, KEYSET, { kind: "deleteNamespace", namespace: "ns" })).toEqual({ kind: "done" });
  expect(events).toEqual(["ns:g", "ns:h"].flatMap((name) => [`${KEYSET} ${name} begins`, `${KEYSET} ${name} ends`]));
});

for (const outcome of [{ kind: "tooMany" }, { kind: "unavailable" }, { kind: "overloaded" }] as const) {
  test(`[GRP12 GRP13] a change that is ${outcome.kind} is told so and announced to nobody`, async () => {
    const announced: string[] = [];
    const announce = async (_: string, name: string): Promise<void> => void announced.push(name);
    expect(await changeGroups({ store: storeThat(outcome), announce }, KEYSET, EDIT)).toEqual(outcome);
    expect(announced).toEqual([]);
  });
}
