// Schemathesis, which makes requests of every kind from /openapi.json and compares the answers with it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CALLBACK, browserOf, folder, issuer, phones, secret, visit } from './support/peer.mjs';

const program = join(dirname(process.env.INTEROP_PYTHON), 'schemathesis');
const config = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

/** An access token of the app `program`. */
async function accessToken() {
  const request = new URLSearchParams({
    client_id: 'program',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid profile',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const response = await visit(browserOf('carol'), `${issuer}/oauth/authorize?${request}`);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: response.searchParams.get('code'),
    redirect_uri: CALLBACK,
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    client_id: 'program',
    client_secret: secret,
  });
  return (await (await fetch(`${issuer}/oauth/token`, { method: 'POST', body })).json()).access_token;
}

/** A ticket and the cookie of its browser. */
async function ticket() {
  const response = await fetch(`${issuer}/api/qrcode/generate`, { method: 'POST' });
  const cookie = /qr_browser=([^;]*)/.exec(response.headers.getSetCookie().join())[1];
  return { cookie, id: (await response.json()).id };
}

test('every answer is as the description says', async () => {
  const { cookie, id } = await ticket();
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    SESSION_TOKEN: phones.carol.token,
    DEVICE_ID: phones.carol.deviceId,
    ENDING_TOKEN: phones.dave.token,
    ENDING_DEVICE: phones.dave.deviceId,
    ACCESS_TOKEN: await accessToken(),
    APP_SECRET: secret,
    BROWSER_COOKIE: cookie,
    TICKET: id,
  };
  const args = ['--config-file', config, 'run', `${issuer}/openapi.json`];
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (words += chunk));
  const [code] = await once(child, 'exit');
  if (process.env.INTEROP_LOG) console.log(words);
  assert.equal(code, 0, words);
});
