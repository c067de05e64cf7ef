import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Network, systemClock } from "@longwave/server";
import { type S3Server, startS3Server } from "../packages/server/src/conformance/s3-server.ts";
import { startQuietly } from "./demo-network.ts";
import { subscribe } from "./inbox.ts";
import { createClient } from "./pubnub-client.ts";

const directory = mkdtempSync(join(tmpdir(), "longwave-interop-files-"));
const KEYS = { accessKeyId: "AKIAOFTHISTEST", secretAccessKey: "secretOfThisTest" };
let bucket: S3Server;
let network: Network;
let withBucket: Network;
beforeAll(async () => {
  network = await startQuietly();
  bucket = startS3Server({ bucket: "files", region: "us-east-1", ...KEYS, clock: systemClock });
  const s3CredentialsFile = join(directory, "credentials");
  writeFileSync(
    s3CredentialsFile,
    `aws_access_key_id = ${KEYS.accessKeyId}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`,
  );
  const s3 = { s3Bucket: "files", s3Endpoint: bucket.url, s3CredentialsFile };
  withBucket = await startQuietly({ memory: false, dataDir: join(directory, "data"), ...s3 });
});
afterAll(async () => {
  await network.stop();
  await withBucket.stop();
  await bucket[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const PLACES = { memory: () => network, "a bucket": () => withBucket } as const;

const BYTES = 5_000_000;
const CASES: readonly (readonly [what: string, key: { readonly cipherKey?: string }, name: string])[] = [
  ["plain", {}, "cat picture.jpg"],
  ["encrypted", { cipherKey: "enigma" }, "secret.bin"],
];

const EVERYWHERE = Object.entries(PLACES).flatMap(([place, at]) => CASES.map((one) => [place, at, ...one] as const));

for (const [place, at, what, key, name] of EVERYWHERE) {
  test(`[IOP18] a ${what} file of 5 MB goes the whole way, its content in ${place}`, async () => {
    const { url } = at();
    using anna = createClient(url, { userId: "anna" });
    const channel = `files-${what}`;
    using inbox = await subscribe(url, { channels: [channel] });
    const data = randomBytes(BYTES);
    const sent = await anna.sendFile({
      channel,
      file: { data, name, mimeType: "image/jpeg" },
      message: { look: "🦊" },
      ...key,
    });
    const file = { channel, id: sent.id, name: sent.name };
    expect(sent.name).toBe(name);

    await inbox.until("the file", ({ files }) => files.length === 1);
    if (key.cipherKey === undefined) {
      expect(inbox.files).toMatchObject([
        { channel, publisher: "anna", timetoken: sent.timetoken, message: { look: "🦊" }, file: { id: sent.id, name } },
      ]);
      const plain = await fetch(inbox.files[0]?.file.url ?? "");
      expect([plain.status, data.equals(await plain.bytes())]).toEqual([200, true]);
    }

    const listed = await anna.listFiles({ channel });
    expect(listed).toMatchObject({ status: 200, data: [{ id: sent.id, name }], next: null, count: 1 });
    const size = listed.data[0]?.size ?? 0;
    expect(key.cipherKey === undefined ? size === BYTES : size > BYTES).toBe(true);

    // A client that knows nothing of the protocol follows the URL, and of an encrypted file gets what was sent up.
    const byUrl = await (await fetch(anna.getFileUrl(file))).bytes();
    expect([byUrl.length, data.equals(byUrl)]).toEqual([size, key.cipherKey === undefined]);
    expect(Buffer.from(byUrl).includes(data.subarray(0, 1_000))).toBe(key.cipherKey === undefined);
    const part = await fetch(anna.getFileUrl(file), { headers: { Range: "bytes=1000000-1000099" } });
    expect([part.status, byUrl.subarray(1_000_000, 1_000_100)]).toEqual([206, await part.bytes()]);

    const downloaded = await anna.downloadFile({ ...file, ...key });
    expect(data.equals(await downloaded.toBuffer())).toBe(true);

    expect(await anna.deleteFile(file)).toEqual({ status: 200 });
    expect(await anna.listFiles({ channel })).toMatchObject({ data: [], count: 0 });
    const gone = await anna.downloadFile(file).then(() => "there", String);
    expect(gone).not.toBe("there");
    expect((await fetch(anna.getFileUrl(file))).status).toBe(404);
  }, 30_000);
}

test("[IOP18] files are listed page by page", async () => {
  using anna = createClient(network.url, { userId: "anna" });
  const ids: string[] = [];
  for (const name of ["a.txt", "b.txt", "c.txt"]) {
    const file = { data: Buffer.from(name), name, mimeType: "text/plain" };
    ids.push((await anna.sendFile({ channel: "pages", file })).id);
  }
  const first = await anna.listFiles({ channel: "pages", limit: 2 });
  const second = await anna.listFiles({ channel: "pages", limit: 2, next: first.next });
  expect([first.count, second.count, second.next]).toEqual([2, 1, null]);
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids.toSorted());
});

test("[IOP18] a file that is too large is refused, and the client says so", async () => {
  using anna = createClient(network.url, { userId: "anna" });
  const file = { data: Buffer.alloc(5_242_881), name: "large.bin", mimeType: "application/octet-stream" };
  // This client tells the status and not the sentence of the store.
  const failure: unknown = await anna.sendFile({ channel: "large", file }).catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ message: "Upload to bucket failed.", status: { status: 400 } });
  expect(await anna.listFiles({ channel: "large" })).toMatchObject({ count: 0 });
}, 30_000);
