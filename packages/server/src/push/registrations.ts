/**
 * Registrations: which devices are told of the messages of which channels while their apps are not running.
 *
 * Called by the edge with checked requests. Rules: spec/PUSH.md PSH1-PSH12.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../ports/clock.ts";
import type { PushChangeOutcome, PushDevice, PushRefusal, PushStore } from "../ports/push-store.ts";

/** What registrations need from outside. */
export interface RegistrationPorts {
  readonly store: PushStore;
  readonly clock: Clock;
}

/** The channels that a device is to be registered for, and those that it is to be no more. */
export interface RegistrationEdit {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Changes a device's channels. Changing nothing is fine. */
export async function changeRegistrations(
  { store, clock }: RegistrationPorts,
  device: PushDevice,
  { add, remove }: RegistrationEdit,
): Promise<PushChangeOutcome> {
  if (add.length + remove.length === 0) return { kind: "kept" };
  return store.change(device, { add, remove, nowMs: clock.wallMs() });
}

/** Forgets all devices of a keyset that is no more. What a stop or the disk cuts short, the next start ends. */
export async function removeKeyset({ store }: Pick<RegistrationPorts, "store">, keyset: string): Promise<void> {
  while ((await store.removeOf(keyset, LIMITS.leavingDevicesMax)) === LIMITS.leavingDevicesMax);
}

/** Forgets the devices of keysets that are no more, which an earlier process has left behind. */
export async function removeLeftBehind(
  ports: Pick<RegistrationPorts, "store">,
  isKept: (subscribeKey: string) => boolean,
): Promise<void> {
  for (const keyset of await ports.store.keysets()) if (!isKept(keyset)) await removeKeyset(ports, keyset);
}

/** Forgets a device with its channels, known or not. */
export async function removeDevice(
  { store }: RegistrationPorts,
  device: PushDevice,
): Promise<{ readonly kind: "done" } | PushRefusal> {
  const outcome = await store.removeDevice(device);
  return outcome.kind === "removed" || outcome.kind === "none" ? { kind: "done" } : outcome;
}
