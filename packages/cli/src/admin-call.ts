/**
 * One call of the admin API, and what came of it in words a command can act on.
 *
 * Rules: spec/CLI.md CLI40, CLI41.
 *
 * @module
 */
import type { ArgumentTable } from "./arguments.ts";
import { type Question, ask } from "./ask.ts";
import { EXIT } from "./exit-code.ts";
import { NETWORK_ARGUMENTS, readOrigin } from "./network-arguments.ts";
import { describeFailure } from "./network-failure.ts";
import { Refusal } from "./refusal.ts";

/** Rows for the table of a command that calls the admin API. */
export const ADMIN_ARGUMENTS = {
  origin: NETWORK_ARGUMENTS.origin,
  "admin-token": {
    type: "text",
    placeholder: "TOKEN",
    variable: "LONGWAVE_ADMIN_TOKEN",
    text: "The admin token, which the first start printed; better in $LONGWAVE_ADMIN_TOKEN, where `ps` does not show it.",
  },
} as const satisfies ArgumentTable;

/** Where the admin API is, and the token that it asks for. */
export interface AdminPlace {
  readonly origin: string;
  readonly "admin-token": string | undefined;
}

/** What is asked of it. */
export interface AdminCall {
  readonly method: Question["method"];
  /** Behind `/admin/v1`. */
  readonly path: string;
  readonly body?: object;
}

const PATIENCE_MS = 10_000;

/**
 * Calls the admin API.
 *
 * @returns the answer's JSON.
 * @throws {Refusal} why there is none.
 */
export async function callAdmin(place: AdminPlace, { method, path, body }: AdminCall): Promise<unknown> {
  const origin = readOrigin(place.origin);
  const token = place["admin-token"];
  if (token === undefined) {
    throw new Refusal(
      "Say the admin token with $LONGWAVE_ADMIN_TOKEN or --admin-token: the first start printed it.",
      EXIT.misused,
    );
  }
  const reply = await ask(`${origin}/admin/v1${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}` },
    patienceMs: PATIENCE_MS,
  });
  if (reply.kind === "answer" && reply.status < 300) return JSON.parse(reply.text) as unknown;
  throw new Refusal(describeFailure(reply, origin), EXIT.failed);
}
