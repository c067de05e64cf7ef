/**
 * The few packets of MQTT 3.1.1 that a subscriber and a publisher need, at quality of service 0.
 *
 * Written from the OASIS standard, chapters 2 and 3: a type and flags, the length of the rest in groups of seven bits, the rest.
 *
 * @module
 */

/** The type of a packet, as the upper half of its first byte. */
export const PACKET = { connect: 1, connectAck: 2, publish: 3, subscribe: 8, subscribeAck: 9 } as const;

/** The type of a packet that came. */
export function typeOf(packet: Buffer): number {
  return (packet[0] ?? 0) >> 4;
}

const LEVEL = 4;
const CLEAN_SESSION = 0x02;
const NO_KEEP_ALIVE = [0, 0];
const RESERVED_OF_SUBSCRIBE = 0x02;
const PACKET_ID = [0, 1];
const QUALITY = 0;

/** Connects without a session that stays, and without a time after which a silent client is ended. */
export function connectPacket(clientId: string): Uint8Array {
  return packet(PACKET.connect, 0, [text("MQTT"), [LEVEL, CLEAN_SESSION, ...NO_KEEP_ALIVE], text(clientId)]);
}

/** Subscribes to one topic. */
export function subscribePacket(topic: string): Uint8Array {
  return packet(PACKET.subscribe, RESERVED_OF_SUBSCRIBE, [PACKET_ID, text(topic), [QUALITY]]);
}

/** Publishes, with nobody to acknowledge it. */
export function publishPacket(topic: string, payload: string): Uint8Array {
  return packet(PACKET.publish, QUALITY, [text(topic), Buffer.from(payload)]);
}

function packet(type: number, flags: number, parts: readonly Iterable<number>[]): Uint8Array {
  const rest = parts.flatMap((part) => [...part]);
  return Uint8Array.from([(type << 4) | flags, ...lengthBytes(rest.length), ...rest]);
}

function lengthBytes(length: number): readonly number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthBytes(length >> 7)];
}

// A text and, before it, its length in two bytes.
function text(value: string): readonly number[] {
  const bytes = Buffer.from(value);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}
