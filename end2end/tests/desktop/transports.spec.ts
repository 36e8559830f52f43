// Three transports to learn of a scan; each alone is sufficient.

import { type Page } from '@playwright/test';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { expect, test } from '../../support/test';

type Way = 'ws' | 'wait' | 'check';

/** Allows only one transport. */
async function allowOnly(page: Page, way: Way): Promise<void> {
  if (way !== 'ws') await page.routeWebSocket(/\/api\/qrcode\/ws/, (socket) => socket.close());
  for (const other of ['wait', 'check'] as const) {
    if (other !== way) await page.route(`**/api/qrcode/${other}?*`, (route) => route.abort());
  }
}

for (const [way, name] of [
  ['ws', 'the WebSocket'],
  ['wait', 'long polling'],
  ['check', 'polling'],
] as const) {
  test(`a login completes by ${name} alone`, async ({ people, server, troubles }) => {
    troubles.expect(/ERR_FAILED/);
    const pc = await people.desktop();
    const handset = await Handset.signedIn(server, 'dong');
    await allowOnly(pc, way);
    let heard = 0;
    pc.on('response', (response) => (heard += Number(response.url().includes(`/api/qrcode/${way}?`))));
    pc.on('websocket', (socket) => socket.on('framereceived', () => heard++));

    await openCode(pc);
    const id = idOf(await readCode(pc));
    await handset.scan(id);
    await expectPhase(pc, 'scanned');
    await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();
    await handset.confirm(id);
    await expectSignedIn(pc, 'dong');
    expect(heard).toBeGreaterThan(0);
  });
}

test('a page that may not wait, because too many do, polls every two seconds', async ({ people, server, troubles }) => {
  troubles.expect(/status of 429/);
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  await pc.routeWebSocket(/\/api\/qrcode\/ws/, (socket) => socket.close());
  const refusal = { code: 'rate_limited', message: 'Too many requests. Wait a moment.', retry_after: 5 };
  await pc.route('**/api/qrcode/wait?*', (route) => route.fulfill({ status: 429, json: refusal }));

  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expectPhase(pc, 'scanned');
  await handset.confirm(id);
  await expectSignedIn(pc, 'dong');
});

test('a WebSocket that disconnects loses no change', async ({ people, server }) => {
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  const sockets: { close: () => Promise<void> }[] = [];
  await pc.routeWebSocket(/\/api\/qrcode\/ws/, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expectPhase(pc, 'scanned');
  expect(sockets).toHaveLength(1);
  await sockets[0]?.close();
  await handset.confirm(id);
  await expectSignedIn(pc, 'dong');
});

test('a browser without WebSocket support works', async ({ people, server }) => {
  const pc = await people.desktop();
  await pc.addInitScript(() => Object.defineProperty(window, 'WebSocket', { value: undefined }));
  const handset = await Handset.signedIn(server, 'dong');
  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expectPhase(pc, 'scanned');
  await handset.cancel(id);
  await expectPhase(pc, 'cancelled');
});
