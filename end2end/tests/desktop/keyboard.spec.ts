import { expectPhase, idOf, note, openCode, readCode } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { tabThrough } from '../../support/keyboard';
import { expect, test } from '../../support/test';
import { en, zh } from '../../support/words';

const BEFORE = [en.common.skip, 'qr-login'];
const AFTER = [en.sign_in.username, en.sign_in.password, en.sign_in.reveal, en.sign_in.submit, en.pc.what];

test('the keyboard reaches everything on the PC’s page in reading order, with visible focus', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  expect(await tabThrough(pc, 8)).toEqual([...BEFORE, en.pc.enlarge, ...AFTER]);
  await pc.keyboard.press('Enter');
  await expect(pc.getByText(en.pc.what_answer)).toBeVisible();
});

test('the skip link leads past the header', async ({ people }) => {
  const pc = await people.desktop();
  await openCode(pc);
  await pc.keyboard.press('Tab');
  await pc.keyboard.press('Enter');
  await pc.keyboard.press('Tab');
  await expect(pc.getByRole('button', { name: en.pc.enlarge })).toBeFocused();
});

test('a scan is announced in words, and the keyboard reaches the way out', async ({ people, server }) => {
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  await openCode(pc);
  const status = pc.getByRole('status');
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expectPhase(pc, 'scanned');
  // A screen reader must not run words together, and a monogram is not a word.
  await expect(status).toHaveText(`dong. ${en.feed.scanned}`);
  expect(await tabThrough(pc, 8)).toEqual([...BEFORE, en.feed.not_you, ...AFTER]);

  await note(pc, 'scanned').getByText(en.feed.not_you).focus();
  await pc.keyboard.press('Enter');
  await expectPhase(pc, 'waiting');
});

test('a cancel is announced in words, and Enter brings a new code', async ({ people, server }) => {
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  await openCode(pc);
  const first = await readCode(pc);
  await handset.scan(idOf(first));
  await handset.cancel(idOf(first));
  await expectPhase(pc, 'cancelled');
  await expect(pc.getByRole('status')).toHaveText(`${en.feed.cancelled}. ${en.feed.cancelled_hint}`);
  expect(await tabThrough(pc, 8)).toEqual([...BEFORE, en.feed.new_code, ...AFTER]);
  await note(pc, 'cancelled').getByText(en.feed.new_code).focus();
  await pc.keyboard.press('Enter');
  await readCode(pc, first);
});

test('a cancel is announced to a Chinese reader as two Chinese sentences', async ({ people, server }) => {
  const pc = await people.desktop({ locale: 'zh-CN' });
  const handset = await Handset.signedIn(server, 'dong');
  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expect(pc.getByRole('status')).toHaveText(`dong。${zh.feed.scanned}`);
  await handset.cancel(id);
  await expect(pc.getByRole('status')).toHaveText(`${zh.feed.cancelled}。${zh.feed.cancelled_hint}`);
});

test('the password form works by keyboard alone', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  await expect(pc.getByLabel(en.sign_in.username, { exact: true })).toBeFocused();
  await pc.keyboard.type('dong');
  await pc.keyboard.press('Tab');
  await pc.keyboard.type('111');
  await pc.keyboard.press('Enter');
  await expect(pc).toHaveURL('/account');
});
