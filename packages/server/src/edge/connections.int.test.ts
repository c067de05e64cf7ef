import { expect, test } from "bun:test";
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
  "a body that trickles": [`${POST}Content-Length: 100\r\n\r\n1`, "1"],
};

// The runtime counts the idle time in real seconds: this is the one test that has to let them pass.
test("[EDG15] silence and requests that trickle close a connection; a held poll does not, and is bounded again once answered", async () => {
  const network = await startNetwork(SETTINGS, { log: SILENT_LOG });
  const held = await opened(network, pollOf("held"));
  const answered = await opened(network, pollOf("answered"));
  await holds(network, 2);
  await wake(network, "answered");
  expect(await answered.answer()).toMatchObject({ status: 200 });
  const bounded = await Promise.all(Object.values(BOUNDED).map(([atOnce]) => opened(network, atOnce)));
  const trickling = Object.values(BOUNDED).map(([, eachSecond], at) => [bounded[at], eachSecond] as const);
  const trickle = setInterval(() => {
    for (const [connection, text] of trickling) if (text !== "") connection?.write(text);
  }, 1_000);
  await Promise.all([answered, ...bounded].map(({ closed }) => closed)); // one that stays open is this test's timeout
  clearInterval(trickle);
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
