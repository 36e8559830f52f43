import { expectPhase, readCode } from '../../support/desktop';
import { openWhileFlooded } from '../../support/flood';
import { signIn } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test.use({ settings: { limits: true } });

test('a network that requests too many codes has to wait, and gets its code automatically', async ({
  people,
  server,
  troubles,
}) => {
  troubles.expect(/status of 429/);
  const pc = await people.desktop();
  await openWhileFlooded(pc, server);
  await expectPhase(pc, 'waiting');
  await readCode(pc);
});

test('guessing passwords is rate limited', async ({ people }) => {
  const pc = await people.desktop();
  await pc.goto('/?tab=password');
  const form = { username: 'dong', password: 'wrong' };
  const guess = async () => (await pc.request.post('/api/login', { form, headers: { accept: '*/*' } })).status();
  const answers = [];
  while (answers.length < 30 && answers.at(-1) !== 429) answers.push(await guess());
  expect(new Set(answers)).toEqual(new Set([401, 429]));
  await signIn(pc, 'dong', 'wrong again');
  await expect(pc.getByRole('alert')).toHaveText(en.error.rate_limited);
  await signIn(pc, 'guang');
  await expect(pc).toHaveURL('/account');
});
