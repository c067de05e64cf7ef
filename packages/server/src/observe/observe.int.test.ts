import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { createLog } from "./log.ts";
import { createTracing } from "./tracing.ts";

test("[OPS8] /metrics counts what happened, in Prometheus text", async () => {
  const network = await startNetwork({ memory: true, port: 0 }, { log: createLog(quiet([])) });
  await fetch(`${network.url}/publish/demo/demo/0/room/0/1`);
  await fetch(`${network.url}/signal/demo/demo/0/room/0/1`);
  await fetch(`${network.url}/publish/wrong/demo/0/room/0/1`);
  await fetch(`${network.url}/v2/subscribe/demo/room/0?tt=1`);
  const text = await (await fetch(`${network.url}/metrics`)).text();
  const LINES = [
    'longwave_messages_accepted_total{kind="message"} 1',
    'longwave_messages_accepted_total{kind="signal"} 1',
    'longwave_requests_refused_total{error="publishKeyInvalid"} 1',
    "longwave_messages_delivered_total 2",
    "longwave_messages_committed_total 1",
    "longwave_held_polls 0",
    "longwave_commit_backlog_messages 0",
    "longwave_commit_seconds_count 1",
  ];
  for (const line of LINES) expect(text.split("\n")).toContain(line);
  expect(text).toMatch(/longwave_queue_bytes [1-9]/);
  await network.stop();
});

const SECRETS = ["s3cret-payload", "s3cret-key", "s3cret-token", "s3cret-meta", "s3cret-name"];

test("[OPS7] nothing that a client sends is in the log, at any level", async () => {
  const written: string[] = [];
  const network = await startNetwork({ memory: true, port: 0 }, { log: createLog(quiet(written)) });
  const [payload, key, token, meta, name] = SECRETS;
  await fetch(`${network.url}/publish/demo/demo/0/${name}/0/%22${payload}%22?auth=${token}&meta=%22${meta}%22`);
  await fetch(`${network.url}/publish/${key}/demo/0/${name}/0/%22${payload}%22?auth=${token}`);
  await fetch(`${network.url}/publish/demo/${key}/0/${name}/0/%22${payload}?auth=${token}`);
  await fetch(`${network.url}/${name}/${payload}?auth=${token}`);
  await network.stop();
  for (const secret of SECRETS) expect(written.join("\n")).not.toContain(secret);
});

function quiet(written: string[]): Parameters<typeof createLog>[0] {
  return {
    clock: new ManualClock(),
    format: "json",
    level: "debug",
    colour: false,
    write: (line) => written.push(line),
  };
}

test("[OPS10] without an SDK the hook runs the work and nothing else", async () => {
  const traced = createTracing();
  const work = async (): Promise<string> => "done";
  expect(await traced("longwave.test", work)).toBe("done");
  expect(traced("longwave.test", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
});
