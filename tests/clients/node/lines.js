// Verifies the notices of a file, one a line, with wechatpay-axios-plugin: `node lines.js KEY-FILE FILE`. What
// `paydesk verify --lines` is measured beside.

import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import plugin from 'wechatpay-axios-plugin';

const { Hash, Transformer } = plugin;
const [keyFile, file] = process.argv.slice(2);
const key = readFileSync(keyFile, 'utf8').trim();

let bad = 0;
for await (const line of createInterface({ input: createReadStream(file) })) {
  const { sign, ...data } = Transformer.toObject(line);
  const valid = Hash.equals(Hash.sign('MD5', data, key), sign);
  if (!valid) bad += 1;
  process.stdout.write(`${JSON.stringify({ valid, data })}\n`);
}
process.exitCode = bad > 0 ? 1 : 0;
