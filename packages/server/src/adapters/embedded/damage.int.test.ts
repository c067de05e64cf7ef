import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count, randomFrom, seed } from "../../../../../tools/counts.ts";
import { KEYSET, message } from "../../conformance/fixtures.ts";
import { startNetwork } from "../../main.ts";
import { type Log, SILENT_LOG } from "../../observe/log.ts";
import { StartupError } from "../../startup-error.ts";
import { onStorage, openDataDirectory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { SqliteActionStore } from "./sqlite-action-store.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";
import { checkDataDirectory } from "./upkeep/check-directory.ts";

const CHANNELS = ["a", "b", "c"];
const MESSAGES = 240;
const ROUNDS = count({ quick: 40, full: 2_000 });
const SEED = seed();
const FIRST = BigInt(new ManualClock().wallMs()) * 10_000n;

let home: string;
/** What a killed process left: half of the messages in the database, half in its log. */
let crashed: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "longwave-damage-"));
  const directory = join(home, "written");
  await write(directory, 0);
  crashed = join(home, "crashed");
  const storage = openDataDirectory(directory, "normal");
  const store = new SqliteMessageStore(new ManualClock(), storage.reading, storage.writer, { committed: () => {} });
  for (let at = MESSAGES / 2; at < MESSAGES; at++) await store.commit(written(at));
  mkdirSync(crashed);
  for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(crashed, name));
  await store.stop();
  storage.close();
});
afterAll(() => rmSync(home, { recursive: true }));

async function write(directory: string, from: number): Promise<void> {
  const storage = openDataDirectory(directory, "normal");
  const store = new SqliteMessageStore(new ManualClock(), storage.reading, storage.writer, { committed: () => {} });
  const actions = new SqliteActionStore(storage.reading, storage.writer, () => {});
  await store.reserve(FIRST + 1_000n);
  for (let at = from; at < from + MESSAGES / 2; at++) await store.commit(written(at));
  const draft = { messageTimetoken: written(0).timetoken, type: "reaction", value: "smile", uuid: "bob" };
  await actions.add({ keyset: KEYSET, channel: written(0).channel, draft, notBefore: FIRST });
  await actions.stop();
  await store.stop(FIRST + 1_000n);
  storage.close();
}

function written(at: number): ReturnType<typeof message> {
  const channel = CHANNELS[at % CHANNELS.length] ?? "";
  return message({
    timetoken: FIRST + BigInt(at),
    channel,
    payload: `{"at":${at},"text":"${"é".repeat(at)}"}`,
    publisher: "p",
  });
}

/** A copy of the crashed directory, with a file changed. Gone with its owner. */
function damagedCopy(name: string, change: (bytes: Buffer) => Buffer): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(home, "copy-"));
  for (const file of readdirSync(crashed)) copyFileSync(join(crashed, file), join(path, file));
  writeFileSync(join(path, name), change(readFileSync(join(path, name))));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** What a directory shows: payloads, or the sentence with which it does not open, or that a read fails. */
async function shownBy(path: string): Promise<{ payloads: readonly (readonly [bigint, string])[]; refusal: string }> {
  try {
    const storage = openDataDirectory(path, "normal");
    const payloads: (readonly [bigint, string])[] = [];
    const store = onStorage(
      storage,
      path,
      () => new SqliteMessageStore(new ManualClock(), storage.reading, storage.writer, { committed: () => {} }),
    );
    let refusal = storage.warnings.join(" ");
    try {
      for (const channel of CHANNELS) {
        const range = { keyset: KEYSET, channel, from: 0n, through: FIRST * 2n };
        const page = await store.readPage({ ...range, take: "oldest", messagesMax: MESSAGES, bytesMax: 10_000_000 });
        payloads.push(...page.messages.map(({ timetoken, payload }) => [timetoken, `${channel}${payload}`] as const));
      }
    } catch (failure) {
      refusal += String(failure);
    }
    await store.stop();
    storage.close();
    return { payloads, refusal };
  } catch (failure) {
    if (failure instanceof StartupError) return { payloads: [], refusal: failure.message };
    throw failure;
  }
}

const WRITTEN = new Map(
  Array.from({ length: MESSAGES }, (_, at) => {
    const { timetoken, channel, payload } = written(at);
    return [timetoken, `${channel}${payload}`] as const;
  }),
);

test("[STO21] a directory that was not damaged shows everything, without a warning", async () => {
  using copy = damagedCopy("longwave.db", (bytes) => bytes);
  const { payloads, refusal } = await shownBy(copy.path);
  expect(new Map(payloads)).toEqual(WRITTEN);
  expect(refusal).toBe("");
});

test(`[STO23] ${ROUNDS} times a bit is flipped or an end cut off: no message is shown that was not written (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const seen = { all: 0, fewer: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const name = random() < 0.5 ? "longwave.db" : "longwave.db-wal";
    const isFlipped = random() < 0.7;
    const [place, bit] = [random(), 1 << Math.trunc(random() * 8)];
    using copy = damagedCopy(name, (bytes) => {
      const at = Math.trunc(place * bytes.length);
      if (!isFlipped) return bytes.subarray(0, at);
      bytes.writeUInt8(bytes.readUInt8(at) ^ bit, at);
      return bytes;
    });
    const { payloads, refusal } = await shownBy(copy.path);
    const wrong = payloads.filter(([timetoken, text]) => WRITTEN.get(timetoken) !== text);
    expect({ round, name, wrong, twice: payloads.length - new Map(payloads).size }).toEqual({
      round,
      name,
      wrong: [],
      twice: 0,
    });
    // A log that is damaged or cut is always noticed, and so is a database that lost its end.
    const isNoticed = name === "longwave.db-wal" || !isFlipped;
    if (isNoticed && payloads.length < MESSAGES) expect({ round, refusal }).not.toEqual({ round, refusal: "" });
    seen[payloads.length === MESSAGES ? "all" : refusal === "" ? "fewer" : "refused"] += 1;
  }
  expect(seen.refused).toBeGreaterThan(0);
}, 600_000);

test("[STO20] a message and an action that the disk has changed are left out, and the check names them", async () => {
  const [changed, other] = [written(6), written(9)];
  using copy = damagedCopy("longwave.db", (bytes) => replaced(replaced(bytes, `"at":6,`, `"at":7,`), "smile", "smirk"));
  const damaged: bigint[] = [];
  const storage = openDataDirectory(copy.path, "normal");
  const store = new SqliteMessageStore(new ManualClock(), storage.reading, storage.writer, {
    committed: () => {},
    damaged: ({ timetoken }) => damaged.push(timetoken),
  });
  const range = { keyset: KEYSET, channel: "a", from: changed.timetoken, through: FIRST * 2n };
  for (const take of ["oldest", "newest"] as const) {
    const all = await store.readPage({ ...range, take, messagesMax: MESSAGES, bytesMax: 10_000_000 });
    expect(all.messages).toHaveLength(MESSAGES / 3 - 3);
  }
  const first = await store.readPage({ ...range, take: "oldest", messagesMax: 1, bytesMax: 10_000_000 });
  expect(first.messages).toEqual([other]); // the page is filled up
  const name = { kind: "channel", name: "a" } as const;
  const read = await store.read({
    keyset: KEYSET,
    name,
    after: written(3).timetoken,
    through: FIRST * 2n,
    messagesMax: 1,
  });
  expect(read).toEqual([other]);
  expect(damaged).toEqual([changed.timetoken]);
  const actions = new SqliteActionStore(storage.reading, storage.writer, () => {});
  const page = await actions.page({
    keyset: KEYSET,
    channel: "a",
    start: undefined,
    end: undefined,
    actionsMax: 9,
    bytesMax: 999,
  });
  expect(page.actions).toEqual([]);
  await actions.stop();
  await store.stop();
  storage.close();
  expect(checkDataDirectory(copy.path).problems).toEqual([
    `The message ${changed.timetoken} on a is not as it was written, so nobody is shown it.`,
    expect.stringMatching(/^The message action \d+ on a is not as it was written/),
  ]);
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const places: number[] = []; // SQLite leaves what it has moved behind
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) places.push(at);
  expect(places).not.toEqual([]);
  for (const at of places) bytes.write(to, at);
  return bytes;
}

const REFUSED: Readonly<Record<string, readonly [change: (bytes: Buffer) => Buffer, sentence: RegExp]>> = {
  "a database without its last page": [
    (bytes) => bytes.subarray(0, bytes.length - 4_096),
    /^The database of the data directory \S+ is damaged: .* has \d+ bytes of the \d+ that it should have\. Run `longwave check`/,
  ],
  "a database without half of its last page": [
    (bytes) => bytes.subarray(0, bytes.length - 2_000),
    /has \d+ bytes of the \d+/,
  ],
  "a database without its beginning": [(bytes) => bytes.fill(0, 0, 50), /does not begin as a database does/],
  "a text in the place of the database": [
    () => Buffer.from("hello ".repeat(2_000)),
    /does not begin as a database does/,
  ],
  "a database whose list of tables is gone": [(bytes) => bytes.fill(0xff, 100, 4_000), /is damaged: /],
};
for (const [what, [change, sentence]] of Object.entries(REFUSED)) {
  test(`[STO22] ${what} is refused in a sentence, and left as it is`, async () => {
    using copy = damagedCopy("longwave.db", change);
    rmSync(join(copy.path, "longwave.db-wal"));
    rmSync(join(copy.path, "longwave.db-shm"));
    const before = readFileSync(join(copy.path, "longwave.db"));
    const starting = startNetwork({ dataDir: copy.path, port: 0 }, { log: SILENT_LOG, clock: new ManualClock() });
    const refusal: unknown = await starting.catch((failure: unknown) => failure);
    expect(refusal).toBeInstanceOf(StartupError);
    expect((refusal as StartupError).message).toMatch(sentence);
    expect(readFileSync(join(copy.path, "longwave.db"))).toEqual(before);
    expect(checkDataDirectory(copy.path).problems).not.toEqual([]);
  });
}

test("[STO21] a network on a directory with a damaged log starts, says what is lost, and keeps the log", async () => {
  using copy = damagedCopy("longwave.db-wal", (log) => {
    log.writeUInt8(log.readUInt8(log.length >> 1) ^ 1, log.length >> 1);
    return log;
  });
  const log = readFileSync(join(copy.path, "longwave.db-wal"));
  expect(checkDataDirectory(copy.path).problems).toEqual([
    expect.stringMatching(/^The log is damaged: frame \d+ of \d+ /),
  ]);
  const warnings: string[] = [];
  const noting: Log = { ...SILENT_LOG, warn: (text) => void warnings.push(text) };
  const network = await startNetwork({ dataDir: copy.path, port: 0 }, { log: noting, clock: new ManualClock() });
  await network.stop();
  expect(warnings).toEqual([
    expect.stringMatching(
      /is damaged: frame \d+ of \d+ is not as it was written\. \d+ of its commits can be read and \d+ commits? or more/,
    ),
  ]);
  const aside = readdirSync(copy.path).find((name) => name.includes(".damaged-")) ?? "";
  expect(readFileSync(join(copy.path, aside))).toEqual(log);
  expect(checkDataDirectory(copy.path).problems).toEqual([]);
});

test("[STO22] a damaged log that does not fit the database any more is refused, and left as it is", async () => {
  using copy = damagedCopy("longwave.db-wal", (log) => {
    log.writeUInt8(log.readUInt8(log.length - 10) ^ 1, log.length - 10);
    return log;
  });
  // The log had reached the database and more was written to that since: its old pages would come back.
  writeFileSync(
    join(copy.path, "longwave.db"),
    readFileSync(join(copy.path, "longwave.db")).fill(0x5a, 3 * 4_096 + 200, 4 * 4_096),
  );
  const before = readFileSync(join(copy.path, "longwave.db-wal"));
  expect(() => openDataDirectory(copy.path, "normal")).toThrow(
    /What precedes them does not fit together: .* nothing here was changed\.$/,
  );
  expect(readFileSync(join(copy.path, "longwave.db-wal"))).toEqual(before);
});
