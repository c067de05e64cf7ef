import { afterAll, beforeAll, expect } from "bun:test";
import type { Network } from "@longwave/server";
import { testWith } from "../tools/needs.ts";
import { startQuietly } from "./demo-network.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

/** What curl prints. */
async function curl(...argv: readonly string[]): Promise<string> {
  const child = Bun.spawn(["curl", "--silent", "--show-error", "--noproxy", "*", ...argv], { stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text;
}

const SENT = /^\[1,"Sent","(\d{17})"\]$/;
const subscribeUrl = (channel: string, tt: string): string =>
  `${network.url}/v2/subscribe/demo/${channel}/0?tt=${tt}&uuid=me`;
const publishUrl = (channel: string): string => `${network.url}/publish/demo/demo/0/${channel}/0`;

async function handshake(channel: string): Promise<string> {
  const answer = await curl(subscribeUrl(channel, "0"));
  const [, cursor = ""] = /^\{"t":\{"t":"(\d{17})","r":\d+\},"m":\[\]\}$/.exec(answer) ?? [];
  expect(cursor).not.toBe("");
  return cursor;
}

testWith("curl", "[IOP14] a handshake, a publish by GET, and the poll that brings it", async () => {
  const cursor = await handshake("hello");
  const sent = await curl(`${publishUrl("hello")}/%22Hello%20world%22?uuid=me`);
  const [, timetoken = ""] = SENT.exec(sent) ?? [];
  expect(timetoken).not.toBe("");
  expect(JSON.parse(await curl(subscribeUrl("hello", cursor)))).toMatchObject({
    t: { t: timetoken },
    m: [{ c: "hello", d: "Hello world", i: "me", k: "demo", p: { t: timetoken } }],
  });
});

testWith("curl", "[IOP14] a poll that is held until a publish by POST", async () => {
  const held = curl(subscribeUrl("later", await handshake("later")));
  while (network.heldPolls === 0) await Bun.sleep(5);
  // curl labels a body of --data as a form, which must not matter
  expect(await curl("--data", '{"text":"grüezi 😀"}', `${publishUrl("later")}?uuid=me`)).toMatch(SENT);
  expect(JSON.parse(await held)).toMatchObject({ m: [{ c: "later", d: { text: "grüezi 😀" } }] });
});

testWith("curl", "[IOP14] compressed answers and the time", async () => {
  const cursor = await handshake("long");
  const text = "long ".repeat(1_000);
  await curl("--data", JSON.stringify(text), publishUrl("long"));
  const poll = await curl("--compressed", "--include", subscribeUrl("long", cursor));
  expect(poll.toLowerCase()).toContain("content-encoding: gzip");
  expect(poll).toContain(`"d":${JSON.stringify(text)}`);
  expect(await curl(`${network.url}/time/0`)).toMatch(/^\[\d{17}\]$/);
});
