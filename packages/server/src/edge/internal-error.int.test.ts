import { expect, test } from "bun:test";
import { KeysetDirectory } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { createLog } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

test("[ERR2] a bug is a 500 with an identifier that the log carries too, and no more", async () => {
  const lines: string[] = [];
  const clock = new ManualClock();
  const keysets = new KeysetDirectory();
  keysets.find = () => {
    throw new TypeError("a bug with s3cret details");
  };
  const log = createLog({ clock, format: "json", level: "info", colour: false, write: (line) => lines.push(line) });
  const services = {
    clock,
    keysets,
    log,
    metrics: new Metrics(),
    admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
    turns: new Turns(new ManualClock()),
  } as unknown as Services; // the others are not reached
  const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
  const response = await fetch(`${edge.url}/publish/demo/demo/0/room/0/1`);
  const body = (await response.json()) as { id: string };
  expect(response.status).toBe(500);
  expect(Object.keys(body)).toEqual(["status", "service", "error", "message", "id"]);
  expect(JSON.stringify(body)).not.toContain("s3cret");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(body.id);
  expect((await fetch(`${edge.url}/time/0`)).status).toBe(200);
  await edge.stop();
});
