// The service on a free port with the city of `wuxin demo`, in a folder that is removed afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE = 300_000;

export function findBrowser() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`]).stdout.toString().trim();
    if (found) return found;
  }
  throw new Error('no Chromium on the path (Debian: apt install chromium)');
}

/** Starts it and waits until it answers; `origin` is its address without a slash. */
export async function startDemo(program) {
  if (!existsSync(program)) throw new Error(`${program} is missing: cargo build`);
  const folder = mkdtempSync(join(tmpdir(), 'wuxin-e2e-'));
  const city = ['demo', '--dir', join(folder, 'city'), '--listen', '127.0.0.1:0'];
  const child = spawn(program, [...city, '--platform', '127.0.0.1:0'], { cwd: folder });
  let said = '';
  const origin = await new Promise((resolve, reject) => {
    const hear = (text) => {
      said += text;
      const site = said.match(/site\s+(http:\/\/127\.0\.0\.1:\d+)/);
      if (site) resolve(site[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said}`)));
    setTimeout(() => reject(new Error(`the demo does not serve:\n${said}`)), PATIENCE).unref();
  });
  return {
    origin,
    async stop() {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
