/**
 * The suite that every action store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS, type Timetoken } from "@longwave/protocol";
import { count, seed } from "../../../../tools/counts.ts";
import type {
  Action,
  ActionChannel,
  ActionDraft,
  ActionStore,
  AddOutcome,
  MessageActionsRequest,
  PageRequest,
  RemoveOutcome,
} from "../ports/action-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface ActionStorePlace extends AsyncDisposable {
  open(): Promise<ActionStore>;
  /** Deletes messages as the message store does: what goes with them goes in the same transaction. */
  deleteMessages(range: ActionChannel & { readonly from: Timetoken; readonly through: Timetoken }): Promise<void>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
}

const NOW = 17_326_051_234_567_890n;
const ROOM: ActionChannel = { keyset: KEYSET, channel: "room" };
const LIKE: ActionDraft = { messageTimetoken: NOW, type: "reaction", value: "like", uuid: "alice" };

/** Registers the suite for an adapter. */
export function actionStoreConformance(adapter: string, makePlace: () => Promise<ActionStorePlace>): void {
  test(`${adapter} [ACT1 ACT11] what was added is read back, every member of it`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const odd = { messageTimetoken: 1n, type: "🦊\u00a0", value: "a\u0000b\n\"'🦊", uuid: "ä" };
    const added = [await addNew(store, LIKE), await addNew(store, odd)];
    expect(added).toEqual([
      { ...LIKE, timetoken: NOW },
      { ...odd, timetoken: NOW + 1n },
    ]);
    expect(await allOf(store)).toEqual(added);
    expect(await allOf(store, { ...ROOM, channel: "other" })).toEqual([]);
    expect(await allOf(store, { ...ROOM, keyset: OTHER_KEYSET })).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [ACT3] what is equal in everything is a duplicate, what differs in anything is not`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const others: readonly Partial<ActionDraft & ActionChannel>[] = [
      { uuid: "bert" },
      { type: "receipt" },
      { value: "Like" },
      { messageTimetoken: NOW + 1n },
      { channel: "other" },
      { keyset: OTHER_KEYSET },
    ];
    await addNew(store, LIKE);
    for (const other of others) expect(await add(store, { ...LIKE, ...other })).toMatchObject({ kind: "added" });
    for (const one of [{}, ...others]) expect(await add(store, { ...LIKE, ...one })).toEqual({ kind: "duplicate" });
    expect(await allOf(store)).toHaveLength(5);
    await store.stop();
  });

  test(`${adapter} [ACT3] of equal adds at the same time one is added`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => add(store, LIKE)));
    expect(outcomes.filter(({ kind }) => kind === "added")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "duplicate")).toHaveLength(19);
    expect(await allOf(store)).toHaveLength(1);
    await store.stop();
  });

  test(`${adapter} [ACT4] timetokens rise with the calls, whatever position they bring`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const positions = [NOW, NOW, NOW + 100n, NOW - 100n, NOW + 50n, NOW + 103n];
    const adding = positions.map((notBefore, at) => add(store, { ...LIKE, value: `${at}`, notBefore }));
    const outcomes = await Promise.all(adding);
    const offsets = outcomes.map((outcome) => (outcome.kind === "added" ? outcome.action.timetoken - NOW : undefined));
    expect(offsets).toEqual([0n, 1n, 100n, 101n, 102n, 103n]);
    expect(await add(store, { ...LIKE, keyset: OTHER_KEYSET })).toMatchObject({ action: { timetoken: NOW } });
    await store.stop();
  });

  test(`${adapter} [ACT4 ACT11] a later store finds what an earlier one kept, and gives no timetoken again`, async () => {
    await using place = await makePlace();
    const first = await place.open();
    const kept = await addNew(first, LIKE);
    const gone = await addNew(first, { ...LIKE, value: "gone" });
    await remove(first, gone);
    const second = await place.open(); // the first one was not stopped, as after a crash
    expect(await allOf(second)).toEqual(place.isDurable ? [kept] : []);
    expect(await add(second, LIKE)).toMatchObject({ kind: place.isDurable ? "duplicate" : "added" });
    const { timetoken } = await addNew(second, { ...LIKE, value: "next" });
    if (place.isDurable) expect(timetoken).toBeGreaterThan(gone.timetoken);
    await second.stop();
  });

  test(`${adapter} [ACT5] only the author removes, and only what is there`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const action = await addNew(store, LIKE);
    const refused: readonly [Partial<Action & ActionChannel>, RemoveOutcome["kind"]][] = [
      [{ uuid: "bert" }, "notAuthor"],
      [{ timetoken: action.timetoken + 1n }, "none"],
      [{ messageTimetoken: NOW + 1n }, "none"],
      [{ channel: "other" }, "none"],
      [{ keyset: OTHER_KEYSET }, "none"],
    ];
    for (const [part, kind] of refused) expect((await remove(store, { ...action, ...part })).kind).toBe(kind);
    expect(await allOf(store)).toEqual([action]);
    const outcomes = await Promise.all([remove(store, action), remove(store, action), remove(store, action)]);
    expect(outcomes.filter(({ kind }) => kind === "removed")).toEqual([{ kind: "removed", action }]);
    expect(outcomes.filter(({ kind }) => kind === "none")).toHaveLength(2);
    expect(await allOf(store)).toEqual([]);
    expect((await addNew(store, LIKE)).timetoken).toBeGreaterThan(action.timetoken);
    await store.stop();
  });

  test(`${adapter} [ACT6] a page is the newest of a range, start exclusive, end inclusive, oldest first`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    for (let at = 0; at < 6; at++) await addNew(store, { ...LIKE, value: `${at}`, messageTimetoken: NOW - BigInt(at) });
    await addNew(store, { ...LIKE, channel: "other", notBefore: NOW });
    const cases: readonly [Partial<PageRequest>, string][] = [
      [{}, "012345"],
      [{ start: NOW + 4n }, "0123"],
      [{ end: NOW + 4n }, "45"],
      [{ start: NOW + 4n, end: NOW + 2n }, "23"],
      [{ start: NOW + 2n, end: NOW + 4n }, ""],
      [{ start: NOW + 2n, end: NOW + 2n }, ""],
      [{ actionsMax: 2 }, "45"],
      [{ actionsMax: 2, start: NOW + 4n }, "23"],
      [{ actionsMax: 2, end: NOW + 1n, start: NOW + 2n }, "1"],
      [{ start: NOW }, ""],
      [{ start: 0n }, ""],
    ];
    for (const [range, values] of cases) {
      const { actions, isTruncated } = await page(store, range);
      expect([range, actions.map(({ value }) => value).join("")]).toEqual([range, values]);
      expect(isTruncated).toBe(false);
    }
    await store.stop();
  });

  test(`${adapter} [ACT7] a page is bounded in bytes, and says so; one action goes alone`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const long = (letter: string, length: number): string => letter.repeat(length - "reactionalice".length);
    for (const value of [long("a", 100), long("b", 300), long("ä", 100), long("d", 100)]) {
      await addNew(store, { ...LIKE, value });
    }
    const letters = async (bytesMax: number, actionsMax = 100): Promise<string> => {
      const { actions, isTruncated } = await page(store, { bytesMax, actionsMax });
      return actions.map(({ value }) => value.charAt(0)).join("") + (isTruncated ? "…" : "");
    };
    expect(await letters(10)).toBe("d…");
    expect(await letters(286)).toBe("d…"); // the ä takes two bytes
    expect(await letters(287)).toBe("äd…");
    expect(await letters(587)).toBe("bäd…");
    expect(await letters(687)).toBe("abäd");
    expect(await letters(587, 3)).toBe("bäd");
    await store.stop();
  });

  test(`${adapter} [ACT8] a message has so many actions and no more, also at the same time`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const { actionsPerMessageMax: max, waitingActionsPerKeysetMax: atOnce } = LIMITS;
    const kinds: AddOutcome["kind"][] = [];
    for (let from = 0; from < max + 10; from += atOnce) {
      const some = Math.min(atOnce, max + 10 - from);
      const adding = Array.from({ length: some }, (_, at) => add(store, { ...LIKE, value: `${from + at}` }));
      kinds.push(...(await Promise.all(adding)).map(({ kind }) => kind));
    }
    expect(kinds.slice(0, max).every((kind) => kind === "added")).toBe(true);
    expect(kinds.slice(max)).toEqual(Array<"tooMany">(10).fill("tooMany"));
    expect(await add(store, { ...LIKE, value: "0" })).toEqual({ kind: "duplicate" });
    const [newest] = (await page(store, { actionsMax: 1 })).actions;
    if (newest) await remove(store, newest);
    await addNew(store, { ...LIKE, value: "room again" });
    await store.stop();
  });

  test(`${adapter} [ACT8 ACT12] a message has so many bytes of actions; deleting it gives them back`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const { actionBytesPerMessageMax, actionValueBytesMax } = LIMITS;
    const fitting = Math.floor(actionBytesPerMessageMax / actionValueBytesMax);
    const fill = async (): Promise<number> => {
      const adding = Array.from({ length: fitting }, (_, at) =>
        add(store, { ...LIKE, value: `${at}`.padEnd(actionValueBytesMax - "reactionalice".length, "x") }),
      );
      return (await Promise.all(adding)).filter(({ kind }) => kind === "added").length;
    };
    expect(await fill()).toBe(fitting);
    expect(await add(store, LIKE)).toEqual({ kind: "tooMany" });
    const [newest] = (await page(store, { actionsMax: 1 })).actions;
    if (newest) await remove(store, newest);
    await addNew(store, LIKE); // what one action leaves is room for another
    await place.deleteMessages({ ...ROOM, from: NOW, through: NOW });
    expect(await fill()).toBe(fitting);
    await store.stop();
  });

  test(`${adapter} [ACT8] a keyset has so many changes waiting, and another is not disturbed`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const { waitingActionsPerKeysetMax: max } = LIMITS;
    const flood = Array.from({ length: max + 10 }, (_, at) => add(store, { ...LIKE, value: `${at}` }));
    const other = add(store, { ...LIKE, keyset: OTHER_KEYSET });
    const kinds = (await Promise.all(flood)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "added")).toHaveLength(max);
    expect(kinds.filter((kind) => kind === "overloaded")).toHaveLength(10);
    expect(await other).toMatchObject({ kind: "added" });
    expect(await add(store, LIKE)).toMatchObject({ kind: "added" });
    await store.stop();
  });

  test(`${adapter} [ACT11] what the disk refuses is not kept, and the next change is made`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    const action = await addNew(store, LIKE);
    place.setDisk("refuses");
    const refused = [add(store, { ...LIKE, value: "no" }), remove(store, action)];
    expect(await Promise.all(refused)).toEqual([{ kind: "unavailable" }, { kind: "unavailable" }]);
    expect(await allOf(store)).toEqual([action]);
    place.setDisk("takes");
    expect(await addNew(store, { ...LIKE, value: "no" })).toMatchObject({ value: "no" });
    expect(await remove(store, action)).toEqual({ kind: "removed", action });
    expect(await allOf(store)).toHaveLength(1);
    await store.stop();
  });

  test(`${adapter} [ACT12] messages take their actions with them, and no others`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    for (let at = 0; at < 5; at++) await addNew(store, { ...LIKE, messageTimetoken: NOW + BigInt(at), value: `${at}` });
    await addNew(store, { ...LIKE, channel: "other" });
    await addNew(store, { ...LIKE, keyset: OTHER_KEYSET });
    await place.deleteMessages({ ...ROOM, from: NOW + 1n, through: NOW + 3n });
    expect((await allOf(store)).map(({ value }) => value)).toEqual(["0", "4"]);
    await place.deleteMessages({ ...ROOM, from: 0n, through: NOW * 2n });
    expect(await allOf(store)).toEqual([]);
    expect(await allOf(store, { ...ROOM, channel: "other" })).toHaveLength(1);
    expect(await allOf(store, { ...ROOM, keyset: OTHER_KEYSET })).toHaveLength(1);
    await store.stop();
  });

  test(`${adapter} [ACT13] a range of messages comes with all actions of each message, or none of it`, async () => {
    await using place = await makePlace();
    const store = await place.open();
    // Messages 0 to 4 have 3, 1, 0, 2 and 1 actions, added in another order than that of the messages.
    for (const at of [4, 0, 3, 0, 1, 3, 0]) {
      const uuid = crypto.randomUUID();
      await addNew(store, { ...LIKE, messageTimetoken: NOW + BigInt(at), uuid });
    }
    const bytes = BigInt("reactionlike".length + 36);
    const cases: readonly [Partial<MessageActionsRequest>, string, bigint?][] = [
      [{}, "0001334"],
      [{ from: NOW + 1n, through: NOW + 3n }, "133"],
      [{ actionsMax: 4 }, "1334", 1n],
      [{ actionsMax: 3 }, "334", 3n],
      [{ actionsMax: 2 }, "4", 4n],
      [{ actionsMax: 7 }, "0001334"],
      [{ actionsMax: 4, first: "oldest" }, "0001", 1n],
      [{ actionsMax: 1, first: "oldest" }, "000", 0n], // the first message comes whole
      [{ actionsMax: 1, first: "oldest", through: NOW }, "000"],
      [{ bytesMax: Number(bytes) * 3 }, "334", 3n],
      [{ bytesMax: 1 }, "4", 4n],
      [{ from: NOW + 2n, through: NOW + 2n }, ""],
    ];
    for (const [range, messages, completeTo] of cases) {
      const given = { from: 0n, through: NOW * 2n, first: "newest", actionsMax: 100, bytesMax: 1e6, ...range } as const;
      const answer = await store.actionsOf({ ...ROOM, ...given });
      const shown = answer.actions.map(({ messageTimetoken }) => messageTimetoken - NOW).join("");
      const end = answer.completeTo === undefined ? undefined : answer.completeTo - NOW;
      expect([range, shown, end]).toEqual([range, messages, completeTo]);
      expect(answer.actions).toEqual(answer.actions.toSorted(byMessage));
    }
    await store.stop();
  });

  const runs = { numRuns: count({ quick: 15, full: 300 }), seed: seed() };
  test(`${adapter} [ACT3 ACT4 ACT5 ACT6 ACT12 ACT13] agrees with a plain list (seed ${runs.seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEPS, { maxLength: 40 }), RANGES, async (steps, range) => {
        await using place = await makePlace();
        const store = await place.open();
        const model = new Model();
        for (const step of steps) await perform(step, { store, place, model });
        expect(await allOf(store)).toEqual(model.actions);
        const asked = { ...ROOM, ...range };
        expect((await page(store, range)).actions).toEqual(model.page(range));
        const { actions } = await store.actionsOf({ ...asked, first: "newest", actionsMax: 1e3, bytesMax: 1e6 });
        expect(actions).toEqual(model.ofMessages(range));
        await store.stop();
      }),
      runs,
    );
  });
}

type Step =
  | { readonly kind: "add"; readonly draft: ActionDraft; readonly notBefore: Timetoken }
  | { readonly kind: "remove"; readonly at: number; readonly uuid: string }
  | { readonly kind: "delete"; readonly from: Timetoken; readonly through: Timetoken };

const UUIDS = fc.constantFrom("alice", "bert");
const MESSAGES = fc.bigInt({ min: NOW, max: NOW + 4n });
const DRAFTS = fc.record({
  messageTimetoken: MESSAGES,
  type: fc.constantFrom("a", "b"),
  value: fc.constantFrom("1", "2"),
  uuid: UUIDS,
});
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("add" as const), draft: DRAFTS, notBefore: MESSAGES }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), at: fc.nat(20), uuid: UUIDS }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), from: MESSAGES, through: MESSAGES }) },
);
const RANGES = fc.record({
  start: fc.option(fc.bigInt({ min: NOW, max: NOW + 40n }), { nil: undefined }),
  end: fc.option(fc.bigInt({ min: NOW, max: NOW + 40n }), { nil: undefined }),
  actionsMax: fc.integer({ min: 1, max: 10 }),
  from: MESSAGES,
  through: MESSAGES,
});
type Range = typeof RANGES extends fc.Arbitrary<infer Value> ? Value : never;

/** What a store should do, as a plain list. */
class Model {
  actions: readonly Action[] = [];
  #last = 0n;

  add(draft: ActionDraft, notBefore: Timetoken): AddOutcome {
    this.#last = notBefore > this.#last ? notBefore : this.#last + 1n;
    const key = (one: ActionDraft): string => [one.messageTimetoken, one.type, one.value, one.uuid].join();
    if (this.actions.some((one) => key(one) === key(draft))) return { kind: "duplicate" };
    const action = { ...draft, timetoken: this.#last };
    this.actions = [...this.actions, action];
    return { kind: "added", action };
  }

  remove(action: Action | undefined, uuid: string): RemoveOutcome {
    if (!action) return { kind: "none" };
    if (action.uuid !== uuid) return { kind: "notAuthor" };
    this.actions = this.actions.filter((one) => one !== action);
    return { kind: "removed", action };
  }

  deleteMessages(from: Timetoken, through: Timetoken): void {
    this.actions = this.actions.filter((one) => one.messageTimetoken < from || one.messageTimetoken > through);
  }

  page({ start = NOW * 2n, end = 0n, actionsMax }: Range): readonly Action[] {
    return this.actions.filter(({ timetoken }) => timetoken < start && timetoken >= end).slice(-actionsMax);
  }

  ofMessages({ from, through }: Range): readonly Action[] {
    const inRange = ({ messageTimetoken }: Action): boolean => messageTimetoken >= from && messageTimetoken <= through;
    return this.actions.filter(inRange).toSorted(byMessage);
  }
}

interface Stage {
  readonly store: ActionStore;
  readonly place: ActionStorePlace;
  readonly model: Model;
}

async function perform(step: Step, { store, place, model }: Stage): Promise<void> {
  switch (step.kind) {
    case "add": {
      const { draft, notBefore } = step;
      return expect(await add(store, { ...draft, notBefore })).toEqual(model.add(draft, notBefore));
    }
    case "remove": {
      const action = model.actions[step.at];
      const asked = { ...LIKE, timetoken: 1n, ...action, uuid: step.uuid };
      return expect(await remove(store, asked)).toEqual(model.remove(action, step.uuid));
    }
    case "delete":
      model.deleteMessages(step.from, step.through);
      return place.deleteMessages({ ...ROOM, from: step.from, through: step.through });
  }
}

function byMessage(one: Action, other: Action): number {
  return Number(one.messageTimetoken - other.messageTimetoken) || Number(one.timetoken - other.timetoken);
}

function add(
  store: ActionStore,
  given: ActionDraft & Partial<ActionChannel> & { readonly notBefore?: Timetoken },
): Promise<AddOutcome> {
  const { keyset = KEYSET, channel = "room", notBefore = NOW, messageTimetoken, type, value, uuid } = given;
  return store.add({ keyset, channel, notBefore, draft: { messageTimetoken, type, value, uuid } });
}

async function addNew(store: ActionStore, given: Parameters<typeof add>[1]): Promise<Action> {
  const outcome = await add(store, given);
  if (outcome.kind !== "added") throw new Error(outcome.kind);
  return outcome.action;
}

function remove(store: ActionStore, given: Action & Partial<ActionChannel>): Promise<RemoveOutcome> {
  const { keyset = KEYSET, channel = "room", messageTimetoken, timetoken: actionTimetoken, uuid } = given;
  return store.remove({ keyset, channel, messageTimetoken, actionTimetoken, uuid });
}

function page(store: ActionStore, range: Partial<PageRequest>): ReturnType<ActionStore["page"]> {
  return store.page({ ...ROOM, start: undefined, end: undefined, actionsMax: 100, bytesMax: 1e6, ...range });
}

async function allOf(store: ActionStore, place: ActionChannel = ROOM): Promise<readonly Action[]> {
  return (await page(store, { ...place, actionsMax: 100_000 })).actions;
}
