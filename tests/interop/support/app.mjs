// Programs of others, started by a test and stopped with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Starts a program, and stops it when the test ends. Resolves when a line of its output matches `ready`, to its process;
 * rejects if it exits before.
 */
export async function start(t, program, args, options, ready) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let log = '';
  t.after(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${program}: ${code}: ${log}`)));
  // Rejections after the start have no listener.
  failed.catch(() => {});
  const started = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (process.env.INTEROP_LOG) console.log(line);
        log += `${line}\n`;
        if (ready.test(line)) resolve();
      });
    }
  });
  await Promise.race([started, failed]);
  child.log = () => log;
  return child;
}

/** Node.js with the packages of these tests. */
export const node = (t, script, env, ready) =>
  start(t, process.execPath, [script], { env: { PATH: process.env.PATH, ...env } }, ready);
