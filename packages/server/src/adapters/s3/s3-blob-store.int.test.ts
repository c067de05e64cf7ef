import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { blobStoreConformance } from "../../conformance/blob-store.ts";
import { type S3Server, signatureOf, startS3Server } from "../../conformance/s3-server.ts";
import type { BlobStore } from "../../ports/blob-store.ts";
import { ManualClock } from "../embedded/manual-clock.ts";
import { systemClock } from "../embedded/system-clock.ts";
import { type S3BlobSettings, S3BlobStore } from "./s3-blob-store.ts";

const REGION = "eu-central-1";
const [ACCESS_KEY_ID, SECRET] = ["AKIAOFTHISTEST", "secret/of+this/test"];
const ID = "0a000000-0000-4000-8000-000000000000";
const OTHER = "0b000000-0000-4000-8000-000000000000";
const MIB = 1_048_576;

const startServer = (): S3Server =>
  startS3Server({
    bucket: "files",
    region: REGION,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET,
    clock: systemClock,
  });

function open({ url }: Pick<S3Server, "url">, given: Partial<S3BlobSettings> = {}): BlobStore {
  return new S3BlobStore({
    endpoint: url,
    bucket: "files",
    region: REGION,
    prefix: "long wave/ü/",
    credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET, sessionToken: undefined },
    clock: systemClock,
    refused: () => {},
    ...given,
  });
}

for (const prefix of ["longwave/", "", "a b/ü+&%/"]) {
  blobStoreConformance(`blobs in S3 below "${prefix}"`, async () => {
    const server = startServer();
    return {
      isDurable: true,
      open: async () => open(server, { prefix }),
      setRefusing: server.setRefusing,
      holds: async () => [...server.objects.keys(), ...server.unfinished].map((key) => key.slice(prefix.length)),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
}

async function* pieces(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield new Uint8Array(bytes).fill(at);
}

const bytesOf = async (store: BlobStore, id: string): Promise<Uint8Array | string> => {
  const got = await store.get(id);
  return got.kind === "blob" ? new Response(got.content).bytes() : got.kind;
};

// The examples that Amazon publishes for Signature Version 4, so that the server of these tests is no echo of the client.
const EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HEAD = { host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z" };
const EXAMPLES: readonly (readonly [
  what: string,
  path: string,
  query: readonly string[],
  headers: Readonly<Record<string, string>>,
  signedHeaders: string,
  payload: string,
  signature: string,
])[] = [
  [
    "GET of a range",
    "/test.txt",
    [],
    { ...HEAD, range: "bytes=0-9", "x-amz-content-sha256": EMPTY_SHA256 },
    "host;range;x-amz-content-sha256;x-amz-date",
    EMPTY_SHA256,
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    "a listing",
    "/",
    ["max-keys=2", "prefix=J"],
    { ...HEAD, "x-amz-content-sha256": EMPTY_SHA256 },
    "host;x-amz-content-sha256;x-amz-date",
    EMPTY_SHA256,
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
  [
    "a link",
    "/test.txt",
    [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
      "X-Amz-Date=20130524T000000Z",
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    ],
    HEAD,
    "host",
    "UNSIGNED-PAYLOAD",
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  ],
];
for (const [what, path, parameters, headers, signedHeaders, payload, signature] of EXAMPLES) {
  test(`[FIL50] the server of these tests signs ${what} as Amazon's published example does`, () => {
    const request = { method: "GET", headers: new Headers(headers) };
    const claim = { date: "20130524T000000Z", scope: "20130524/us-east-1/s3/aws4_request", signedHeaders, payload };
    expect(signatureOf(EXAMPLE_SECRET, request, { path, parameters }, claim)).toBe(signature);
  });
}

test("[FIL50] a request that is not signed, or whose signature is another's, gets nothing", async () => {
  await using server = startServer();
  await open(server).put(ID, pieces(1, 10), 100);
  const key = `${server.url}/files/long%20wave/%C3%BC/${ID}`;
  expect((await fetch(key)).status).toBe(403);
  const client = new Bun.S3Client({
    endpoint: server.url,
    bucket: "files",
    region: REGION,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET,
  });
  const link = client.presign(`long wave/ü/${ID}`);
  expect((await fetch(link)).status).toBe(200);
  expect((await fetch(link.replace(ID, OTHER))).status).toBe(403);
  expect((await fetch(link, { method: "DELETE" })).status).toBe(403);
  expect((await fetch(link.replace(/Expires=\d+/, "Expires=1"))).status).toBe(403);
});

test("[FIL51] content that is larger than a part goes up in parts, and comes down byte for byte", async () => {
  await using server = startServer();
  const store = open(server);
  const outcome = await store.put(ID, pieces(24, MIB / 2), 12 * MIB);
  const content = Buffer.concat(await Array.fromAsync(pieces(24, MIB / 2)));
  const digest = createHash("sha256").update(content).digest("hex");
  expect(outcome).toEqual({ kind: "kept", bytes: 12 * MIB, digest });
  expect(server.asked.filter((call) => call.startsWith("PUT ")).length).toBe(3);
  expect(content.equals((await bytesOf(store, ID)) as Uint8Array)).toBe(true);
  const got = await store.get(ID, { from: 5 * MIB - 1, to: 5 * MIB + 1 });
  expect(got.kind === "blob" && (await new Response(got.content).bytes())).toEqual(new Uint8Array([9, 10]));
});

test("[FIL51] of an upload in parts that fails, or is too large, no part is left", async () => {
  await using server = startServer();
  const store = open(server);
  const failure = new Error("the client went away");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield* pieces(24, MIB / 2);
    throw failure;
  }
  expect(await store.put(ID, failing(), 100 * MIB)).toEqual({ kind: "broken", failure });
  expect(await store.put(ID, pieces(24, MIB / 2), 11 * MIB)).toEqual({ kind: "tooLarge", bytes: 11.5 * MIB });
  expect(server.asked.filter((call) => call.startsWith("PUT ")).length).toBeGreaterThan(0); // else there were no parts
  while (server.unfinished.length > 0) await Bun.sleep(5); // parts are taken back behind the answer
  expect(server.objects.size).toBe(0);
});

test("[FIL51] a service that refuses amid an upload in parts ends it, and nothing is left when it is back", async () => {
  await using server = startServer();
  const codes: string[] = [];
  const store = open(server, { refused: (code) => codes.push(code) });
  async function* interrupted(): AsyncGenerator<Uint8Array> {
    yield* pieces(24, MIB / 2);
    server.setRefusing(true);
    yield* pieces(1_000, MIB / 2);
  }
  expect(await store.put(ID, interrupted(), 1_000 * MIB)).toEqual({ kind: "unavailable" });
  server.setRefusing(false);
  expect(codes).toContain("SlowDown");
  expect(await store.list("", 10)).toEqual([]);
});

test("[FIL35] what else lies below the prefix is passed over, page after page", async () => {
  await using server = startServer();
  const store = open(server, { prefix: "p/" });
  await store.put(ID, pieces(1, 1), 1);
  await store.put(OTHER, pieces(1, 1), 1);
  for (let at = 0; at < 2_500; at++) server.objects.set(`p/0a1-${at}`, new Uint8Array());
  server.objects.set(ID, new Uint8Array());
  server.objects.set(`q/${ID}`, new Uint8Array());
  expect(await store.list("", 10)).toEqual([ID, OTHER]);
  expect(await store.list(ID, 10)).toEqual([OTHER]);
});

test("[FIL30] only identifiers of ours become keys", async () => {
  await using server = startServer();
  const store = open(server);
  for (const id of ["", "..", "../x", `${ID}/x`, ID.toUpperCase()]) {
    const calls = [store.put(id, pieces(1, 1), 1), store.get(id), store.delete(id)];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((outcome) => outcome.status === "rejected" && String(outcome.reason))).toEqual(
      calls.map(() => "Error: a blob's identifier is not a UUID"),
    );
  }
  expect(server.asked).toEqual([]);
});

const WRONG: readonly (readonly [what: string, given: Partial<S3BlobSettings>, code: RegExp])[] = [
  [
    "a wrong secret",
    { credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: "other", sessionToken: undefined } },
    /^SignatureDoesNotMatch$/,
  ],
  [
    "an unknown access key",
    { credentials: { accessKeyId: "AKIAOTHER", secretAccessKey: SECRET, sessionToken: undefined } },
    /^InvalidAccessKeyId$/,
  ],
  ["another bucket", { bucket: "other" }, /^NoSuchBucket$/],
  ["another region", { region: "us-east-1" }, /^AuthorizationHeaderMalformed$/],
  ["nobody at the address", { endpoint: "http://127.0.0.1:9" }, /^(?:ConnectionRefused|ECONNREFUSED)$/],
];
for (const [what, given, code] of WRONG) {
  test(`[FIL52 FIL36] ${what} is told by its code alone, and ends a start in a sentence`, async () => {
    await using server = startServer();
    const codes: string[] = [];
    const store = open(server, { ...given, refused: (told) => codes.push(told) });
    expect(await store.put(ID, pieces(1, 10), 100)).toEqual({ kind: "unavailable" });
    expect(await store.get(ID)).toEqual({ kind: "unavailable" });
    expect(await store.delete(ID)).toBe("unavailable");
    expect(codes.length).toBeGreaterThan(2);
    for (const told of codes) expect(told).toMatch(code);
    const refusal = await store.list("", 10).catch(String);
    expect(refusal).toMatch(/^StartupError: The bucket \w+ of http\S+ cannot hold files: \w+\. Check --s3-endpoint, /);
    const [, told] = /cannot hold files: (\w+)\./.exec(refusal as string) ?? [];
    expect(told).toMatch(code);
    expect(refusal).not.toContain(SECRET);
  });
}

test("[FIL53] a service that says nothing for a minute has refused", async () => {
  const clock = new ManualClock();
  let asked = Promise.withResolvers<void>();
  const silent = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const codes: string[] = [];
  const store = open({ url: silent.url.origin }, { clock, refused: (code) => codes.push(code) });
  for (const call of [() => store.get(ID), () => store.delete(ID), () => store.put(ID, pieces(1, 10), 100)]) {
    asked = Promise.withResolvers();
    const calling = call();
    await asked.promise;
    const state = { isOver: false };
    const ended = calling.finally(() => (state.isOver = true));
    while (!state.isOver) {
      clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const outcome = await ended;
    expect(typeof outcome === "string" ? outcome : outcome.kind).toBe("unavailable");
  }
  expect(codes).toContain("no answer within 60 seconds");
  await silent.stop(true);
});

test("[FIL53] content that breaks off amid a download fails, and is not taken for a shorter one", async () => {
  await using server = startServer();
  const store = open(server);
  await store.put(ID, pieces(1, 100_000), 100_000);
  server.setHalving(true);
  const got = await store.get(ID);
  if (got.kind !== "blob") throw new Error(got.kind);
  expect(await new Response(got.content).bytes().then(String, () => "failed")).toBe("failed");
});
