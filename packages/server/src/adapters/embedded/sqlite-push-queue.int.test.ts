import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { KEYSET } from "../../conformance/fixtures.ts";
import { pushQueueOverPort } from "../../conformance/over-message-port.ts";
import { type PushQueueSettings, pushQueueConformance } from "../../conformance/push-queue.ts";
import type { PushQueue } from "../../ports/push-queue.ts";
import { openInMemory } from "./data-directory.ts";
import { SqlitePushQueue } from "./sqlite-push-queue.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const make = (reading: Database, writer: Writer, settings: Partial<PushQueueSettings> = {}): PushQueue =>
  new SqlitePushQueue(reading, writer, () => {}, { ...LIMITS, ...settings });

pushQueueConformance("SQLite push queue in a directory", directoryPlace(make));
pushQueueConformance("SQLite push queue in memory", memoryPlace(make));
pushQueueConformance("SQLite push queue over a port", placeOverPort(memoryPlace(make), pushQueueOverPort));

test("SQLite push queue [PSH50] what is due is found through its index, in its order", () => {
  const storage = openInMemory();
  const plan = storage.reading
    .query<{ detail: string }, [string, number]>(
      "EXPLAIN QUERY PLAN SELECT id, notice FROM push_job WHERE keyset = ? AND due_ms <= ? ORDER BY due_ms, id LIMIT 4",
    )
    .all(KEYSET, 0);
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringContaining("push_job_by_due (keyset=? AND due_ms<?)"),
  ]);
  storage.close();
});
