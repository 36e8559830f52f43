// git-credential-oauth, by which Git signs in to a forge: a native program, on a port that it chooses.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { browserOf, folder, issuer } from './support/peer.mjs';

test('Git gets an access token by a scan', async (t) => {
  const home = join(folder, 'git');
  await mkdir(home, { recursive: true });
  // It opens that browser, which does nothing, and prints the URL, too.
  const env = { BROWSER: 'true', PATH: process.env.PATH, HOME: home, GIT_CONFIG_GLOBAL: join(home, 'config'), GIT_CONFIG_NOSYSTEM: '1' };
  const configure = (name, value) => execFileSync('git', ['config', '--global', name, value], { env });
  const settings = {
    oauthClientId: 'git',
    oauthScopes: 'openid profile',
    oauthAuthURL: '/oauth/authorize',
    oauthTokenURL: '/oauth/token',
  };
  for (const [name, value] of Object.entries(settings)) {
    configure(`credential.${issuer}.${name}`, value);
  }
  const child = spawn('git-credential-oauth', ['get'], { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  const exited = once(child, 'exit');
  child.stdin.end(`protocol=http\nhost=${new URL(issuer).host}\n\n`);
  let answer = '';
  child.stdout.on('data', (chunk) => (answer += chunk));
  const browser = browserOf();
  let log = '';
  for await (const line of createInterface({ input: child.stderr })) {
    log += `${line}\n`;
    const [url] = /http:\S+/.exec(line) ?? [];
    if (url) log += await browser.open(url).then(({ body }) => body, String);
  }
  const [code] = await exited;
  assert.equal(code, 0, log);
  const [, token] = /^password=(.*)$/m.exec(answer) ?? assert.fail(answer + log);
  const info = await fetch(`${issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await info.json()).preferred_username, 'ada');
  assert.equal(browser.shown[0].app.name, 'Git');
});
