// An attacker with an account, and a view of the victim's screen, wants the victim's data: a script scans the code and
// approves it before the victim takes out a phone, and everything typed on the PC from then on belongs to the
// attacker's account.

import { agreeButton, expectPhase, expectSignedIn, idOf, note, openCode, readCode, takeTime } from '../../support/desktop';
import { Handset } from '../../support/handset';
import { tabThrough } from '../../support/keyboard';
import { confirmButton, scan } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('a PC that is approved faster than a person reads asks for confirmation first', async ({
  people,
  server,
}) => {
  const pc = await people.desktop();
  const stranger = await Handset.signedIn(server, 'guang');
  const asked: string[] = [];
  pc.on('request', (request) => asked.push(request.url()));
  await openCode(pc);
  const first = await readCode(pc);
  await stranger.scan(idOf(first));
  await stranger.confirm(idOf(first));
  await expectPhase(pc, 'asking');
  const question = note(pc, 'asking');
  await expect(question.getByText('guang', { exact: true })).toBeVisible();
  await expect(pc.getByRole('status')).toHaveText(`guang. ${en.feed.asking}`);
  const choices = question.locator('.button');
  await expect(choices).toHaveText([en.feed.agree, en.feed.not_me]);
  const [one, other] = await Promise.all([choices.first().boundingBox(), choices.last().boundingBox()]);
  expect([one?.width, one?.height]).toEqual([other?.width, other?.height]);

  // A reload keeps the question.
  await pc.reload();
  await expectPhase(pc, 'asking');
  await choices.last().click();
  await expectPhase(pc, 'waiting');
  const second = await readCode(pc, first);
  expect(asked.filter((url) => url.endsWith('/redeem'))).toEqual([]);
  expect((await pc.request.get('/api/userinfo')).status()).toBe(401);

  const phone = await people.phone({ account: 'dong' });
  await scan(phone, second);
  await expectPhase(pc, 'scanned');
  await takeTime(pc, idOf(second));
  await confirmButton(phone).click();
  await expect(pc).toHaveURL('/account');
  await expectSignedIn(pc, 'dong');
});

test('a person who was that fast continues with one key', async ({ people, server }) => {
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'dong');
  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await handset.confirm(id);
  await expectPhase(pc, 'asking');
  const stops = await tabThrough(pc, 4);
  expect(stops.slice(2)).toEqual([en.feed.agree, en.feed.not_me]);
  await expect(agreeButton(pc)).toHaveCSS('pointer-events', 'auto');
  await agreeButton(pc).focus();
  await pc.keyboard.press('Enter');
  await expect(pc).toHaveURL('/account');
  await expectSignedIn(pc, 'dong');
});

test('an account that is new on this PC needs confirmation, however long it took', async ({ people, server }) => {
  const pc = await people.desktop();
  const handset = await Handset.signedIn(server, 'guang');
  await pc.request.post('/api/login', { form: { username: 'dong', password: '111', device_kind: 'pc' } });
  await pc.request.post('/api/logout');
  await openCode(pc);
  const id = idOf(await readCode(pc));
  await handset.scan(id);
  await expectPhase(pc, 'scanned');
  await takeTime(pc, id);
  await handset.confirm(id);
  await expectPhase(pc, 'asking');
});

test('without script the PC asks for confirmation, too', async ({ people, server }) => {
  for (const agrees of [false, true]) {
    const pc = await people.desktop({ javaScriptEnabled: false });
    const handset = await Handset.signedIn(server, 'guang');
    await pc.goto('/?next=%2Faccount%3Ffrom%3Dapp');
    const first = await readCode(pc);
    await handset.scan(idOf(first));
    await handset.confirm(idOf(first));
    await expectPhase(pc, 'asking');
    await expect(pc.getByRole('button', { name: en.pc.proceed, exact: true })).toHaveCount(1);
    if (agrees) {
      await agreeButton(pc).click();
      await expect(pc).toHaveURL('/account?from=app');
    } else {
      await note(pc, 'asking').getByText(en.feed.not_me).click();
      await expectPhase(pc, 'waiting');
      await readCode(pc, first);
      expect((await pc.request.get('/api/userinfo')).status()).toBe(401);
    }
  }
});
