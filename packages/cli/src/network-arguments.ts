/**
 * The arguments that every command has that talks to a network: where it is, and as whom.
 *
 * @module
 */
import { parseSubscribeName } from "@longwave/protocol";
import type { ArgumentTable } from "./arguments.ts";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";

/** Rows for a command's table. */
export const NETWORK_ARGUMENTS = {
  origin: {
    type: "text",
    placeholder: "URL",
    default: "http://127.0.0.1:1980",
    variable: "LONGWAVE_ORIGIN",
    text: "Where the network is.",
  },
  "subscribe-key": {
    type: "text",
    placeholder: "KEY",
    default: "demo",
    variable: "LONGWAVE_SUBSCRIBE_KEY",
    text: "The keyset's subscribe key.",
  },
  uuid: { type: "text", placeholder: "ID", default: "longwave-cli", text: "Who you are: 1 to 92 characters." },
} as const satisfies ArgumentTable;

/**
 * Reads `--origin`.
 *
 * @param text a URL, or a host with or without a port, as SDKs take it, which then means plain HTTP.
 * @returns scheme, host and port, without a slash at the end.
 * @throws {Refusal} when it is neither.
 */
export function readOrigin(text: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isBare = url?.pathname === "/" && url.search === "" && url.username === "";
  if (url && isBare && (url.protocol === "http:" || url.protocol === "https:")) return url.origin;
  throw new Refusal(
    `--origin is ${JSON.stringify(text)}, but it must be an address such as http://127.0.0.1:1980.`,
    EXIT.misused,
  );
}

/**
 * Checks a name before it becomes part of a URL, where `.` and `..` would vanish.
 *
 * @throws {Refusal} when no channel can have it.
 */
export function readChannel(name: string): string {
  try {
    return parseSubscribeName(name).name;
  } catch {
    throw new Refusal(
      `--channel is ${JSON.stringify(name)}, which no channel can be called: names have 1 to 92 characters, no comma, ` +
        'slash, backslash, space or control character, and are not "." or "..".',
      EXIT.misused,
    );
  }
}
