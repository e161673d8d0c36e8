// Starts the simulator, commands it, and receives the notices it sends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 30_000;

/** Gives what `promise` gives, or fails naming what was waited for. */
export function within(promise, what, ms = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class Simulator {
  static async start() {
    const home = await mkdtemp(join(tmpdir(), 'paydesk-client-'));
    // Its own place for data: whoever runs this may have a Paydesk of their own.
    const env = { ...process.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
    const child = spawn(process.env.PAYDESK, ['simulator', 'serve', '--tls', '--port', '0'], {
      env, stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const died = once(child, 'exit').then(([code]) => { throw new Error(`the simulator ended with ${code}`); });
    died.catch(() => {});
    const [line] = await within(Promise.race([once(lines, 'line'), died]), 'the simulator');
    const self = new Simulator();
    Object.assign(self, { env, child, home, facts: JSON.parse(line) });
    self.key = (await readFile(self.facts.key_file, 'utf8')).trim();
    self.certificate = await readFile(self.facts.cert_file, 'utf8');
    self.ca = await readFile(self.facts.ca_file, 'utf8');
    return self;
  }

  /** A command to the control port. `fields` is missing where the command only asks. */
  async control(name, fields) {
    const response = await fetch(`${this.facts.control_url.replace(/\/$/, '')}/${name}`, {
      method: fields ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${this.facts.control_token}`, 'content-type': 'application/json' },
      body: fields && JSON.stringify(fields),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`control ${name}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async stop() {
    const ended = once(this.child, 'exit');
    await this.control('stop', {}).catch(() => this.child.kill());
    const [code] = await within(ended, 'the end of the simulator').catch(() => { this.child.kill('SIGKILL'); return [-1]; });
    await rm(this.home, { recursive: true, force: true });
    return code;
  }
}

/** The merchant's own little server for notices. */
export class Listener {
  static async start() {
    const self = new Listener();
    self.waiting = [];
    self.arrived = [];
    self.server = createServer((request, response) => {
      const pieces = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => {
        const notice = { path: request.url, method: request.method, xml: Buffer.concat(pieces).toString() };
        notice.answer = (body) => { response.writeHead(200, { 'content-type': 'text/xml' }); response.end(body); };
        const taker = self.waiting.shift();
        if (taker) taker(notice); else self.arrived.push(notice);
      });
    });
    self.server.listen(0, '127.0.0.1');
    await once(self.server, 'listening');
    self.url = `http://127.0.0.1:${self.server.address().port}`;
    return self;
  }

  /** The next notice, in the order of arrival. */
  next(what) {
    const early = this.arrived.shift();
    if (early) return Promise.resolve(early);
    return within(new Promise((resolve) => { this.waiting.push(resolve); }), what);
  }

  stop() { this.server.close(); this.server.closeAllConnections(); }
}
