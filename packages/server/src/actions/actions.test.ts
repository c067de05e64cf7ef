import { expect, test } from "bun:test";
import type { Action, ActionStore, AddOutcome, RemoveOutcome } from "../ports/action-store.ts";
import type { MessageDraft } from "../ports/message.ts";
import { Actions } from "./actions.ts";

const ACTION: Action = { messageTimetoken: 5n, type: "reaction", value: "like", uuid: "alice", timetoken: 9n };
const PLACE = { keyset: "k", channel: "room" };
const REMOVAL = { ...PLACE, messageTimetoken: 5n, actionTimetoken: 9n, uuid: "alice" };

interface Fakes {
  readonly add?: ActionStore["add"];
  readonly remove?: ActionStore["remove"];
  readonly emit?: (keyset: string, draft: MessageDraft) => Promise<boolean>;
}

function actionsWith({ add, remove, emit }: Fakes): { readonly actions: Actions; readonly emitted: MessageDraft[] } {
  const emitted: MessageDraft[] = [];
  const store: ActionStore = {
    add: add ?? (async ({ draft, notBefore }) => ({ kind: "added", action: { ...draft, timetoken: notBefore } })),
    remove: remove ?? (async () => ({ kind: "removed", action: ACTION })),
    page: async () => ({ actions: [], isTruncated: false }),
    actionsOf: async () => ({ actions: [], completeTo: undefined }),
    stop: async () => {},
  };
  const actions = new Actions({
    store,
    broker: { position: async () => 42n },
    emit: async (keyset, draft) => {
      if (emit) return emit(keyset, draft);
      emitted.push(draft);
      return true;
    },
  });
  return { actions, emitted };
}

test("[ACT9] a change is one event: unstored, of its author, with the action's tokens as strings", async () => {
  const { actions, emitted } = actionsWith({});
  expect(await actions.add({ ...PLACE, draft: ACTION })).toMatchObject({ kind: "added", isAnnounced: true });
  await actions.remove(REMOVAL);
  const data = (timetoken: string): string =>
    `{"type":"reaction","value":"like","actionTimetoken":"${timetoken}","messageTimetoken":"5"}`;
  const event = { channel: "room", eventType: 3, publisher: "alice", stored: false, ttlHours: undefined } as const;
  expect(emitted).toEqual([
    { ...event, payload: `{"source":"actions","version":"1.0","event":"added","data":${data("00000000000000042")}}` },
    { ...event, payload: `{"source":"actions","version":"1.0","event":"removed","data":${data("00000000000000009")}}` },
  ]);
});

test("[ACT9] where nothing changed there is no event", async () => {
  for (const kind of ["duplicate", "tooMany", "unavailable", "overloaded"] as const) {
    const { actions, emitted } = actionsWith({ add: async () => ({ kind }) });
    expect(await actions.add({ ...PLACE, draft: ACTION })).toEqual({ kind });
    expect(emitted).toEqual([]);
  }
  for (const kind of ["none", "notAuthor", "unavailable", "overloaded"] as const) {
    const { actions, emitted } = actionsWith({ remove: async () => ({ kind }) });
    expect(await actions.remove(REMOVAL)).toEqual({ kind });
    expect(emitted).toEqual([]);
  }
});

test("[ACT9] events leave in the order of the changes, whichever outcome is told first", async () => {
  const [first, second] = [Promise.withResolvers<AddOutcome>(), Promise.withResolvers<RemoveOutcome>()];
  const { actions, emitted } = actionsWith({ add: () => first.promise, remove: () => second.promise });
  const adding = actions.add({ ...PLACE, draft: ACTION });
  await settle(); // the add has its position and is with the store
  const removing = actions.remove(REMOVAL);
  second.resolve({ kind: "removed", action: ACTION });
  await settle();
  expect(emitted).toEqual([]);
  first.resolve({ kind: "added", action: ACTION });
  await Promise.all([adding, removing]);
  expect(emitted.map(({ payload }) => /"event":"(\w+)"/.exec(payload)?.[1])).toEqual(["added", "removed"]);
});

test("[ACT10] a change that could not be announced says so, and the next one is announced again", async () => {
  const emits = [async () => false, async () => true, () => Promise.reject(new Error("a bug")), async () => true];
  const { actions } = actionsWith({ emit: () => (emits.shift() ?? (async () => true))() });
  const add = (): ReturnType<Actions["add"]> => actions.add({ ...PLACE, draft: ACTION });
  expect(await add()).toMatchObject({ kind: "added", isAnnounced: false });
  expect(await actions.remove(REMOVAL)).toMatchObject({ kind: "removed", isAnnounced: true });
  expect(await add().catch(String)).toBe("Error: a bug");
  expect(await add()).toMatchObject({ kind: "added", isAnnounced: true });
});

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
