// Sign-ins to an app, by real redirects to its own server.

import { agreeButton, openCode, readCode } from '../../support/desktop';
import { confirmButton, expectOutcome, scan } from '../../support/phone';
import { PASSWORDS, type People } from '../../support/people';
import { APP, RelyingParty, request } from '../../support/relying-party';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';
import { type Page } from '@playwright/test';

const CODE = 'code iss state';
const QUESTION = en.app.sign_in_to.replace('{{ app }}', APP);

/** A PC on which somebody is signed in by password. */
async function signedIn(people: People): Promise<Page> {
  const pc = await people.desktop();
  const form = { username: 'dong', password: PASSWORDS.dong, device_kind: 'pc' };
  await pc.request.post('/api/login', { form, headers: { accept: 'application/json' } });
  return pc;
}

test.describe(() => {
  let app: RelyingParty;
  test.beforeAll(async () => {
    app = await RelyingParty.start();
  });
  test.afterAll(async () => {
    await app.stop();
  });
  test.use({ settings: async ({}, use) => use({ apps: app.port }) });

  test('one tap on the phone signs in to the app', async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc, request(app.port));
    await expect(pc.locator('.head')).toContainText(APP);
    await scan(phone, await readCode(pc), QUESTION);
    await expect(phone.locator('.shares li')).toHaveCount(3);
    await confirmButton(phone).click();
    await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
    const answer = pc.getByRole('heading', { name: `GET /callback: ${CODE}` });
    await expect(answer.or(agreeButton(pc))).toBeVisible();
    if (await agreeButton(pc).isVisible()) await agreeButton(pc).click();
    await expect(answer).toBeVisible();
  });

  test('a code that was renewed is still for the app', async ({ people }) => {
    const pc = await people.desktop();
    const phone = await people.phone({ account: 'dong' });
    await openCode(pc, request(app.port));
    const old = await readCode(pc);
    await scan(phone, old, QUESTION);
    await phone.locator('button.cancel').click();
    await pc.locator('[data-note=cancelled] .button').click();
    await scan(phone, await readCode(pc, old), QUESTION);
  });

  test('a password and a consent reach the app although they are forms', async ({ people }) => {
    const pc = await people.desktop();
    await pc.goto(request(app.port));
    await pc.locator('input[name=username]').fill('dong');
    await pc.locator('input[name=password]').fill(PASSWORDS.dong);
    await pc.locator('.sign-in .button').click();
    await pc.locator('.consent button.confirm').click();
    await expect(pc.getByRole('heading', { name: `GET /callback: ${CODE}` })).toBeVisible();
  });

  test('who declines returns to the app', async ({ people }) => {
    const pc = await signedIn(people);
    await pc.goto(request(app.port));
    await pc.locator('.consent button.cancel').click();
    await expect(pc.getByRole('heading', { name: 'GET /callback: error error_description iss state' })).toBeVisible();
    await expect(pc.getByText('access_denied')).toBeVisible();
  });

  test('an answer by form arrives as a form', async ({ people }) => {
    const pc = await signedIn(people);
    await pc.goto(request(app.port, { client_id: 'trusted', response_mode: 'form_post' }));
    await expect(pc.getByRole('heading', { name: `POST /callback: ${CODE}` })).toBeVisible();
  });

  test('without script every step is a button', async ({ people }) => {
    const pc = await people.desktop({ javaScriptEnabled: false });
    const form = { username: 'dong', password: PASSWORDS.dong, device_kind: 'pc' };
    await pc.request.post('/api/login', { form, headers: { accept: 'application/json' } });
    await pc.goto(request(app.port, { response_mode: 'form_post' }));
    await pc.locator('.consent button.confirm').click();
    await pc.getByRole('button').click();
    await expect(pc.getByRole('heading', { name: `POST /callback: ${CODE}` })).toBeVisible();
  });

  test('a sign-out that an app asks for is confirmed and leads back', async ({ people }) => {
    const pc = await signedIn(people);
    const back = encodeURIComponent(`http://127.0.0.1:${app.port}/bye`);
    await pc.goto(`/oauth/logout?client_id=app&post_logout_redirect_uri=${back}&state=s`);
    await pc.locator('.consent button.confirm').click();
    await expect(pc.getByRole('heading', { name: 'GET /bye: state' })).toBeVisible();
    const answer = await pc.request.get('/api/userinfo');
    expect(answer.status()).toBe(401);
  });
});
