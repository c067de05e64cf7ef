/**
 * W13, one client: a process of its own under Node that imports an SDK, subscribes, and counts what it is told.
 *
 * `node sdk-client.mjs MODULE ORIGIN TRANSPORT` says `ready MS` once it is connected, with what the import took, and after every
 * {@link REPORTED} messages how many it has and the processor time that it has used so far. It is stopped from outside.
 */
const REPORTED = 2_000;
const [, , module, origin, transport] = process.argv;

const startedMs = performance.now();
const imported = await import(module);
const importMs = performance.now() - startedMs;

const PubNub = imported.PubNub ?? imported.default;
const client = new PubNub({
  subscribeKey: "demo",
  publishKey: "demo",
  userId: "bench",
  origin,
  ssl: false,
  ...(transport ? { transport } : {}),
});

const has = new Uint8Array(1_000_000);
let messages = 0;
let isReady = false;
const usedSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
client.addListener({
  status: ({ category }) => {
    if (isReady || category !== "PNConnectedCategory") return;
    isReady = true;
    console.log(`ready ${importMs} ${usedSeconds()}`);
  },
  message: ({ message }) => {
    if (has[message.n] === 1) throw new Error(`message ${message.n} came twice`);
    has[message.n] = 1;
    messages += 1;
    if (messages % REPORTED === 0) console.log(`has ${messages} ${usedSeconds()}`);
  },
});
client.subscribe({ channels: ["sdk"] });
