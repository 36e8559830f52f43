// The server that all peers talk to: the real program, in a folder of its own, on a free port.

import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Phone } from './person.mjs';

const PASSWORD = 'correct horse battery';

/** Starts the program with the apps of `clients.toml`, and returns what the peers' processes get as variables. */
export async function start(binary) {
  const folder = await mkdtemp(join(tmpdir(), 'qr-login-interop-'));
  const secret = randomBytes(32).toString('base64url');
  const ports = {};
  for (const name of ['server', 'express', 'spa', 'authjs', 'apache', 'jupyterhub', 'jupyterhubHub', 'jupyterhubProxy', 'mcp', 'receiver', 'upstream', 'second']) ports[name] = await freePort();
  const values = { ...ports, secret_sha256: createHash('sha256').update(secret).digest('hex') };
  const clients = await readFile(new URL('../clients.toml', import.meta.url), 'utf8');
  const file = join(folder, 'clients.toml');
  await writeFile(file, clients.replace(/\{(\w+)\}/g, (_, name) => values[name]));

  const env = {
    PATH: process.env.PATH,
    QR_LOGIN_ADDR: `127.0.0.1:${ports.server}`,
    QR_LOGIN_PUBLIC_URL: `http://127.0.0.1:${ports.server}`,
    QR_LOGIN_DATABASE_URL: `sqlite://${join(folder, 'qr-login.db')}`,
    QR_LOGIN_CLIENTS_FILE: file,
    // Our secret at the services that this server is a client of.
    INTEROP_SECRET: secret,
    // All peers come from one address, so they would share its limits.
    QR_LOGIN_RATE_LIMIT: 'off',
  };
  const people = {
    ada: ['--display-name', 'Ada Lovelace', '--email', 'ada@example.org', '--email-verified', '--group', 'staff'],
    bob: ['--display-name', 'Bob', '--email', 'bob@example.org'],
    // Whose sessions nothing else needs.
    carol: ['--display-name', 'Carol'],
    dave: ['--display-name', 'Dave'],
  };
  for (const [name, about] of Object.entries(people)) await addAccount(binary, folder, env, name, about);

  const child = spawn(binary, ['serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  const issuer = `http://127.0.0.1:${ports.server}`;
  await ready(child, () => log);

  const phones = {};
  for (const name of Object.keys(people)) phones[name] = await Phone.signIn(issuer, name, PASSWORD);
  return {
    env: { INTEROP: JSON.stringify({ issuer, secret, ports, phones, folder, binary: resolve(binary) }) },
    log: () => log,
    async stop() {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function addAccount(binary, folder, env, name, about) {
  const command = execFile(binary, ['user', 'add', name, ...about], { cwd: folder, env });
  let words = '';
  command.stderr.on('data', (chunk) => (words += chunk));
  command.stdin.end(`${PASSWORD}\n`);
  const [code] = await once(command, 'exit');
  if (code !== 0) throw new Error(`user add ${name}: ${words}`);
}

/** Waits for the lines that it prints when it listens. */
async function ready(child, log) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.trim().startsWith('phone')) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error(`the server did not start: ${log()}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
