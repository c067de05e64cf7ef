/**
 * The statements that change push registrations in the embedded database.
 *
 * What may be refused is a condition in a statement's text, so that a change with its bounds is one step. Channels are bound
 * as JSON arrays, so that a change has the same few statements however many it names.
 *
 * @module
 */
import type { PushChange, PushDevice } from "../../ports/push-store.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** How much a device and its keyset may have. */
export interface PushBounds {
  readonly pushDeviceChannelsMax: number;
  readonly pushRegistrationsPerKeysetMax: number;
}

/** A device as its table knows it. */
export type DeviceKey = [keyset: string, gateway: string, token: string, environment: string, topic: string];

/** A device's key, in the order of {@link THE_DEVICE}'s parameters. */
export function keyOf({ keyset, app, token }: PushDevice): DeviceKey {
  const { environment, topic } = app.gateway === "apns2" ? app : NO_TOPIC;
  return [keyset, app.gateway, token, environment, topic];
}

/** How the device is found whose key is bound. */
export const THE_DEVICE = "keyset = ? AND gateway = ? AND token = ? AND environment = ? AND topic = ?";

/** What apps of gateways without topics have in their places. */
export const NO_TOPIC = Object.freeze({ environment: "", topic: "" });

const ITS_ID = `(SELECT id FROM push_device WHERE ${THE_DEVICE})`;
// Each name is looked up by the table's key: a list of all that a device has would be made anew for each.
const isHad = (device: string): string =>
  `EXISTS (SELECT 1 FROM push_registration r WHERE r.device_id = ${device} AND r.channel = named.value)`;
const HAS_ALL = `NOT EXISTS (SELECT 1 FROM json_each(?) named WHERE NOT ${isHad("push_device.id")})`;
const DELETE_EMPTY = `DELETE FROM push_device WHERE ${THE_DEVICE} AND channels = 0`;

// Bounds hold for what is there afterwards, so what leaves makes room for what comes.
const INSERT_CHANNELS = `WITH
  device AS (SELECT id, channels FROM push_device WHERE ${THE_DEVICE}),
  fresh AS (SELECT value AS channel FROM json_each(?) named WHERE NOT ${isHad("(SELECT id FROM device)")}),
  size AS (SELECT (SELECT count(*) FROM fresh) -
    (SELECT count(*) FROM json_each(?) named WHERE ${isHad("(SELECT id FROM device)")}) AS more)
  INSERT INTO push_registration (device_id, channel, keyset, gateway)
  SELECT device.id, fresh.channel, ?, ? FROM device, fresh, size
  WHERE device.channels + size.more <= ?
  AND coalesce((SELECT registrations FROM push_tally WHERE keyset = ?), 0) + size.more <= ?`;

/**
 * Changes a device's channels: all of it, or nothing where a bound would be passed.
 *
 * @returns statements whose outcome {@link readChange} reads.
 */
export function changing(device: PushDevice, change: PushChange, bounds: PushBounds): readonly SqlStatement[] {
  const key = keyOf(device);
  const add = JSON.stringify(change.add);
  const added = new Set(change.add);
  const remove = JSON.stringify(change.remove.filter((channel) => !added.has(channel)));
  if (added.size === 0) return [removal(key, remove), { sql: DELETE_EMPTY, values: key }];
  const room = [bounds.pushDeviceChannelsMax, device.keyset, bounds.pushRegistrationsPerKeysetMax];
  return [
    {
      sql: `INSERT INTO push_device (keyset, gateway, token, environment, topic, registered_ms)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      values: [...key, change.nowMs],
    },
    { sql: INSERT_CHANNELS, values: [...key, add, remove, device.keyset, device.app.gateway, ...room] },
    {
      sql: `UPDATE push_device SET registered_ms = max(registered_ms, ?) WHERE ${THE_DEVICE} AND ${HAS_ALL}`,
      values: [change.nowMs, ...key, add],
    },
    {
      sql: `DELETE FROM push_registration WHERE device_id = (SELECT id FROM push_device WHERE ${THE_DEVICE} AND ${HAS_ALL})
        AND channel IN (SELECT value FROM json_each(?))`,
      values: [...key, add, remove],
    },
    { sql: DELETE_EMPTY, values: key }, // of which everything was refused
  ];
}

function removal(key: DeviceKey, channels: string): SqlStatement {
  const sql = `DELETE FROM push_registration WHERE device_id = ${ITS_ID} AND channel IN (SELECT value FROM json_each(?))`;
  return { sql, values: [...key, channels] };
}

const RENEWAL = 2;

/** Whether a change was made, by the rows that its statements changed: a device that lacks something is not renewed. */
export function readChange({ add }: PushChange, rows: readonly number[]): boolean {
  return add.length === 0 || (rows[RENEWAL] ?? 0) > 0;
}

/** Removes a device with its channels. */
export function removingDevice(device: PushDevice, registeredThroughMs: number): readonly SqlStatement[] {
  const key = keyOf(device);
  const which = `${THE_DEVICE} AND registered_ms <= ?`;
  const values = [...key, registeredThroughMs];
  return [
    { sql: `DELETE FROM push_registration WHERE device_id = (SELECT id FROM push_device WHERE ${which})`, values },
    { sql: `DELETE FROM push_device WHERE ${which}`, values },
  ];
}

const SOME = `(SELECT id FROM push_device WHERE keyset = ? ORDER BY gateway, token, environment, topic LIMIT ?)`;

/** Removes some devices of a keyset, with their channels. @returns statements of which the second tells how many. */
export function removingOf(keyset: string, devicesMax: number): readonly SqlStatement[] {
  return [
    { sql: `DELETE FROM push_registration WHERE device_id IN ${SOME}`, values: [keyset, devicesMax] },
    { sql: `DELETE FROM push_device WHERE id IN ${SOME}`, values: [keyset, devicesMax] },
    { sql: "DELETE FROM push_tally WHERE keyset = ? AND registrations = 0", values: [keyset] },
  ];
}

/** Whether a device was removed. */
export function readRemoval(rows: readonly number[]): boolean {
  return (rows[1] ?? 0) > 0;
}
