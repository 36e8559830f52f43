import { cancelButton, confirmButton, expectOutcome, expectQuestion, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, openCode, readCode } from '../../support/desktop';
import { tabThrough } from '../../support/keyboard';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('the two buttons are equal in size and side by side, and cannot be taken for each other', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  const [confirm, cancel] = await Promise.all(
    [confirmButton(phone), cancelButton(phone)].map(async (button) => {
      const style = await button.evaluate((element) => {
        const { backgroundColor, fontSize, fontWeight } = getComputedStyle(element);
        return { fill: backgroundColor, icon: element.querySelector('path')?.getAttribute('d'), text: [fontSize, fontWeight] };
      });
      const box = await button.boundingBox();
      return { ...style, size: [box?.width, box?.height, box?.y] };
    }),
  );
  expect([confirm?.size, confirm?.text]).toEqual([cancel?.size, cancel?.text]);
  expect(confirm?.fill).not.toBe(cancel?.fill);
  expect(confirm?.icon).not.toBe(cancel?.icon);
});

test('requester, warning and buttons appear in this order, all on one small screen', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong', viewport: { width: 360, height: 640 } });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  const parts = [phone.locator('.requester'), phone.getByText(en.confirm.warning), confirmButton(phone)];
  const tops = [];
  for (const part of parts) tops.push((await part.boundingBox())?.y ?? Number.NaN);
  expect(tops).toEqual(tops.toSorted((a, b) => a - b));
  await expect(phone.locator('.warning')).toBeInViewport({ ratio: 1 });
  await expect(confirmButton(phone)).toBeInViewport({ ratio: 1 });
  await expect(cancelButton(phone)).toBeInViewport({ ratio: 1 });
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  // Between the bars of a browser there is less height: whoever sees "Confirm" has the warning above it, not under it.
  for (const height of [640, 553, 480]) {
    await phone.setViewportSize({ width: 360, height });
    const warning = await phone.locator('.warning').boundingBox();
    const buttons = await phone.locator('.decide').boundingBox();
    expect((warning?.y ?? Number.NaN) + (warning?.height ?? 0), `at ${height}`).toBeLessThanOrEqual(buttons?.y ?? 0);
  }
});

for (const [name, button, outcome] of [
  ['confirm', confirmButton, [en.outcome.approved, en.outcome.approved_text]],
  ['cancel', cancelButton, [en.outcome.cancelled, en.outcome.cancelled_text]],
] as const) {
  test(`a ${name} without a connection says that nothing was sent, and works when tried again`, async ({
    people,
    troubles,
  }) => {
    troubles.expect(/ERR_INTERNET_DISCONNECTED/);
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc);
    await scan(phone, await readCode(pc));
    const endpoint = `**/api/qrcode/${name}`;
    await phone.route(endpoint, (route) => route.abort('internetdisconnected'));
    await button(phone).click();
    await expect(phone.locator('.ask')).toHaveAttribute('data-phase', 'offline');
    await expect(phone.getByRole('alert').filter({ visible: true })).toHaveText(en.confirm.offline);
    await expectPhase(pc, 'scanned');

    await phone.unroute(endpoint);
    await button(phone).click();
    await expectOutcome(phone, ...outcome);
  });
}

test('a confirm whose response was lost can be retried', async ({ people, troubles }) => {
  troubles.expect(/ERR_CONNECTION_RESET|status of 4/);
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  const endpoint = '**/api/qrcode/confirm';
  await phone.route(endpoint, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  await phone.unroute(endpoint);
  await confirmButton(phone).click();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
});

test('a pressed button shows progress immediately, and a second press does nothing', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  let sent = 0;
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await phone.route(/\/api\/qrcode\/(confirm|cancel)$/, async (route) => {
    sent++;
    await held;
    await route.continue();
  });
  const [confirm, cancel] = [phone.locator('button.confirm'), phone.locator('button.cancel')];
  await confirm.click();
  await expect(phone.locator('.ask')).toHaveAttribute('data-phase', 'confirming');
  await expect(confirm.getByText(en.confirm.working)).toBeVisible();
  await confirm.click();
  await cancel.click();
  release();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  expect(sent).toBe(1);
  await expectSignedIn(pc, 'dong');
});

test('the keyboard reaches both buttons, Enter confirms, and the outcome has the focus', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await expectQuestion(phone);
  const stops = await tabThrough(phone, 5);
  expect(stops).toEqual([en.common.skip, 'qr-login', en.confirm.cancel, en.confirm.confirm, `${en.common.language}\nEnglish`]);
  await expect(confirmButton(phone)).toHaveCSS('pointer-events', 'auto');
  await confirmButton(phone).focus();
  await phone.keyboard.press('Enter');
  await expect(phone.getByRole('heading', { name: en.outcome.approved })).toBeFocused();
  await expectSignedIn(pc, 'dong');
});
