/**
 * What the edge calls: the services and ports behind the routes.
 *
 * @module
 */
import type { AdminRoom } from "../access/access-room.ts";
import type { Access } from "../access/access.ts";
import type { KeysetDirectory } from "../access/keysets.ts";
import type { Actions } from "../actions/actions.ts";
import type { Filters } from "../channels/filters.ts";
import type { PublishPorts } from "../channels/publish.ts";
import type { Subscriptions } from "../channels/subscribe.ts";
import type { Turns } from "../channels/turns.ts";
import type { Files } from "../files/files.ts";
import type { GroupPorts } from "../groups/groups.ts";
import type { Objects } from "../objects/objects.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { Traced } from "../observe/tracing.ts";
import type { ActionsReader } from "../ports/action-store.ts";
import type { Presence } from "../presence/presence.ts";
import type { Notifier } from "../push/notifier.ts";
import type { RegistrationPorts } from "../push/registrations.ts";
import type { Clock } from "../ports/clock.ts";
import type { Admission } from "./admission.ts";
import type { KeepAlive } from "./keep-alive.ts";

/** Everything a handler may use. */
export interface Services extends PublishPorts {
  readonly clock: Clock;
  readonly keysets: KeysetDirectory;
  readonly access: Access;
  readonly admission: Admission;
  /** Nothing where the admin API is off. */
  readonly admin: AdminRoom | undefined;
  readonly subscriptions: Subscriptions;
  readonly turns: Turns;
  readonly presence: Presence;
  readonly filters: Filters;
  readonly keepAlive: KeepAlive;
  readonly groups: GroupPorts;
  readonly actions: Actions;
  readonly actionsReader: ActionsReader;
  readonly objects: Objects;
  readonly files: Files;
  readonly push: RegistrationPorts;
  readonly notifier: Notifier;
  /** How links begin: scheme, host and port, without a slash at the end; nothing for as the request did. */
  readonly publicOrigin: string | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly traced: Traced;
  /** Whether the network takes new work: false while it drains. */
  readonly isReady: () => boolean;
}
