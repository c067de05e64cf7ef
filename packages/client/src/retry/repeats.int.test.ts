import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { PubNub, type PubNubOptions } from "../index.ts";
import type { Timers } from "../timers.ts";
import { fetchTransport } from "../transport/fetch.ts";
import { type Transport, TransportFailure } from "../transport/transport.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const impatient: Timers = {
  after: (_pauseMs, run) => {
    const timer = setTimeout(run, 1);
    return () => clearTimeout(timer);
  },
};

const keys = { subscribeKey: "demo", publishKey: "demo", userId: "anna" } as const;
const clientOver = (transport: Transport, more: Partial<PubNubOptions> = {}): PubNub =>
  new PubNub({ ...keys, origin: network.url, ...more }, { transport, timers: impatient });

/** The network, but for the first answers to publishes, which are lost on the way back. */
function losing(answers: number): Transport {
  let left = answers;
  return async (request) => {
    const answer = await fetchTransport(request);
    if (!request.url.includes("/time/") && left-- > 0) throw new TransportFailure("network", "ECONNRESET");
    return answer;
  };
}

test("[SDK71 SDK72] messages whose answers are lost are kept once, with the timetoken that the call gives", async () => {
  const client = clientOver(losing(3));
  const channel = "lost-answers";
  const first = await client.publish({ channel, message: { n: 1 }, meta: { lang: "en" } });
  const second = await client.publish({ channel, message: { n: 2 } });
  const { messages } = await clientOver(fetchTransport).history({ channel });
  expect(messages.map(({ entry, timetoken }) => [entry, timetoken])).toEqual([
    [{ n: 1 }, first.timetoken],
    [{ n: 2 }, second.timetoken],
  ]);
});

test("[SDK70] an application that sends its message again itself gives it a name", async () => {
  const client = clientOver(fetchTransport);
  const message = { channel: "orders", message: { order: 7 }, publishId: "order-7" } as const;
  const first = await client.publish(message);
  expect(await client.publish(message)).toEqual(first);
  const other: unknown = await client.publish({ ...message, message: { order: 8 } }).catch((no: unknown) => no);
  expect(other).toMatchObject({ status: 409 });
  expect((await client.history({ channel: "orders" })).messages).toHaveLength(1);
});

test("[SDK72 TIM4] a network that does not know ids gets a message once, whatever becomes of the answer", async () => {
  const lossy = losing(1);
  const unaware: Transport = (request) => {
    const url = new URL(request.url);
    for (const name of ["lw", "lw_id"]) url.searchParams.delete(name);
    return lossy({ ...request, url: url.href });
  };
  const channel = "unaware";
  const failure: unknown = await clientOver(unaware)
    .publish({ channel, message: 1 })
    .catch((no: unknown) => no);
  expect(failure).toMatchObject({ category: "PNNetworkIssuesCategory" });
  expect((await clientOver(fetchTransport).history({ channel })).messages).toHaveLength(1);
});
