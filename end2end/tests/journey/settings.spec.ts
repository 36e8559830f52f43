// A person changes their name, picture and password, and deletes the account.

import { type Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { expectSignedIn, note, openCode, readCode } from '../../support/desktop';
import { type People } from '../../support/people';
import { confirmButton, continueButton, scan, signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

const RED = [220, 20, 20];
const BLUE = [20, 20, 220];

/** A picture of 300 by 100 pixels: red, then blue, then red. */
function file(): { name: string; mimeType: string; buffer: Buffer } {
  const picture = new PNG({ width: 300, height: 100 });
  for (let at = 0; at < 300 * 100; at++) {
    const colour = Math.floor((at % 300) / 100) === 1 ? BLUE : RED;
    picture.data.set([...colour, 255], 4 * at);
  }
  return { name: 'me.png', mimeType: 'image/png', buffer: PNG.sync.write(picture) };
}

/** The colour in the middle of an element. */
async function colourOf(page: Page, selector: string): Promise<number[]> {
  const { data, width, height } = PNG.sync.read(await page.locator(selector).first().screenshot());
  const at = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  return [...data.subarray(at, at + 3)];
}

const isNear = (real: number[], expected: number[]) => real.every((part, at) => Math.abs(part - (expected[at] ?? 0)) < 40);

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** What a PC shows after a scan by this phone. */
async function scannedBy(people: People, phone: Page): Promise<Page> {
  const pc = await people.desktop();
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await expect(note(pc, 'scanned')).toBeVisible();
  return pc;
}

for (const javaScriptEnabled of [true, false]) {
  test(`a name and a picture are shown on the PC after a scan, ${javaScriptEnabled ? 'with' : 'without'} script`, async ({
    people,
  }) => {
    const phone = await people.phone({ account: 'dong', javaScriptEnabled });
    await phone.goto('/account');
    await phone.getByRole('link', { name: en.settings.title, exact: true }).click();
    await phone.getByLabel(en.settings.name, { exact: true }).fill('董 Wei');
    await press(phone, en.settings.name_save);
    await expect(phone.getByRole('status')).toHaveText(en.settings.name_done);

    await phone.getByLabel(en.settings.picture, { exact: true }).setInputFiles(file());
    const crop = phone.locator('canvas.crop');
    if (javaScriptEnabled) {
      await expect(crop).toBeVisible();
      await expect.poll(async () => isNear(await colourOf(phone, 'canvas.round'), BLUE)).toBe(true);
      await crop.focus();
      // To the left end, and further in.
      for (let step = 0; step < 25; step++) await phone.keyboard.press('ArrowLeft');
      for (let step = 0; step < 5; step++) await phone.keyboard.press('+');
      await expect.poll(async () => isNear(await colourOf(phone, 'canvas.round'), RED)).toBe(true);
      // A finger brings the middle back, and then the left end once more.
      const { x, y, width, height } = (await crop.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      const drag = async (from: number, to: number) => {
        await phone.mouse.move(x + from * width, y + height / 2);
        await phone.mouse.down();
        await phone.mouse.move(x + to * width, y + height / 2, { steps: 4 });
        await phone.mouse.up();
      };
      for (let step = 0; step < 2; step++) await drag(0.9, 0.1);
      await expect.poll(async () => isNear(await colourOf(phone, 'canvas.round'), BLUE)).toBe(true);
      for (let step = 0; step < 3; step++) await drag(0.1, 0.9);
      await expect.poll(async () => isNear(await colourOf(phone, 'canvas.round'), RED)).toBe(true);
    } else {
      await expect(crop).toBeHidden();
    }
    await press(phone, en.settings.picture_save);
    await expect(phone.getByRole('status')).toHaveText(en.settings.picture_done);

    const pc = await people.desktop();
    await openCode(pc);
    await phone.goto(await readCode(pc));
    await continueButton(phone).click();
    await expect(note(pc, 'scanned').getByText('董 Wei', { exact: true })).toBeVisible();
    const picture = note(pc, 'scanned').locator('img.picture');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256);
    const expected = javaScriptEnabled ? RED : BLUE;
    await expect.poll(async () => isNear(await colourOf(pc, '[data-note=scanned] img.picture'), expected)).toBe(true);

    await phone.goto('/settings');
    await press(phone, en.settings.picture_remove);
    await expect(phone.locator('.who img.picture')).toBeHidden();
  });

  test(`a new password signs all others out, and the account is deleted, ${javaScriptEnabled ? 'with' : 'without'} script`, async ({
    people,
    troubles,
  }) => {
    troubles.expect(/status of 401/);
    const phone = await people.phone({ account: 'dong' });
    const other = await scannedBy(people, phone);
    await confirmButton(phone).click();
    await expectSignedIn(other, 'dong');

    const pc = await people.desktop({ javaScriptEnabled });
    await pc.goto('/?tab=password');
    await signIn(pc, 'dong');
    await pc.goto('/settings');
    const change = pc.locator('form', { has: pc.locator('[name=new_password]') });
    const set = async (old: string, password: string) => {
      await change.locator('[name=password]').fill(old);
      await change.locator('[name=new_password]').fill(password);
      if (!javaScriptEnabled) await change.locator('[name=new_password_again]').fill(password);
      await press(pc, en.settings.password_save);
    };
    await set('wrong', 'battery staple');
    await expect(pc.getByRole('alert')).toHaveText(en.error.wrong_password);
    await expect(change.locator('[name=password]')).toBeFocused();
    await set('111', 'battery staple');
    await expect(pc.getByRole('status')).toHaveText(en.settings.password_done);
    await expect(other.getByRole('alert')).toHaveText(en.error.session);
    await phone.goto('/settings');
    await expect(phone).not.toHaveURL('/settings');

    const again = await people.desktop();
    await again.goto('/?tab=password');
    await signIn(again, 'dong', 'battery staple');
    await expectSignedIn(again, 'dong');

    await pc.locator('main summary').click();
    const remove = pc.locator('form', { has: pc.locator('[name=username]') });
    const confirm = async (username: string) => {
      await remove.locator('[name=username]').fill(username);
      await remove.locator('[name=password]').fill('battery staple');
      await press(pc, en.settings.delete_submit);
    };
    await confirm('guang');
    await expect(pc.getByRole('alert')).toHaveText(en.error.wrong_username);
    await confirm('dong');
    await expect(pc.getByRole('heading', { level: 1 })).toHaveText(en.settings.deleted);
    await expect(again.getByRole('alert')).toHaveText(en.error.session);
    await pc.goto('/settings');
    await expect(pc).toHaveURL('/');
  });
}
