/**
 * W14, the load: one keyset that floods, as a process of its own, so that its work does not count as its neighbour's wait.
 *
 * `bun load-flood.ts URL KEY SECONDS requests` floods as the tests do, `… fanout` sends messages to a thousand polls, each
 * when everybody has the one before. It says `flooding` once its polls wait, and ends by itself.
 *
 * @module
 */
import { floodKeyset } from "../../packages/server/src/bad-days/keyset-flood.ts";
import { fanoutLoad } from "./fanout-load.ts";

const [url = "", key = "", seconds = "0", kind = "requests"] = process.argv.slice(2);
if (kind === "fanout") {
  const load = await fanoutLoad(url, { transport: "poll", burst: 1, keyset: key });
  console.log("flooding");
  await load(Number(seconds) * 1_000);
} else {
  const settings = { url, keys: [key, key], parallel: 20, requestsMax: 10_000_000, waiters: 100 } as const;
  setTimeout(() => console.log("flooding"), 300);
  await floodKeyset(settings, AbortSignal.timeout(Number(seconds) * 1_000));
}
process.exit();
