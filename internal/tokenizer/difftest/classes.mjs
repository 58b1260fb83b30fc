// Writes ../data/classes.bin, so that its table has the Unicode version of the
// reference. Run `npm ci && node classes.mjs` here.
//
// The file is a two-stage table: 4352 bytes give the block of each 256 code points,
// then follow the blocks, one byte per code point.
import { writeFileSync } from "node:fs";
import { classes } from "./table.mjs";

const table = classes();
const index = Buffer.alloc(table.length / 256);
const blocks = [], seen = new Map();
for (let i = 0; i < index.length; i++) {
  const block = Buffer.from(table.subarray(i * 256, i * 256 + 256));
  const key = block.toString("latin1");
  if (!seen.has(key)) {
    seen.set(key, blocks.length);
    blocks.push(block);
  }
  index[i] = seen.get(key);
}
if (blocks.length > 256) throw new Error(`${blocks.length} blocks do not fit a byte`);
writeFileSync(new URL("../data/classes.bin", import.meta.url), Buffer.concat([index, ...blocks]));
console.log(`${blocks.length} blocks`);
