// The server under test: one process per test, on a separate port and database.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { apps } from './relying-party';

const BINARY = process.env.QR_LOGIN_BIN ?? resolve(__dirname, '../../target/release/qr-login');
/** The same with a manual clock: `cargo build --features ssr --example manual_clock`. */
const WITH_MANUAL_CLOCK =
  process.env.QR_LOGIN_MANUAL_CLOCK_BIN ?? resolve(__dirname, '../../target/debug/examples/manual_clock');

export interface Settings {
  /** Whether time only advances by {@link Server.advance}. */
  manualClock?: boolean;
  /** Whether rate limits are on. */
  limits?: boolean;
  /** The port on 127.0.0.1 to which the apps' answers go, if there are apps. */
  apps?: number;
  /** The file of clients, if it is not that of the apps. */
  clients?: string;
  /** More settings, by their variables. */
  environment?: Record<string, string>;
  /** The URL that phones open, if it is not the server's own address. */
  publicUrl?: string;
}

export class Server {
  /** Lifetime of a code in seconds. */
  static readonly TTL = 120;

  private process: ChildProcess | undefined;
  private log = '';

  private constructor(
    private readonly settings: Settings,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(settings: Settings): Promise<Server> {
    const server = new Server(settings, await freePort(), await mkdtemp(join(tmpdir(), 'qr-login-')));
    await server.run();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The port on 127.0.0.1 that it listens on. */
  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Runs an operator's command on the server's database. */
  async command(words: string[], input = ''): Promise<void> {
    const env = { PATH: process.env.PATH, QR_LOGIN_DATABASE_URL: this.databaseUrl };
    const run = promisify(execFile)(BINARY, words, { cwd: this.folder, env });
    run.child.stdin?.end(input);
    await run;
  }

  private get databaseUrl(): string {
    return `sqlite:${join(this.folder, 'test.db')}`;
  }

  /** Starts the process, on the same port and database as before. */
  async run(): Promise<void> {
    const clients = join(this.folder, 'clients.toml');
    const file = this.settings.apps ? apps(this.settings.apps) : this.settings.clients;
    if (file) await writeFile(clients, file);
    const binary = this.settings.manualClock ? WITH_MANUAL_CLOCK : BINARY;
    const child = spawn(binary, ['serve', '--demo'], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        QR_LOGIN_ADDR: `127.0.0.1:${this.port}`,
        QR_LOGIN_DATABASE_URL: this.databaseUrl,
        QR_LOGIN_RATE_LIMIT: this.settings.limits ? 'on' : 'off',
        QR_LOGIN_TICKET_TTL: String(Server.TTL),
        ...(file && { QR_LOGIN_CLIENTS_FILE: clients }),
        ...this.settings.environment,
        ...(this.settings.publicUrl && { QR_LOGIN_PUBLIC_URL: this.settings.publicUrl }),
      },
    });
    this.process = child;
    child.stderr.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    const ready = new Promise<void>((done, fail) => {
      createInterface(child.stdout).on('line', (line) => line.includes('qr-login is ready') && done());
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`${binary} ended with ${code} before it was ready\n${this.log}`)));
    });
    await ready;
  }

  /** Advances the clock by so many seconds. */
  async advance(seconds: number): Promise<void> {
    const { stdin, stdout } = this.process ?? {};
    if (!this.settings.manualClock || !stdin || !stdout) throw new Error('this server runs by the wall clock');
    const moved = new Promise<void>((done) => {
      const lines = createInterface(stdout);
      lines.on('line', (line) => {
        if (line !== `moved by ${seconds} s`) return;
        lines.close();
        done();
      });
    });
    stdin.write(`${seconds}\n`);
    await moved;
  }

  /** Lets all existing codes expire. */
  async expireCodes(): Promise<void> {
    await this.advance(Server.TTL + 1);
  }

  /** Kills the process, as in a power failure. */
  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.pid !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
