import { expect, test } from "bun:test";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { DeleteOutcome } from "../ports/message-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

test("[HIS20 EDG14] a deletion that the disk refuses is a 503, and can be asked for again", async () => {
  const outcomes: DeleteOutcome[] = ["unavailable", "deleted"];
  const services = {
    clock: new ManualClock(),
    keysets: directoryOf(DEMO_KEYSET),
    log: SILENT_LOG,
    metrics: new Metrics(),
    admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
    turns: new Turns(new ManualClock()),
    broker: { position: async () => 1n },
    messages: { deleteRange: async () => outcomes.shift() },
    traced: <Result>(_name: string, run: () => Result): Result => run(),
  } as unknown as Services; // the others are not reached
  const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
  const remove = (): Promise<Response> =>
    fetch(`${edge.url}/v3/history/sub-key/demo/channel/room`, { method: "DELETE" });
  const refused = await remove();
  expect(await refused.text()).toBe(
    '{"status":503,"error":true,"error_message":"Storage unavailable: not everything was deleted; ask again"}',
  );
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await (await remove()).text()).toBe('{"status":200,"error":false,"error_message":""}');
  await edge.stop();
});
