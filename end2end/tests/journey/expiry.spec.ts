import { confirmButton, expectOutcome, expectQuestion, scan } from '../../support/phone';
import { expectPhase, expectSignedIn, idOf, note, openCode, readCode } from '../../support/desktop';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test.use({ settings: { manualClock: true } });

test('a visible code renews itself, and the new one differs', async ({ people, server }) => {
  const pc = await people.desktop();
  await openCode(pc);
  const first = await readCode(pc);
  await server.expireCodes();
  const second = await readCode(pc, first);
  expect(idOf(second)).not.toBe(idOf(first));
  await expectPhase(pc, 'waiting');
});

test('a phone that opens an expired code shows that it expired, signed in or not', async ({ people, server }) => {
  const pc = await people.desktop();
  await openCode(pc);
  const first = await readCode(pc);
  await server.expireCodes();
  for (const account of ['dong', undefined] as const) {
    const phone = await people.phone({ account });
    await phone.goto(first);
    await expectOutcome(phone, en.outcome.expired, en.outcome.expired_text);
  }
});

test('an undecided request expires on both sides', async ({ people, server }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await phone.clock.install();
  await openCode(pc);
  const first = await readCode(pc);
  await scan(phone, first);
  await expectPhase(pc, 'scanned');
  await server.expireCodes();
  await expectPhase(pc, 'waiting');
  expect(idOf(await readCode(pc, first))).not.toBe(idOf(first));
  // The phone's page has its own timer.
  await expectQuestion(phone);
  await phone.clock.fastForward('02:01');
  await expectOutcome(phone, en.outcome.expired, en.outcome.expired_text);
});

test('after five more unused codes the page stops renewing, until its button is pressed', async ({
  people,
  server,
}) => {
  const pc = await people.desktop();
  let codes = 0;
  pc.on('response', (response) => (codes += Number(response.url().endsWith('/api/qrcode/generate'))));
  const letFiveExpire = async (expected: number): Promise<void> => {
    for (let code = expected - 4; code <= expected; code++) {
      await server.expireCodes();
      await expect.poll(() => codes).toBe(code);
    }
    await server.expireCodes();
    await expectPhase(pc, 'resting');
    expect(codes).toBe(expected);
  };
  await openCode(pc);
  await letFiveExpire(5);
  await expect(note(pc, 'resting').getByText(en.feed.resting, { exact: true })).toBeVisible();

  await note(pc, 'resting').getByText(en.feed.new_code).click();
  await expectPhase(pc, 'waiting');
  expect(codes).toBe(6);
  await letFiveExpire(11);
});

test('a code that renewed itself signs the PC in', async ({ people, server }) => {
  const pc = await people.desktop();
  const phone = await people.phone({ account: 'dong' });
  await openCode(pc);
  const first = await readCode(pc);
  await server.expireCodes();
  const second = await readCode(pc, first);
  await scan(phone, second);
  await expectQuestion(phone);
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
});
