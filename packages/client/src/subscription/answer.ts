/**
 * Reads what a subscribe request is answered with: the edge at which the network is not believed.
 *
 * Pure. Rules: spec/SDK.md SDK14, SDK23.
 *
 * @module
 */
import type { Envelope, SubscribeAnswer } from "@longwave/protocol";
import { isRecord, isTimetoken, parseRecord, recordIn } from "../json.ts";

/** Statuses below 500 that pass by themselves: request timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Whether another attempt would be refused too. */
export function isForGood(status: number): boolean {
  return status >= 400 && status < 500 && !PASSING.has(status);
}

/** Messages that can no longer be delivered: those of a channel after `from`, up to and with `to`. */
export interface Gap {
  /** The channel, or `*` for all that are subscribed. */
  readonly channel: string;
  /** 17 digits. */
  readonly from: string;
  /** 17 digits. */
  readonly to: string;
}

/** A subscribe answer, with what networks of this kind add to it. */
export interface SubscribeReading extends SubscribeAnswer {
  readonly gaps: readonly Gap[];
  /** Whether the network offers to go on over a WebSocket. */
  readonly offersStream: boolean;
  /** Whether the network takes a message with an id once. */
  readonly knowsIds: boolean;
}

/**
 * Reads a subscribe answer.
 *
 * @returns the answer with the items that are envelopes; nothing where the text is no subscribe answer. An item that is no
 *   envelope is left out: asked for again, it would come again.
 */
export function readSubscribeAnswer(text: string): SubscribeReading | undefined {
  const answer = parseRecord(text);
  const { m, gap } = answer;
  const { t, r } = recordIn(answer, "t") ?? {};
  if (!isTimetoken(t) || typeof r !== "number" || !Array.isArray(m)) return undefined;
  const offers = recordIn(answer, "lw");
  return {
    t: { t, r },
    m: m.filter(isEnvelope),
    gaps: Array.isArray(gap) ? gap.filter(isGap) : [],
    offersStream: offers?.["ws"] === true,
    knowsIds: offers?.["idem"] === true,
  };
}

/** Reads the frame by which a network refuses a subscription over a stream. */
export function readRefusal(text: string): { readonly status: number; readonly text: string } | undefined {
  const frame = parseRecord(text);
  const { status, subscribe = frame } = frame;
  return typeof status === "number" ? { status, text: JSON.stringify(subscribe) } : undefined;
}

function isGap(value: unknown): value is Gap {
  return (
    isRecord(value) && typeof value["channel"] === "string" && isTimetoken(value["from"]) && isTimetoken(value["to"])
  );
}

// What events are made from; the rest is not looked at.
function isEnvelope(item: unknown): item is Envelope {
  if (!isRecord(item) || typeof item["c"] !== "string" || !isRecord(item["p"])) return false;
  const { e, i, b, cmt } = item;
  const isTyped = e === undefined || typeof e === "number";
  return isTyped && isTimetoken(item["p"]["t"]) && isOptionalText(i) && isOptionalText(b) && isOptionalText(cmt);
}

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string";
