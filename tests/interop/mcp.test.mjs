// The conformance program of the Model Context Protocol, as a client of an authorization server.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browserOf, folder, issuer, ports } from './support/peer.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Runs the program, opens the URL that it prints, and returns its output. As a client without a secret: it uses none where
 * a server also accepts clients that have none.
 */
async function run(t, ...more) {
  const args = ['--import', here('support/older-node.mjs')];
  args.push(here('node_modules/@modelcontextprotocol/conformance/dist/index.js'), 'authorization', '--url', issuer);
  args.push('--client-id', 'mcp', '--port', ports.mcp, '--output-dir', folder, ...more);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  const exited = once(child, 'exit');
  const browser = browserOf();
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk));
  for await (const line of createInterface({ input: child.stdout })) {
    output += `${line}\n`;
    if (line.startsWith(`${issuer}/`)) await browser.open(line);
  }
  const [code] = await exited;
  return { code, output: output + (await checks()) };
}

/** What it found in detail, which it writes to files. */
async function checks() {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('checks.json'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

test('the metadata and the code grant pass its checks', async (t) => {
  const { code, output } = await run(t);
  assert.equal(code, 0, output);
  assert.match(output, /Total: 2 passed, 0 failed/);
});

test('a resource that is not registered fails them', async (t) => {
  const { code, output } = await run(t, '--resource', 'https://other.example');
  assert.notEqual(code, 0, output);
  assert.match(output, /Authorization error: invalid_target/);
});
