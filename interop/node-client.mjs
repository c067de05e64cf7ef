/**
 * The unmodified client in Node: subscribes, publishes what it reads on standard input, prints what it receives.
 *
 * For tests only; plain Node, no dependencies but the client. Arguments: host and port, channel. Input: a JSON array of
 * payloads. Output: the JSON array of what arrived, as many as were published.
 *
 * @module
 */
import { text } from "node:stream/consumers";
import PubNub from "pubnub";

const [origin, channel] = process.argv.slice(2);
const payloads = JSON.parse(await text(process.stdin));
const client = new PubNub({ publishKey: "demo", subscribeKey: "demo", userId: "node", origin, ssl: false });
const received = [];
const [connected, whole] = [Promise.withResolvers?.() ?? deferred(), Promise.withResolvers?.() ?? deferred()];

function deferred() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
}

client.addListener({
  status({ category, error }) {
    if (category === "PNConnectedCategory") connected.resolve();
    if (error) process.stderr.write(`${category}\n`);
  },
  message({ message, userMetadata }) {
    received.push({ message, meta: userMetadata });
    if (received.length === payloads.length) whole.resolve();
  },
});
client.subscribe({ channels: [channel] });
await connected.promise;
for (const [index, message] of payloads.entries()) {
  await client.publish({ channel, message, meta: { index }, sendByPost: index % 2 === 1 });
}
await whole.promise;
client.unsubscribeAll();
process.stdout.write(JSON.stringify(received), () => process.exit(0)); // its connections would keep Node for a while
