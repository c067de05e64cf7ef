/**
 * The push store of a single process, on SQLite.
 *
 * Changes of one turn share a transaction. Rules: spec/PUSH.md PSH20-PSH27.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import type {
  PushChange,
  PushChangeOutcome,
  PushChannelsRequest,
  PushDevice,
  PushDevicesPage,
  PushDevicesRequest,
  PushRefusal,
  PushRemoveOutcome,
  PushStore,
} from "../../ports/push-store.ts";
import {
  type DeviceKey,
  NO_TOPIC,
  type PushBounds,
  THE_DEVICE,
  changing,
  keyOf,
  readChange,
  readRemoval,
  removingDevice,
} from "./push-statements.ts";
import { SqlBatches } from "./sql-batches.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** How much a push store takes. */
export interface PushStoreBounds extends PushBounds {
  readonly pushChangesPerKeysetMax: number;
}

interface DeviceRow {
  readonly id: bigint;
  readonly token: string;
}

type OfApp = [keyset: string, channel: string, gateway: string, after: bigint, environment: string, topic: string];

/** Keeps registrations in an SQLite database. */
export class SqlitePushStore implements PushStore {
  readonly #channels: Statement<{ readonly channel: string }, [...DeviceKey, after: string, channelsMax: number]>;
  readonly #devices: Statement<DeviceRow, [...OfApp, devicesMax: number]>;
  readonly #changes: SqlBatches;
  readonly #bounds: PushStoreBounds;
  readonly #waiting = new Map<string, number>();
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer; whoever made it closes it, after this store has stopped.
   * @param refused told the database's own word when it refuses changes, for the log.
   */
  constructor(reading: Database, writer: Writer, refused: (reason: string) => void, bounds: PushStoreBounds = LIMITS) {
    this.#changes = new SqlBatches(writer, refused);
    this.#bounds = bounds;
    this.#channels = reading.prepare(
      `SELECT channel FROM push_registration WHERE device_id = (SELECT id FROM push_device WHERE ${THE_DEVICE})
       AND channel > ? ORDER BY channel LIMIT ?`,
    );
    this.#devices = reading.prepare(
      `SELECT d.id, d.token FROM push_registration r CROSS JOIN push_device d ON d.id = r.device_id
       WHERE r.keyset = ? AND r.channel = ? AND r.gateway = ? AND r.device_id > ? AND d.environment = ? AND d.topic = ?
       ORDER BY r.device_id LIMIT ?`,
    );
  }

  async change(device: PushDevice, change: PushChange): Promise<PushChangeOutcome> {
    const rows = await this.#write(device.keyset, () => changing(device, change, this.#bounds));
    if ("kind" in rows) return rows;
    return { kind: readChange(change, rows) ? "kept" : "tooMany" };
  }

  async removeDevice(device: PushDevice, registeredThroughMs = Number.MAX_SAFE_INTEGER): Promise<PushRemoveOutcome> {
    const rows = await this.#write(device.keyset, () => removingDevice(device, registeredThroughMs));
    if ("kind" in rows) return rows;
    return { kind: readRemoval(rows) ? "removed" : "none" };
  }

  async channels(device: PushDevice, { after, channelsMax }: PushChannelsRequest): Promise<readonly string[]> {
    return this.#channels.all(...keyOf(device), after, channelsMax).map(({ channel }) => channel);
  }

  async devices({ keyset, channel, app, after, devicesMax }: PushDevicesRequest): Promise<PushDevicesPage> {
    const { environment, topic } = app.gateway === "apns2" ? app : NO_TOPIC;
    const from = BigInt(after ?? 0);
    const found = this.#devices.all(keyset, channel, app.gateway, from, environment, topic, devicesMax + 1);
    const devices = found.slice(0, devicesMax);
    const next = found.length > devicesMax ? devices.at(-1)?.id.toString() : undefined;
    return { tokens: devices.map(({ token }) => token), next };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes.drain();
  }

  async #write(keyset: string, statements: () => readonly SqlStatement[]): Promise<readonly number[] | PushRefusal> {
    if (this.#isStopped) return { kind: "unavailable" };
    if ((this.#waiting.get(keyset) ?? 0) >= this.#bounds.pushChangesPerKeysetMax) return { kind: "overloaded" };
    this.#count(keyset, 1);
    const rows = await this.#changes.write(statements());
    this.#count(keyset, -1);
    return rows ?? { kind: "unavailable" };
  }

  #count(keyset: string, more: number): void {
    const waiting = (this.#waiting.get(keyset) ?? 0) + more;
    if (waiting === 0) this.#waiting.delete(keyset);
    else this.#waiting.set(keyset, waiting);
  }
}
