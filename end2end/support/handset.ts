// A phone with an app, which talks to the server without a browser.

import { type Account, PASSWORDS } from './people';
import type { Server } from './server';

export class Handset {
  private confirmToken = '';

  private constructor(
    private readonly server: Server,
    private readonly headers: Record<string, string>,
  ) {}

  static async signedIn(server: Server, account: Account): Promise<Handset> {
    const fields = { username: account, password: PASSWORDS[account], device_name: 'An app' };
    const { token, device_id } = await post(server, '/api/login', fields, {});
    return new Handset(server, { authorization: `Bearer ${token}`, 'x-device-id': `${device_id}` });
  }

  async scan(id: string): Promise<void> {
    this.confirmToken = `${(await this.post('scan', { id })).confirm_token}`;
  }

  async confirm(id: string): Promise<void> {
    await this.post('confirm', { id, confirm_token: this.confirmToken });
  }

  async cancel(id: string): Promise<void> {
    await this.post('cancel', { id, confirm_token: this.confirmToken });
  }

  private async post(action: string, fields: Record<string, string>): Promise<Record<string, unknown>> {
    return post(this.server, `/api/qrcode/${action}`, fields, this.headers);
  }
}

async function post(
  server: Server,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string>,
): Promise<Record<string, unknown>> {
  const answer = await fetch(server.url + path, { method: 'POST', body: new URLSearchParams(fields), headers });
  const body = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(body)}`);
  return body;
}
