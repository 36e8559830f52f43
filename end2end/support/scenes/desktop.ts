// The states of a PC's page.

import { type Page, expect } from '@playwright/test';
import { expectPhase, openCode, takeTime } from '../desktop';
import { openWhileFlooded } from '../flood';
import { PASSWORDS } from '../people';
import { type Scene, type Stage, at, code, confirmedByApp, refused, scanned } from './parts';

/** The account page of a PC that was signed in by a phone. */
async function accountOfPc(stage: Stage): Promise<Page> {
  const { post, pc } = await confirmedByApp(stage);
  await post('redeem');
  const page = await stage.people.desktop(stage.options);
  await page.context().addCookies(await pc.context().cookies());
  await at(page, '/account');
  await expect(page.locator('.step-up')).toBeVisible();
  return page;
}

export const desktopScenes: Scene[] = [
  { name: 'pc-waiting', open: async (stage) => (await code(stage)).pc },
  {
    name: 'pc-explained',
    open: async (stage) => {
      const { pc } = await code(stage);
      await pc.locator('main summary').click();
      return pc;
    },
  },
  {
    name: 'pc-enlarged',
    open: async (stage) => {
      const { pc } = await code(stage);
      await pc.locator('.enlarge').click();
      return pc;
    },
  },
  { name: 'pc-scanned', open: async (stage) => (await scanned(stage)).pc },
  {
    name: 'pc-asking',
    open: async (stage) => {
      const { pc, id, app } = await scanned(stage);
      await app.confirm(id);
      await expectPhase(pc, 'asking');
      return pc;
    },
  },
  {
    name: 'pc-confirmed',
    open: async (stage) => {
      const { pc, id, app } = await scanned(stage);
      // Held here; otherwise this state is over in a moment.
      await pc.route('**/api/qrcode/redeem', () => {});
      await takeTime(pc, id);
      await app.confirm(id);
      await expectPhase(pc, 'confirmed');
      return pc;
    },
  },
  {
    name: 'pc-cancelled',
    open: async (stage) => {
      const { pc, id, app } = await scanned(stage);
      await app.cancel(id);
      await expectPhase(pc, 'cancelled');
      return pc;
    },
  },
  {
    name: 'pc-resting',
    settings: { manualClock: true },
    open: async ({ people, server, options }) => {
      const pc = await people.desktop(options);
      await openCode(pc);
      for (let renewals = 0; renewals < 5; renewals++) {
        const renewed = pc.waitForResponse('**/api/qrcode/generate');
        await server.expireCodes();
        await renewed;
      }
      await server.expireCodes();
      await expectPhase(pc, 'resting');
      return pc;
    },
  },
  {
    name: 'pc-offline',
    troubles: /ERR_FAILED|WebSocket/,
    open: async (stage) => {
      const pc = await stage.people.desktop(stage.options);
      await pc.routeWebSocket(/\/api\//, (socket) => socket.close());
      await pc.route('**/api/**', (route) => route.abort());
      await openCode(pc);
      await expectPhase(pc, 'offline');
      return pc;
    },
  },
  {
    name: 'pc-busy',
    settings: { limits: true },
    troubles: /status of 429/,
    open: async ({ people, server, options }) => {
      const pc = await people.desktop(options);
      const refusal = { status: 429, headers: { 'retry-after': '3600' }, json: { code: 'rate_limited', message: '' } };
      await pc.route('**/api/qrcode/generate', (route) => route.fulfill(refusal));
      await openWhileFlooded(pc, server);
      await expect(pc.locator('.panel')).toHaveAttribute('data-awake', '');
      await expectPhase(pc, 'busy');
      return pc;
    },
  },
  { name: 'pc-password', open: async ({ people, options }) => at(await people.desktop(options), '/?tab=password') },
  {
    name: 'pc-password-error',
    open: async ({ people, options }) => refused(await at(await people.desktop(options), '/?tab=password')),
  },
  {
    name: 'pc-signed-out',
    open: async ({ people, options }) => {
      const pc = await people.desktop(options);
      await openCode(pc, '/?error=token_revoked');
      return pc;
    },
  },
  { name: 'account-pc', open: async (stage) => accountOfPc(stage) },
  {
    name: 'account-pc-refused',
    open: async (stage) => {
      const page = await accountOfPc(stage);
      await page.locator('.step-up input[name=password]').fill('wrong');
      await page.locator('.step-up .button').click();
      await expect(page.getByRole('alert')).toBeVisible();
      return page;
    },
  },
  {
    name: 'account-pc-trusted',
    open: async (stage) => {
      const page = await accountOfPc(stage);
      await page.locator('.step-up input[name=password]').fill(PASSWORDS.dong);
      await page.locator('.step-up .button').click();
      await expect(page.locator('.sessions .quiet').first()).toBeVisible();
      return page;
    },
  },
  {
    name: 'not-found',
    troubles: /status of 404/,
    open: async ({ people, options }) => at(await people.desktop(options), '/nothing/here'),
  },
];
