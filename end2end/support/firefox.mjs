#!/usr/bin/env node
// Firefox, as Playwright starts it: the long-term version lacks a command that Playwright sends for each page, to choose between
// the light and the dark theme. This answers it, and passes everything else on.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const UNKNOWN = 'emulation.setMediaFeaturesOverride';
const LISTENING = /^WebDriver BiDi listening on (ws:\/\/\S+)$/;

const browser = spawn(process.env.FIREFOX ?? 'firefox', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] });
browser.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
browser.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => browser.kill(signal));

createInterface(browser.stderr).on('line', (line) => {
  const address = LISTENING.exec(line.trim())?.[1];
  if (!address) return;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`);
  });
  server.on('connection', (client, request) => join(client, new WebSocket(address + request.url, { perMessageDeflate: false })));
});

function join(client, real) {
  const isOpen = new Promise((done) => real.once('open', done));
  client.on('message', async (message) => {
    const { id, method } = JSON.parse(message);
    if (method === UNKNOWN) {
      client.send(JSON.stringify({ type: 'success', id, result: {} }));
      return;
    }
    await isOpen;
    real.send(message.toString());
  });
  real.on('message', (message) => client.send(message.toString()));
  real.on('error', () => client.close());
  real.on('close', () => client.close());
  client.on('close', () => real.close());
}
