import { resolve } from 'node:path';
import { type Locator, type Page } from '@playwright/test';
import { expectSignedIn, note, openCode, readCode } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { type People } from '../../support/people';
import { confirmButton, scan, signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const PC = 'Chrome · Windows';

async function signedInByCode(people: People, phone: Page): Promise<Page> {
  const pc = await people.desktop();
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  return pc;
}

const devices = (page: Page) => page.locator('.sessions').getByRole('listitem');
const revoke = (page: Page, name: string) =>
  page.getByRole('button', { name: en.account.revoke_label.replace('{{ name }}', name), exact: true });

/** The button that agrees to the question which the other one asked. */
const sure = (page: Page, words: string) => page.getByRole('dialog').getByRole('button', { name: words, exact: true });

test('the account page lists the phone and the PC', async ({ people }) => {
  const phone = await people.phone({ account: 'dong' });
  const pc = await signedInByCode(people, phone);
  for (const page of [pc, phone]) {
    await page.goto('/account');
    await expect(devices(page)).toHaveCount(2);
    await expect(devices(page).filter({ hasText: PC })).toContainText('127.0.0.1');
    await expect(devices(page).filter({ hasText: 'Android' })).toContainText('Chrome');
  }
  await expect(devices(pc).filter({ hasText: en.account.current })).toContainText(PC);
  await expect(devices(phone).filter({ hasText: en.account.current })).toContainText('Android');
});

test('a PC that the phone signs out notices at once', async ({ people, troubles }) => {
  troubles.expect(/status of 401/);
  const phone = await people.phone({ account: 'dong' });
  const pc = await signedInByCode(people, phone);
  await phone.getByRole('link', { name: en.outcome.approved_not_you }).click();
  await revoke(phone, PC).click();
  await sure(phone, en.account.revoke).click();
  await expect(devices(phone)).toHaveCount(1);
  await expect(phone.getByText(en.account.no_pcs)).toBeVisible();

  await expect(pc.getByRole('alert')).toHaveText(en.error.session);
  await expect(pc.locator('.panel')).toHaveAttribute('data-phase', 'waiting');
  await readCode(pc);
});

test('all others are signed out together, and only they', async ({ people, server, troubles }) => {
  troubles.expect(/status of 401/);
  const phone = await people.phone({ account: 'dong' });
  await Handset.signedIn(server, 'dong');
  const pcs = [await signedInByCode(people, phone), await signedInByCode(people, phone)];
  const stranger = await people.desktop();
  await stranger.goto('/?tab=password');
  await signIn(stranger, 'guang');
  await expectSignedIn(stranger, 'guang');

  await phone.goto('/account');
  await expect(devices(phone)).toHaveCount(4);
  await phone.getByRole('button', { name: en.account.revoke_others, exact: true }).click();
  // Nothing has happened yet.
  await expect(devices(phone)).toHaveCount(4);
  await sure(phone, en.account.revoke).click();
  await expect(devices(phone)).toHaveCount(1);
  await expect(phone.getByRole('button', { name: en.account.revoke_others, exact: true })).toHaveCount(0);
  for (const pc of pcs) await expect(pc.getByRole('alert')).toHaveText(en.error.session);
  await stranger.reload();
  await expectSignedIn(stranger, 'guang');
});

for (const [name, isFast] of [
  ['takes a while', false],
  ['takes a while, and the user was faster than the page', true],
] as const) {
  test(`signing out shows no error, even if the response ${name}`, async ({ people, server, troubles }) => {
    troubles.expect(/status of 401/);
    const pc = await people.desktop();
    await pc.goto('/?tab=password');
    const waits = pc.waitForRequest('**/api/session/wait*');
    const ended = pc.waitForResponse((answer) => answer.url().includes('/api/session/wait') && answer.status() === 401);
    let click = () => {};
    const clicked = new Promise<void>((resolve) => (click = resolve));
    if (isFast) {
      await pc.route('**/*.wasm', async (route) => {
        await clicked;
        await route.continue();
      });
    }
    await signIn(pc, 'dong');
    await expectSignedIn(pc, 'dong');
    if (!isFast) await waits;

    // The response is held until the page has noticed the end of its session.
    await pc.route('**/api/logout', async (route) => {
      const headers = { ...(await route.request().allHeaders()), accept: 'text/html' };
      const answer = await fetch(`${server.url}/api/logout`, { method: 'POST', redirect: 'manual', headers });
      click();
      await ended;
      await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers) });
    });
    await pc.getByRole('button', { name: en.account.sign_out, exact: true }).click();
    await expect(pc.locator('.panel')).toHaveAttribute('data-awake', '');
    await expect(pc).toHaveURL('/');
    await expect(pc.getByRole('alert')).toHaveCount(0);
  });
}

test('a PC that signs out leaves its phone signed in, and the reverse', async ({ people, troubles }) => {
  // A page learns of the end of its session by a 401.
  troubles.expect(/status of 401/);
  const phone = await people.phone({ account: 'dong' });
  const pc = await signedInByCode(people, phone);
  await pc.getByRole('button', { name: en.account.sign_out, exact: true }).click();
  await expect(pc.locator('.panel')).toHaveAttribute('data-phase', 'waiting');
  await pc.goto('/account');
  await expect(pc).toHaveURL('/');

  const other = await signedInByCode(people, phone);
  await phone.goto('/account');
  await phone.getByRole('button', { name: en.account.sign_out, exact: true }).click();
  await expect(phone.getByLabel(en.sign_in.password, { exact: true })).toBeVisible();
  await other.reload();
  await expectSignedIn(other, 'dong');
  await expect(devices(other)).toHaveCount(1);
});

test('a PC that a code signed in can sign out the phone after entering the password', async ({ people, troubles }) => {
  troubles.expect(/status of 401/);
  const phone = await people.phone({ account: 'dong' });
  const pc = await signedInByCode(people, phone);
  const password = pc.getByLabel(en.account.step_up, { exact: true });
  const submit = pc.getByRole('button', { name: en.account.step_up_submit, exact: true });
  await expect(revoke(pc, 'Chrome · Android')).toHaveCount(0);
  await expect(pc.getByRole('button', { name: en.account.revoke_others, exact: true })).toHaveCount(0);

  await password.fill('wrong');
  await submit.click();
  await expect(pc.getByRole('alert')).toHaveText(en.error.wrong_password);
  await expect(password).toBeFocused();
  await password.fill('111');
  await submit.click();
  await expect(pc.getByRole('alert')).toHaveCount(0);
  await expect(password).toHaveCount(0);
  await revoke(pc, 'Chrome · Android').click();
  await sure(pc, en.account.revoke).click();
  await expect(devices(pc)).toHaveCount(1);
  await phone.goto('/account');
  await expect(phone).not.toHaveURL('/account');
});

test('the PC shows the picture of the person who scanned', async ({ people, server }) => {
  await server.command(['user', 'set', 'dong', '--picture', resolve(__dirname, '../../../public/icon-192.png')]);
  const phone = await people.phone({ account: 'dong' });
  const pc = await people.desktop();
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await expectPicture(note(pc, 'scanned'));
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  await expectPicture(pc.locator('.who'));
});

async function expectPicture(place: Locator): Promise<void> {
  const picture = place.locator('img.picture');
  await expect(picture).toBeVisible();
  await expect(picture).toHaveAttribute('src', /^\/picture\/[0-9a-f]{64}\.jpg$/);
  // Loaded, and drawn.
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256);
}
