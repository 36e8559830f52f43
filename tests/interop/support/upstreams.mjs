// The services that the server is a client of: oidc-provider, and a second qr-login.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binary, folder, issuer, ports, secret } from './peer.mjs';
import { Phone } from './person.mjs';
import { node, start } from './app.mjs';

const PASSWORD = 'battery staple horse';

/** Starts oidc-provider, at which everybody is `dong`, and returns its issuer. */
export async function startProvider(t) {
  const script = fileURLToPath(new URL('upstream.mjs', import.meta.url));
  await node(t, script, { PORT: `${ports.upstream}`, SECRET: secret, CALLER: issuer }, /^http:/);
  return `http://127.0.0.1:${ports.upstream}`;
}

/** Starts a second qr-login with one account, `eve`, and returns its issuer and a phone of that account. */
export async function startSecond(t) {
  const place = await mkdtemp(join(folder, 'second-'));
  const clients = `
[[client]]
id = "qr-login"
name = "First"
secret_sha256 = ["${createHash('sha256').update(secret).digest('hex')}"]
redirect_uris = ["${issuer}/sign-in/second/callback"]
device = true
consent = "never"
scopes = ["openid", "profile", "email", "offline_access"]
`;
  await writeFile(join(place, 'clients.toml'), clients);
  const env = {
    PATH: process.env.PATH,
    QR_LOGIN_ADDR: `127.0.0.1:${ports.second}`,
    // Another host than the first one's: cookies are shared by ports.
    QR_LOGIN_PUBLIC_URL: `http://localhost:${ports.second}`,
    QR_LOGIN_DATABASE_URL: `sqlite://${join(place, 'second.db')}`,
    QR_LOGIN_CLIENTS_FILE: join(place, 'clients.toml'),
    QR_LOGIN_RATE_LIMIT: 'off',
  };
  const adding = execFile(binary, ['user', 'add', 'eve', '--display-name', 'Eve'], { cwd: place, env });
  adding.stdin.end(`${PASSWORD}\n`);
  const [code] = await once(adding, 'exit');
  if (code !== 0) throw new Error(`user add eve: ${code}`);
  await start(t, binary, ['serve'], { cwd: place, env }, /^ *phone/);
  const second = `http://localhost:${ports.second}`;
  return { issuer: second, phone: new Phone(second, await Phone.signIn(second, 'eve', PASSWORD)) };
}
