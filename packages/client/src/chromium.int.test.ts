import { expect } from "bun:test";
import { join } from "node:path";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { type Page, chromium } from "playwright-core";
import { testWith } from "../../../tools/needs.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs something in a page of another origin than the network's, with the bundle beside it. */
async function inPage(executablePath: string, run: (page: Page, network: Network) => Promise<void>): Promise<void> {
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  const server = await servePage();
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    expect(server.url.origin).not.toBe(network.url);
    const page = await browser.newPage();
    await page.goto(server.url.href);
    await run(page, network);
  } finally {
    await browser.close();
    await server.stop(true);
    await network.stop();
  }
}

async function servePage(): Promise<ReturnType<typeof Bun.serve>> {
  const { outputs } = await Bun.build({ entrypoints: [join(import.meta.dir, "index.ts")], target: "browser" });
  const sdk = (await outputs[0]?.text()) ?? "";
  return Bun.serve({
    port: 0,
    routes: {
      "/": new Response("<!doctype html><title>a page</title>", { headers: { "Content-Type": "text/html" } }),
      "/sdk.js": new Response(sdk, { headers: { "Content-Type": "text/javascript" } }),
    },
  });
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
  inPage(executablePath, async (page, network) => {
    expect(await page.evaluate(program(network, EXCHANGE))).toEqual({
      told: [{ text: "by GET 🦊" }, { text: "by POST" }, "typing"],
      refusal: { category: "PNBadRequestCategory", status: 400 },
      absence: "PNNetworkIssuesCategory",
      digits: 17,
    });
  }),
);

const TWINS = `
  const subscription = { channels: ["room"], timetoken: "99999999999999999" };
  await Promise.all([connected(clientOf(), subscription), connected(clientOf(), subscription)]);
`;

testWith("chromium", "[SDK26] two clients of a browser that poll the same address are both held", (executablePath) =>
  inPage(executablePath, async (page, network) => {
    await page.evaluate(program(network, TWINS));
    for (let tries = 0; tries < 500 && network.heldPolls < 2; tries++) await Bun.sleep(10);
    expect(network.heldPolls).toBe(2);
  }),
);
