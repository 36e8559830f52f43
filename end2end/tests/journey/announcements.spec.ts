// What a screen reader says during a login, in order, and that the focus stays where the person has put it.

import { type Page } from '@playwright/test';
import { expectPhase, expectSignedIn, idOf, openCode, readCode, takeTime } from '../../support/desktop';
import { cancelButton, confirmButton, expectOutcome, scan } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const HEARD = 'heard';

/** A PC that writes down what its status says, and all changes of the focus, from the first paint on. */
async function listeningPc(page: Page): Promise<Page> {
  await page.addInitScript((key) => {
    const note = (what: string) => sessionStorage.setItem(key, JSON.stringify([...JSON.parse(sessionStorage.getItem(key) ?? '[]'), what]));
    addEventListener('DOMContentLoaded', () => {
      if (location.pathname !== '/') return;
      const regions = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')];
      note(`${regions.length} region, which says “${regions.map((region) => region.textContent).join()}”`);
      for (const region of regions) {
        new MutationObserver(() => note(region.textContent ?? '')).observe(region, { childList: true, characterData: true, subtree: true });
      }
      addEventListener('focusin', ({ target }) => note(`focus on ${(target as HTMLInputElement).name}`));
    });
  }, HEARD);
  return page;
}

async function heardBy(page: Page): Promise<string[]> {
  return page.evaluate((key) => JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[], HEARD);
}

const FIRST = '1 region, which says “”';
const SCANNED = `dong. ${en.feed.scanned}`;

test('a login says that it was scanned and confirmed, and moves no focus', async ({ people }) => {
  const pc = await listeningPc(await people.desktop());
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  const username = pc.getByLabel(en.sign_in.username, { exact: true });
  await username.focus();
  await username.pressSequentially('do');
  await scan(phone, address);
  await expectPhase(pc, 'scanned');
  await expect(username).toBeFocused();
  await takeTime(pc, idOf(address));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  expect(await heardBy(pc)).toEqual([FIRST, 'focus on username', SCANNED, en.feed.confirmed]);
});

test('a refusal is said with what to do', async ({ people }) => {
  const pc = await listeningPc(await people.desktop());
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await expectPhase(pc, 'scanned');
  await cancelButton(phone).click();
  await expectOutcome(phone, en.outcome.cancelled, en.outcome.cancelled_text);
  await expectPhase(pc, 'cancelled');
  await expect.poll(() => heardBy(pc)).toEqual([FIRST, SCANNED, `${en.feed.cancelled}. ${en.feed.cancelled_hint}`]);
});

test.describe('with a clock', () => {
  test.use({ settings: { manualClock: true } });

  test('renewals are silent, until there are no more', async ({ people, server }) => {
    const pc = await listeningPc(await people.desktop());
    await openCode(pc);
    for (let renewals = 0; renewals < 5; renewals++) {
      const renewed = pc.waitForResponse('**/api/qrcode/generate');
      await server.expireCodes();
      await renewed;
    }
    expect(await heardBy(pc)).toEqual([FIRST]);
    await server.expireCodes();
    await expectPhase(pc, 'resting');
    await expect.poll(() => heardBy(pc)).toEqual([FIRST, `${en.feed.resting}. ${en.feed.resting_hint}`]);
  });
});
