/**
 * What each address, keyset and uuid may ask for: requests per second, and polls and streams at the same time.
 *
 * Says nothing about what a request may do; that is access. Called by the edge before access decides, because deciding is
 * dearer than counting. Where nothing is limited, it looks at one setting. Rules: spec/LIMITS.md.
 *
 * @module
 */
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { Clock } from "../ports/clock.ts";
import { TrustedProxies } from "./client-address.ts";
import type { Connections } from "./exchange.ts";
import { RateTable } from "./rate-table.ts";
import { Tally } from "./tally.ts";

/** What an address may ask for; nothing where it is not limited. */
export interface AddressLimits {
  readonly requestsPerSecondPerAddress: number | undefined;
  readonly pollsPerAddress: number | undefined;
  readonly trustedProxies: TrustedProxies;
}

/** Who holds a poll or a stream: what it is counted for. */
export interface Holder {
  readonly subscribeKey: string;
  readonly uuid: string | undefined;
  readonly address: string | undefined;
}

/** No limit concerns addresses. */
export const UNLIMITED_ADDRESSES: AddressLimits = Object.freeze({
  requestsPerSecondPerAddress: undefined,
  pollsPerAddress: undefined,
  trustedProxies: new TrustedProxies(),
});

/** Lets requests in, or says that there are too many. */
export class Admission {
  readonly #rates: RateTable;
  readonly #held = new Tally();
  readonly #limits: AddressLimits;

  constructor(clock: Clock, limits: AddressLimits) {
    this.#rates = new RateTable(clock);
    this.#limits = limits;
  }

  /** The address that a request is counted for; nothing where no limit asks for it. */
  addressOf(request: Request, connections: Connections): string | undefined {
    const { requestsPerSecondPerAddress, pollsPerAddress, trustedProxies } = this.#limits;
    if (requestsPerSecondPerAddress === undefined && pollsPerAddress === undefined) return undefined;
    const peer = connections.peerOf(request);
    return peer === undefined ? undefined : trustedProxies.clientOf(peer, () => request.headers.get("x-forwarded-for"));
  }

  /** Counts a request or a frame of an address. @throws {NetworkError} `addressRateExceeded`. */
  countAddress(address: string | undefined): void {
    const perSecond = this.#limits.requestsPerSecondPerAddress;
    if (perSecond === undefined || address === undefined) return;
    if (!this.#rates.take(`address\n${address}`, perSecond)) throw new NetworkError("addressRateExceeded");
  }

  /**
   * Counts a request or a frame of a keyset, and of a uuid within it.
   *
   * The uuid comes first, so that what it has too much of is not taken from the others of its keyset.
   *
   * @throws {NetworkError} `uuidRateExceeded`, `keysetRateExceeded`.
   */
  countKeyset(keyset: Keyset, uuidOf: () => string | undefined): void {
    if (!keyset.limitsRequests) return;
    const { subscribeKey } = keyset;
    const uuid = uuidOf()?.slice(0, LIMITS.uuidCharactersMax);
    const isUuidOver = uuid && !this.#rates.take(`uuid\n${subscribeKey}\n${uuid}`, keyset.requestsPerSecondPerUuidMax);
    if (isUuidOver) throw new NetworkError("uuidRateExceeded");
    if (this.#rates.take(`keyset\n${subscribeKey}`, keyset.requestsPerSecondMax)) return;
    throw new NetworkError("keysetRateExceeded");
  }

  /**
   * Lets a poll or a stream be held, until {@link letGo}.
   *
   * @throws {NetworkError} `tooManyPollsOfUuid`, `tooManyPollsOfAddress`.
   */
  hold({ subscribeKey, uuid, address }: Holder, pollsPerUuidMax: number | undefined): void {
    if (!this.#enter(subscribeKey, uuid, pollsPerUuidMax)) throw new NetworkError("tooManyPollsOfUuid");
    if (this.#enter(ADDRESSES, address, this.#limits.pollsPerAddress)) return;
    this.#leave(subscribeKey, uuid);
    throw new NetworkError("tooManyPollsOfAddress");
  }

  /** One that was held is held no more. To be called once for each. */
  letGo({ subscribeKey, uuid, address }: Holder): void {
    this.#leave(subscribeKey, uuid);
    this.#leave(ADDRESSES, address);
  }

  /** Uuids and addresses that hold anything now. */
  get holders(): number {
    return this.#held.size;
  }

  // Counted whether or not it is limited now: what is counted at its beginning is taken back at its end.
  #enter(group: string, name: string | undefined, max = Number.POSITIVE_INFINITY): boolean {
    return name === undefined || name === "" || this.#held.enter(group, name, max);
  }

  #leave(group: string, name: string | undefined): void {
    if (name !== undefined && name !== "") this.#held.leave(group, name);
  }
}

/** No keyset's key: none may hold a control character. */
const ADDRESSES = "\n";
