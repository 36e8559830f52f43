import { confirmButton, expectOutcome, expectQuestion, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode, takeTime } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('a second phone is refused clearly, and the PC does not notice', async ({ people }) => {
  const pc = await people.desktop();
  const first = await people.phone({ account: 'dong' });
  const second = await people.phone({ account: 'guang' });
  await openCode(pc);
  const address = await readCode(pc);
  await scan(first, address);
  await expectPhase(pc, 'scanned');

  await second.goto(address);
  await expectOutcome(second, en.outcome.other_phone, en.outcome.other_phone_text);
  await expect(second.locator('.ask, form.scan')).toHaveCount(0);
  await expectPhase(pc, 'scanned');
  await expect(note(pc, 'scanned').getByText('dong', { exact: true })).toBeVisible();

  await confirmButton(first).click();
  await expectSignedIn(pc, 'dong');
});

test('a second phone of the same person is refused, too', async ({ people }) => {
  const pc = await people.desktop();
  const first = await people.phone({ account: 'dong' });
  const second = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  await scan(first, address);
  await second.goto(address);
  await expectOutcome(second, en.outcome.other_phone, en.outcome.other_phone_text);
});

test('a used code shows another phone that it was used, and its own phone that it was approved', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  const other = await people.phone({ account: 'guang' });
  const unknown = await people.phone();
  await openCode(pc);
  const address = await readCode(pc);
  await scan(phone, address);
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');

  for (const late of [other, unknown]) {
    await late.goto(address);
    await expectOutcome(late, en.outcome.used, en.outcome.used_text);
  }
  await phone.reload();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
});

test('a phone that reloads in the middle is asked again and can still confirm', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  await scan(phone, await readCode(pc));
  await phone.reload();
  await expectQuestion(phone);
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});

test('a PC that reloads after the scan stays with the phone that scanned', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc, '/?next=%2Faccount%3Ffrom%3Dapp');
  const address = await readCode(pc);
  await scan(phone, address);
  await expectPhase(pc, 'scanned');
  await pc.reload();
  await expectPhase(pc, 'scanned');
  await takeTime(pc, idOf(address));
  await confirmButton(phone).click();
  await expect(pc).toHaveURL('/account?from=app');
});

test('a PC that reloads after the approval is signed in', async ({ people, troubles }) => {
  troubles.expect(/ERR_FAILED/);
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const address = await readCode(pc);
  await scan(phone, address);
  await expectPhase(pc, 'scanned');
  await takeTime(pc, idOf(address));
  await pc.route('**/api/qrcode/redeem', (route) => route.abort());
  const redeem = pc.waitForRequest('**/api/qrcode/redeem');
  await confirmButton(phone).click();
  await redeem;
  await pc.unroute('**/api/qrcode/redeem');
  await pc.reload();
  await expectSignedIn(pc, 'dong');
});

test('after a new code the URL contains no code, and a reload starts over', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'guang' });
  await openCode(pc);
  const first = await readCode(pc);
  await scan(phone, first);
  await expectPhase(pc, 'scanned');
  await pc.getByText(en.feed.not_you).click();
  await expectPhase(pc, 'waiting');
  await expect(pc).toHaveURL('/');
  await pc.reload();
  await readCode(pc, first);
});

test('a PC that reloads before the scan shows another code, and the first one signs no one in', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const first = await readCode(pc);
  await pc.reload();
  await expectPhase(pc, 'waiting');
  const second = await readCode(pc, first);

  await scan(phone, first);
  await confirmButton(phone).click();
  await expect(phone.locator('.question')).toBeHidden();

  // Any change of the first code would have arrived before one of the second.
  await scan(phone, second);
  await expectPhase(pc, 'scanned');
  const answer = await pc.request.get(`/api/qrcode/check?id=${idOf(first)}`);
  expect(await answer.json()).toMatchObject({ status: 'confirmed' });
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});

test('a phone does not claim that a PC is signed in that has switched to another code', async ({ people }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const first = await readCode(pc);
  await scan(phone, first);
  await pc.goto('/');
  await readCode(pc, first);
  await confirmButton(phone).click();
  await expect(phone.locator('.question')).toBeHidden();
  // The phone knows what it approved, not what the PC did with it.
  await expect(phone.getByText(en.outcome.approved_text)).toBeVisible();
  expect(en.outcome.approved_text).not.toMatch(/signed in/);
});
