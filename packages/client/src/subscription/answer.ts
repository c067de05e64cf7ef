/**
 * Reads what a subscribe request is answered with: the edge at which the network is not believed.
 *
 * Pure. Rules: spec/SDK.md SDK14, SDK23.
 *
 * @module
 */
import type { Envelope, SubscribeAnswer } from "@longwave/protocol";
import { isRecord, parseJson } from "../json.ts";

/** Statuses below 500 that pass by themselves: request timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Whether another attempt would be refused too. */
export function isForGood(status: number): boolean {
  return status >= 400 && status < 500 && !PASSING.has(status);
}

/**
 * Reads a subscribe answer.
 *
 * @returns the answer with the items that are envelopes; nothing where the text is no subscribe answer. An item that is no
 *   envelope is left out: asked for again, it would come again.
 */
export function readSubscribeAnswer(text: string): SubscribeAnswer | undefined {
  const answer = parseJson(text);
  if (!isRecord(answer) || !isRecord(answer["t"]) || !Array.isArray(answer["m"])) return undefined;
  const { t, r } = answer["t"];
  if (!isTimetoken(t) || typeof r !== "number") return undefined;
  return { t: { t, r }, m: answer["m"].filter(isEnvelope) };
}

// What events are made from; the rest is not looked at.
function isEnvelope(item: unknown): item is Envelope {
  if (!isRecord(item) || typeof item["c"] !== "string" || !isRecord(item["p"])) return false;
  const { e, i, b, cmt } = item;
  return isTimetoken(item["p"]["t"]) && [i, b, cmt].every(isOptionalText) && (e === undefined || typeof e === "number");
}

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string";
const isTimetoken = (value: unknown): value is string => typeof value === "string" && /^\d{1,17}$/.test(value);
