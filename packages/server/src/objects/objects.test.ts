import { expect, test } from "bun:test";
import { DEMO_KEYSET } from "../access/keysets.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { MetadataSetOutcome, ObjectStore } from "../ports/object-store.ts";
import { Objects } from "./objects.ts";

const NO_TIMER = { cancel: (): void => {} };
const CLOCK = { wallMs: () => 1_000.5, monotonicMs: () => 0, after: () => NO_TIMER };
const PLACE = { keyset: DEMO_KEYSET, kind: "uuid", id: "u" } as const;

function madeIn(channels: readonly string[], name: string): MetadataSetOutcome {
  const texts = { name };
  const metadata = { id: "u", texts, custom: undefined, updatedUs: 0, eTag: "tag" };
  return { kind: "set", metadata, changed: { texts }, channels };
}

interface Fakes {
  readonly setMetadata: ObjectStore["setMetadata"];
  readonly emit: (keyset: string, draft: MessageDraft) => Promise<boolean>;
}

function objectsWith({ setMetadata, emit }: Fakes): Objects {
  const store: ObjectStore = {
    setMetadata,
    removeMetadata: async () => ({ kind: "none" }),
    changeRelations: async () => ({ kind: "tooMany" }),
    metadata: async () => undefined,
    listMetadata: async () => ({ kind: "tooManyRows" }),
    listRelations: async () => ({ kind: "tooManyRows" }),
    stop: async () => {},
  };
  return new Objects({ store, clock: CLOCK, emit });
}

const set = (objects: Objects, name: string): Promise<MetadataSetOutcome> =>
  objects.set({ ...PLACE, patch: { texts: { name } }, ifMatch: undefined });

test("[OBJ15] a change is asked for with the clock's instant in whole microseconds", async () => {
  const asked: number[] = [];
  const objects = objectsWith({
    setMetadata: async ({ nowUs }) => {
      asked.push(nowUs);
      return { kind: "modified" };
    },
    emit: async () => true,
  });
  expect(await set(objects, "a")).toEqual({ kind: "modified" });
  expect(asked).toEqual([1_000_500]);
});

test("[OBJ36] events leave in the order of the changes, whichever outcome is told first, before their answers", async () => {
  const first = Promise.withResolvers<MetadataSetOutcome>();
  const told: string[] = [];
  let calls = 0;
  const objects = objectsWith({
    setMetadata: () => {
      calls += 1;
      return calls === 1 ? first.promise : Promise.resolve(madeIn(["b"], "second"));
    },
    emit: async (_keyset, { channel, payload, eventType, publisher, stored }) => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect([eventType, publisher, stored]).toEqual([2, undefined, false]);
      told.push(`${channel} ${/"name":"(\w+)"/.exec(payload)?.[1]}`);
      return true;
    },
  });
  const changes = [set(objects, "first"), set(objects, "second")];
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
  first.resolve(madeIn(["a", "u"], "first"));
  await Promise.all(changes);
  expect(told).toEqual(["u first", "a first", "u second", "b second"]);
});

test("[OBJ36] what could not be told does not keep later changes from being told", async () => {
  const told: string[] = [];
  const objects = objectsWith({
    setMetadata: async ({ patch }) => madeIn([], patch.texts.name ?? ""),
    emit: async (_keyset, { payload }) => {
      if (payload.includes("lost")) throw new Error("a bug");
      told.push(payload);
      return true;
    },
  });
  const outcomes = await Promise.allSettled([set(objects, "lost"), set(objects, "next")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(told).toHaveLength(1);
});
