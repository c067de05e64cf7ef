import { expect, test } from "bun:test";
import vectors from "../../../../spec/vectors/signatures.json" with { type: "json" };
import { NOW_MS, answerOf, clientByHand, turn, until } from "../by-hand.ts";
import { readConfiguration } from "../configuration-reader.ts";
import type { TransportRequest } from "../transport/transport.ts";
import { signedStreams, signedTransport, signerOf } from "./signing.ts";

const SIGNED = { secretKey: "sec-key" } as const;

const FORMS = vectors.signatures.filter(({ form, query }) => form === "v2" && !query.includes("signature="));
for (const { name, publishKey, subscribeKey, secretKey, method, path, query, body, signature } of FORMS) {
  test(`[SDK53] signed: ${name}`, async () => {
    const timestamp = Number(/timestamp=(\d+)/.exec(query)?.[1]);
    const rest = query.replace(/&?timestamp=\d+/, "").replace(/^&/, "");
    const configuration = readConfiguration({ publishKey, subscribeKey, secretKey, userId: "u" });
    const sign = signerOf(configuration, () => timestamp * 1_000 + 999);
    const url = `https://network.test${path}?${rest}`;
    const request = { method: method as TransportRequest["method"], url, ...(body === "" ? {} : { body }) };
    expect(await sign?.(request)).toBe(`${url}&timestamp=${timestamp}&signature=${signature}`);
  });
}

test("[SDK53] every request is signed but that for the time; without a secret key none is", async () => {
  const { client, network } = clientByHand(SIGNED);
  void client.hereNow({ channels: ["a"] }).catch(() => {});
  await until(() => network.requests.length === 1);
  expect(network.last.query["timestamp"]).toBe(String(Math.floor(NOW_MS / 1_000)));
  expect(network.last.query["signature"]).toMatch(/^v2\.[\w-]{43}$/);
  void client.time().catch(() => {});
  await until(() => network.requests.length === 2);
  const open = clientByHand();
  void open.client.hereNow({ channels: ["a"] }).catch(() => {});
  for (const { query } of [network.last, open.network.last]) {
    expect(Object.keys(query).filter((name) => /signature|timestamp/.test(name))).toEqual([]);
  }
});

test("[SDK53] a publish by POST is signed as a GET without a body", async () => {
  const configuration = readConfiguration({ ...SIGNED, publishKey: "p", subscribeKey: "s", userId: "u" });
  const sign = signerOf(configuration, () => NOW_MS);
  const url = "https://network.test/publish/p/s/0/a/0?uuid=u";
  const posted = await sign?.({ method: "POST", url, body: "1" });
  expect(posted).toBe(await sign?.({ method: "GET", url }));
  const large = { method: "POST", url: url.replace("/publish", "/v2/publish") } as const;
  expect(await sign?.({ ...large, body: "1" })).not.toBe(await sign?.({ ...large, body: "2" }));
});

test("[SDK10 SDK53] what is aborted while it is signed is not sent", async () => {
  const { client, network } = clientByHand(SIGNED);
  const stop = new AbortController();
  const call = client.hereNow({ channels: ["a"], signal: stop.signal }).catch((no: unknown) => no);
  stop.abort();
  expect(await call).toMatchObject({ category: "PNCancelledCategory", operation: "PNHereNowOperation" });
  expect(network.requests).toEqual([]);
});

test("[SDK53] a stream is opened with a signature, or not at all once it is closed", async () => {
  const { client, network, streams } = clientByHand(SIGNED);
  client.subscribe({ channels: ["room"] });
  await until(() => network.requests.some(({ path }) => path.startsWith("/v2/subscribe/")));
  network.poll.answer(answerOf("17326051234567891", [], { lw: { ws: true, sse: true } }));
  await until(() => streams.opened.length === 1);
  expect(streams.last.url.searchParams.get("signature")).toMatch(/^v2\./);
  client.destroy();
  expect(streams.last.isClosed).toBe(true);
  let opened = 0;
  const open = signedStreams(
    () => ({ send: () => {}, close: () => void (opened += 1) }),
    async () => "wss://network.test/",
  );
  const stream = open?.("wss://network.test/", { frame: () => {}, ended: () => void (opened += 10) });
  stream?.send("lost");
  void stream?.close();
  await turn();
  expect(opened).toBe(0);
});

test("[SDK53] where nothing can be signed, a stream ends and a call says why", async () => {
  const cannot = (): Promise<string> => Promise.reject(new Error("no WebCrypto"));
  const ended = Promise.withResolvers<void>();
  signedStreams(() => ({ send: () => {}, close: () => {} }), cannot)?.("wss://network.test/", {
    frame: () => {},
    ended: ended.resolve,
  });
  await ended.promise;
  const transport = signedTransport(async () => ({ status: 200, text: "" }), cannot);
  const failure: unknown = await transport({ method: "GET", url: "https://network.test/a?", timeoutMs: 1 }).catch(
    (no: unknown) => no,
  );
  expect(String(failure)).toContain("no WebCrypto");
});

test("[SDK52] the auth key goes with every request but those of the time and of grants", async () => {
  const { client, network } = clientByHand({ authKey: "auth&key", ...SIGNED });
  void client.hereNow({ channels: ["a"] }).catch(() => {});
  await until(() => network.requests.length === 1);
  expect(network.last.query["auth"]).toBe("auth&key");
  void client.time().catch(() => {});
  void client.grant({ read: true }).catch(() => {});
  void client.audit({ channel: "a", authKeys: ["k"] }).catch(() => {});
  void client.grantToken({ ttl: 1, resources: { channels: { a: { read: true } } } }).catch(() => {});
  await until(() => network.requests.length === 5);
  const shown = network.requests.slice(1).map(({ path, query }) => `${path} ${query["auth"]}`);
  expect(shown.toSorted()).toEqual([
    "/time/0 undefined",
    "/v2/auth/audit/sub-key/sub-key k",
    "/v2/auth/grant/sub-key/sub-key undefined",
    "/v3/pam/sub-key/grant undefined",
  ]);
});

test("[SDK52] a token counts more than the auth key, from the next request on, until it is taken away", async () => {
  const { client, network } = clientByHand({ authKey: "auth-key" });
  const shown = (): string | undefined => {
    void client.hereNow({ channels: ["a"] }).catch(() => {});
    return network.last.query["auth"];
  };
  expect([client.getToken(), shown()]).toEqual([undefined, "auth-key"]);
  client.setToken("to ken");
  expect([client.getToken(), shown()]).toEqual(["to ken", "to ken"]);
  client.setToken(undefined);
  expect([client.getToken(), shown()]).toEqual([undefined, "auth-key"]);
  expect(() => client.setToken("")).toThrow("token is missing");
});

test("[SDK52] subscribe requests, polls and heartbeats show the token of their moment", async () => {
  const { client, network } = clientByHand({ transport: "long-poll" });
  client.setToken("first");
  client.subscribe({ channels: ["room"] });
  await turn();
  expect(network.poll.query["auth"]).toBe("first");
  client.setToken("second");
  network.poll.answer(answerOf("17326051234567891"));
  await turn();
  expect([network.poll.query["tt"], network.poll.query["auth"]]).toEqual(["17326051234567891", "second"]);
  expect(network.requests.find(({ path }) => path.endsWith("/heartbeat"))?.query["auth"]).toBe("second");
  client.destroy();
});

test("[SDK52] with disableTokenManager a token is kept and not sent", () => {
  const { client, network } = clientByHand({ disableTokenManager: true });
  client.setToken("token");
  void client.hereNow({ channels: ["a"] }).catch(() => {});
  expect([client.getToken(), network.last.query["auth"]]).toEqual(["token", undefined]);
});

test("[SDK52] a token is not set where it could be read on the way, but where that is allowed", () => {
  const plain = { origin: "10.0.0.1", ssl: false } as const;
  expect(() => clientByHand(plain).client.setToken("token")).toThrow(
    "The token was not set: origin is another machine",
  );
  for (const allowed of [
    { ...plain, allowPlainCredentials: true },
    { origin: "localhost:1980", ssl: false },
    { origin: "http://[::1]:1980" },
    { origin: "127.0.0.1", ssl: false },
  ]) {
    clientByHand(allowed).client.setToken("token");
  }
});

test("[SDK4 SDK52] an error repeats no credential that the network repeats", async () => {
  const { client, network } = clientByHand({ authKey: "auth-key", ...SIGNED });
  const call = client.hereNow({ channels: ["a"] }).catch((no: unknown) => String(no));
  await until(() => network.requests.length === 1);
  network.last.answer('{"message":"auth-key and sec-key are wrong"}', 403);
  expect(await call).toContain('"… and … are wrong"');
});
