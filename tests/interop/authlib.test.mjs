// Authlib, the OpenID Connect client of most Python programs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browserOf, visit } from './support/peer.mjs';

const script = fileURLToPath(new URL('authlib_peer.py', import.meta.url));

/** Runs the program, and is the person whom it asks to open URLs. */
async function run(what) {
  const child = spawn(process.env.INTEROP_PYTHON, [script, what], { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk) => (words += chunk));
  const exited = once(child, 'exit');
  const browser = browserOf();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('VISIT ')) child.stdin.write(`${(await visit(browser, line.slice(6))).href}\n`);
    }
  } catch (error) {
    child.kill();
    throw error;
  }
  const [code] = await exited;
  assert.equal(code, 0, words);
}

for (const method of ['client_secret_basic', 'client_secret_post']) {
  test(`Authlib from discovery to revocation, with ${method}`, () => run(method));
}
test('Authlib refuses another state, nonce, signature and verifier', () => run('refused'));
