/**
 * Every workload, in the order of its number.
 *
 * @module
 */
import { FANOUT_BY_POLL, FANOUT_BY_WEB_SOCKET, FILTERS } from "./workloads/fanout.ts";
import { FLOOD } from "./workloads/flood.ts";
import { GROWTH } from "./workloads/growth.ts";
import { HISTORY } from "./workloads/history.ts";
import { LATENCY } from "./workloads/latency.ts";
import { MEMORY } from "./workloads/memory.ts";
import { PRESENCE_MEMBERS } from "./workloads/presence.ts";
import { PUBLISH, PUBLISH_LEVELS, PUBLISH_STORED } from "./workloads/publish.ts";
import { RECONNECT } from "./workloads/reconnect.ts";
import { SDK } from "./workloads/sdk.ts";
import { START } from "./workloads/start.ts";
import { UPKEEP } from "./workloads/upkeep.ts";
import type { Workload } from "./workloads/workload.ts";

/** The plan. */
export const WORKLOADS: readonly Workload[] = [
  PUBLISH,
  PUBLISH_STORED,
  FANOUT_BY_POLL,
  FANOUT_BY_WEB_SOCKET,
  LATENCY,
  MEMORY,
  RECONNECT,
  HISTORY,
  PRESENCE_MEMBERS,
  FILTERS,
  GROWTH,
  START,
  SDK,
  FLOOD,
  UPKEEP,
  PUBLISH_LEVELS,
];
