/**
 * The limit: a bare `Bun.serve` that sends the same bytes as the network and does nothing else.
 *
 * `GET /publish/…` is answered like an accepted publish and lets every held poll go; `GET /v2/subscribe/…?tt=N` is held
 * until a publish after N. What the network cannot be faster than.
 *
 * @module
 */
const HEADERS = {
  headers: new Headers({
    "Content-Type": 'text/javascript; charset="UTF-8"',
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
  }),
};
const FIRST = 17_000_000_000_000_000n;

let published = FIRST;
let held: ((response: Response) => void)[] = [];

function answer(): Response {
  const cursor = `{"t":"${published}","r":12}`;
  const envelope = `{"a":"1","f":0,"i":"bench","p":${cursor},"k":"demo","c":"room","d":{"text":"hello world"}}`;
  return new Response(`{"t":${cursor},"m":[${published === FIRST ? "" : envelope}]}`, HEADERS);
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 30,
  fetch(request, listening) {
    const { url } = request;
    if (url.includes("/publish/")) {
      published += 1n;
      const waiting = held;
      held = [];
      for (const letGo of waiting) letGo(answer());
      return new Response(`[1,"Sent","${published}"]`, HEADERS);
    }
    const cursor = BigInt(/[?&]tt=(\d+)/.exec(url)?.[1] ?? "0");
    if (cursor < published) return answer();
    listening.timeout(request, 0);
    return new Promise<Response>((resolve) => held.push(resolve));
  },
});

console.log(`longwave ready http://127.0.0.1:${server.port}`);
