import { expect } from "bun:test";
import { join } from "node:path";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import type { Page } from "playwright-core";
import { inPage } from "../../../tools/chromium.ts";
import { testWith } from "../../../tools/needs.ts";

/** Runs something in a page of another origin than the network's, with the bundle beside it. */
async function withSdk(executablePath: string, run: (page: Page, network: Network) => Promise<void>): Promise<void> {
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  const { outputs } = await Bun.build({ entrypoints: [join(import.meta.dir, "index.ts")], target: "browser" });
  const sdk = (await outputs[0]?.text()) ?? "";
  try {
    await inPage(executablePath, { "/sdk.js": sdk }, async (page) => {
      expect(new URL(page.url()).origin).not.toBe(network.url);
      await run(page, network);
    });
  } finally {
    await network.stop();
  }
}

/** What the page runs: a module's text with a way to make clients of the network. */
const program = ({ url }: Network, body: string): string => `(async () => {
  const { PubNub } = await import("/sdk.js");
  const clientOf = (keys = {}) =>
    new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "page", origin: "${url}", ...keys });
  const connected = (client, subscription) => new Promise((resolve) => {
    client.addListener({ status: ({ category }) => category === "PNConnectedCategory" && resolve() });
    client.subscribe(subscription);
  });
  ${body}
})()`;

const EXCHANGE = `
  const client = clientOf();
  const told = [];
  const done = new Promise((resolve) => {
    const tell = (event) => told.push(event.message) === 3 && resolve();
    client.addListener({ message: tell, signal: tell });
  });
  await connected(client, { channels: ["room"] });
  await client.publish({ channel: "room", message: { text: "by GET 🦊" } });
  await client.publish({ channel: "room", message: { text: "by POST" }, sendByPost: true });
  await client.signal({ channel: "room", message: "typing" });
  await done;
  client.destroy();
  const refusal = await clientOf({ publishKey: "wrong" }).publish({ channel: "room", message: 1 })
    .catch(({ category, status }) => ({ category, status }));
  const absence = await clientOf({ origin: "127.0.0.1:1", ssl: false }).time().catch(({ category }) => category);
  return { told, refusal, absence, digits: (await client.time()).timetoken.length };
`;

testWith("chromium", "[SDK21] a page of another origin publishes and subscribes", (executablePath) =>
  withSdk(executablePath, async (page, network) => {
    expect(await page.evaluate(program(network, EXCHANGE))).toEqual({
      told: [{ text: "by GET 🦊" }, { text: "by POST" }, "typing"],
      refusal: { category: "PNBadRequestCategory", status: 400 },
      absence: "PNNetworkIssuesCategory",
      digits: 17,
    });
  }),
);

testWith(
  "chromium",
  "[SDK41] in a page, messages come over a WebSocket, or by long poll where that is asked for",
  (executablePath) =>
    withSdk(executablePath, async (page, network) => {
      const body = (transport: string): string => `
      const client = clientOf({ transport: "${transport}" });
      const told = new Promise((resolve) => client.addListener({ message: ({ message }) => resolve(message) }));
      await connected(client, { channels: ["room-${transport}"] });
      await client.publish({ channel: "room-${transport}", message: "hi" });
      return told;
    `;
      expect(await page.evaluate(program(network, body("websocket")))).toBe("hi");
      expect([network.streams, network.heldPolls]).toEqual([1, 0]);
      expect(await page.evaluate(program(network, body("long-poll")))).toBe("hi");
      expect(network.streams).toBe(1);
    }),
);

const TWINS = `
  const subscription = { channels: ["room"], timetoken: "99999999999999999" };
  const polling = () => connected(clientOf({ transport: "long-poll" }), subscription);
  await Promise.all([polling(), polling()]);
`;

testWith("chromium", "[SDK26] two clients of a browser that poll the same address are both held", (executablePath) =>
  withSdk(executablePath, async (page, network) => {
    await page.evaluate(program(network, TWINS));
    for (let tries = 0; tries < 500 && network.heldPolls < 2; tries++) await Bun.sleep(10);
    expect(network.heldPolls).toBe(2);
  }),
);
