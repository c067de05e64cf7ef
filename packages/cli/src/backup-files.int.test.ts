import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type OfferedForm, send } from "../../server/src/edge/file-client.ts";
import { longwave, startSpawned, temporaryDirectory } from "./spawned.ts";

const BEFORE = [5_000_000, 100_000, 1, 0].map((bytes) => randomBytes(bytes));
const DURING = randomBytes(300_000);

interface Listed {
  readonly data: readonly { readonly id: string; readonly name: string; readonly size: number }[];
  readonly next: string | null;
}

const room = (url: string, channel: string): string => `${url}/v1/files/demo/channels/${channel}`;

async function download(url: string, channel: string, { id, name }: Pick<OfferedForm, "id" | "name">): Promise<Buffer> {
  const response = await fetch(`${room(url, channel)}/files/${id}/${name}`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return Buffer.from(await response.bytes());
}

async function listAll(url: string, channel: string): Promise<Listed["data"]> {
  const found: Listed["data"][number][] = [];
  let next: string | null = "";
  while (next !== null) {
    const page = (await (await fetch(`${room(url, channel)}/files?next=${next}`)).json()) as Listed;
    found.push(...page.data);
    next = page.next;
  }
  return found;
}

/** Uploads one file after the other until it is told to end. @returns those that were answered. */
function uploadOnAndOn(url: string, channel: string): { end(): Promise<readonly OfferedForm[]> } {
  const state = { isOver: false };
  const run = async (): Promise<readonly OfferedForm[]> => {
    const sent: OfferedForm[] = [];
    while (!state.isOver) sent.push(await send(room(url, channel), "during.bin", DURING));
    return sent;
  };
  const sending = run();
  return {
    end: () => {
      state.isOver = true;
      return sending;
    },
  };
}

async function backUp(data: string, copy: string): Promise<void> {
  const command = longwave(["backup", copy, "--data-dir", data]);
  const code = await command.ended;
  expect([code, command.out()]).toEqual([0, `${copy}\n`]);
}

test("longwave backup [FIL9 OPS23] of files, while others come and go: restored elsewhere, they come down byte for byte", async () => {
  using home = temporaryDirectory();
  const [data, copy, restored] = ["data", "copy", "restored"].map((name) => join(home.path, name)) as [
    string,
    string,
    string,
  ];
  const masterKey = `${data}.master-key`;
  await using network = await startSpawned(["--data-dir", data, "--port", "0"]);
  const forms: OfferedForm[] = [];
  for (const [at, content] of BEFORE.entries())
    forms.push(await send(room(network.url, "before"), `${at}.bin`, content));
  const deleted = await send(room(network.url, "before"), "deleted.bin", "x");
  await fetch(`${room(network.url, "before")}/files/${deleted.id}/deleted.bin`, { method: "DELETE" });

  const uploads = Array.from({ length: 3 }, () => uploadOnAndOn(network.url, "during"));
  while ((await listAll(network.url, "during")).length < 5) await Bun.sleep(5);
  await backUp(data, copy);
  const sent = (await Promise.all(uploads.map((upload) => upload.end()))).flat();

  // What comes after the backup changes nothing of it.
  for (const { id, name } of forms)
    await fetch(`${room(network.url, "before")}/files/${id}/${name}`, { method: "DELETE" });
  expect(await listAll(network.url, "before")).toEqual([]);

  cpSync(copy, restored, { recursive: true });
  await using second = await startSpawned(["--data-dir", restored, "--master-key-file", masterKey, "--port", "0"]);
  expect((await listAll(second.url, "before")).map(({ id }) => id)).toEqual(forms.map(({ id }) => id).toSorted());
  for (const [at, form] of forms.entries()) {
    expect(BEFORE[at]?.equals(await download(second.url, "before", form))).toBe(true);
  }
  const listed = await listAll(second.url, "during");
  expect(listed.length).toBeGreaterThanOrEqual(5);
  const ids = new Set(sent.map(({ id }) => id));
  for (const file of listed) {
    expect(ids.has(file.id)).toBe(true);
    expect(DURING.equals(await download(second.url, "during", file))).toBe(true);
  }
  const contents = readdirSync(join(restored, "files"), { recursive: true, withFileTypes: true });
  expect(contents.filter((entry) => entry.isFile())).toHaveLength(forms.length + listed.length);
  // It goes on like any other.
  const later = await send(room(second.url, "later"), "later.bin", DURING);
  expect(DURING.equals(await download(second.url, "later", later))).toBe(true);
}, 60_000);
