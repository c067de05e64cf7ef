import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { RawConnection } from "./raw-connection.ts";

const SETTINGS = { memory: true, port: 0, drainSeconds: 0, idleSeconds: 10 };
const HOST = "HTTP/1.1\r\nHost: h\r\n";
const GET_TIME = `GET /time/0 ${HOST}\r\n`;
const POST = `POST /publish/demo/demo/0/room/0 ${HOST}`;

function pollOf(channel: string): string {
  return `GET /v2/subscribe/demo/${channel}/0?tt=1 ${HOST}\r\n`;
}

async function opened(network: Network, bytes: string): Promise<RawConnection> {
  const connection = await RawConnection.open(network.url);
  connection.write(bytes);
  return connection;
}

async function holds(network: Network, polls: number): Promise<void> {
  while (network.heldPolls !== polls) await Bun.sleep(1);
}

async function wake(network: Network, channel: string): Promise<void> {
  await (await fetch(`${network.url}/publish/demo/demo/0/${channel}/0/1`)).text();
}

/** What is closed in silence: what each connection sends at once, and what it goes on sending every second. */
const BOUNDED: Readonly<Record<string, readonly [atOnce: string, eachSecond: string]>> = {
  "sent nothing": ["", ""],
  "had its answer": [GET_TIME, ""],
  "half a request line": ["GET /ti", ""],
  "half a header": [`GET /time/0 ${HOST}X-Hal`, ""],
  "headers without their end": [GET_TIME.slice(0, -2), ""],
  "half a body": [`${POST}Content-Length: 10\r\n\r\n12345`, ""],
  "half a body in chunks": [`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n`, ""],
  "headers that trickle": [`GET /time/0 ${HOST}X-Slow: `, "a"],
  "a short body that trickles": [`${POST}Content-Length: 100\r\n\r\n1`, "1"],
};

// The runtime counts the idle time in real seconds: this is the one test that has to let them pass.
test("[EDG15] silence and requests that trickle close a connection; an upload that moves and a held poll do not, and is bounded again once answered", async () => {
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG });
  const held = await opened(network, pollOf("held"));
  const answered = await opened(network, pollOf("answered"));
  await holds(network, 2);
  await wake(network, "answered");
  expect(await answered.answer()).toMatchObject({ status: 200 });
  const bounded = await Promise.all(Object.values(BOUNDED).map(([atOnce]) => opened(network, atOnce)));
  const trickling = Object.values(BOUNDED).map(([, eachSecond], at) => [bounded[at], eachSecond] as const);
  const piece = "1".repeat(5_000);
  const uploads = [
    await opened(network, `${POST}Content-Length: 70000\r\n\r\n${piece}`),
    await opened(network, `${POST}Transfer-Encoding: chunked\r\n\r\n`),
  ];
  let pieces = 1;
  const trickle = setInterval(() => {
    pieces += 1;
    if (pieces <= 14) uploads[0]?.write(piece);
    uploads[1]?.write(pieces < 14 ? "1\r\n1\r\n" : "0\r\n\r\n");
    for (const [connection, text] of trickling) if (text !== "") connection?.write(text);
  }, 1_000);
  await Promise.all([answered, ...bounded].map(({ closed }) => closed)); // one that stays open is this test's timeout
  expect(await uploads[0]?.answer()).toMatchObject({ status: 400 }); // whole, and too large for a message
  expect(await uploads[1]?.answer()).toMatchObject({ status: 200 });
  clearInterval(trickle);
  for (const upload of uploads) upload.close();
  expect(network.heldPolls).toBe(1);
  await wake(network, "held");
  expect(await held.answer()).toMatchObject({ status: 200 });
  held.close();
  await network.stop();
}, 30_000);

test("[EDG15] a connection is kept for the next request, after a poll and after a refusal too", async () => {
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG });
  const connection = await RawConnection.open(network.url);
  for (const [request, status] of [
    [GET_TIME, 200],
    [`GET /nowhere ${HOST}\r\n`, 404],
    [`${POST}Content-Length: 1\r\n\r\nx`, 400],
    [`${POST}Content-Length: 1\r\n\r\n1`, 200],
    [GET_TIME, 200],
  ] as const) {
    connection.write(request);
    expect([request, await connection.answer()]).toEqual([request, expect.objectContaining({ status })]);
  }
  connection.write(pollOf("kept"));
  await holds(network, 1);
  await wake(network, "kept");
  expect(await connection.answer()).toMatchObject({ status: 200 });
  connection.write(GET_TIME + GET_TIME); // two at once are answered in their order
  expect(await connection.answer()).toMatchObject({ status: 200 });
  expect(await connection.answer()).toMatchObject({ status: 200 });
  connection.close();
  await network.stop();
});

test("[EDG15] a client that closes its connection frees its poll, and one that is killed too", async () => {
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG });
  const connections = await Promise.all(["a", "b", "c"].map((channel) => opened(network, pollOf(channel))));
  const controller = new AbortController();
  const aborted = fetch(`${network.url}/v2/subscribe/demo/d/0?tt=1`, { signal: controller.signal });
  await holds(network, 4);
  connections[0]?.close();
  await holds(network, 3);
  controller.abort();
  expect(aborted).rejects.toThrow("aborted");
  await holds(network, 2);
  for (const channel of ["a", "b"]) await wake(network, channel);
  expect(await connections[1]?.answer()).toMatchObject({ status: 200 });
  await holds(network, 1);
  connections[2]?.close();
  await holds(network, 0);
  await network.stop();
});

test("[EDG18] a long body that takes too long is 408, however steadily it comes, and its connection is closed", async () => {
  const clock = new ManualClock();
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG, clock });
  const connection = await opened(network, `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n`);
  await (await fetch(`${network.url}/time/0`)).text(); // what was written first has been read when this is answered
  clock.advance(LIMITS.bodySecondsMax * 1_000 + 1);
  connection.write("1\r\n1\r\n");
  expect(await connection.answer()).toMatchObject({
    status: 408,
    body: '{"status":408,"service":"Balancer","error":true,"message":"Request Timeout"}',
  });
  await connection.closed;
  await network.stop();
});

test("[EDG19] a body without end is 413, and its connection is closed", async () => {
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG });
  const connection = await opened(network, `${POST}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${"1".repeat(65_536)}\r\n`;
  for (let sent = 0; sent <= 2 * LIMITS.bodyBytesMax; sent += 65_536) connection.write(chunk);
  const answer = await connection.answer();
  expect(answer).toMatchObject({ status: 413 });
  await connection.closed;
  await network.stop();
});

test("[OPS2] a request that was sent by half does not keep the network from stopping", async () => {
  const clock = new ManualClock();
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG, clock });
  const half = await opened(network, `${POST}Content-Length: 100\r\n\r\n1`);
  await (await fetch(`${network.url}/time/0`)).text();
  const stop = { isDone: false };
  const stopping = (async (): Promise<void> => {
    await network.stop();
    stop.isDone = true;
  })();
  while (clock.pendingTimers === 0) await Bun.sleep(1);
  await Bun.sleep(50);
  expect(stop.isDone).toBe(false); // it has its time to become whole
  while (!stop.isDone) {
    clock.advance(LIMITS.closeSecondsMax * 1_000);
    await Bun.sleep(1);
  }
  await stopping;
  await half.closed;
});
