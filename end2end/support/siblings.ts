// Two sites under one domain: ours over TLS, and a neighbour whose pages the attacker controls.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, type Server as Listener, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { Server } from './server';

const OURS = 'login.example.com';
const NEIGHBOUR = 'evil.example.com';

/** Browser options to reach both sites. */
export const RESOLVER = '--host-resolver-rules=MAP *.example.com 127.0.0.1';

export class Siblings {
  /** The `Set-Cookie` lines of the neighbour's page. */
  plants: string[] = [];

  private constructor(
    readonly server: Server,
    readonly origin: string,
    readonly neighbour: string,
    private readonly listeners: Listener[],
  ) {}

  static async start(): Promise<Siblings> {
    let siblings: Siblings | undefined;
    // The decrypted bytes are forwarded to the server unchanged.
    const tls = createTlsServer(await certificate(), (socket) => {
      const inner = connect(siblings!.server.address);
      socket.pipe(inner).pipe(socket);
      for (const [one, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    const neighbour = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.setHeader('set-cookie', siblings!.plants);
      answer.end('<title>Free prizes</title>');
    });
    const origin = `https://${OURS}:${await listen(tls)}`;
    const server = await Server.start({ publicUrl: origin });
    siblings = new Siblings(server, origin, `http://${NEIGHBOUR}:${await listen(neighbour)}`, [tls, neighbour]);
    return siblings;
  }

  async stop(): Promise<void> {
    for (const listener of this.listeners) listener.close();
    await this.server.stop();
  }
}

async function listen(listener: Listener): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}

async function certificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'qr-login-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  await promisify(execFile)('openssl', ['req', ...kind, '-subj', `/CN=${OURS}`, '-keyout', key, '-out', cert]);
  try {
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
