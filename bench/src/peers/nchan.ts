/**
 * nchan: nginx with a module for publishing and subscribing, over WebSocket.
 *
 * Locations and settings: https://nchan.io (the README of github.com/slact/nchan). For speed it names nothing for one channel
 * in memory: 128 MiB of shared memory are its default and far more than is used; keeping no messages
 * (`nchan_store_messages off`) it advises against where publishing is quick, "as it may result in missed messages"; compression
 * is off. Of nginx (https://nginx.org/en/docs): connections enough, no access log, `tcp_nodelay` is its default.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPeer } from "../servers.ts";
import { DIRECTORY, debianEnvironment, debianPackages, debianPath, debianVersion } from "./installation.ts";
import { HOST, IGNORE, PORTS, type Peer } from "./peer.ts";

const PROGRAM = "usr/sbin/nginx";
const MODULE = "usr/lib/nginx/modules/ngx_nchan_module.so";

// A directory outside that the module makes sure of, whatever its setting `nchan_message_temp_path`, which it refuses as given
// twice; and one of as many letters, beside the settings. Nothing is written there: messages are far from large.
const OUTSIDE = "/var/lib/nginx/body";
const BESIDE = "nchan-temp-messages";

// One process does what a master and its one worker would: what it costs is what the server costs, and it ends as a whole.
const settings = (module: string): string => `
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
load_module ${module};
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path nginx-body;
  proxy_temp_path nginx-proxy;
  fastcgi_temp_path nginx-fastcgi;
  uwsgi_temp_path nginx-uwsgi;
  scgi_temp_path nginx-scgi;
  server {
    listen ${HOST}:${PORTS.nchan};
    location = /subscribe { nchan_subscriber websocket; nchan_channel_id room; }
    location = /publish { nchan_publisher websocket; nchan_channel_id room; }
  }
}
`;

/** The peer. */
export const NCHAN: Peer = {
  name: "nchan (nginx, C)",
  version: () => debianVersion("libnginx-mod-nchan"),
  install: debianPackages(["nginx", "libnginx-mod-nchan"], MODULE),
  start: () => {
    const [file, module] = [join(DIRECTORY, "nginx.conf"), join(DIRECTORY, "nchan.so")];
    const code = readFileSync(debianPath(MODULE), "latin1").replaceAll(OUTSIDE, BESIDE);
    writeFileSync(module, code, "latin1");
    writeFileSync(file, settings(module));
    const command = [debianPath(PROGRAM), "-p", DIRECTORY, "-c", file, "-e", "stderr"];
    return startPeer({ command, url: `http://${HOST}:${PORTS.nchan}`, env: debianEnvironment() });
  },
  subscribe: (connection, _at, hear) => connection.upgrade("/subscribe", hear),
  publisher: async (connection, payload) => {
    await connection.upgrade("/publish", IGNORE);
    return () => connection.send(payload);
  },
};
