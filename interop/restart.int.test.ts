import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { hasStatus, subscribe } from "./inbox.ts";
import { type PubNubClient, createClient } from "./pubnub-client.ts";

/** A network in a directory of its own, that can be restarted where it was. */
class RestartedNetwork implements AsyncDisposable {
  readonly #dataDir = mkdtempSync(join(tmpdir(), "longwave-interop-"));
  #network: Network | undefined;
  #port = 0;

  get url(): string {
    return this.#network?.url ?? "";
  }

  async start(): Promise<void> {
    const place = { memory: false, dataDir: join(this.#dataDir, "data"), port: this.#port };
    this.#network = await startQuietly({ ...place, drainSeconds: 0 });
    this.#port = Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    await this.#network?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

async function publishAll(client: PubNubClient, channel: string, texts: readonly string[]): Promise<void> {
  for (const message of texts) await client.publish({ channel, message });
}

const series = (what: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${what} ${index + 1}`);

const [BEFORE, AWAY, AFTER] = [series("before", 20), series("away", 150), series("after", 20)];

test("[IOP10] a network restarts twice under its subscriber, which comes back and loses nothing", async () => {
  await using network = new RestartedNetwork();
  await network.start();
  const { url } = network;
  using publisher = createClient(url);
  using inbox = await subscribe(url, { channels: ["log", "rooms.*"] });
  await publishAll(publisher, "log", BEFORE); // the last of them may still be under way to the client when all ends
  await network.stop();
  await inbox.until("the network is missed", hasStatus("PNNetworkIssuesCategory"));
  await network.start();
  expect(network.url).toBe(url);
  await publishAll(publisher, "rooms.a", AWAY);
  await publisher.publish({ channel: "log", message: "not stored", storeInHistory: false });
  await publisher.signal({ channel: "log", message: "a signal" });
  await network.stop(); // the client asks every three seconds: what it missed must come from the directory
  await network.start();
  await inbox.until("back", hasStatus("PNReconnectedCategory"));
  await publishAll(publisher, "log", AFTER);
  const everything = [...BEFORE, ...AWAY, "not stored", ...AFTER];
  expect(await inbox.settled(everything.length)).toEqual(everything);
  expect(inbox.signals).toMatchObject([{ message: "a signal" }]);
});

test("[IOP10] what is published while it restarts: nothing that was acknowledged is lost, nothing comes twice", async () => {
  await using network = new RestartedNetwork();
  await network.start();
  const { url } = network;
  using publisher = createClient(url);
  using inbox = await subscribe(url, { channels: ["log"] });
  const acknowledged: number[] = [];
  const over = new AbortController();
  const publishing = (async () => {
    for (let message = 1; !over.signal.aborted; message += 1) {
      const isSent = await publisher.publish({ channel: "log", message }).then(
        () => true,
        () => false, // the network is away: this number may have got through or not
      );
      if (isSent) acknowledged.push(message);
      else await Bun.sleep(5);
    }
  })();
  await inbox.until("a few messages", ({ messages }) => messages.length >= 20);
  await network.stop();
  await network.start();
  await inbox.until("back", hasStatus("PNReconnectedCategory"));
  over.abort();
  await publishing;
  await inbox.until("the last one", () => inbox.payloads().at(-1) === acknowledged.at(-1));
  const received = inbox.payloads().map(Number);
  expect(received).toEqual([...new Set(received)].toSorted((a, b) => a - b));
  const arrived = new Set(received);
  expect(acknowledged.filter((message) => !arrived.has(message))).toEqual([]);
});
