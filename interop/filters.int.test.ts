import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { GRACE_MS, comings, subscribe } from "./inbox.ts";
import { type Json, createClient } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const METAS: readonly (Json | undefined)[] = [
  { lang: "en", age: 33, tags: ["urgent"] },
  { lang: "de", age: 20, tags: [] },
  { lang: "it's", uuid: "anna" },
  undefined,
];

/** Which of the metas above match. Both dialects: bare names, and names that begin with their root. */
const EXPRESSIONS: Readonly<Record<string, readonly number[]>> = {
  "lang == 'en'": [0],
  "meta.lang == 'en'": [0],
  'lang LIKE "*E*"': [0, 1],
  "lang == 'it\\'s'": [2],
  "(age >= 20) && !(meta.age > 30)": [1],
  "age % 10 == 0 || tags contains 'urgent'": [0, 1],
  'meta.tags[0] == "urgent"': [0],
  "uuid != 'anna'": [0, 1, 3],
  "data.at > 1 && data.text == 'grüß & 100%'": [2, 3],
  "lang=de": [1],
  "('en','fr') contains lang": [0],
  "lang ==": [],
};

for (const [filterExpression, expected] of Object.entries(EXPRESSIONS)) {
  test(`[IOP46] the client with the filter ${filterExpression} is given ${expected.length} of ${METAS.length}`, async () => {
    using publisher = createClient(network.url);
    const channel = `filtered-${Bun.hash(filterExpression)}`;
    const subscription = { channels: [channel, "unfiltered.*"] };
    using inbox = await subscribe(network.url, subscription, { filterExpression });
    for (const [at, meta] of METAS.entries()) {
      const message = { at, text: "grüß & 100%" };
      await publisher.publish({ channel, message, ...(meta === undefined ? {} : { meta }) });
    }
    await inbox.settled(expected.length);
    expect(inbox.payloads().map((payload) => (payload as { readonly at: number }).at)).toEqual([...expected]);
    expect(inbox.statuses).toMatchObject([{ category: "PNConnectedCategory" }]);
  });
}

test("[IOP46] a filter that is set, changed and taken away counts from the next poll", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["changing"] });
  const send = async (message: string, lang: string): Promise<void> => {
    await publisher.publish({ channel: "changing", message, meta: { lang } });
  };
  const CHANGES = [
    { expression: "lang == 'en'", endsThePoll: "any", matches: "en" },
    { expression: "meta.lang == 'de'", endsThePoll: "en", matches: "de" },
    { expression: "", endsThePoll: "de", matches: "fr" },
  ];
  for (const [at, { expression, endsThePoll, matches }] of CHANGES.entries()) {
    inbox.client.setFilterExpression(expression);
    await send("ends the poll", endsThePoll);
    await inbox.settled(2 * at + 1);
    if (expression !== "") await send("filtered out", "fr");
    await send("matches", matches);
    await inbox.settled(2 * at + 2);
  }
  expect(inbox.payloads()).toEqual(CHANGES.flatMap(() => ["ends the poll", "matches"]));
});

test("[IOP46] a filter chooses among presence events too", async () => {
  using leaves = await subscribe(
    network.url,
    { channels: ["room"], withPresence: true },
    { userId: "leaves", filterExpression: "pn_action == 'leave' || meta.pn_state_mood == 'glad'" },
  );
  using bert = await subscribe(network.url, { channels: ["room"] }, { userId: "bert" });
  await bert.client.setState({ channels: ["room"], state: { mood: "sad" } });
  await bert.client.setState({ channels: ["room"], state: { mood: "glad" } });
  bert.client.unsubscribe({ channels: ["room"] });
  await leaves.until("the leave", ({ presences }) => presences.length === 2);
  await Bun.sleep(GRACE_MS);
  expect(comings(leaves)).toEqual(["state-change bert 2", "leave bert 1"]);
});
