import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { actionStoreOverPort } from "../../conformance/over-message-port.ts";
import { type ActionStorePlace, actionStoreConformance } from "../../conformance/action-store.ts";
import type { ActionStore } from "../../ports/action-store.ts";
import { removalWithMessages } from "./action-statements.ts";
import { openInMemory } from "./data-directory.ts";
import { SqliteActionStore } from "./sqlite-action-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { type MakePlace, directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const make = (reading: Database, writer: Writer): ActionStore => new SqliteActionStore(reading, writer, () => {});

function withDeletion(makePlace: MakePlace<ActionStore, unknown>): () => Promise<ActionStorePlace> {
  return async () => {
    const place = await makePlace();
    return { ...place, deleteMessages: (range) => place.write({ statements: [removalWithMessages(range)] }) };
  };
}

actionStoreConformance("SQLite in a directory", withDeletion(directoryPlace(make)));
actionStoreConformance("SQLite in memory", withDeletion(memoryPlace(make)));
actionStoreConformance(
  "SQLite over a MessagePort",
  withDeletion(placeOverPort(memoryPlace(make), actionStoreOverPort)),
);

test("[ACT11] changes whose outcome is unknown when the store stops are made; later ones are refused", async () => {
  const storage = openInMemory();
  const store = new SqliteActionStore(storage.reading, storage.writer, () => {});
  const draft = { messageTimetoken: 1n, type: "t", value: "v", uuid: "u" };
  const request = { keyset: "k", channel: "c", draft, notBefore: 5n };
  const adding = store.add(request);
  await Promise.all([store.stop(), store.stop()]);
  expect(await adding).toMatchObject({ kind: "added" });
  expect(await store.add({ ...request, draft: { ...draft, value: "late" } })).toEqual({ kind: "unavailable" });
  storage.close();
});
