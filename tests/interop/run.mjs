// Starts the server once, runs the peers one after another against it, and prints how long each took.
//   node run.mjs BINARY [PEER…]
// With INTEROP_LOG=1, the output of a failed peer's program and the server's log are printed, too.

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from './support/server.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const [binary, ...wanted] = process.argv.slice(2);
const all = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs')).map((name) => basename(name, '.test.mjs'));
const peers = wanted.length ? wanted : all.sort();

const server = await start(binary);
Object.assign(process.env, server.env);
let passed = 0;
let failed = 0;
for (const peer of peers) {
  const began = Date.now();
  const failures = [];
  const output = [];
  const skipped = new Set();
  let good = 0;
  for await (const { type, data } of run({ files: [join(folder, `${peer}.test.mjs`)], concurrency: 1 })) {
    // The file itself is reported, too, as a test with the file's name.
    const isFile = data?.name?.endsWith('.test.mjs');
    if (type === 'test:pass' && !data.skip && !isFile) good += 1;
    if (type === 'test:fail' && (!isFile || data.details.error.failureType !== 'subtestsFailed')) failures.push(data);
    if (type === 'test:stdout' || type === 'test:stderr') output.push(data.message);
    if (type === 'test:pass' && data.skip) skipped.add(data.skip);
  }
  passed += good;
  failed += failures.length;
  // A peer that tests nothing has failed.
  if (good === 0 && failures.length === 0 && skipped.size === 0) failed += 1;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`  ${peer}: ${good} passed, ${failures.length} failed, ${seconds} s`);
  for (const reason of skipped) console.log(`NOT CHECKED: ${peer}: ${reason}`);
  if (failures.length) {
    for (const { name, details } of failures) console.log(`FAILED: ${peer}: ${name}\n`, details.error.cause ?? details.error);
    console.log(output.join('').split('\n').slice(-60).join('\n'));
  }
}
await server.stop();
if (failed && process.env.INTEROP_LOG) console.log(server.log());
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
