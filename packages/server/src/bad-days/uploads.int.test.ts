import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { type OfferedForm, askForForm, printFields, upload } from "../edge/file-client.ts";
import { startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 2, full: 10 });
const UPLOADS = count({ quick: 40, full: 100 });
const BYTES = 500_000;
const SEED = seed();
const ADMIN_TOKEN = "only-of-this-test-0123456789";

interface Listed {
  readonly data: readonly { readonly id: string; readonly size: number }[];
}

/** Files below a directory. */
function filesIn(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

const listed = async (files: string): Promise<Listed["data"]> =>
  ((await (await fetch(`${files}/files`)).json()) as Listed).data;

test(`[FIL25 FIL33] killed amid ${UPLOADS} uploads, ${ROUNDS} times: a file is there whole or not at all (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  using directory = temporaryDirectory();
  const content = new Uint8Array(BYTES).map((_, at) => at % 251);
  const digest = createHash("sha256").update(content).digest("hex");
  await using servers = new AsyncDisposableStack();
  let server = servers.use(await startServerSomewhere({ dataDir: directory.path }));
  let halves = 0;

  for (let round = 0; round < ROUNDS; round++) {
    const files = `${server.url}/v1/files/demo/channels/round-${round}`;
    const forms = await Promise.all(Array.from({ length: UPLOADS }, () => askForForm(files, "x.bin")));
    const killAt = 1 + Math.trunc((random() * UPLOADS) / 2);
    const acknowledged = new Set<string>();
    let killed: Promise<number> | undefined;
    const send = async (form: OfferedForm): Promise<void> => {
      const response = await upload(form, content).catch(() => undefined);
      if (response?.status === 204) acknowledged.add(form.id);
      if (acknowledged.size >= killAt) killed ??= server.end("SIGKILL");
    };
    const unfinished = await beginUpload(
      await askForForm(files, "half.bin"),
      join(directory.path, "files", "incoming"),
    );
    await Promise.all(forms.map(send));
    await unfinished.failed;
    expect(await killed).toBe(128 + 9);
    halves += filesIn(join(directory.path, "files", "incoming")).length;

    server = servers.use(await startServer({ dataDir: directory.path, port: server.port }));
    const found = await listed(files);
    expect(filesIn(join(directory.path, "files", "incoming"))).toEqual([]);
    expect(found.filter(({ size }) => size !== BYTES)).toEqual([]);
    const ids = new Set(found.map(({ id }) => id));
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
    for (const { id } of found) {
      const bytes = await (await fetch(`${files}/files/${id}/x.bin`)).bytes();
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(digest);
    }
    // What is on disk is what is listed, and nothing else.
    const others = await Promise.all(
      Array.from({ length: round }, (_, earlier) => listed(`${server.url}/v1/files/demo/channels/round-${earlier}`)),
    );
    expect(filesIn(join(directory.path, "files"))).toHaveLength(found.length + others.flat().length);
  }
  expect(halves).toBeGreaterThan(0); // else nothing was interrupted
}, 120_000);

test("[FIL12] an upload and a download of 100 MB do not grow the process", async () => {
  using directory = temporaryDirectory();
  const argv = ["--admin-token", ADMIN_TOKEN];
  await using server = await startServerSomewhere({ dataDir: directory.path, argv });
  expect(await allowLargeFiles(server.url)).toBe(200);
  const files = `${server.url}/v1/files/demo/channels/large`;
  const form = await askForForm(files, "large.bin");
  const residentBytes = (): number => {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8")) ?? [];
    return Number(kib) * 1_024;
  };
  const small = await askForForm(files, "small.bin");
  expect((await upload(small, new Uint8Array(5_000_000))).status).toBe(204); // what any upload costs
  const before = residentBytes();
  const bytes = 100 * 1_048_576;
  expect((await upload(form, new Uint8Array(bytes))).status).toBe(204);
  const kept = filesIn(join(directory.path, "files")).map((path) => statSync(path).size);
  expect(kept).toContain(bytes);
  const response = await fetch(`${files}/files/${form.id}/large.bin`);
  let received = 0;
  for await (const piece of response.body ?? []) received += piece.byteLength;
  expect(received).toBe(bytes);
  expect(residentBytes() - before).toBeLessThan(bytes / 2);
}, 60_000);

/** Begins an upload that never ends, and waits until a piece of it is on disk. @returns what fulfils when it has failed. */
async function beginUpload(form: OfferedForm, incoming: string): Promise<{ readonly failed: Promise<unknown> }> {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const head = 'Content-Disposition: form-data; name="file"; filename="half.bin"\r\n\r\n';
      controller.enqueue(Buffer.from(`${printFields(form, "b0und")}--b0und\r\n${head}${"half".repeat(1_000)}`));
    },
  });
  const headers = { "Content-Type": "multipart/form-data; boundary=b0und" };
  const failed = fetch(form.url, { method: "POST", headers, body }).catch(() => {});
  while (filesIn(incoming).length === 0) await Bun.sleep(5);
  return { failed };
}

/** Lets the demo keyset have files of 200 MiB, by the admin API. */
async function allowLargeFiles(url: string): Promise<number> {
  const response = await fetch(`${url}/admin/v1/keysets/demo`, {
    method: "PATCH",
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: '{"fileMebibytesMax":200}',
  });
  return response.status;
}
