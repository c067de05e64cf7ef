/**
 * Reads actions back from the embedded database.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { Timetoken } from "@longwave/protocol";
import type {
  Action,
  ActionChannel,
  ActionPage,
  MessageActions,
  MessageActionsRequest,
  PageRequest,
  RemoveRequest,
} from "../../ports/action-store.ts";
import { bytesOf } from "./action-statements.ts";
import { actionChecksum } from "./message-checksum.ts";

interface Row {
  readonly timetoken: bigint;
  readonly message_timetoken: bigint;
  readonly type: string;
  readonly value: string;
  readonly uuid: string;
  readonly checksum: bigint | null;
}

interface TallyRow {
  readonly message_timetoken: bigint;
  readonly actions: bigint;
  readonly bytes: bigint;
}

type Range = [keyset: string, channel: string, from: bigint, through: bigint];
type BoundedRange = [...Range, rowsMax: number];

const ACTIONS = `SELECT a.timetoken, a.message_timetoken, a.type, a.value, a.uuid, a.checksum
  FROM channel c JOIN action a ON a.channel_id = c.id WHERE c.keyset = ? AND c.name = ?`;
const TALLIES = `SELECT t.message_timetoken, t.actions, t.bytes
  FROM channel c JOIN action_tally t ON t.channel_id = c.id WHERE c.keyset = ? AND c.name = ?
  AND t.message_timetoken BETWEEN ? AND ? ORDER BY t.message_timetoken`;

/** Beyond every timetoken, and within SQLite's integers. */
const FOREVER = 2n ** 63n - 1n;

/** The prepared reads of one connection. */
export class ActionReads {
  readonly #one: Statement<Row, Range>;
  readonly #page: Statement<Row, BoundedRange>;
  readonly #ofMessages: Statement<Row, Range>;
  readonly #tallies: Readonly<Record<MessageActionsRequest["first"], Statement<TallyRow, BoundedRange>>>;

  /** @param database opened with `safeIntegers`, since timetokens exceed 2^53. */
  constructor(database: Database) {
    this.#one = database.prepare(`${ACTIONS} AND a.timetoken = ? AND a.message_timetoken = ?`);
    this.#page = database.prepare(`${ACTIONS} AND a.timetoken BETWEEN ? AND ? ORDER BY a.timetoken DESC LIMIT ?`);
    this.#ofMessages = database.prepare(
      `${ACTIONS} AND a.message_timetoken BETWEEN ? AND ? ORDER BY a.message_timetoken, a.timetoken`,
    );
    this.#tallies = {
      oldest: database.prepare(`${TALLIES} LIMIT ?`),
      newest: database.prepare(`${TALLIES} DESC LIMIT ?`),
    };
  }

  /** The action that a removal means, whoever asks. */
  find({ keyset, channel, actionTimetoken, messageTimetoken }: RemoveRequest): Action | undefined {
    const row = this.#one.get(keyset, channel, actionTimetoken, messageTimetoken);
    return row ? soundActions({ keyset, channel }, [row])[0] : undefined;
  }

  /** A page; see the port. */
  page({ keyset, channel, start, end, actionsMax, bytesMax }: PageRequest): ActionPage {
    const through = start === undefined ? FOREVER : start - 1n;
    const rows = this.#page.all(keyset, channel, end ?? 0n, through, actionsMax);
    const newestFirst = soundActions({ keyset, channel }, rows);
    const fitting = fittingCount(newestFirst.map(bytesOf), bytesMax);
    return {
      actions: newestFirst.slice(0, fitting).toReversed(),
      isTruncated: fitting < newestFirst.length,
    };
  }

  /** The actions of a range of messages; see the port. */
  actionsOf({ keyset, channel, from, through, first, actionsMax, bytesMax }: MessageActionsRequest): MessageActions {
    // Every tallied message has an action, so no more of them than that can fit.
    const tallies = this.#tallies[first].all(keyset, channel, from, through, actionsMax + 1);
    const byActions = fittingCount(
      tallies.map(({ actions }) => Number(actions)),
      actionsMax,
    );
    const byBytes = fittingCount(
      tallies.map(({ bytes }) => Number(bytes)),
      bytesMax,
    );
    const fitting = Math.min(byActions, byBytes);
    const completeTo = fitting < tallies.length ? tallies[fitting - 1]?.message_timetoken : undefined;
    const range = rangeTo(completeTo, { from, through, first });
    const rows = this.#ofMessages.all(keyset, channel, ...range);
    return { actions: soundActions({ keyset, channel }, rows), completeTo };
  }
}

function rangeTo(
  completeTo: Timetoken | undefined,
  { from, through, first }: Pick<MessageActionsRequest, "from" | "through" | "first">,
): readonly [from: Timetoken, through: Timetoken] {
  if (completeTo === undefined) return [from, through];
  return first === "oldest" ? [from, completeTo] : [completeTo, through];
}

/** How many of a list, from its beginning, stay together within a bound; the first one always does. */
function fittingCount(sizes: readonly number[], sizeMax: number): number {
  let sum = 0;
  for (const [at, size] of sizes.entries()) {
    sum += size;
    if (at > 0 && sum > sizeMax) return at;
  }
  return sizes.length;
}

// A row that is not as it was written is nobody's action any more (STO20).
function soundActions(place: ActionChannel, rows: readonly Row[]): readonly Action[] {
  return rows.flatMap((row) => {
    const action = actionOf(row);
    const isSound = row.checksum === null || Number(row.checksum) === actionChecksum(place, action);
    return isSound ? [action] : [];
  });
}

function actionOf(row: Row): Action {
  const { timetoken, message_timetoken: messageTimetoken, type, value, uuid } = row;
  return { messageTimetoken, type, value, uuid, timetoken };
}
