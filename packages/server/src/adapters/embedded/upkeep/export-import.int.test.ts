import { expect, test } from "bun:test";
import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KEYSET } from "../../../conformance/fixtures.ts";
import { DATABASE } from "../data-directory.ts";
import { ManualClock } from "../manual-clock.ts";
import { startBackup } from "./backup.ts";
import { checkDataDirectory } from "./check-directory.ts";
import { FIRST, alter, fill, numbered, openStores, temporaryDirectory } from "./directories.ts";
import { type ExportPosition, openExporter } from "./export.ts";
import { openImporter } from "./import.ts";

const clock = new ManualClock();

function exported(path: string, channel?: string, after?: ExportPosition, damaged = (): void => {}): string {
  using exporter = openExporter(path, clock, damaged);
  return [...exporter.pages({ keyset: KEYSET, channel, after })].map(({ text }) => text).join("");
}

type Outcomes = Readonly<Record<string, number>>;

async function imported(path: string, text: string, keyset = KEYSET): Promise<Outcomes> {
  await using importer = openImporter(path, keyset, clock);
  const outcomes: Record<string, number> = {};
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const outcome = await importer.add(line);
    const kind = outcome.kind === "unusable" ? outcome.why : outcome.kind;
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
  await importer.flush();
  return outcomes;
}

async function filled(path: string, messages: number): Promise<void> {
  await using stores = openStores(path);
  await fill(stores, 0, messages);
}

test("[OPS26] an export is in the order of channels and timetokens, of one channel or of all of the keyset", async () => {
  using directory = temporaryDirectory();
  {
    await using stores = openStores(directory.path);
    await fill(stores, 0, 1_800);
    await stores.messages.commit(numbered(1_800, { channel: "gone", ttlHours: 1e-6 }));
    await stores.messages.commit(numbered(1_801, { keyset: "other", channel: "other" }));
    await stores.messages.commit(
      numbered(1_802, { channel: "Zoo", payload: '{"n":12345678901234567890,"e":1.0}', meta: '{"x":1.50}' }),
    );
  }
  const later = new ManualClock();
  later.setWall(clock.wallMs() + 1_000);
  using exporter = openExporter(directory.path, later, () => {});
  const request = { keyset: KEYSET, channel: undefined, after: undefined };
  const lines = [...exporter.pages(request)].flatMap(({ text }) => text.split("\n").slice(0, -1));
  expect(exporter.count(request)).toBe(1_802); // with the one that has expired
  const place = lines.map((line) => JSON.parse(line) as { channel: string; timetoken: string });
  expect(place.map(({ channel, timetoken }) => `${channel} ${timetoken}`)).toEqual([
    `Zoo ${FIRST + 1_802n}`,
    ...[0, 1, 2].flatMap((room) =>
      Array.from({ length: 600 }, (_, at) => `room-${room} ${FIRST + BigInt(at * 3 + room)}`),
    ),
  ]);
  expect(lines[0]).toBe(
    `{"channel":"Zoo","timetoken":"${FIRST + 1_802n}","publisher":"anna","message":{"n":12345678901234567890,"e":1.0},"meta":{"x":1.50}}`,
  );
  expect(lines.filter((line) => line.includes('"actions"'))).toHaveLength(180);
  expect(exported(directory.path, "room-1")).toBe(
    lines
      .slice(601, 1_201)
      .map((line) => `${line}\n`)
      .join(""),
  );
});

test("[OPS26] a damaged message is left out and told", async () => {
  using directory = temporaryDirectory();
  await filled(directory.path, 30);
  alter(directory.path, "UPDATE body SET payload = '0' WHERE id = 7");
  let damaged = 0;
  expect(exported(directory.path, undefined, undefined, () => (damaged += 1)).split("\n")).toHaveLength(30);
  expect(damaged).toBe(1);
});

test("[OPS26] a page that cannot be read ends an export in a sentence, after all that precedes it", async () => {
  using home = temporaryDirectory();
  await filled(join(home.path, "data"), 3_000);
  const { path } = await startBackup(join(home.path, "data"), join(home.path, "copy")).done;
  const file = join(path, DATABASE);
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf('{"at":2800.0}'); // a body of the newest messages
  const page = at - (at % 4_096);
  writeFileSync(file, bytes.fill(0x55, page, page + 4_096));
  using exporter = openExporter(path, clock, () => {});
  const lines: string[] = [];
  const read = (): void => {
    for (const { text } of exporter.pages({ keyset: KEYSET, channel: undefined, after: undefined })) lines.push(text);
  };
  expect(read).toThrow(/longwave\.db cannot be read: .*\. Run `longwave check` to see what is wrong\.$/);
  expect(lines.join("").split("\n").length).toBeGreaterThan(400);
});

test("[OPS26] an export of a directory whose log is damaged says what it is without", async () => {
  using home = temporaryDirectory();
  const copy = join(home.path, "copy");
  {
    await using stores = openStores(join(home.path, "data"));
    await fill(stores, 0, 300);
    cpSync(join(home.path, "data"), copy, { recursive: true });
  }
  truncateSync(join(copy, `${DATABASE}-wal`), 200_000);
  using exporter = openExporter(copy, clock, () => {});
  expect(exporter.warnings).toEqual([expect.stringMatching(/^The log of .* is damaged: .* cannot, with the messages/)]);
  using whole = openExporter(join(home.path, "data"), clock, () => {});
  expect(whole.warnings).toEqual([]);
});

test("[OPS27] an export goes on behind any message and ends as the same bytes", async () => {
  using directory = temporaryDirectory();
  await filled(directory.path, 1_600);
  const whole = exported(directory.path);
  const lines = whole.split("\n").slice(0, -1);
  for (const at of [0, 1, 499, 500, 533, 534, 1_067, 1_598, 1_599]) {
    const { channel, timetoken } = JSON.parse(lines[at] ?? "") as { channel: string; timetoken: string };
    const rest = exported(directory.path, undefined, { channel, timetoken: BigInt(timetoken) });
    expect(`${lines.slice(0, at + 1).join("\n")}\n${rest}`).toBe(whole);
  }
});

test("[OPS28 OPS29] an import gives the same export again, however often it is interrupted and run", async () => {
  using home = temporaryDirectory();
  const [from, to] = [join(home.path, "from"), join(home.path, "to")];
  await filled(from, 3_000);
  {
    await using stores = openStores(from);
    await stores.messages.commit(
      numbered(3_000, { ttlHours: 1 / 3, eventType: 4, sequence: 7, customMessageType: "text" }),
    );
  }
  const whole = exported(from);
  const half = whole.slice(0, whole.indexOf("\n", whole.length / 2) + 1);
  const { taken = 0 } = await imported(to, half);
  expect(await imported(to, whole)).toEqual({ there: taken, taken: 3_001 - taken });
  expect(await imported(to, whole)).toEqual({ there: 3_001 });
  expect(exported(to)).toBe(whole);
  expect(checkDataDirectory(to).problems).toEqual([]);
  await using stores = openStores(to);
  expect(stores.messages.reservedThrough).toBeGreaterThanOrEqual(FIRST + 3_000n);
  expect(stores.messages.lostThrough).toBe(0n); // it ended as it was found
});

test("[OPS28] into another keyset, beside what is there, with the clock of actions going forward only", async () => {
  using home = temporaryDirectory();
  const [from, to] = [join(home.path, "from"), join(home.path, "to")];
  await filled(from, 30);
  await filled(to, 60);
  const whole = exported(from);
  expect(await imported(to, whole, "other")).toEqual({ taken: 30 });
  expect(await imported(to, whole)).toEqual({ there: 30 });
  using exporter = openExporter(to, clock, () => {});
  const texts = [...exporter.pages({ keyset: "other", channel: undefined, after: undefined })].map(({ text }) => text);
  expect(texts.join("")).toBe(whole);
  expect(checkDataDirectory(to).problems).toEqual([]);
});

test("[OPS29] what cannot be taken is said, and what the disk has damaged is put right", async () => {
  using directory = temporaryDirectory();
  await filled(directory.path, 30);
  const whole = exported(directory.path);
  alter(directory.path, "UPDATE body SET payload = '0' WHERE id = 7", "UPDATE action SET value = 'smirk' WHERE id = 1");
  expect(checkDataDirectory(directory.path).problems).toHaveLength(2);
  expect(await imported(directory.path, whole)).toMatchObject({ there: 29, taken: 1 });
  expect(exported(directory.path).replaceAll(/,"actions".*/g, "}")).toBe(whole.replaceAll(/,"actions".*/g, "}"));
  const line = (timetoken: bigint, rest: string): string =>
    `{"channel":"room-0","timetoken":"${timetoken}","message":1${rest}}`;
  const day = 864_000_000_000n;
  const odd = [
    line(FIRST, ""),
    line(FIRST + 2n * day, ""),
    line(FIRST + 1n, `,"actions":[{"timetoken":"${FIRST + 2n * day}","type":"a","value":"b","uuid":"c"}]`),
    line(FIRST - day, `,"expires":"${FIRST - 1n}"`),
    line(FIRST - day, ""),
    line(FIRST - day, ""),
    "x",
  ];
  expect(await imported(directory.path, odd.join("\n"))).toEqual({
    "another message has its timetoken on that channel": 1,
    "its timetoken lies in the future": 2,
    expired: 1,
    taken: 1,
    there: 1,
    "it is not JSON": 1,
  });
});

test("[OPS30] nothing is imported into a directory that a server uses", async () => {
  using directory = temporaryDirectory();
  await using stores = openStores(directory.path);
  await fill(stores, 0, 3);
  expect(() => openImporter(directory.path, KEYSET, clock)).toThrow(
    /^Another Longwave server is using the data directory /,
  );
});
