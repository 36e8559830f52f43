// The settings, and what their forms lead to.

import { type Page, expect } from '@playwright/test';
import { PICTURE, type Scene, type Stage, at, confirmedByApp } from './parts';

async function open({ people, options }: Stage): Promise<Page> {
  return at(await people.phone({ ...options, account: 'dong' }), '/settings');
}

export const settingsScenes: Scene[] = [
  {
    name: 'settings',
    open: async (stage) => {
      const page = await open(stage);
      await page.locator('main summary').click();
      return page;
    },
  },
  {
    name: 'settings-crop',
    open: async (stage) => {
      const page = await open(stage);
      await page.locator('input[type=file]').setInputFiles(PICTURE);
      await expect(page.locator('canvas.crop')).toBeVisible();
      return page;
    },
  },
  {
    name: 'settings-done',
    open: async (stage) => {
      const page = await open(stage);
      await page.locator('input[type=file]').setInputFiles(PICTURE);
      await page.locator('.picture-form .button').click();
      await expect(page.getByRole('status')).toBeVisible();
      return page;
    },
  },
  {
    name: 'settings-errors',
    open: async (stage) => {
      const page = await open(stage);
      const change = page.locator('form', { has: page.locator('[name=new_password]') });
      await change.locator('[name=password]').fill('wrong');
      await change.locator('[name=new_password]').fill('battery staple');
      await change.locator('.button').click();
      await expect(page.getByRole('alert')).toBeVisible();
      return page;
    },
  },
  {
    name: 'settings-pc',
    open: async (stage) => {
      const { post, pc } = await confirmedByApp(stage);
      await post('redeem');
      const page = await stage.people.desktop(stage.options);
      await page.context().addCookies(await pc.context().cookies());
      await at(page, '/settings');
      await expect(page.locator('.step-up')).toBeVisible();
      return page;
    },
  },
  {
    name: 'settings-deleted',
    open: async (stage) => {
      // An account of its own, because the page is opened in several languages.
      const [username, password] = ['fang', 'correct horse'];
      await stage.server.command(['user', 'add', username], password);
      const page = await stage.people.phone(stage.options);
      await page.request.post('/api/login', { form: { username, password, device_kind: 'phone' } });
      await at(page, '/settings');
      await page.locator('main summary').click();
      const remove = page.locator('form', { has: page.locator('[name=username]') });
      await remove.locator('[name=username]').fill(username);
      await remove.locator('[name=password]').fill(password);
      await remove.locator('.button').click();
      await expect(page.locator('.outcome')).toBeVisible();
      return page;
    },
  },
];
