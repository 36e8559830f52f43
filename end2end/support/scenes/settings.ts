// The settings, and what their forms lead to.

import { type Page, expect } from '@playwright/test';
import { PICTURE, type Scene, type Stage, at, confirmedByApp } from './parts';

async function open({ people, options }: Stage): Promise<Page> {
  return at(await people.phone({ ...options, account: 'dong' }), '/settings');
}

/** A page of somebody whose names are long, and whose username has no place to break. */
async function openWithLongNames({ people, server, options }: Stage, address: string): Promise<Page> {
  const [username, password] = ['a.very.long.username@subsidiary.example.com', 'correct horse'];
  const page = await people.phone(options);
  const form = { username, password, device_kind: 'phone' };
  const signIn = () => page.request.post('/api/login', { form, headers: { accept: 'application/json' } });
  if (!(await signIn()).ok()) {
    const name = 'Maximiliane-Theodora von und zu Hohenlohe-Langenburg';
    await server.command(['user', 'add', username, '--display-name', name], password);
    expect((await signIn()).ok()).toBe(true);
  }
  return at(page, address);
}

export const settingsScenes: Scene[] = [
  {
    name: 'settings',
    open: async (stage) => {
      const page = await openWithLongNames(stage, '/settings');
      await page.locator('main summary').click();
      return page;
    },
  },
  { name: 'account-long-names', open: async (stage) => openWithLongNames(stage, '/account') },
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
