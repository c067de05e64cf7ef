/**
 * Reads an event stream as an `EventSource` would, and keeps its comments.
 *
 * For tests only.
 *
 * @module
 */

/** One event. */
export interface ServerEvent {
  readonly id: string;
  readonly data: string;
}

/** An open stream and what came of it. */
export class Events implements AsyncDisposable {
  readonly seen: ServerEvent[] = [];
  readonly comments: string[] = [];
  readonly response: Response;
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  #grown = Promise.withResolvers<void>();

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read();
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Events> {
    const abort = new AbortController();
    const response = await fetch(url, { headers: { accept: "text/event-stream", ...headers }, signal: abort.signal });
    return new Events(response, abort);
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#grown.promise;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const chunk of this.response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // The test has seen enough.
    }
  }

  #take(block: string): void {
    if (block.startsWith(":")) this.comments.push(block);
    const [id, data] = block.split("\n");
    if (id?.startsWith("id: ") && data?.startsWith("data: ")) this.seen.push({ id: id.slice(4), data: data.slice(6) });
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }
}
