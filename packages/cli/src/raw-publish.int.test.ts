import { expect, test } from "bun:test";
import { RawPublisher } from "./raw-publish.ts";

interface Asked {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A network that answers as it is told, the last answer again and again. */
function scripted(...script: readonly (readonly [number, string])[]) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      asked.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), body: await request.text() });
      const [status = 500, text = ""] = script[Math.min(asked.length, script.length) - 1] ?? [];
      return new Response(text, { status });
    },
  });
  const target = {
    origin: `http://127.0.0.1:${server.port}`,
    publishKey: "pub",
    subscribeKey: "sub",
    channel: "a:ü b",
    parameters: { uuid: "me & you", ttl: undefined },
  };
  return { target, asked, [Symbol.asyncDispose]: () => server.stop(true) };
}

const SENT = [200, '[1,"Sent","17326051234567890"]'] as const;
const BUSY = [503, '[0,"Overloaded","17326051234567890"]'] as const;
const forever = new AbortController().signal;

test("RawPublisher [CLI7] sends the text as it is, in a form that has room for it", async () => {
  await using network = scripted(SENT);
  const publisher = new RawPublisher(network.target, forever);
  const payloads = [' {"b" : 1.0, "a":12345678901234567890} ', `"${"é".repeat(16_384)}"`];
  for (const payload of payloads) {
    expect(await publisher.publish(payload)).toEqual({ kind: "sent", timetoken: "17326051234567890" });
  }
  const path = "/publish/pub/sub/0/a%3A%C3%BC%20b/0";
  const query = { uuid: "me & you", lw_id: expect.stringMatching(/^[\da-f-]{36}$/) };
  expect(network.asked[0]?.query["lw_id"]).not.toBe(network.asked[1]?.query["lw_id"]);
  expect(network.asked).toEqual([
    { path, query, body: payloads[0] ?? "" },
    { path: `/v2${path}`, query, body: payloads[1] ?? "" },
  ]);
});

test("RawPublisher [CLI10] repeats an attempt while the network is busy", async () => {
  await using network = scripted(BUSY, [429, "{}"], [502, "<html>"], SENT);
  expect(await new RawPublisher(network.target, forever).publish("1")).toMatchObject({ kind: "sent" });
  expect(network.asked).toHaveLength(4);
  expect(new Set(network.asked.map(({ query }) => query["lw_id"])).size).toBe(1); // so that it is delivered once
});

const REFUSALS: Readonly<Record<string, readonly [readonly [number, string], boolean]>> = {
  "a wrong key": [[400, '[0,"Invalid Key","1"]'], true],
  "no right to publish": [[403, '{"message":"Forbidden","error":true,"service":"Access Manager","status":403}'], true],
  "no network": [[200, "<html>"], true],
  "a message that is too large": [[400, '[0,"Message Too Large","1"]'], false],
  "a body that is too large": [[413, '[0,"Request Entity Too Large"]'], false],
};
for (const [what, [reply, isFinal]] of Object.entries(REFUSALS)) {
  test(`RawPublisher [CLI9] does not repeat ${what}`, async () => {
    await using network = scripted(reply);
    expect(await new RawPublisher(network.target, forever).publish("1")).toMatchObject({ kind: "failed", isFinal });
    expect(network.asked).toHaveLength(1);
  });
}

test("RawPublisher [CLI10] does not wait for a network that it has never reached, but for one that went away", async () => {
  const network = scripted(SENT);
  const publisher = new RawPublisher(network.target, forever);
  await publisher.publish("1");
  await network[Symbol.asyncDispose]();
  const late = publisher.publish("2");
  expect(await Promise.race([late, Bun.sleep(300)])).toBeUndefined();
  const port = Number(new URL(network.target.origin).port);
  const back = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response(SENT[1]) });
  expect(await late).toMatchObject({ kind: "sent" });
  await back.stop(true);
  const outcome = await new RawPublisher(network.target, forever).publish("3");
  expect(outcome).toMatchObject({ kind: "failed", sentence: expect.stringContaining("Nothing listens at http://") });
});

test("RawPublisher [CLI17] gives up between two attempts when it is told to", async () => {
  await using network = scripted(BUSY);
  const controller = new AbortController();
  const outcome = new RawPublisher(network.target, controller.signal).publish("1");
  await Bun.sleep(200);
  controller.abort();
  expect(await outcome).toEqual({ kind: "interrupted" });
});
