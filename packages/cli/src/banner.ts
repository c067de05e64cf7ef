/**
 * What a person sees when a network has started.
 *
 * Pure. Rules: spec/CLI.md CLI2, CLI4.
 *
 * @module
 */
import { resolve } from "node:path";
import { type Keyset, type Network, type ServerOptions, isLoopback, isWellKnown } from "@longwave/server";
import type { Paint } from "./terminal.ts";

/** The parts of a network that a banner tells about. */
export interface BannerNetwork extends Pick<Network, "url"> {
  /** Only where this start has made it. */
  readonly adminToken?: string | undefined;
  readonly keysets: readonly Pick<Keyset, "name" | "publishKey" | "subscribeKey">[];
}

/** The parts of the options that a banner tells about. */
export type BannerOptions = Pick<ServerOptions, "memory" | "dataDir" | "host">;

/**
 * Writes the banner.
 *
 * Its lines work as they are: pasted into another terminal, the first two show the messages that the last two publish.
 * A cursor of 1 is before everything, so `curl` shows what is still queued and else waits for the next message.
 */
export function printBanner(network: BannerNetwork, options: BannerOptions, paint: Paint): string {
  const url = reachableUrl(network.url);
  const row = (name: string, text: string): string => `  ${paint("dim", name.padEnd(11))}${text}`;
  const [keyset] = network.keysets;
  const lines = [
    "",
    `  ${paint("bold", "Longwave")} is running`,
    "",
    row("address", paint("cyan", url)),
    row("data", options.memory ? "in memory: gone when it stops" : resolve(options.dataDir)),
  ];
  if (network.adminToken !== undefined) {
    lines.push(row("admin", `token ${network.adminToken}: shown this once, for \`longwave keys\``));
  }
  if (!keyset) return `${[...lines, row("keys", "none: nobody can publish or subscribe"), ""].join("\n")}\n`;
  const { publishKey, subscribeKey } = keyset;
  const origin = url === "http://127.0.0.1:1980" ? "" : ` --origin ${url}`;
  return `${[
    ...lines,
    row("keys", `publish ${publishKey}, subscribe ${subscribeKey}`),
    "",
    row("subscribe", `curl '${url}/v2/subscribe/${subscribeKey}/hello/0?tt=1'`),
    row("publish", `curl '${url}/publish/${publishKey}/${subscribeKey}/0/hello/0/%22hi%22'`),
    row("or", `npx longwave subscribe --channel hello${origin}`),
    row("and", `npx longwave publish --channel hello${origin} '"hi"'`),
    "",
  ].join("\n")}\n`;
}

/** The sentence about keys that everybody knows on an address that others reach; nothing where there is no such danger. */
export function warningOf(network: Pick<BannerNetwork, "keysets">, { host }: BannerOptions): string | undefined {
  const hasDemoKeys = network.keysets.some(isWellKnown);
  if (!hasDemoKeys || isLoopback(host)) return undefined;
  return `Warning: whoever reaches ${host} can use the demo keys, which everybody knows. --no-demo-keys leaves them out.`;
}

// Listening on every address is no address that a person could use.
function reachableUrl(url: string): string {
  return url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:");
}
