import { cameras, film, launch } from '../../support/camera';
import { expectSignedIn, openCode } from '../../support/desktop';
import { People } from '../../support/people';
import { confirmButton, continueButton, expectQuestion } from '../../support/phone';
import { expect, test } from '../../support/test';
import { en } from '../../support/words';

test('a phone films the code on the screen of a PC, and the PC is signed in', async ({
  people,
  server,
  troubles,
}, info) => {
  const pc = await people.desktop();
  const requested: string[] = [];
  pc.on('request', (request) => requested.push(request.url()));
  await openCode(pc);
  const file = info.outputPath('code.y4m');
  await film(pc, file);

  const browser = await launch(cameras.playing(file));
  const phone = await new People(browser, server, troubles).phone({ account: 'dong', permissions: ['camera'] });
  phone.on('request', (request) => requested.push(request.url()));
  await phone.goto('/account');
  expect(requested.filter((url) => url.includes('/scan/')), 'only the scanner loads its files').toEqual([]);
  await phone.getByRole('link', { name: en.scan.link }).click();
  await expect(phone).toHaveURL('/scan');
  // This browser has allowed the camera before, so it starts by itself.
  await expect(phone).toHaveURL(/\/confirm\?id=/);
  await continueButton(phone).click();
  await expectQuestion(phone);
  await confirmButton(phone).click();
  await expectSignedIn(pc, 'dong');
  await browser.close();
});

for (const [name, args, permissions, heading] of [
  ['is refused', cameras.refused, [], en.scan.denied],
  ['is missing', cameras.missing, ['camera'], en.scan.missing],
] as const) {
  test(`a camera that ${name} is explained, and there is another way`, async ({ server, troubles }) => {
    const browser = await launch([...args]);
    const phone = await new People(browser, server, troubles).phone({ account: 'dong', permissions: [...permissions] });
    await phone.goto('/scan');
    const start = phone.getByRole('button', { name: en.scan.start });
    if (name === 'is refused') await start.click();
    await expect(phone.getByRole('heading', { name: heading })).toBeVisible();
    await expect(phone.getByRole('status')).toContainText(heading);
    await expect(phone.getByLabel(en.scan.photo)).toBeEnabled();
    await browser.close();
  });
}

test('without https the page asks for a photo', async ({ server, troubles }) => {
  troubles.expect(/Cross-Origin-Opener-Policy header has been ignored/);
  // Not a loopback address, so it is no secure context.
  const browser = await launch(['--host-resolver-rules=MAP 192.0.2.7 127.0.0.1']);
  const phone = await new People(browser, server, troubles).phone();
  await phone.goto(`http://192.0.2.7:${server.address.port}/scan`);
  await phone.getByLabel(en.sign_in.username, { exact: true }).fill('dong');
  await phone.getByLabel(en.sign_in.password, { exact: true }).fill('111');
  await phone.getByRole('button', { name: en.sign_in.submit, exact: true }).click();
  await expect(phone.getByRole('heading', { name: en.scan.insecure })).toBeVisible();
  const chooser = phone.waitForEvent('filechooser');
  await phone.getByText(en.scan.photo, { exact: true }).click();
  await chooser;
  await browser.close();
});
