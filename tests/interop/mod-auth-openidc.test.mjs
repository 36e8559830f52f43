// mod_auth_openidc in Apache: sign-in, the claims as headers, refresh, sign-out.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { start } from './support/app.mjs';
import { browserOf, folder, has, issuer, ports, secret, unless } from './support/peer.mjs';

const MODULES = '/usr/lib/apache2/modules';
const site = `http://localhost:${ports.apache}`;
const skip = existsSync(`${MODULES}/mod_auth_openidc.so`) ? false : 'libapache2-mod-auth-openidc is not installed';

/** An app behind Apache, which answers with the headers that it gets. */
async function echo(t) {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

async function apache(t) {
  const root = join(folder, 'apache');
  await mkdir(root, { recursive: true });
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'proxy', 'proxy_http', 'dir'];
  const config = `
ServerName localhost
ServerRoot ${root}
PidFile ${root}/pid
Mutex file:${root}
Listen 127.0.0.1:${ports.apache}
Listen [::1]:${ports.apache}
ErrorLog "||/bin/cat"
LogLevel notice auth_openidc:warn
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
User www-data
Group www-data
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret ${secret}
OIDCRedirectURI ${site}/private/redirect_uri
OIDCCryptoPassphrase ${secret}
OIDCScope "openid profile email groups offline_access"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
OIDCInfoHook access_token refresh_token userinfo id_token

ProxyPass /private/redirect_uri !
ProxyPass / http://127.0.0.1:${await echo(t)}/
<Directory />
  AllowOverride None
</Directory>
<Location /private/>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /private/staff>
  AuthType openid-connect
  Require claim groups:staff
</Location>
`;
  await writeFile(join(root, 'apache.conf'), config);
  await start(
    t,
    '/usr/sbin/apache2',
    ['-D', 'FOREGROUND', '-f', join(root, 'apache.conf')],
    { env: { PATH: process.env.PATH } },
    /resuming normal operations/,
  );
}

test('Apache protects an app, passes claims on, refreshes, and signs out', { skip }, async (t) => {
  await apache(t);
  const browser = browserOf();
  const { status, body } = await browser.open(`${site}/private/staff?page=1`);
  assert.equal(status, 200, body);
  has(JSON.parse(body), {
    oidc_claim_preferred_username: 'ada',
    oidc_claim_email: 'ada@example.org',
    oidc_claim_email_verified: '1',
    oidc_claim_groups: 'staff',
    oidc_claim_iss: issuer,
  });

  const info = async () => JSON.parse((await browser.open(`${site}/private/redirect_uri?info=json`)).body);
  const before = await info();
  has(before.userinfo, { name: 'Ada Lovelace', groups: ['staff'] });
  const to = encodeURIComponent(`${site}/private/`);
  const query = `refresh=${to}&access_token=${encodeURIComponent(before.access_token)}`;
  const refreshed = await browser.open(`${site}/private/redirect_uri?${query}`);
  assert.equal(refreshed.url, `${site}/private/`);
  assert.notEqual((await info()).refresh_token, before.refresh_token);

  const end = await browser.open(`${site}/private/redirect_uri?logout=${encodeURIComponent(`${site}/signed-out`)}`);
  assert.equal(end.url, `${site}/signed-out`);
  assert.equal(end.status, 200);
  await browser.open(`${site}/private/`);
  assert.equal(browser.shown.length, 2, 'the PC was signed out at qr-login, too');
});

test('Apache refuses people of other groups, and a state of another browser', { skip }, async (t) => {
  await apache(t);
  const bob = browserOf('bob');
  assert.equal((await bob.open(`${site}/private/staff`)).status, 401);
  assert.equal((await bob.open(`${site}/private/`)).status, 200);
  const callback = `${site}/private/redirect_uri`;
  const stolen = await browserOf().open(`${site}/private/`, (url) => url.startsWith(callback));
  const victim = browserOf('bob');
  await victim.open(`${site}/private/`, (url) => url.startsWith(issuer));
  assert.notEqual((await victim.open(stolen.url)).status, 200);
});

const untold = skip || (await unless('backchannel_logout_supported'));

test('Apache signs a browser out whose session the phone has ended', { skip: untold }, async (t) => {
  await apache(t);
  const browser = browserOf();
  const { oidc_claim_sid: session_id } = JSON.parse((await browser.open(`${site}/private/`)).body);
  await browser.phone.post('/api/sessions/revoke', { session_id });
  // The server tells Apache in the background.
  const isIn = async () => (await browser.open(`${site}/private/`, (url) => url.startsWith(issuer))).status === 200;
  while (await isIn()) await setImmediate();
});
