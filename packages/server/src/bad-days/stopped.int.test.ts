import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { Audience, CHANNELS, CONTENT } from "./audience.ts";
import { type Acknowledged, type Sent, flood, messagesFor, publishUntilClosed } from "./flood.ts";
import { get, openConnections } from "./raw-request.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 1, full: 10 });
const PUBLISHES = count({ quick: 600, full: 5_000 });
const PARKED = 40;
/** Publishers that go on, one message after the other, until their connection is closed. */
const STEADY = 4;
const SEED = seed();
const START = ["--drain-seconds", "2"];
const FUTURE = "99999999999999999";

test(`[OPS2 SUB7] stopped amid ${PUBLISHES} publishes and signals, ${ROUNDS} times: what was acknowledged arrives once (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  using directory = temporaryDirectory();
  const nextMessage = messagesFor(CHANNELS, ["stored", "unstored", "signal"]);
  const acknowledged: Acknowledged[] = [];
  await using servers = new AsyncDisposableStack();
  let server = servers.use(await startServerSomewhere({ dataDir: directory.path, argv: START }));
  const { url, port } = server;
  await using audience = new Audience(url);
  const before = await audience.ready();

  for (let round = 0; round < ROUNDS; round++) {
    const stopAt = 1 + Math.trunc((random() * PUBLISHES) / 4);
    acknowledged.push(...(await floodAndStop(server, nextMessage, stopAt)));
    server = servers.use(await startServer({ dataDir: directory.path, port, argv: START }));
  }

  await audience.end("end");
  expect(audience.complaints(acknowledged)).toEqual(CONTENT);
  await using later = new Audience(url, before);
  await later.end("later end");
  expect(later.complaints(acknowledged)).toEqual(CONTENT);
}, 300_000);

/** Floods a server and stops it at an acknowledgement. @returns what was acknowledged, to the last. */
async function floodAndStop(
  server: ServerProcess,
  nextMessage: () => Sent,
  stopAt: number,
): Promise<readonly Acknowledged[]> {
  const { url } = server;
  const parked = await openConnections(url, PARKED);
  const answers = parked.map((poll) => poll.get(`/v2/subscribe/demo/idle/0?tt=${FUTURE}`));
  const steady = Array.from({ length: STEADY }, () => publishUntilClosed(url, nextMessage));
  let stopped: Promise<readonly [number, number | undefined]> | undefined;
  const flooded = await flood(url, Array.from({ length: PUBLISHES }, nextMessage), (count) => {
    if (count >= stopAt) stopped ??= Promise.all([server.end("SIGTERM"), readinessAfter(url)]);
  });
  expect(await stopped).toEqual([0, 503]);
  const empty = { status: 200, body: `{"t":{"t":"${FUTURE}","r":12},"m":[]}` };
  expect(await Promise.all(answers)).toEqual(answers.map(() => empty));
  return [...flooded, ...(await Promise.all(steady)).flat()];
}

/** What `/ready` says when it no longer says 200. */
async function readinessAfter(url: string): Promise<number | undefined> {
  for (;;) {
    const status = (await get(url, "/ready"))?.status;
    if (status !== 200) return status;
  }
}
