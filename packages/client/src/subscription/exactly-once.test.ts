import { expect, test } from "bun:test";
import fc from "fast-check";
import { PubNub } from "../pubnub.ts";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";

const PAGE = 3;
const printed = (instant: number): string => `17${instant.toString().padStart(15, "0")}`;

/** A network with a log, for one client; whether it answers, and how, the test says. */
class NetworkWithLog {
  readonly #hands: ClientByHand;
  readonly #log: { readonly instant: number; readonly channel: string }[] = [];
  #answered = 0;
  #now = 1;

  constructor(hands: ClientByHand) {
    this.#hands = hands;
  }

  publish(channel: string): void {
    this.#now += 1;
    this.#log.push({ instant: this.#now, channel });
  }

  /** The instants of a channel's messages after an instant. */
  instantsOf(channel: string, after: string): readonly string[] {
    return this.#log
      .filter((message) => message.channel === channel && printed(message.instant) > after)
      .map(({ instant }) => printed(instant));
  }

  /** The request that is held, once. */
  #held(): ClientByHand["network"]["last"] | undefined {
    const { requests } = this.#hands.network;
    const polls = requests.filter(({ path }) => path.startsWith("/v2/subscribe/"));
    if (polls.length === this.#answered || polls.at(-1)?.isAborted === true) return undefined;
    this.#answered = polls.length;
    return polls.at(-1);
  }

  answer(): void {
    const request = this.#held();
    if (request === undefined) return;
    const names = (request.path.split("/")[4] ?? "").split(",");
    const after = request.query["tt"] ?? "0";
    const items = this.#log.filter(({ instant, channel }) => printed(instant) > after && names.includes(channel));
    const page = after === "0" ? [] : items.slice(0, PAGE);
    const last = page.at(-1)?.instant;
    const cursor = after === "0" ? printed(this.#now) : last === undefined ? after : printed(last);
    const b = names.length > 1 ? {} : undefined;
    const bodies = page.map(({ instant, channel }) =>
      itemOf(channel, instant, { p: { t: printed(instant), r: 12 }, ...(b && { b: channel }) }),
    );
    request.answer(answerOf(cursor, bodies));
  }

  lose(how: "network" | "timeout" | 503): void {
    if (how === 503) this.#held()?.answer("", 503);
    else this.#held()?.fail(how);
  }
}

type Step = (network: NetworkWithLog, hands: ClientByHand) => unknown;
const STEPS: Readonly<Record<string, Step>> = {
  publishA: (network) => network.publish("a"),
  publishB: (network) => network.publish("b"),
  answer: (network) => network.answer(),
  loseIt: (network) => network.lose("network"),
  timeItOut: (network) => network.lose("timeout"),
  overload: (network) => network.lose(503),
  wait: (_, { time }) => time.pass(3_000),
  subscribeB: (_, { client }) => client.subscribe({ channels: ["b"] }),
  unsubscribeB: (_, { client }) => client.unsubscribe({ channels: ["b"] }),
  disconnect: (_, { client }) => client.disconnect(),
  reconnect: (_, { client }) => client.reconnect(),
};

test("[SDK12 SDK13 SDK16] whatever breaks and changes in between, each message comes exactly once and in order", async () => {
  const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (names) => {
      const hands = clientByHand({ retryConfiguration: PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 100 }) });
      const network = new NetworkWithLog(hands);
      hands.client.subscribe({ channels: ["a"] });
      for (const name of [...names, "reconnect"]) {
        await STEPS[name]?.(network, hands);
        await turn();
      }
      for (let rounds = 0; rounds < names.length + 5; rounds++) {
        network.answer();
        await hands.time.pass(3_000);
      }
      const start = hands.statuses.find(({ category }) => category === "PNConnectedCategory")?.currentTimetoken ?? "";
      const told = (channel: string): readonly string[] =>
        hands.messages.filter((event) => event.channel === channel).map(({ timetoken }) => timetoken);
      expect(told("a")).toEqual([...network.instantsOf("a", start)]);
      expect(told("b")).toEqual([...new Set(told("b"))].toSorted());
      expect(hands.reported).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
