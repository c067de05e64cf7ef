/**
 * Registrations: which devices are told of the messages of which channels while their apps are not running.
 *
 * Called by the edge with checked requests. Rules: spec/PUSH.md PSH1-PSH12.
 *
 * @module
 */
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

/** Forgets a device with its channels, known or not. */
export async function removeDevice(
  { store }: RegistrationPorts,
  device: PushDevice,
): Promise<{ readonly kind: "done" } | PushRefusal> {
  const outcome = await store.removeDevice(device);
  return outcome.kind === "removed" || outcome.kind === "none" ? { kind: "done" } : outcome;
}
