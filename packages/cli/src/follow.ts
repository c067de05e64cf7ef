/**
 * Follows channels: one poll after the other, with the cursor that the last answer gave.
 *
 * The loop knows the network and nothing of what is done with the messages. A cursor moves only when its answer has
 * arrived whole, so a connection that breaks loses and repeats nothing. Rules: spec/CLI.md CLI14-CLI16.
 *
 * @module
 */
import { type Reply, ask, isPassing, pause, pauseMs } from "./ask.ts";
import { describeFailure } from "./network-failure.ts";
import { type Delivery, type SubscribeAnswer, readSubscribeAnswer } from "./subscribe-answer.ts";

/** What is followed. */
export interface FollowRequest {
  readonly origin: string;
  readonly subscribeKey: string;
  /** Names and wildcards, at least one. */
  readonly channels: readonly string[];
  readonly uuid: string;
  /** Where to begin, a timetoken; nothing for now. */
  readonly since: string | undefined;
}

/** What happens while following. */
export type FollowEvent =
  /** The network answers, at first or again; `isBack` where it had been lost. */
  | { readonly kind: "connected"; readonly isBack: boolean }
  | { readonly kind: "deliveries"; readonly deliveries: readonly Delivery[] }
  /** The network is gone for the moment; it is tried again. */
  | { readonly kind: "lost"; readonly sentence: string }
  /** There is no point in going on; the last event. */
  | { readonly kind: "refused"; readonly sentence: string };

// Networks hold a poll for at most 300 seconds; a poll that takes longer has been forgotten on the way.
const PATIENCE_MS = 310_000;

/**
 * Follows channels until the signal aborts.
 *
 * The first poll asks for the cursor of now even where another is given, since it is answered at once: that is how both
 * sides know that they are connected. A network that was never reached is not waited for.
 */
export async function* follow(request: FollowRequest, signal: AbortSignal): AsyncGenerator<FollowEvent> {
  let cursor: Pick<SubscribeAnswer, "timetoken" | "region"> | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const reply = await ask(urlOf(request, cursor), { method: "GET", patienceMs: PATIENCE_MS, signal });
    if (signal.aborted) return;
    const answer = readReply(reply);
    if (answer) {
      if (!cursor || failures > 0) yield { kind: "connected", isBack: failures > 0 };
      failures = 0;
      if (answer.deliveries.length > 0) yield { kind: "deliveries", deliveries: answer.deliveries };
      cursor = cursor ? answer : { timetoken: request.since ?? answer.timetoken, region: answer.region };
      continue;
    }
    const sentence = describeFailure(reply, request.origin);
    if (!cursor || !isPassing(reply)) {
      yield { kind: "refused", sentence };
      return;
    }
    failures += 1;
    if (failures === 1) yield { kind: "lost", sentence };
    await pause(pauseMs(failures, Math.random()), signal);
  }
}

function readReply(reply: Reply): SubscribeAnswer | undefined {
  return reply.kind === "answer" && reply.status === 200 ? readSubscribeAnswer(reply.text) : undefined;
}

function urlOf(
  { origin, subscribeKey, channels, uuid }: FollowRequest,
  cursor: Pick<SubscribeAnswer, "timetoken" | "region"> | undefined,
): string {
  const names = channels.map(encodeURIComponent).join(",");
  const query = new URLSearchParams({ tt: cursor?.timetoken ?? "0", uuid });
  if (cursor) query.set("tr", cursor.region);
  return `${origin}/v2/subscribe/${encodeURIComponent(subscribeKey)}/${names}/0?${query.toString()}`;
}
