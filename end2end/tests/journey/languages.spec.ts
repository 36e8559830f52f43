// The language of the pages: chosen by the browser or in the menu; and each language fits, and runs in its direction.

import { type Page } from '@playwright/test';
import { expectPhase, openCode, readCode } from '../../support/desktop';
import { chooseLanguage } from '../../support/language';
import { PASSWORDS } from '../../support/people';
import { expectQuestion, scan } from '../../support/phone';
import { silentPc } from '../../support/scenes/parts';
import { expect, test } from '../../support/test';
import { zh } from '../../support/words';

const chinese = { locale: 'zh-CN' };

test('the language is chosen in a menu that keeps the code, and is remembered', async ({ people }) => {
  const pc = await people.desktop(chinese);
  await openCode(pc);
  await expect(pc.getByRole('heading', { level: 1 })).toHaveText('登录 qr-login');
  const address = await readCode(pc);

  await chooseLanguage(pc, 'English');
  await expect(pc.locator('html')).toHaveAttribute('lang', 'en');
  await expect(pc.getByRole('heading', { level: 1 })).toHaveText('Sign in to qr-login');
  expect(await readCode(pc)).toBe(address);

  await pc.reload();
  await expect(pc.locator('html')).toHaveAttribute('lang', 'en');
  expect(await readCode(pc)).toBe(address);
  await openCode(pc, '/');
  await expect(pc.locator('html')).toHaveAttribute('lang', 'en');
});

test('a phone changes its language while deciding, and only its own', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await chooseLanguage(phone, '简体中文');
  await expect(phone.getByRole('heading', { level: 1, name: zh.confirm.heading })).toBeVisible();
  await chooseLanguage(phone, 'English');
  await expectQuestion(phone);
  await expectPhase(pc, 'scanned');
  await expect(pc.locator('html')).toHaveAttribute('lang', 'en');
});

test('the menu works by keyboard, without script, and names each language in itself', async ({ people }) => {
  const page = await people.desktop({ javaScriptEnabled: false });
  await page.goto('/');
  const menu = page.locator('.language');
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(menu.getByRole('button')).toHaveCount(10);
  await page.keyboard.press('Tab');
  await expect(menu.getByRole('button', { name: 'Deutsch' })).toBeFocused();
  for (const [name, lang, dir] of [
    ['العربية', 'ar', 'rtl'],
    ['繁體中文', 'zh-TW', 'ltr'],
  ] as const) {
    const button = menu.getByRole('button', { name, exact: true });
    await expect(button).toBeInViewport({ ratio: 1 });
    await expect(button).toHaveAttribute('lang', lang);
    await expect(button).toHaveAttribute('dir', dir);
  }
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test('a browser gets the language that its user reads best', async ({ people }) => {
  const pc = await people.desktop();
  for (const [accept, lang] of [
    ['zh-TW,zh;q=0.9,en;q=0.8', 'zh-TW'],
    ['zh-HK', 'zh-TW'],
    ['zh-Hans-HK', 'zh-CN'],
    ['nl-NL,nl;q=0.9,zh;q=0.5,en;q=0.3', 'zh-CN'],
    ['pt-PT,pt;q=0.9', 'pt-BR'],
    ['fr-CA,fr;q=0.9', 'fr'],
    ['ar-EG', 'ar'],
    ['nl-NL,nl;q=0.9', 'en'],
  ] as const) {
    const answer = await pc.request.get('/', { headers: { 'accept-language': accept } });
    expect.soft(answer.headers()['content-language'], accept).toBe(lang);
    expect.soft(await answer.text(), accept).toContain(`<html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}">`);
  }
});

/** What has less room than it needs: the page, the texts on buttons, and the smaller of two choices. */
async function excess(page: Page, width: number): Promise<string[]> {
  return page.evaluate((width) => {
    const isCut = (element: Element): boolean =>
      element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    const buttons = [...document.querySelectorAll('.button, .quiet, button, summary, [role=tab], [aria-current]')];
    const cut = buttons.filter((button) => getComputedStyle(button).display !== 'inline' && isCut(button));
    const found = cut.map((button) => `is cut: ${button.textContent}`);
    const choices = [...document.querySelectorAll('.decide > .button')];
    const widths = new Set(choices.map((choice) => Math.round(choice.getBoundingClientRect().width)));
    if (widths.size > 1) found.push(`the choices are ${[...widths].join(' and ')} wide`);
    const { scrollWidth } = document.documentElement;
    return scrollWidth > width ? [`the page is ${scrollWidth} wide`, ...found] : found;
  }, width);
}

// The last one is only in debug builds, as is the clock.
for (const [lang, dir] of [
  ['de', 'ltr'],
  ['ja', 'ltr'],
  ['ru', 'ltr'],
  ['ar', 'rtl'],
  ['en-XA', 'ltr'],
] as const) {
  test.describe(() => {
    test.use({ settings: { manualClock: lang === 'en-XA' } });

    test(`each page fits and has its direction in ${lang}`, async ({ people }) => {
      test.slow();
      const page = await people.desktop({ locale: lang, hasTouch: true, reducedMotion: 'reduce' });
      const expectToFit = async (address: string): Promise<void> => {
        for (const width of [320, 360, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          await page.goto(address);
          await expect.soft(page.locator('html'), address).toHaveAttribute('lang', lang);
          await expect.soft(page.locator('html'), address).toHaveAttribute('dir', dir);
          expect.soft(await excess(page, width), `${address} at ${width}`).toEqual([]);
          await page.locator('.language summary').click();
          expect.soft(await excess(page, width), `${address} at ${width}, with the menu`).toEqual([]);
        }
      };
      for (const address of ['/', '/?tab=password', '/device']) await expectToFit(address);
      const form = { username: 'dong', password: PASSWORDS.dong, remember: '1' };
      await page.request.post('/api/login', { form, headers: { accept: 'application/json' } });
      for (const address of ['/account', '/settings', '/scan', '/device']) await expectToFit(address);
      const { id, pc } = await silentPc(people);
      await expectToFit(`/confirm?id=${id}`);
      await page.request.post('/api/qrcode/scan', { form: { id }, headers: { accept: 'application/json' } });
      await expectToFit(`/confirm?id=${id}`);
      await pc.context().close();
    });
  });
}
