import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { Audience, CHANNELS, CONTENT } from "./audience.ts";
import { type Acknowledged, type Sent, flood, messagesFor } from "./flood.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 2, full: 10 });
const PUBLISHES = count({ quick: 600, full: 5_000 });
const SEED = seed();
const KILLED = 128 + 9;

test(`[OPS1] killed amid ${PUBLISHES} publishes, ${ROUNDS} times: what was acknowledged arrives once (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  using directory = temporaryDirectory();
  const nextMessage = messagesFor(CHANNELS, ["stored"]);
  const acknowledged: Acknowledged[] = [];
  await using servers = new AsyncDisposableStack();
  let server = servers.use(await startServerSomewhere({ dataDir: directory.path }));
  const { url, port } = server;
  await using audience = new Audience(url);
  const before = await audience.ready();

  for (let round = 0; round < ROUNDS; round++) {
    const killAt = 1 + Math.trunc((random() * PUBLISHES) / 4);
    acknowledged.push(...(await floodAndKill(server, Array.from({ length: PUBLISHES }, nextMessage), killAt)));
    server = servers.use(await startServer({ dataDir: directory.path, port }));
  }

  await audience.end("end");
  expect(audience.complaints(acknowledged)).toEqual(CONTENT);
  await using later = new Audience(url, before);
  await later.end("later end");
  expect(later.complaints(acknowledged)).toEqual(CONTENT);
}, 300_000);

/** Floods a server and kills it at an acknowledgement. @returns what was acknowledged, before its end or in it. */
async function floodAndKill(
  server: ServerProcess,
  messages: readonly Sent[],
  killAt: number,
): Promise<readonly Acknowledged[]> {
  let killed: Promise<number> | undefined;
  const acknowledged = await flood(server.url, messages, (count) => {
    if (count >= killAt) killed ??= server.end("SIGKILL");
  });
  expect(await killed).toBe(KILLED);
  return acknowledged;
}
