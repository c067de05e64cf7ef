/**
 * What a keyset can be set to: one table, from which defaults, checks, the admin API and the command's help come.
 *
 * A capability adds a row here and finds its value as a member of every {@link Keyset}. Pure. Rules: spec/ACCESS.md ACC12.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";

interface SettingText {
  /** What it does, one sentence for people. */
  readonly text: string;
}

interface FlagSetting extends SettingText {
  readonly type: "flag";
  readonly default: boolean;
}

interface NumberSetting extends SettingText {
  readonly type: "number";
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** One row of {@link KEYSET_SETTINGS}. */
export type KeysetSetting = FlagSetting | NumberSetting;

const SETTING_ROWS = {
  accessManager: {
    type: "flag",
    default: false,
    text: "Refuse whatever no grant, token or signature allows; without it the keyset is open to whoever knows its keys.",
  },
  revokesTokens: { type: "flag", default: true, text: "Let tokens be revoked before they expire." },
  storesByDefault: {
    type: "flag",
    default: true,
    text: "Keep messages whose publisher does not say whether to.",
  },
  keepsHistory: {
    type: "flag",
    default: true,
    text: "Keep messages at all, and answer history; without it publishing goes on and nothing is kept.",
  },
  retentionDays: {
    type: "number",
    default: 7,
    min: 1,
    max: 36_500,
    text: "Days that a message is kept whose publisher named no ttl; a change holds for messages published from then on.",
  },
  keepsForEver: {
    type: "flag",
    default: false,
    text: "Keep messages whose publisher named no ttl without end, whatever retentionDays says.",
  },
  allowsDeletion: { type: "flag", default: true, text: "Let messages be deleted from history before their time." },
  hasPresence: {
    type: "flag",
    default: true,
    text: "Know who is present; without it presence requests are refused with 402.",
  },
  presenceEvents: { type: "flag", default: true, text: "Announce who comes and goes." },
  presenceTimeoutSeconds: {
    type: "number",
    default: 300,
    min: 5,
    max: 3_600,
    text: "Seconds of silence after which a client that asked for nothing else counts as gone.",
  },
  presenceAnnounceMax: {
    type: "number",
    default: 20,
    min: 0,
    max: 100_000,
    text: "Occupants of a channel up to which each join, leave and timeout is announced; above, intervals tell of them.",
  },
  presenceIntervalSeconds: {
    type: "number",
    default: 10,
    min: 1,
    max: 3_600,
    text: "Seconds from the first unannounced change to the interval event that tells of it.",
  },
  presenceDeltas: { type: "flag", default: true, text: "Say in interval events who came and went." },
  presenceLeaveOnDisconnect: {
    type: "flag",
    default: false,
    text: "Take the end of a client's connection for a leave; without it its deadline decides.",
  },
  globalHereNow: { type: "flag", default: true, text: "Answer who is there on all channels at once." },
  limitsRequests: {
    type: "flag",
    default: false,
    text: "Bound the requests per second of the keyset and of each uuid; what is beyond is answered 429.",
  },
  requestsPerSecondMax: {
    type: "number",
    default: LIMITS.requestsPerSecondPerKeysetMax,
    min: 1,
    max: LIMITS.requestsPerSecondMax,
    text: "Requests per second of the whole keyset, frames of WebSockets among them, where limitsRequests is on.",
  },
  requestsPerSecondPerUuidMax: {
    type: "number",
    default: LIMITS.requestsPerSecondPerUuidMax,
    min: 1,
    max: LIMITS.requestsPerSecondMax,
    text: "The same of one uuid; requests without one count for the keyset alone.",
  },
  heldPollsPerUuidMax: {
    type: "number",
    default: LIMITS.heldPollsPerUuidMax,
    min: 1,
    max: LIMITS.heldPollsPerKeysetMax,
    text: "Polls and streams that one uuid may hold at the same time.",
  },
  hasObjects: { type: "flag", default: true, text: "Keep App Context: users, channels, memberships." },
  announcesUsers: { type: "flag", default: true, text: "Tell subscribers of changes to users." },
  announcesChannels: { type: "flag", default: true, text: "Tell subscribers of changes to channels." },
  announcesMemberships: {
    type: "flag",
    default: true,
    text: "Tell subscribers of memberships that are made, changed and taken away.",
  },
  enforcesIntegrity: {
    type: "flag",
    default: false,
    text: "Let only users and channels with metadata be members, and end memberships with the metadata of either end.",
  },
  refusesAllUsers: { type: "flag", default: false, text: "Let nobody list all users." },
  refusesAllChannels: { type: "flag", default: false, text: "Let nobody list all channels." },
  hasFiles: { type: "flag", default: true, text: "Take files; without it requests about files are refused with 402." },
  fileMebibytesMax: {
    type: "number",
    default: 5,
    min: 1,
    max: LIMITS.fileBytesMax / 1_048_576,
    text: "Mebibytes that one file may have.",
  },
  filesMebibytesMax: {
    type: "number",
    default: 10_240,
    min: 1,
    max: 1_000_000_000,
    text: "Mebibytes that all files of the keyset may have together.",
  },
  fileRetentionDays: {
    type: "number",
    default: 30,
    min: 1,
    max: 36_500,
    text: "Days that a file is kept; a change holds for files uploaded from then on.",
  },
  keepsFilesForEver: { type: "flag", default: false, text: "Keep files without end, whatever fileRetentionDays says." },
  hasPush: {
    type: "flag",
    default: true,
    text: "Register devices for push notifications; without it requests about them are refused with 403.",
  },
  refusesMalformedFilters: {
    type: "flag",
    default: false,
    text: "Refuse a malformed filter with 481; without it such a filter matches nothing.",
  },
} as const satisfies Record<string, KeysetSetting>;

/** Every setting by its name in code, in the admin API and on the command's line. */
export const KEYSET_SETTINGS: Readonly<Record<KeysetSettingName, KeysetSetting>> = Object.freeze(SETTING_ROWS);

/** The name of a setting. */
export type KeysetSettingName = keyof typeof SETTING_ROWS;

/** All settings with their values. */
export type KeysetSettings = {
  readonly [Name in KeysetSettingName]: (typeof SETTING_ROWS)[Name]["default"] extends boolean ? boolean : number;
};

const NAMES = Object.keys(SETTING_ROWS) as readonly KeysetSettingName[];

/** The value of every setting that nobody has changed. */
export const DEFAULT_KEYSET_SETTINGS: KeysetSettings = Object.freeze(
  Object.fromEntries(NAMES.map((name) => [name, SETTING_ROWS[name].default])),
) as KeysetSettings;

/** What came of reading settings. */
export type SettingsOutcome =
  | { readonly kind: "settings"; readonly settings: Partial<KeysetSettings> }
  /** A sentence that says what is wrong. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Checks settings that somebody asks for.
 *
 * @param given unknown JSON: an object of names and values, any of them or none.
 */
export function readSettings(given: unknown): SettingsOutcome {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return { kind: "refused", reason: "settings must be an object of names and values" };
  }
  for (const [name, value] of Object.entries(given)) {
    const reason = refusalOf(name, value);
    if (reason !== undefined) return { kind: "refused", reason };
  }
  return { kind: "settings", settings: given };
}

function refusalOf(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(SETTING_ROWS, name)) return `there is no such setting; known are ${NAMES.join(", ")}`;
  const row = KEYSET_SETTINGS[name as KeysetSettingName];
  if (row.type === "flag") return typeof value === "boolean" ? undefined : `${name} must be true or false`;
  const isInRange = Number.isSafeInteger(value) && Number(value) >= row.min && Number(value) <= row.max;
  return isInRange ? undefined : `${name} must be a whole number from ${row.min} to ${row.max}`;
}

/**
 * Reads settings that were kept, perhaps by another version: what is no longer known or valid has its default.
 *
 * @param text JSON.
 */
export function restoreSettings(text: string): KeysetSettings {
  const kept: unknown = JSON.parse(text);
  const entries = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
  return {
    ...DEFAULT_KEYSET_SETTINGS,
    ...Object.fromEntries(entries.filter(([name, value]) => refusalOf(name, value) === undefined)),
  };
}
