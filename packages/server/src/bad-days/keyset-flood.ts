/**
 * One keyset that asks for all it can get: publishes, filters that nobody has compiled, and waiting polls; bounded in number.
 *
 * For tests and the bench, against any network.
 *
 * @module
 */

/** How much of a flood. */
export interface FloodSettings {
  readonly url: string;
  /** Publish and subscribe key. */
  readonly keys: readonly [publish: string, subscribe: string];
  /** Requests at the same time, of each kind. */
  readonly parallel: number;
  /** Requests of all kinds together. */
  readonly requestsMax: number;
  /** Polls that wait through it all. The runtime's `fetch` has 256 connections for these and all others. */
  readonly waiters: number;
}

/** Floods until `signal` aborts or everything has been asked for. @returns requests that were answered. */
export async function floodKeyset(settings: FloodSettings, signal: AbortSignal): Promise<number> {
  const { url, keys, parallel, requestsMax, waiters } = settings;
  const [publishKey, subscribeKey] = keys;
  let asked = 0;
  let answered = 0;
  const ask = async (target: string): Promise<void> => {
    const answer = await fetch(url + target, { signal }).catch(() => undefined);
    await answer?.text().catch(() => undefined);
    answered += Number(answer !== undefined);
  };
  const payload = encodeURIComponent(JSON.stringify("x".repeat(1_000)));
  const publishing = async (): Promise<void> => {
    while (!signal.aborted && asked < requestsMax) {
      asked += 1;
      await ask(`/publish/${publishKey}/${subscribeKey}/0/flood-${asked % 50}/0/${payload}`);
    }
  };
  const filtering = async (): Promise<void> => {
    while (!signal.aborted && asked < requestsMax) {
      asked += 1;
      const filter = encodeURIComponent(`a == ${asked} || b LIKE "*${asked}*"`);
      await ask(`/v2/subscribe/${subscribeKey}/other/0?tt=0&filter-expr=${filter}`);
    }
  };
  const polls = Array.from({ length: waiters }, (_, at) => ask(`/v2/subscribe/${subscribeKey}/never-${at}/0?tt=1`));
  await Promise.all(Array.from({ length: parallel }, () => [publishing(), filtering()]).flat());
  if (!signal.aborted) return answered;
  await Promise.all(polls);
  return answered;
}
