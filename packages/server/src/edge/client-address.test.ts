import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { TrustedProxies, parseNetworks } from "./client-address.ts";

const counted = (trusted: string, peer: string, forwardedFor: string | null): string =>
  new TrustedProxies(trusted === "" ? [] : parseNetworks(trusted)).clientOf(peer, () => forwardedFor);

/** Trusted proxies, the connection's other end, X-Forwarded-For; and whom the request is counted for. */
const CASES: readonly (readonly [trusted: string, peer: string, header: string | null, client: string])[] = [
  ["", "10.0.0.1", null, "10.0.0.1"],
  ["", "10.0.0.1", "1.2.3.4", "10.0.0.1"], // anybody can write a header
  ["10.0.0.0/8", "11.0.0.1", "1.2.3.4", "11.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"], // what stands before it was written by the client
  ["10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"],
  ["10.0.0.0/8", "10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
  ["10.0.0.0/8", "10.0.0.1", null, "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "nonsense", "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "1.2.3.4,,10.2.2.2", "10.2.2.2"],
  ["10.0.0.0/8", "10.0.0.1", "1.2.3.4:5678", "1.2.3.4"],
  ["10.0.0.0/8", "10.0.0.1", "[2001:db8::7]:443", "2001:db8:0:0::/64"],
  ["10.0.0.0/8", "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["::1", "::1", "1.2.3.4", "1.2.3.4"],
  ["fd00::/8", "fd12::1%eth0", "1.2.3.4", "1.2.3.4"],
  ["192.0.2.1", "192.0.2.2", "1.2.3.4", "192.0.2.2"],
  ["0.0.0.0/0", "10.0.0.1", "1.2.3.4, 5.6.7.8", "1.2.3.4"],
  ["", "::ffff:1.2.3.4", null, "1.2.3.4"],
  ["", "2001:DB8:1:2:3:4:5:6", null, "2001:db8:1:2::/64"],
  ["", "2001:db8:1:2::99", null, "2001:db8:1:2::/64"],
  ["", "2001:db8::99", null, "2001:db8:0:0::/64"],
  ["", "::1", null, "0:0:0:0::/64"],
  ["", "fe80::1%eth0", null, "fe80:0:0:0::/64"],
  ["", "2001:0db8:0001:0000:3:4:5:6", null, "2001:db8:1:0::/64"],
];
for (const [trusted, peer, header, client] of CASES) {
  test(`[LMT7 LMT8] ${peer}, trusting ${trusted || "nobody"}, that says ${header ?? "nothing"}, counts as ${client}`, () => {
    expect(counted(trusted, peer, header)).toBe(client);
  });
}

test("[LMT7] the header is not even read from whom nobody trusts, and never beyond its last addresses", () => {
  const unread = (): never => {
    throw new Error("read");
  };
  expect(new TrustedProxies().clientOf("1.2.3.4", unread)).toBe("1.2.3.4");
  const hops = `9.9.9.9,${Array.from({ length: LIMITS.forwardedAddressesMax }, () => "10.0.0.2").join(",")}`;
  expect(counted("10.0.0.0/8", "10.0.0.1", hops)).toBe("10.0.0.2");
});

const REFUSED = [
  "",
  "x",
  "10.0.0.0/33",
  "::/129",
  "10.0.0/8",
  "10.0.0.1/-1",
  "10.0.0.1/",
  "a.example",
  "1.2.3.4,,5.6.7.8",
];
for (const text of REFUSED) {
  test(`[LMT7] "${text}" is no list of proxies`, () => expect(parseNetworks(text)).toBeUndefined());
}

test("[LMT7] a list of proxies is bounded", () => {
  const list = (length: number): string => Array.from({ length }, (_, at) => `10.0.0.${at}`).join(",");
  expect(parseNetworks(list(LIMITS.trustedNetworksMax))).toHaveLength(LIMITS.trustedNetworksMax);
  expect(parseNetworks(list(LIMITS.trustedNetworksMax + 1))).toBeUndefined();
});
