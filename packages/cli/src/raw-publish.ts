/**
 * Publishes a payload as the JSON text it is, which the SDK's publish, taking values, cannot.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { ClientOptions } from "./client-options.ts";

/** A message whose payload is JSON text. */
export interface RawMessage {
  readonly channel: string;
  readonly payload: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** What came of sending. */
export type SendOutcome =
  | { readonly kind: "sent"; readonly timetoken: string }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "unreachable" };

/** Pauses before the attempts after the first, in milliseconds. */
const PAUSES_MS = [100, 400, 1_500, 3_000];

/** Sends a message; tries again where the network was not there or could not keep it. */
export async function sendRaw(options: ClientOptions, message: RawMessage): Promise<SendOutcome> {
  let outcome = await attempt(options, message);
  for (const pauseMs of PAUSES_MS) {
    if (outcome.kind !== "again") break;
    await Bun.sleep(pauseMs);
    outcome = await attempt(options, message);
  }
  return outcome.kind === "again" ? outcome.last : outcome;
}

type Attempt = SendOutcome | { readonly kind: "again"; readonly last: SendOutcome };

async function attempt(options: ClientOptions, message: RawMessage): Promise<Attempt> {
  try {
    const response = await fetch(urlOf(options, message), { method: "POST", body: message.payload });
    const text = await response.text();
    const timetoken = /^\[1,"Sent","(\d{17})"\]$/.exec(text)?.[1];
    if (response.ok && timetoken !== undefined) return { kind: "sent", timetoken };
    const refused: SendOutcome = { kind: "refused", message: messageOf(text, response.status) };
    return response.status >= 500 || response.status === 429 ? { kind: "again", last: refused } : refused;
  } catch {
    return { kind: "again", last: { kind: "unreachable" } };
  }
}

function urlOf({ origin, publishKey, subscribeKey, userId }: ClientOptions, message: RawMessage): string {
  const isLarge = message.payload.length > LIMITS.messageBytesMax / 4; // in characters: beyond this it may be too many bytes
  const path = [
    isLarge ? "v2/publish" : "publish",
    publishKey,
    subscribeKey,
    "0",
    encodeURIComponent(message.channel),
    "0",
  ];
  const parameters = new URLSearchParams({ uuid: userId });
  for (const [name, value] of Object.entries(message.parameters)) if (value !== undefined) parameters.set(name, value);
  return `${origin}/${path.join("/")}?${parameters.toString()}`;
}

function messageOf(text: string, status: number): string {
  const said = /^\[0,"((?:\\.|[^"\\])*)"/.exec(text)?.[1] ?? /"message":"((?:\\.|[^"\\])*)"/.exec(text)?.[1];
  return said ?? `HTTP ${status}`;
}
