/**
 * What the edge calls: the services and ports behind the routes.
 *
 * @module
 */
import type { KeysetDirectory } from "../access/keysets.ts";
import type { Actions } from "../actions/actions.ts";
import type { Filters } from "../channels/filters.ts";
import type { PublishPorts } from "../channels/publish.ts";
import type { Subscriptions } from "../channels/subscribe.ts";
import type { GroupPorts } from "../groups/groups.ts";
import type { Objects } from "../objects/objects.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Traced } from "../observe/tracing.ts";
import type { Clock } from "../ports/clock.ts";
import type { KeepAlive } from "./keep-alive.ts";

/** Everything a handler may use. */
export interface Services extends PublishPorts {
  readonly clock: Clock;
  readonly keysets: KeysetDirectory;
  readonly subscriptions: Subscriptions;
  readonly filters: Filters;
  readonly keepAlive: KeepAlive;
  readonly groups: GroupPorts;
  readonly actions: Actions;
  readonly objects: Objects;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly traced: Traced;
  /** Whether the network takes new work: false while it drains. */
  readonly isReady: () => boolean;
}
