import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapters/embedded/system-clock.ts";
import { type S3Server, startS3Server } from "../conformance/s3-server.ts";
import { type Network, startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { askForForm, send, upload } from "./file-client.ts";

const [ACCESS_KEY_ID, SECRET] = ["AKIAOFTHISTEST", "secretOfThisTest"];
const ADMIN_TOKEN = "only-of-this-test-0123456789";
const directory = mkdtempSync(join(tmpdir(), "longwave-s3-"));
const credentials = join(directory, "credentials");
const lines: string[] = [];
let server: S3Server;
let network: Network;

const start = (): Promise<Network> =>
  startNetwork(
    {
      dataDir: join(directory, "data"),
      port: 0,
      drainSeconds: 0,
      adminToken: ADMIN_TOKEN,
      s3Bucket: "files",
      s3Endpoint: server.url,
      s3CredentialsFile: credentials,
    },
    {
      log: createLog({
        clock: systemClock,
        format: "json",
        level: "debug",
        write: (line) => lines.push(line),
        colour: false,
      }),
    },
  );

beforeAll(async () => {
  writeFileSync(credentials, `aws_access_key_id = ${ACCESS_KEY_ID}\naws_secret_access_key = ${SECRET}\n`);
  const keys = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET };
  server = startS3Server({ bucket: "files", region: "us-east-1", ...keys, clock: systemClock });
  network = await start();
});
afterAll(async () => {
  await network.stop();
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const room = (channel: string): string => `${network.url}/v1/files/demo/channels/${channel}`;

test("[FIL50 FIL26] a file lies in the bucket, comes down whole and in parts through the network, across a restart, and is deleted", async () => {
  const content = randomBytes(5_000_000);
  const { id } = await send(room("way"), "large.bin", content);
  const keys = [...server.objects.keys()];
  expect(keys).toEqual([expect.stringMatching(/^longwave\/[0-9a-f-]{36}$/)]);
  expect(existsSync(join(directory, "data", "files"))).toBe(false);
  await network.stop();
  network = await start();
  const url = `${room("way")}/files/${id}/large.bin`;
  const whole = await fetch(url);
  expect(content.equals(await whole.bytes())).toBe(true);
  expect(new URL(whole.url).origin).toBe(network.url); // and never the service's own address, where nothing is made harmless
  expect(whole.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  const part = await fetch(url, { headers: { Range: "bytes=-10" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 4999990-4999999/5000000"]);
  expect(content.subarray(-10).equals(await part.bytes())).toBe(true);
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "5000000"]);
  expect((await fetch(url, { method: "DELETE" })).status).toBe(200);
  expect(server.objects.size).toBe(0);
});

test("[FIL29] a file whose object is gone is 404", async () => {
  const { id } = await send(room("lost"), "x.txt", "x");
  server.objects.clear();
  const response = await fetch(`${room("lost")}/files/${id}/x.txt`);
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining("<Code>NoSuchKey</Code>")]);
});

test("[FIL53] a download that breaks off at the service breaks off at the client", async () => {
  const { id } = await send(room("half"), "x.bin", new Uint8Array(1_000_000));
  server.setHalving(true);
  const got = await fetch(`${room("half")}/files/${id}/x.bin`)
    .then((response) => response.bytes())
    .then(String, () => "failed");
  server.setHalving(false);
  expect(got.slice(0, 20)).toBe("failed");
});

test("[FIL52] while the service refuses, uploads and downloads are 503, and the log has its word and nothing secret", async () => {
  const { id } = await send(room("refusing"), "x.txt", "x");
  const form = await askForForm(room("refusing"), "y.txt");
  server.setRefusing(true);
  expect((await upload(form, "y")).status).toBe(503);
  expect((await fetch(`${room("refusing")}/files/${id}/x.txt`)).status).toBe(503);
  server.setRefusing(false);
  expect((await upload(form, "y")).status).toBe(204);
  const told = lines.join("\n");
  expect(told).toContain('"SlowDown"');
  for (const secret of [SECRET, ACCESS_KEY_ID, "X-Amz-Signature"]) expect(told).not.toContain(secret);
});

test("[FIL8] a keyset that is removed takes its objects along", async () => {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const shop = { name: "shop", publishKey: "pub-shop", subscribeKey: "sub-shop" };
  await fetch(`${network.url}/admin/v1/keysets`, { method: "POST", headers, body: JSON.stringify(shop) });
  const before = server.objects.size;
  for (const name of ["a", "b"]) await send(`${network.url}/v1/files/sub-shop/channels/c`, name, name);
  expect(server.objects.size).toBe(before + 2);
  await fetch(`${network.url}/admin/v1/keysets/sub-shop`, { method: "DELETE", headers });
  expect(server.objects.size).toBe(before);
});

test("[FIL25] what an upload left behind in the bucket is deleted before the next start listens, and nothing else", async () => {
  const { id } = await send(room("left"), "x.txt", "x");
  await network.stop();
  const kept = new Set(server.objects.keys());
  for (const key of ["longwave/0a000000-0000-4000-8000-000000000000", "longwave/notes", "other/x"]) {
    server.objects.set(key, new Uint8Array(1));
  }
  network = await start();
  expect([...server.objects.keys()].filter((key) => !kept.has(key))).toEqual(["longwave/notes", "other/x"]);
  expect(await (await fetch(`${room("left")}/files/${id}/x.txt`)).text()).toBe("x");
});

test("[FIL52] a start ends in a sentence where the service refuses or the credentials are missing", async () => {
  const given = { dataDir: join(directory, "other"), port: 0, s3Bucket: "files", s3Endpoint: server.url };
  server.setRefusing(true);
  const refused = await startNetwork({ ...given, s3CredentialsFile: credentials }).catch(String);
  server.setRefusing(false);
  expect(refused).toMatch(/^StartupError: The bucket files of http\S+ cannot hold files: SlowDown\. /);
  const missing = await startNetwork({ ...given, s3CredentialsFile: join(directory, "none") }).catch(String);
  expect(missing).toMatch(/^StartupError: --s3-credentials-file \S+ cannot be read: /);
});
