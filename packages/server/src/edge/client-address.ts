/**
 * Which address a request is counted for: the peer's, or what proxies that are trusted say of it.
 *
 * A header that anybody can write is believed only from an address that was named as a proxy. Pure. Rules: spec/LIMITS.md
 * LMT7, LMT8.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import { LIMITS } from "@longwave/protocol";

/** The proxies whose word is believed. */
export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #isEmpty: boolean;

  /** @param networks as {@link parseNetworks} read them. */
  constructor(networks: readonly Network[] = []) {
    this.#isEmpty = networks.length === 0;
    for (const { address, prefixBits } of networks) this.#networks.addSubnet(address, prefixBits, familyOf(address));
  }

  /**
   * Whom a request is counted for: an IPv4 address, or an IPv6 network of 64 bits, which one client has to itself.
   *
   * @param peer the address at the other end of the connection.
   * @param forwardedFor reads the header `X-Forwarded-For`; asked only where the peer is trusted.
   */
  clientOf(peer: string, forwardedFor: () => string | null): string {
    if (this.#isEmpty || !this.#trusts(peer)) return countedAs(peer);
    const hops = (forwardedFor() ?? "").split(",").slice(-LIMITS.forwardedAddressesMax);
    let nearest = peer;
    for (const hop of hops.toReversed()) {
      const address = withoutPort(hop.trim());
      if (isIP(address) === 0) break; // whoever wrote this is no proxy of ours
      nearest = address;
      if (!this.#trusts(address)) break;
    }
    return countedAs(nearest);
  }

  #trusts(address: string): boolean {
    const plain = withoutZone(address);
    return this.#networks.check(plain, familyOf(plain));
  }
}

/** A network of addresses. */
export interface Network {
  readonly address: string;
  readonly prefixBits: number;
}

/**
 * Reads a list of networks, `10.0.0.0/8,fd00::/8`; an address alone is a network of itself.
 *
 * @returns nothing where an element is neither, or where there are too many.
 */
export function parseNetworks(text: string): readonly Network[] | undefined {
  const networks = text.split(",").map((element) => parseNetwork(element.trim()));
  if (networks.length > LIMITS.trustedNetworksMax) return undefined;
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

function parseNetwork(text: string): Network | undefined {
  const [, address = "", prefix] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  return prefixBits <= bits ? { address, prefixBits } : undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

function withoutZone(address: string): string {
  const percent = address.indexOf("%");
  return percent < 0 ? address : address.slice(0, percent);
}

// Some proxies write the port behind the address.
function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(hop);
  return bracketed?.[1] ?? hop.replace(/^([\d.]+):\d+$/, "$1");
}

function countedAs(address: string): string {
  const plain = withoutZone(address);
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain);
  if (mapped?.[1] !== undefined) return mapped[1];
  return plain.includes(":") ? `${firstGroups(plain)}::/64` : plain;
}

function firstGroups(address: string): string {
  const [left = [], right = []] = address.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, "")).join(":");
}
