/**
 * Data directories that are filled once and kept: what measurements of size need.
 *
 * They lie in `bench/fixtures/`, which git ignores. A directory counts only when it is whole: it is filled under another name.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A directory to fill. */
export interface Fixture {
  readonly name: string;
  readonly messages: number;
  /** The channel of a message, by its number. */
  readonly channelOf: (message: number) => string;
}

/** The channel that holds nine of ten messages of a fixture of messages; the others are spread over {@link ROOMS}. */
export const DEEP = "deep";
/** Channels `room-0` and so on. */
export const ROOMS = 10_000;
/** Sizes of the fixtures of messages. */
export const MESSAGES = { few: 10_000, some: 100_000, more: 1_000_000, many: 10_000_000 } as const;
/** Sizes of the fixtures of channels. */
export const CHANNELS = { few: 1_000, some: 10_000, more: 100_000, many: 1_000_000 } as const;
/** Between one message and the next, in 100 ns. */
export const STEP_TICKS = 100_000n;

const DIRECTORY = join(import.meta.dir, "../fixtures");
const PRIME = 7_919; // spreads consecutive messages over the rooms

/** Every fixture there is. */
export const FIXTURES: readonly Fixture[] = [
  ...Object.values(MESSAGES).map((messages) => ({
    name: `messages-${messages}`,
    messages,
    channelOf: (at: number) => (at % 10 === 0 ? `room-${((at / 10) * PRIME) % ROOMS}` : DEEP),
  })),
  ...Object.values(CHANNELS).map((channels) => ({
    name: `channels-${channels}`,
    messages: channels,
    channelOf: (at: number) => `room-${at}`,
  })),
];

/** Where a fixture lies. */
export function pathOf(name: string): string {
  return join(DIRECTORY, name);
}

/**
 * The directory of a fixture.
 *
 * @throws an error that names the command where it has not been filled.
 */
export function fixture(kind: "messages" | "channels", size: number): string {
  const path = pathOf(`${kind}-${size}`);
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`npm run bench:prepare\` once`);
  return path;
}
