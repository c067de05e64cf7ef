/**
 * What a network's refusal or silence means, in sentences that say what to do.
 *
 * Pure. Rules: spec/CLI.md CLI5.
 *
 * @module
 */
import type { Reply } from "./ask.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  "Invalid Key": "Check --publish-key and --subscribe-key.",
  "Invalid Subscribe Key": "Check --subscribe-key.",
  "Invalid Channel": "Check --channel.",
  "Invalid UUID": "Check --uuid: 1 to 92 characters.",
  "Invalid Timetoken": "Check --since: at most 17 digits.",
  "The admin token is missing or wrong": "Check $LONGWAVE_ADMIN_TOKEN or --admin-token.",
  "The admin API is off": "Start the network with --admin on, or ask it from its own machine.",
  "Signature Does Not Match": "Check --publish-key, --subscribe-key and --secret-key.",
  "Invalid Timestamp": "Set this machine's clock.",
  "Message Too Large": "Publish less at once.",
  "Request Entity Too Large": "Publish less at once: a message holds at most 2 MiB.",
};

/** Which refusals are about one message; any other would meet every message of the same command. */
const OF_ONE_MESSAGE: ReadonlySet<string> = new Set(["Invalid JSON", "Message Too Large", "Request Entity Too Large"]);

/**
 * Says why a request did not succeed.
 *
 * @param origin where the network was looked for.
 */
export function describeFailure(reply: Reply, origin: string): string {
  if (reply.kind === "silence") {
    return reply.isNobody
      ? `Nothing listens at ${origin}. Start a network with \`npm start\`, or name one with --origin.`
      : `${origin} cannot be reached: ${reply.reason.replace(/[.!\s]+$/, "")}. Check --origin and the connection.`;
  }
  const message = refusalText(reply.text);
  if (message === undefined) {
    return `${origin} does not answer like a Longwave network (HTTP ${reply.status}). Check --origin.`;
  }
  const remedy = REMEDIES[message] ?? reasonText(reply.text);
  return `The network refused: ${message.replace(/\.$/, "")} (HTTP ${reply.status}).${remedy === "" ? "" : ` ${remedy}`}`;
}

/** Whether a refusal is about this message alone, so that the next one may fare better. */
export function isOfOneMessage(reply: Reply): boolean {
  return reply.kind === "answer" && (reply.status === 500 || OF_ONE_MESSAGE.has(flatText(parse(reply.text)) ?? ""));
}

// The text of an error body in any of its forms: those of the publishing services, and `{"error":{"message":"text"}}`.
function refusalText(body: string): string | undefined {
  const value = parse(body);
  return flatText(value) ?? textOf(memberOf(memberOf(value, "error"), "message"));
}

// `[0,"text",…]`, `{"message":"text",…}` and `{"error_message":"text",…}`.
function flatText(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(memberOf(value, "1"));
  return textOf(memberOf(value, "message") ?? memberOf(value, "error_message"));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

// The admin API says what exactly is wrong beside its message.
function reasonText(body: string): string {
  const reason = memberOf(parse(body), "reason");
  return typeof reason === "string" ? `It says: ${reason.replace(/\.$/, "")}.` : "";
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? value[name as keyof typeof value]
    : undefined;
}
