// examples/express-openid, as it is: Express and openid-client 6.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { node } from './support/app.mjs';
import { browserOf, issuer, ports, secret } from './support/peer.mjs';

const app = `http://localhost:${ports.express}`;
const script = fileURLToPath(new URL('../../examples/express-openid/server.mjs', import.meta.url));

test('the Express example signs in, remembers, and signs out', async (t) => {
  const env = { ISSUER: issuer, CLIENT_ID: 'express', CLIENT_SECRET: secret, PORT: ports.express };
  await node(t, script, env, /^ready/);
  const browser = browserOf();
  assert.match((await browser.open(`${app}/`)).body, /Nobody/);
  assert.equal((await browser.open(`${app}/login`)).body, 'Hello, Ada Lovelace!');
  assert.equal((await browser.open(`${app}/`)).body, 'Hello, Ada Lovelace!');
  assert.match((await browser.open(`${app}/logout`)).body, /Nobody/);
  await browser.open(`${app}/login`);
  assert.equal(browser.shown.length, 2, 'the PC was signed out at qr-login, too');

  const stolen = await browser.open(`${app}/login`, (url) => url.startsWith(`${app}/callback`));
  const victim = browserOf('bob');
  await victim.open(`${app}/login`, (url) => url.startsWith(issuer));
  const refused = await victim.open(stolen.url);
  assert.equal(refused.status, 400, "another person's response is refused");
  assert.match((await victim.open(`${app}/`)).body, /Nobody/);
});
