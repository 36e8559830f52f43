// A hidden page sends no requests.

import { type Page } from '@playwright/test';
import { expectPhase, expectSignedIn, idOf, openCode, readCode } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { expect, test } from '../../support/test';

test.use({ settings: { manualClock: true } });

/** Adds a switch for the page's visibility. */
async function controlSight(page: Page, hidden: boolean): Promise<(hidden: boolean) => Promise<void>> {
  await page.addInitScript((hidden) => {
    const state = { hidden };
    Object.defineProperty(document, 'hidden', { get: () => state.hidden });
    Object.defineProperty(document, 'visibilityState', { get: () => (state.hidden ? 'hidden' : 'visible') });
    addEventListener('test:sight', (event) => {
      state.hidden = (event as CustomEvent<boolean>).detail;
      document.dispatchEvent(new Event('visibilitychange'));
    });
  }, hidden);
  return (hidden) => page.evaluate((detail) => void dispatchEvent(new CustomEvent('test:sight', { detail })), hidden);
}

/** Records every request of the page from now on. */
function questions(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
  return asked;
}

test('a hidden page disconnects, lets its code expire, and reconnects when it is visible', async ({
  people,
  server,
}) => {
  const pc = await people.desktop();
  const witness = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  const hide = await controlSight(pc, false);
  const opened = pc.waitForEvent('websocket');
  await openCode(pc);
  const socket = await opened;
  const first = await readCode(pc);

  await openCode(witness);
  const shown = await readCode(witness);
  const closed = socket.waitForEvent('close');
  await hide(true);
  await closed;
  const asked = questions(pc);
  // By the time another page has noticed the expiry and has a new code, this one would have sent a request, too.
  await server.expireCodes();
  await readCode(witness, shown);
  expect(asked).toEqual([]);

  await hide(false);
  const second = await readCode(pc, first);
  await expectPhase(pc, 'waiting');
  await handset.scan(idOf(second));
  await handset.confirm(idOf(second));
  await expectSignedIn(pc, 'dong');
});

test('a page that is opened in the background sends no request until it is visible', async ({ people, server }) => {
  const pc = await people.desktop();
  const witness = await people.desktop();
  const hide = await controlSight(pc, true);
  await openCode(pc);
  const asked = questions(pc);
  await openCode(witness);
  const shown = await readCode(witness);
  await server.expireCodes();
  await readCode(witness, shown);
  expect(asked).toEqual([]);
  await hide(false);
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  await expectPhase(pc, 'waiting');
});
