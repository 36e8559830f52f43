import { expectPhase, openCode, readCode } from '../../support/desktop';
import { expectQuestion, scan } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en, texts, zh } from '../../support/words';

const chinese = { locale: 'zh-CN' };

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
