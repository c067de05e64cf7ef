/**
 * A program: a TCP relay that passes everything on until it is told to be silent; then nothing, not even that a side has
 * closed.
 *
 * Its argument is the URL that it stands before. It sends its own URL when it is ready, falls silent at the first order,
 * and answers each with the number of its connections that the far side has not closed. Started by
 * child-process.ts.
 *
 * @module
 */
import type { Socket } from "bun";

interface Pair {
  readonly near: Socket<Pair | undefined>;
  far: Socket | undefined;
  /** What the near side sent before the far side was connected. */
  early: Uint8Array[];
}

const { hostname, port } = new URL(process.argv[2] ?? "");
let isSilent = false;
let farOpen = 0;

const connect = (pair: Pair): Promise<Socket> =>
  Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => {
        if (!isSilent) pair.near.write(bytes);
      },
      close: () => {
        farOpen -= 1;
        if (!isSilent) pair.near.end();
      },
    },
  });

const listener = Bun.listen<Pair | undefined>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    async open(near) {
      const pair: Pair = { near, far: undefined, early: [] };
      near.data = pair;
      pair.far = await connect(pair);
      farOpen += 1;
      for (const bytes of pair.early) pair.far.write(bytes);
    },
    data({ data: pair }, bytes) {
      if (isSilent) return;
      if (pair?.far) pair.far.write(bytes);
      else pair?.early.push(Uint8Array.from(bytes));
    },
    close({ data: pair }) {
      if (!isSilent) pair?.far?.end();
    },
  },
});

process.on("message", () => {
  isSilent = true;
  process.send?.(farOpen);
});
process.send?.(`http://127.0.0.1:${listener.port}`);
