// Another provider of OpenID Connect: everybody who comes presses one button, and is `ada` there.

import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';

export const COMPANY = 'Company';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class Provider {
  private readonly key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly asked = new Map<string, URLSearchParams>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Provider> {
    const server = createServer();
    const provider = new Provider(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { type, text } = provider.answer(new URL(request.url ?? '/', provider.issuer), new URLSearchParams(body));
        response.writeHead(text === undefined ? 404 : 200, { 'content-type': type }).end(text);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  /** Another host than that of the server: cookies are shared by ports. */
  get issuer(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return `http://localhost:${address.port}`;
  }

  /** Its entry in `clients.toml`. */
  get entry(): string {
    return `[[provider]]\nid = "company"\nname = "${COMPANY}"\nissuer = "${this.issuer}"\nclient_id = "qr"\nprovision = true\n`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer(url: URL, form: URLSearchParams): { type: string; text?: string } {
    const json = (value: object) => ({ type: 'application/json', text: JSON.stringify(value) });
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/jwks`,
          authorization_response_iss_parameter_supported: true,
        });
      case '/jwks':
        return json({ keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] });
      case '/authorize':
        return { type: 'text/html', text: this.page(url.searchParams) };
      case '/token':
        return json({ access_token: 'a', token_type: 'Bearer', id_token: this.idToken(form) });
      default:
        return { type: 'text/plain' };
    }
  }

  private page(request: URLSearchParams): string {
    const code = randomUUID();
    this.asked.set(code, request);
    const back = new URL(request.get('redirect_uri') ?? '');
    for (const [name, value] of [['code', code], ['state', request.get('state') ?? ''], ['iss', this.issuer]] as const) {
      back.searchParams.set(name, value);
    }
    const link = back.href.replaceAll('&', '&amp;');
    return `<!DOCTYPE html><html lang="en"><title>${COMPANY}</title><link rel="icon" href="data:,"><h1>${COMPANY}</h1><a href="${link}">Yes, I am Ada</a></html>`;
  }

  private idToken(form: URLSearchParams): string {
    const request = this.asked.get(form.get('code') ?? '');
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (request?.get('code_challenge') !== challenge) throw new Error('PKCE');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: 'qr', sub: '7', iat: now, exp: now + 60, nonce: request.get('nonce'), name: 'Ada', preferred_username: 'ada' };
    const message = `${encode({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${encode(claims)}`;
    return `${message}.${createSign('RSA-SHA256').update(message).sign(this.key.privateKey, 'base64url')}`;
  }
}
