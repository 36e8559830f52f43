// The pages, for the manifest and the READMEs.

import { ALL_OF_IT, draw } from '../support/camera';
import { expectPhase, openCode, readCode } from '../support/desktop';
import { scenes } from '../support/scenes';
import { code } from '../support/scenes/parts';
import { expect, test } from '../support/test';
import { pcScreen, phoneScreen, seen, take } from './picture';

for (const [locale, suffix] of [['en', ''], ['zh-CN', '.zh-CN']] as const) {
  test(`the sign-in page and the question in ${locale}`, async ({ people, server }) => {
    const { pc } = await code({ people, server, options: { ...pcScreen, locale } });
    await expectPhase(pc, 'waiting');
    await take(pc, `pc${suffix}`);
    const question = scenes.find(({ name }) => name === 'phone-question');
    const phone = await question?.open({ people, server, options: { ...phoneScreen, locale } });
    if (phone) await take(phone, `phone${suffix}`);
  });

  test(`the scanner with a code in its view in ${locale}`, async ({ people }) => {
    const pc = await people.desktop({ ...pcScreen, locale });
    await openCode(pc);
    await readCode(pc);
    const svg = await seen(pc);
    const phone = await people.phone({ ...phoneScreen, locale, account: 'dong' });
    // Neither detector reads it, so that the page keeps looking.
    await draw(phone, svg, 'nothing', ALL_OF_IT);
    await phone.route('**/worker.js', () => {});
    await phone.goto('/scan');
    await phone.locator('[data-note=ready] button').click();
    await expect(phone.locator('.scanner')).toHaveAttribute('data-phase', 'looking');
    await expect.poll(() => phone.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
    await phone.evaluate(() => scrollTo(0, 0));
    await take(phone, `scan${suffix}`);
  });
}

test('the icon of the shortcut to the scanner', async ({ people, browser }) => {
  const phone = await people.phone({ account: 'dong' });
  await phone.goto('/account');
  const path = await phone.locator('.scan-link path').getAttribute('d');
  const page = await browser.newPage({ viewport: { width: 96, height: 96 } });
  await page.setContent(`<style>body{margin:0;background:#2b5fd9}svg{display:block;margin:18px;stroke:#fff;fill:none;stroke-width:1.75;
    stroke-linecap:round;stroke-linejoin:round}</style><svg viewBox="0 0 24 24" width="60" height="60"><path d="${path}"/></svg>`);
  await take(page, 'icon-scan');
});
