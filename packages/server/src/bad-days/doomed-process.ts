/**
 * A program that does one long thing to a data directory and is killed meanwhile.
 *
 * It says `begun` when it begins, the number of each message that was acknowledged, and `done`. Started by
 * killed-store.int.test.ts, as `doomed-process.ts JOB DIRECTORY NUMBER|TARGET`.
 *
 * @module
 */
import { KEYSET } from "../conformance/fixtures.ts";
import { openDataDirectory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startBackup } from "../adapters/embedded/upkeep/backup.ts";
import { FIRST, numbered, openStores } from "../adapters/embedded/upkeep/directories.ts";

/** What it does. */
export type Job = "append" | "delete" | "sweep" | "migrate" | "backup";

/** What it says. */
export type Word = "begun" | "done" | number;

const PUBLISHERS = 20;
const say = (word: Word): void => void process.send?.(word);
const [, , job = "", directory = "", rest = ""] = process.argv;

const JOBS: Readonly<Record<Job, () => Promise<unknown>>> = {
  append: async () => {
    const { messages, actions } = openStores(directory);
    let next = Number(rest);
    const publish = async (): Promise<void> => {
      for (;;) {
        const at = next++;
        const { channel, timetoken } = numbered(at);
        await messages.commit(numbered(at));
        say(at);
        if (at % 10 !== 0) continue;
        const draft = { messageTimetoken: timetoken, type: "reaction", value: "smile", uuid: "bob" };
        await actions.add({ keyset: KEYSET, channel, draft, notBefore: FIRST });
        say(-at);
      }
    };
    say("begun");
    await Promise.all(Array.from({ length: PUBLISHERS }, publish));
  },
  delete: async () => {
    const { messages } = openStores(directory);
    say("begun");
    await messages.deleteRange({ keyset: KEYSET, channel: "room-0", from: 0n, through: FIRST * 2n });
  },
  sweep: async () => {
    const clock = new ManualClock();
    openStores(directory, clock);
    clock.setWall(clock.wallMs() + 2 * 3_600_000);
    say("begun");
    for (let step = 0; step < 200; step++) {
      clock.advance(step === 0 ? 10_000 : 25);
      await Bun.sleep(1);
    }
  },
  migrate: async () => {
    say("begun");
    openDataDirectory(directory, "normal");
  },
  backup: async () => {
    const { done } = startBackup(directory, rest);
    say("begun");
    await done;
  },
};

await JOBS[job as Job]();
say("done");
await Bun.sleep(60_000); // until it is killed
