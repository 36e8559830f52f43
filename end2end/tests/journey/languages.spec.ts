import { type Page } from '@playwright/test';
import { expectPhase, openCode, readCode } from '../../support/desktop';
import { forEachScene } from '../../support/gallery';
import { expectQuestion, scan } from '../../support/phone';
import { scenes } from '../../support/scenes';
import { expect, test } from '../../support/test';
import { en, texts, zh } from '../../support/words';

const chinese = { locale: 'zh-CN' };

/** All texts of a page, including hidden ones and labels. */
async function saidBy(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const said = [document.title];
    for (const element of document.querySelectorAll('*:not(script, style, noscript)')) {
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) said.push(node.textContent ?? '');
      for (const name of ['aria-label', 'alt', 'title', 'placeholder', 'content']) {
        said.push(element.getAttribute(name) ?? '');
      }
    }
    return said.map((text) => text.trim()).filter((text) => text !== '');
  });
}

/** The English words in a text: a whole text, or several consecutive words. */
function englishIn(text: string): string | undefined {
  const parts = texts(en).flatMap((words) => words.split(/\{\{.*?\}\}/).map((part) => part.trim()));
  return parts.find((part) => part !== '' && (text === part || (part.includes(' ') && text.includes(part))));
}

forEachScene(
  scenes,
  (name) => `${name} has no English left when the browser asks for Chinese`,
  async (scene, stage) => {
    const page = await scene.open({ ...stage, options: chinese });
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    expect((await saidBy(page)).filter((text) => englishIn(text) !== undefined)).toEqual([]);
  },
);

test('both catalogues have the same texts, and none is empty', () => {
  const keys = (catalogue: Record<string, Record<string, string>>) =>
    Object.entries(catalogue).flatMap(([group, entries]) => Object.keys(entries).map((key) => `${group}.${key}`));
  expect(keys(zh)).toEqual(keys(en));
  expect([...texts(en), ...texts(zh)].filter((text) => text.trim() === '')).toEqual([]);
});

test('the language is chosen by a switch that keeps the code and is remembered', async ({ people }) => {
  const pc = await people.desktop(chinese);
  await openCode(pc);
  await expect(pc.getByRole('heading', { level: 1 })).toHaveText('登录 qr-login');
  const address = await readCode(pc);

  await pc.getByRole('button', { name: 'English', exact: true }).click();
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
  await phone.getByRole('button', { name: '简体中文', exact: true }).click();
  await expect(phone.getByRole('heading', { level: 1, name: zh.confirm.heading })).toBeVisible();
  await phone.getByRole('button', { name: 'English', exact: true }).click();
  await expectQuestion(phone);
  await expectPhase(pc, 'scanned');
  await expect(pc.locator('html')).toHaveAttribute('lang', 'en');
});

for (const [accept, lang] of [
  ['zh-TW,zh;q=0.9,en;q=0.8', 'zh-CN'],
  ['fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.3', 'zh-CN'],
  ['fr-FR,fr;q=0.9', 'en'],
] as const) {
  test(`a browser that accepts ${accept} gets ${lang}`, async ({ people }) => {
    const pc = await people.desktop();
    const answer = await pc.request.get('/', { headers: { 'accept-language': accept } });
    expect(answer.headers()['content-language']).toBe(lang);
    expect(await answer.text()).toContain(`<html lang="${lang}">`);
  });
}
