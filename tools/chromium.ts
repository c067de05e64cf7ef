/**
 * A page in Chromium, of another origin than the network's.
 *
 * @module
 */
import { type Page, chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens a page in a browser of its own, and closes both.
 *
 * @param executablePath where Chromium is.
 * @param files what the page's origin serves beside the page itself, JavaScript by path.
 */
export async function inPage(
  executablePath: string,
  files: Readonly<Record<string, string>>,
  run: (page: Page) => Promise<void>,
): Promise<void> {
  const scripts = Object.entries(files).map(
    ([path, text]) => [path, new Response(text, { headers: { "Content-Type": "text/javascript" } })] as const,
  );
  const server = Bun.serve({
    port: 0,
    routes: {
      "/": new Response("<!doctype html><title>a page</title>", { headers: { "Content-Type": "text/html" } }),
      ...Object.fromEntries(scripts),
    },
  });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(server.url.href);
    await run(page);
  } finally {
    await browser.close();
    await server.stop(true);
  }
}
