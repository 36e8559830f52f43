// An app that signs people in by OpenID Connect: its entry in the server's file, and a page that shows its answer.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type Server as HttpServer, createServer } from 'node:http';

const SECRET = 'secret-of-the-browser-tests-secret-of-the-tests';
export const APP = 'Grafana';

/** The file of apps. The answers of all but the last go to this port of 127.0.0.1. */
export function apps(port: number): string {
  const app = (id: string, more: string): string => `
[[client]]
id = "${id}"
name = "${APP}"
secret_sha256 = ["${createHash('sha256').update(SECRET).digest('hex')}"]
redirect_uris = ["http://127.0.0.1:${port}/callback"]
post_logout_redirect_uris = ["http://127.0.0.1:${port}/bye"]
scopes = ["openid", "profile", "email", "groups", "offline_access"]
require_pkce = false
${more}`;
  return app('app', '') + app('trusted', 'consent = "never"');
}

/** The port that the scenes name; nothing listens there. */
export const NOWHERE = 9;

/** The path of an authorization request. */
export function request(port: number, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: 'app',
    redirect_uri: `http://127.0.0.1:${port}/callback`,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    state: 's',
    ...more,
  });
  return `/oauth/authorize?${query.toString()}`;
}

/** The app's own server, whose pages show what was sent to them. */
export class RelyingParty {
  private constructor(
    private readonly server: HttpServer,
    readonly port: number,
  ) {}

  static async start(): Promise<RelyingParty> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const sent = new URLSearchParams(body || url.search);
        const names = [...sent.keys()].sort().join(' ');
        response.setHeader('content-type', 'text/html');
        response.end(
          `<!DOCTYPE html><html lang="en"><title>App</title><link rel="icon" href="data:,">` +
            `<h1>${request.method} ${url.pathname}: ${names}</h1><p>${sent.get('error') ?? ''}</p></html>`,
        );
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return new RelyingParty(server, address.port);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
