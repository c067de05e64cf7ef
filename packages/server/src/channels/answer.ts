/**
 * Subscribe answers: what one poll is answered with, or one event of a stream carries.
 *
 * Everybody who gets the same messages shares their bytes, whatever the transport. Rules: spec/SUBSCRIBE.md SUB2,
 * SUB20, SUB21.
 *
 * @module
 */
import { type Timetoken, printSubscribeAnswer, printTimetoken } from "@longwave/protocol";
import type { Gap } from "./backlog.ts";
import { type Match, cursorAfter, cutAnswer } from "./delivery.ts";
import { EncodedBody } from "./encoded-body.ts";

/** One answer. */
export interface SubscribeAnswer {
  /** The cursor behind it: what comes later has a later timetoken. */
  readonly cursor: Timetoken;
  readonly matches: readonly Match[];
  /** Only for subscribers that asked to be told. */
  readonly gaps: readonly Gap[];
}

const NO_GAPS: readonly Gap[] = Object.freeze([]);

/** An answer without messages. */
export function emptyAnswer(cursor: Timetoken): SubscribeAnswer {
  return { cursor, matches: [], gaps: NO_GAPS };
}

/**
 * The answer to matches, of which it may have to leave some for the next.
 *
 * @param otherwise the cursor where there are none.
 */
export function answerOf(matches: readonly Match[], otherwise: Timetoken): SubscribeAnswer {
  const answered = cutAnswer(matches);
  return { cursor: cursorAfter(answered, otherwise), matches: answered, gaps: NO_GAPS };
}

/**
 * An answer that tells of gaps, each of them once: its cursor is behind them, unless messages were left for the next answer,
 * which then tells of the rest.
 */
export function withGaps(answer: SubscribeAnswer, gaps: readonly Gap[], isCut: boolean): SubscribeAnswer {
  if (gaps.length === 0) return answer;
  const { cursor } = answer;
  if (!isCut) return { ...answer, gaps, cursor: gaps.reduce((last, { to }) => (to > last ? to : last), cursor) };
  const reached = gaps.filter(({ from }) => from < cursor);
  return { ...answer, gaps: reached.map((gap) => (gap.to > cursor ? { ...gap, to: cursor } : gap)) };
}

/** Writes an answer. @param extras members for clients that asked for them by `lw=1`, as text behind a comma. */
export function printAnswer({ cursor, matches, gaps }: SubscribeAnswer, extras = ""): EncodedBody {
  const [first] = matches;
  const more = gaps.length === 0 ? extras : `${extras},"gap":[${gaps.map(printGap).join(",")}]`;
  if (first && matches.length === 1 && more === "") return first.delivery.answer(first.matched);
  const print = (): string => printMatches(cursor, matches);
  if (first && more === "") return first.delivery.answerOfMany(matches, print);
  return new EncodedBody(more === "" ? print() : `${print().slice(0, -1)}${more}}`);
}

function printMatches(cursor: Timetoken, matches: readonly Match[]): string {
  return printSubscribeAnswer(
    cursor,
    matches.map(({ delivery, matched }) => delivery.envelope(matched)),
  );
}

function printGap({ channel, from, to }: Gap): string {
  return `{"channel":${JSON.stringify(channel)},"from":"${printTimetoken(from)}","to":"${printTimetoken(to)}"}`;
}
