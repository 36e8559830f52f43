import { type Page } from '@playwright/test';
import { type Detector, draw } from '../../support/camera';
import { openCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

/** A code of a PC: its URL and how it is drawn. */
async function issue(pc: Page): Promise<{ id: string; url: string; svg: string }> {
  const answer = await pc.request.post('/api/qrcode/generate');
  return (await answer.json()) as { id: string; url: string; svg: string };
}

for (const [name, detector] of [
  ['none', undefined],
  ['one that finds nothing', 'nothing'],
  ['one that fails', 'failure'],
  ['one for other codes', 'other formats'],
] satisfies [string, Detector | undefined][]) {
  test(`a browser whose own detector is ${name} reads by the worker`, async ({ people }) => {
    const phone = await people.phone({ account: 'dong' });
    const { id, svg } = await issue(phone);
    await draw(phone, svg, detector);
    await phone.goto('/scan');
    await phone.getByRole('button', { name: en.scan.start }).click();
    await expect(phone).toHaveURL(`/confirm?id=${id}`);
  });
}

test('a detector that works needs no worker', async ({ people }) => {
  const phone = await people.phone({ account: 'dong' });
  const { id, svg, url } = await issue(phone);
  const requested: string[] = [];
  phone.on('request', (request) => requested.push(request.url()));
  await draw(phone, svg, { finds: url });
  await phone.goto('/scan');
  await phone.getByRole('button', { name: en.scan.start }).click();
  await expect(phone).toHaveURL(`/confirm?id=${id}`);
  expect(requested.filter((url) => url.includes('worker'))).toEqual([]);
});

test('what is not ours is named, and never opened', async ({ people, server }) => {
  const phone = await people.phone({ account: 'dong' });
  for (const [text, heading, says] of [
    ['https://evil.example/confirm?id=0123abcd-4567-489a-bcde-f0123456789a', en.scan.foreign, 'evil.example'],
    ['javascript:document.title="gone"', en.scan.other, en.scan.other_text],
    [`${server.url}/oauth/authorize?client_id=x`, en.scan.other, en.scan.other_text],
    ['WIFI:T:WPA;S:cafe;P:secret;;', en.scan.other, en.scan.other_text],
  ] as const) {
    const page = await phone.context().newPage();
    await draw(page, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', { finds: text });
    await page.goto('/scan');
    await page.getByRole('button', { name: en.scan.start }).click();
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await expect(page.getByRole('status')).toContainText(says);
    expect(new URL(page.url()).pathname).toBe('/scan');
    await expect(page.getByRole('button', { name: en.scan.again })).toBeVisible();
    await page.close();
  }
});

test('the camera stops by Esc, by the button, and while the page is hidden', async ({ people }) => {
  const phone = await people.phone({ account: 'dong' });
  await draw(phone, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>');
  await phone.goto('/scan');
  const panel = phone.locator('.scanner');
  for (const stop of [() => phone.keyboard.press('Escape'), () => phone.getByRole('button', { name: en.scan.stop }).click()]) {
    await phone.getByRole('button', { name: en.scan.start }).click();
    await expect(panel).toHaveAttribute('data-phase', 'looking');
    await expect(phone.getByRole('heading', { level: 1 })).toBeFocused();
    await stop();
    await expect(panel).toHaveAttribute('data-phase', 'ready');
  }
  await phone.getByRole('button', { name: en.scan.start }).click();
  await expect(panel).toHaveAttribute('data-phase', 'looking');
  const turn = (hidden: boolean) =>
    phone.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await turn(true);
  await expect(panel).toHaveAttribute('data-phase', 'ready');
  await turn(false);
  await expect(panel).toHaveAttribute('data-phase', 'looking');
});

for (const javaScriptEnabled of [true, false]) {
  test(`a photo is read ${javaScriptEnabled ? 'by the phone' : 'by the server, without script'}`, async ({ people }) => {
    const pc = await people.desktop();
    await openCode(pc);
    const buffer = await pc.screenshot();
    const phone = await people.phone({ account: 'dong', javaScriptEnabled });
    const posted: string[] = [];
    phone.on('request', (request) => request.method() === 'POST' && posted.push(request.url()));
    await phone.goto('/scan');
    await phone.getByLabel(en.scan.photo).setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer });
    if (!javaScriptEnabled) await phone.getByRole('button', { name: en.scan.photo_submit }).click();
    await expect(phone).toHaveURL(/\/confirm\?id=/);
    expect(posted.length).toBe(javaScriptEnabled ? 0 : 1);
  });
}
