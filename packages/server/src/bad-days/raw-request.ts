/**
 * A GET request on a connection of its own, for crowds that a well-behaved HTTP client would queue, retry or share
 * connections for.
 *
 * It knows the answers of this network only: a status, a Content-Length, a body. For tests only.
 *
 * @module
 */

/** A whole answer. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** A connection that is open, for one request after another. */
export interface OpenConnection {
  /** Asks. @returns the answer, or nothing when the connection ended before it was whole. */
  get(path: string): Promise<RawAnswer | undefined>;
  close(): void;
}

const OPENING_MAX = 200;

/** Opens a connection. @returns nothing when it is refused. */
export async function openConnection(url: string): Promise<OpenConnection | undefined> {
  const { hostname, port, host } = new URL(url);
  let settle: (answer: RawAnswer | undefined) => void = () => {};
  let isOpen = true;
  let text = "";
  const end = (): void => {
    isOpen = false;
    settle(undefined);
  };
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, bytes) {
        text += bytes.toString("latin1");
        const answer = parseAnswer(text);
        if (answer) settle(answer);
      },
      close: end,
      error: end,
    },
  }).catch(() => undefined);
  if (!socket) return undefined;
  return {
    get(path) {
      if (!isOpen) return Promise.resolve(undefined);
      text = "";
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return new Promise((resolve) => {
        settle = resolve;
      });
    },
    close: () => socket.end(),
  };
}

/** Opens many connections, some at a time, since a listener's backlog is short. */
export async function openConnections(url: string, count: number): Promise<readonly OpenConnection[]> {
  const opened: OpenConnection[] = [];
  while (opened.length < count) {
    const wave = Math.min(OPENING_MAX, count - opened.length);
    const connections = await Promise.all(Array.from({ length: wave }, () => openConnection(url)));
    for (const connection of connections) {
      if (!connection) throw new Error(`a connection to ${url} was refused`);
      opened.push(connection);
    }
  }
  return opened;
}

/** Opens a connection, asks, and closes it. */
export async function get(url: string, path: string): Promise<RawAnswer | undefined> {
  const connection = await openConnection(url);
  const answer = await connection?.get(path);
  connection?.close();
  return answer;
}

// Bodies are ASCII here, so that characters are bytes.
function parseAnswer(text: string): RawAnswer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end)) ?? [];
  const body = text.slice(end + 4);
  if (body.length < Number(length ?? 0)) return undefined;
  return { status: Number(status), body };
}
