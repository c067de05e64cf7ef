/**
 * The stream: a connection that stays open, over which the network sends one subscribe answer after another.
 *
 * A port, with the runtime's own `WebSocket` behind it where there is one. Rules: spec/SDK.md SDK41.
 *
 * @module
 */

/** Who is told of what comes. */
export interface StreamListener {
  /** A text frame came. */
  frame(text: string): void;
  /** The connection is gone, or never was; told once, and not after {@link Stream.close}. */
  ended(): void;
}

/** An open stream, or one that is being opened. */
export interface Stream {
  /** Sends a text frame; nothing happens where the stream is not open. */
  send(text: string): void;
  /**
   * Ends it; nothing more is told.
   *
   * @returns where it was still being opened, a promise of the moment from which the network knows that it is over.
   */
  close(): Promise<void> | undefined;
}

/**
 * Opens a stream.
 *
 * @param url absolute, `ws:` or `wss:`. It holds keys: not for logs.
 */
export type OpenStream = (url: string, listener: StreamListener) => Stream;

/** What opens WebSockets; nothing in runtimes that have none. Asked of a client, since to look for them costs Node 50 ms. */
export function runtimeStreams(): OpenStream | undefined {
  return typeof WebSocket === "undefined" ? undefined : openWebSocket;
}

function openWebSocket(url: string, listener: StreamListener): Stream {
  const socket = new WebSocket(url);
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    listener.ended();
  };
  socket.addEventListener("message", ({ data }) => {
    if (!isOver && typeof data === "string") listener.frame(data);
  });
  socket.addEventListener("close", end);
  socket.addEventListener("error", end);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      isOver = true;
      if (socket.readyState !== WebSocket.CONNECTING) {
        socket.close();
        return undefined;
      }
      // Cut off now, it might be opened at the network all the same, after whatever is asked next.
      return new Promise((resolve) => {
        socket.addEventListener("open", () => socket.close());
        socket.addEventListener("close", () => resolve());
      });
    },
  };
}
