// JupyterHub with oauthenticator: a whole application.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from './support/app.mjs';
import { browserOf, folder, issuer, ports, secret } from './support/peer.mjs';

const python = process.env.INTEROP_PYTHON ?? '';
const hub = `http://localhost:${ports.jupyterhub}`;
const skip = existsSync(join(dirname(python), 'jupyterhub')) ? false : 'JupyterHub is not installed';
const proxy = fileURLToPath(new URL('node_modules/.bin/configurable-http-proxy', import.meta.url));
const config = fileURLToPath(new URL('jupyterhub_config.py', import.meta.url));

async function jupyterhub(t) {
  const root = join(folder, 'jupyterhub');
  await mkdir(root, { recursive: true });
  const env = {
    PATH: `${dirname(python)}:${process.env.PATH}`,
    ISSUER: issuer,
    CLIENT_ID: 'jupyterhub',
    CLIENT_SECRET: secret,
    HUB_URL: hub,
    PROXY: proxy,
    PROXY_PORT: ports.jupyterhubProxy,
    HUB_PORT: ports.jupyterhubHub,
  };
  await start(t, python, ['-m', 'jupyterhub', '--config', config], { cwd: root, env }, /JupyterHub is now running/);
}

test('JupyterHub lets a group in, makes another its administrators, and signs out', { skip }, async (t) => {
  await jupyterhub(t);
  const browser = browserOf();
  const home = await browser.open(`${hub}/hub/oauth_login`);
  assert.equal(home.status, 200);
  assert.match(home.body, /"?user"?: "ada"/);
  assert.match(home.body, /href="\/hub\/admin"/, 'the group staff administers it');

  await browser.open(`${hub}/hub/logout`);
  await browser.open(`${hub}/hub/oauth_login`);
  assert.equal(browser.shown.length, 2, 'the PC was signed out at qr-login, too');

  const bob = await browserOf('bob').open(`${hub}/hub/oauth_login`);
  assert.equal(bob.status, 403);

  const callback = `${hub}/hub/oauth_callback`;
  const response = await browserOf().open(`${hub}/hub/oauth_login`, (url) => url.startsWith(callback));
  const changed = new URL(response.url);
  changed.searchParams.set('state', 'b3RoZXI=');
  assert.equal((await browserOf().open(changed)).status, 400, "another browser's response is refused");
});
