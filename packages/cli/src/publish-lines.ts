/**
 * Publishes lines in order, each when the one before it is acknowledged.
 *
 * One at a time on one connection: side by side, or sent ahead of their answers, messages could overtake each other, and a
 * refused one would have successors that are already delivered. Rules: spec/CLI.md CLI8, CLI9.
 *
 * @module
 */
import { compactJson } from "@longwave/protocol";
import { EXIT } from "./exit-code.ts";
import type { Line } from "./lines.ts";
import type { Progress } from "./progress.ts";
import type { PublishOutcome } from "./raw-publish.ts";
import { Refusal } from "./refusal.ts";

/** What lines are published with. */
export interface LinePorts {
  /** Publishes one payload, JSON text, and waits for what comes of it. */
  readonly publish: (payload: string) => Promise<PublishOutcome>;
  readonly progress: Progress;
  /** Aborts when the person has had enough: no line is begun after it. */
  readonly signal: AbortSignal;
  /** Whether every line is a text, to be published as a JSON string. */
  readonly areTexts: boolean;
}

/**
 * Publishes lines.
 *
 * @returns the exit code.
 * @throws {Refusal} when a failure would meet every other line too; it names the first line that was not published.
 */
export async function publishLines(lines: AsyncIterable<Line>, ports: LinePorts): Promise<number> {
  const { progress, signal } = ports;
  try {
    for await (const line of lines) {
      if (signal.aborted) return EXIT.interrupted;
      const payload = payloadOf(line, ports.areTexts);
      if (payload.kind === "blank") continue;
      if (payload.kind === "unusable") {
        progress.fail(`Line ${line.number} ${payload.why}; it was not published.`);
        continue;
      }
      const outcome = await ports.publish(payload.text);
      if (outcome.kind === "interrupted") return EXIT.interrupted;
      if (outcome.kind === "sent") progress.pass();
      else if (!outcome.isFinal) progress.fail(`Line ${line.number}: ${outcome.sentence}`);
      else
        throw new Refusal(
          `${outcome.sentence} Line ${line.number} and those after it were not published.`,
          EXIT.failed,
        );
    }
    if (signal.aborted) return EXIT.interrupted;
    return progress.tally.failed === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    progress.end();
  }
}

type Payload =
  | { readonly kind: "payload"; readonly text: string }
  | { readonly kind: "blank" }
  | { readonly kind: "unusable"; readonly why: string };

const UNUSABLE = Object.freeze({ tooLong: "is too long", notUtf8: "is not UTF-8" });

// The check spares a request. The line itself is what is sent, not the check's copy of it.
function payloadOf(line: Line, isText: boolean): Payload {
  if (line.kind === "unusable") return { kind: "unusable", why: UNUSABLE[line.why] };
  if (isText) return { kind: "payload", text: JSON.stringify(line.text.replace(/\r$/, "")) };
  if (line.text.trim() === "") return { kind: "blank" };
  if (compactJson(line.text) === undefined)
    return { kind: "unusable", why: "is not JSON (--text publishes it as text)" };
  return { kind: "payload", text: line.text };
}
