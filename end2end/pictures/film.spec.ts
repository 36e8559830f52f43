// A login, on the screens of the PC and of the phone side by side: the pictures of a film, and the milliseconds for which
// each is shown.

import { type Page } from '@playwright/test';
import { mkdir, writeFile } from 'node:fs/promises';
import { ALL_OF_IT, draw } from '../support/camera';
import { expectPhase, expectSignedIn, idOf, openCode, readCode, takeTime } from '../support/desktop';
import { confirmButton, continueButton, expectOutcome, expectQuestion } from '../support/phone';
import { expect, test } from '../support/test';
import { en } from '../support/words';
import { fileOf, pcScreen, phoneScreen, seen } from './picture';

/** Shots between two screens, each shown so long. */
const FADE = 3;
const FADE_MS = 60;

interface Shot {
  pc: string;
  phone: string;
  ms: number;
}

const shoot = async (page: Page) => `data:image/png;base64,${(await page.screenshot({ animations: 'disabled' })).toString('base64')}`;

/** Draws both screens, the later ones over the earlier ones. */
function stage(before: Shot, after: Shot, progress: number): string {
  const device = (name: 'pc' | 'phone') =>
    `<div class="${name}"><img src="${before[name]}"><img src="${after[name]}" style="opacity:${progress}"></div>`;
  return `<style>body{margin:0;background:#dfe5f0}div{position:absolute;overflow:hidden;background:#fff;box-shadow:0 12px 32px rgb(0 0 0/.22)}
    img{position:absolute;inset:0;width:100%}.pc{left:24px;top:24px;width:736px;height:460px;border-radius:10px}
    .phone{right:24px;top:62px;width:214px;height:428px;border:7px solid #15171c;border-radius:30px}</style>${device('pc')}${device('phone')}`;
}

test('a login', async ({ people, browser }) => {
  const pc = await people.desktop(pcScreen);
  const phone = await people.phone({ ...phoneScreen, account: 'dong' });
  const shots: Shot[] = [];
  const keep = async (ms: number) => shots.push({ pc: await shoot(pc), phone: await shoot(phone), ms });

  await openCode(pc);
  const id = idOf(await readCode(pc));
  // The camera films the screen, but nothing reads it before that was photographed, too.
  await draw(phone, await seen(pc), 'nothing', ALL_OF_IT);
  let read = () => {};
  const mayRead = new Promise<void>((done) => (read = done));
  await phone.route('**/worker.js', async (route) => {
    await mayRead;
    await route.continue();
  });
  await phone.goto('/account');
  await keep(1500);
  await phone.getByRole('link', { name: en.scan.link }).click();
  await phone.locator('[data-note=ready] button').click();
  await expect.poll(() => phone.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
  await phone.evaluate(() => scrollTo(0, 0));
  await keep(1500);
  read();
  await expect(phone).toHaveURL(/\/confirm/);
  await keep(1000);
  await continueButton(phone).click();
  await expectQuestion(phone);
  await expectPhase(pc, 'scanned');
  await keep(2200);
  await takeTime(pc, id);
  // Held until it was photographed.
  let go = () => {};
  const mayGo = new Promise<void>((done) => (go = done));
  await pc.route('**/api/qrcode/redeem', async (route) => {
    await mayGo;
    await route.continue();
  });
  await confirmButton(phone).click();
  await expectOutcome(phone, en.outcome.approved, en.outcome.approved_text);
  await expectPhase(pc, 'confirmed');
  await keep(1500);
  go();
  await expectSignedIn(pc, 'dong');
  await keep(2500);

  await mkdir(fileOf('film'), { recursive: true });
  const table = await browser.newPage({ viewport: { width: 1000, height: 508 } });
  const frames: string[] = [];
  const take = async (before: Shot, after: Shot, progress: number, ms: number) => {
    const path = fileOf(`film/${frames.length}.png`);
    await table.setContent(stage(before, after, progress));
    await table.screenshot({ path });
    frames.push(`-d ${ms} ${path}`);
  };
  for (const [at, shot] of shots.entries()) {
    const before = shots.at(at - 1) ?? shot;
    for (let step = 1; at > 0 && step <= FADE; step++) await take(before, shot, step / (FADE + 1), FADE_MS);
    await take(shot, shot, 1, shot.ms);
  }
  await writeFile(fileOf('film/frames'), `${frames.join('\n')}\n`);
});
