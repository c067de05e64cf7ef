import { expect, onTestFinished, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DATABASE, UNFINISHED_DATABASE, openDataDirectory } from "../data-directory.ts";
import { SCHEMA_VERSION } from "../schema.ts";
import { startBackup } from "./backup.ts";
import { checkDataDirectory } from "./check-directory.ts";
import { FIRST, alter, fill, fillContext, numbered, openStores, temporaryDirectory } from "./directories.ts";

/** A copy that no connection of this process, closing or not, has open. */
async function untouchedCopy(path: string): Promise<string> {
  const { path: copy } = await startBackup(path, join(path, "..", `${basename(path)}-copy`)).done;
  onTestFinished(() => rmSync(copy, { recursive: true }));
  return copy;
}

test("[OPS20 OPS22] a sound directory: what is in it, with and without a server, and nothing is changed", async () => {
  using directory = temporaryDirectory();
  const facts = [
    ["directory", directory.path],
    ["in use", "no"],
    ["log", expect.stringMatching(/^(?:empty|whole, .*)$/)],
    ["schema", String(SCHEMA_VERSION)],
    ["size", expect.stringMatching(/^0\.\d MiB, 0\.\d MiB of it free$/)],
    ["pages", "whole"],
    ["channels", "3"],
    ["messages", "1,200"],
    ["message actions", "120"],
    ["channel groups", "0"],
    ["present members", "0"],
    ["users", "3"],
    ["channels with metadata", "2"],
    ["memberships", "1"],
    ["files", "1"],
    ["push devices", "1"],
    ["keysets", "0"],
    ["oldest message", expect.stringMatching(new RegExp(`^${FIRST} \\(\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\)$`))],
    ["newest message", expect.stringMatching(new RegExp(`^${FIRST + 1_199n} `))],
  ];
  {
    await using stores = openStores(directory.path);
    await fill(stores, 0, 1_200);
    await fillContext(stores);
    const served = facts.map(([name, value]) => {
      if (name === "in use") return [name, "by a running server"];
      return [name, name === "log" ? "in use" : value];
    });
    expect(checkDataDirectory(directory.path)).toMatchObject({ facts: served, problems: [] });
    await stores.messages.commit(numbered(1_200)); // it goes on as if nobody had looked
    await stores.messages.deleteRange({
      keyset: numbered(0).keyset,
      channel: "room-0",
      from: FIRST + 1_200n,
      through: FIRST * 2n,
    });
  }
  expect(checkDataDirectory(directory.path)).toMatchObject({ facts, problems: [] });
  const copy = await untouchedCopy(directory.path);
  const before = readFileSync(join(copy, DATABASE));
  expect(checkDataDirectory(copy).problems).toEqual([]);
  expect(readFileSync(join(copy, DATABASE))).toEqual(before);
  openDataDirectory(directory.path, "normal").close(); // nor is it kept from a server
});

const BROKEN: Readonly<Record<string, readonly [sql: string, problem: RegExp]>> = {
  "a message without its body": ["DELETE FROM body WHERE id = 7", /^1 message has no body any more\.$/],
  "a body without its message": ["INSERT INTO body (payload) VALUES ('1')", /^1 body has no message of their own\.$/],
  "messages with the same body": [
    "UPDATE message SET body_id = 7 WHERE body_id = 8",
    /^1 message has the body of another one\.$/,
  ],
  "messages without a channel": ["UPDATE channel SET id = 99 WHERE id = 1", /^\d+ messages have no channel\.$/],
  "a tally that does not tally": [
    "UPDATE action_tally SET actions = actions + 1",
    /tallies of message actions have the wrong number\.$/,
  ],
  "a clock of actions that was put back": [
    "UPDATE action_clock SET last_timetoken = 1",
    /^\d+ message actions have a timetoken that could/,
  ],
  "a reservation that is lost": [
    "DELETE FROM setting WHERE name = 'timetoken_reserved_through'",
    /^30 messages have a timetoken that could be given to another one\.$/,
  ],
  "a member without its group": [
    "INSERT INTO channel_group_member VALUES (5, 'a')",
    /^1 member of channel groups has no group\.$/,
  ],
  "a payload that says something else": [
    "UPDATE body SET payload = '2' WHERE id = 7",
    /^The message \d+ on room-\d is not as it was/,
  ],
  "a message at another instant": [
    "UPDATE message SET timetoken = timetoken + 100 WHERE body_id = 7",
    /^The message \d+ on room-\d is not as it was/,
  ],
  "an action that says something else": [
    "UPDATE action SET value = 'smirk' WHERE id = 1",
    /^The message action \d+ on room-\d is not/,
  ],
  "a publisher's id without its channel": [
    "INSERT INTO publish_id VALUES (99, 'a', 1, 'd')",
    /^1 publisher's id has no channel\.$/,
  ],
  "a user without a keyset": [
    "INSERT INTO object_metadata (collection_id, id, updated_us, etag) VALUES (99, 'dora', 1, 'e')",
    /^1 record of App Context has no keyset\.$/,
  ],
  "a tally of users that does not tally": [
    "UPDATE object_collection SET records = records + 1 WHERE kind = 'uuid'",
    /tallies of users or channels have the wrong number\.$/,
  ],
  "a tally of memberships that does not tally": [
    "UPDATE object_relation_tally SET relations = 2 WHERE kind = 'channel'",
    /^2 tallies of memberships have the wrong number\.$/,
  ],
  "a tally of files that does not tally": [
    "UPDATE file_tally SET bytes = bytes - 1",
    /^2 tallies of files have the wrong number\.$/,
  ],
  "a file whose content is gone": [
    "UPDATE file SET blob = '0a1b2c3d-0000-4000-8000-000000000002'",
    /^The file file-1 on room-0 has no content any more\.$/,
  ],
  "a file that is too short": [
    "UPDATE file SET bytes = 17",
    /^The file file-1 on room-0 has 16 bytes of the 17 that it should have\.$/,
  ],
  "a file that says something else": [
    `UPDATE file SET digest = '${"0".repeat(64)}'`,
    /^The file file-1 on room-0 is not as it was written\.$/,
  ],
  "a push device with more channels than it has": [
    "UPDATE push_device SET channels = 3",
    /^2 push devices have the wrong number of channels\.$/,
  ],
  "a push registration without its device": [
    "DELETE FROM push_device",
    /^1 push device has the wrong number of channels\.$/,
  ],
  "a tally of push registrations that does not tally": [
    "UPDATE push_tally SET registrations = 9",
    /^2 tallies of push registrations have the wrong number\.$/,
  ],
  "a tally of push notifications that does not tally": [
    "INSERT INTO push_job_tally VALUES ('demo', 1)",
    /^1 tally of push notifications has the wrong number\.$/,
  ],
  "a newer schema": [`PRAGMA user_version = ${SCHEMA_VERSION + 1}`, /^It was written by a newer Longwave/],
};
for (const [what, [sql, problem]] of Object.entries(BROKEN)) {
  test(`[OPS21] ${what} is named`, async () => {
    using directory = temporaryDirectory();
    {
      await using stores = openStores(directory.path);
      await fill(stores, 0, 30);
      await fillContext(stores);
      await stores.messages.commit(numbered(30, { ttlHours: 1 }));
      await stores.messages.deleteRange({
        keyset: numbered(0).keyset,
        channel: "room-0",
        from: FIRST + 30n,
        through: FIRST + 30n,
      });
    }
    alter(directory.path, ...sql.split("; "));
    const { problems } = checkDataDirectory(directory.path);
    expect(problems).toContainEqual(expect.stringMatching(problem));
  });
}

test("[OPS21] a page that is damaged is named", async () => {
  using directory = temporaryDirectory();
  {
    await using stores = openStores(directory.path);
    await fill(stores, 0, 300);
  }
  const copy = await untouchedCopy(directory.path);
  const file = join(copy, DATABASE);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0x55, bytes.length - 4_096, bytes.length - 2_048));
  expect(checkDataDirectory(copy).problems).toContainEqual(
    expect.stringMatching(/^A page is damaged: |pages cannot be read: /),
  );
});

test("[OPS21] only so many problems are said in full", async () => {
  using directory = temporaryDirectory();
  {
    await using stores = openStores(directory.path);
    await fill(stores, 0, 300);
  }
  alter(directory.path, "UPDATE body SET payload = '0'");
  const { problems } = checkDataDirectory(directory.path);
  expect(problems).toHaveLength(51);
  expect(problems.at(-1)).toBe("And 250 more.");
});

test("[OPS20] what is no data directory is refused in a sentence", () => {
  using directory = temporaryDirectory();
  expect(() => checkDataDirectory(directory.path)).toThrow(/^There is no Longwave data in .* with --data-dir\.$/);
  const unfinished = join(directory.path, "b.partial");
  mkdirSync(unfinished);
  writeFileSync(join(unfinished, UNFINISHED_DATABASE), "");
  expect(() => checkDataDirectory(unfinished)).toThrow(/is a backup that was not finished/);
});

test("[OPS21] files whose content is not in the directory, as it is with a bucket, are told and not taken for damage", async () => {
  using directory = temporaryDirectory();
  {
    await using stores = openStores(directory.path);
    await fill(stores, 0, 10);
    await fillContext(stores);
  }
  rmSync(join(directory.path, "files"), { recursive: true });
  const { facts, problems } = checkDataDirectory(directory.path);
  expect(problems).toEqual([]);
  expect(facts).toContainEqual(["content of files", "not in the directory, so not checked: in a bucket, or lost"]);
});
